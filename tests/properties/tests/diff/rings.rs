//! Diffs of rings of every scheme and rule equal brute force, and a single change has no excess.

use crate::Named;
use crate::brute_force::check;
use apportion::diff::Extent;
use apportion::ring::{GivenPoints, GivenPointsConfig, LabelPointsConfig, RingConfig, Rule};
use apportion::topology::Members;
use apportion::{Locator, Node, Placement, Ring, Topology};
use apportion_properties::support::{Draws, topology};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Histories: derived values, reused slots, values built apart, other scales, empty clusters.
    #[test]
    fn rings_equal_brute_force(
        weights in prop::collection::vec(0_u64..4, 0..8),
        steps in prop::collection::vec((0_u8..5, 0_usize..8, 0_u64..4), 0..5),
        points in 1_u32..12,
        apart: bool,
    ) {
        let config = RingConfig::default().points_per_node(points).budget(1 << 16);
        let Ok(old) = Locator::ring_of(topology(&weights), config.clone()) else { return Ok(()) };
        let mut new = old.clone();
        for (step, (kind, which, weight)) in steps.iter().enumerate() {
            let name = format!("n{which}");
            let changed = match kind {
                0 | 1 => new.with_node(Node::new(format!("x{step}")).weight(*weight)),
                2 => new.without(&name),
                3 => new.reweighted(&name, *weight),
                _ => new.rescaled(&config.clone().points_per_node(1 + *weight as u32)),
            };
            if let Ok(changed) = changed {
                new = changed;
            }
        }
        if apart {
            // The same nodes in another order, from nothing: no slot is like before.
            let members = new.topology().members();
            let mut nodes: Vec<_> = new.topology().iter().map(|(at, name)| {
                Node::new(name.clone()).weight(members.weight(at).unwrap().get())
            }).collect();
            nodes.reverse();
            if let Ok(built) = Locator::ring_of(Topology::of(nodes).unwrap(), config) {
                new = built;
            }
        }
        for k in 1..=4 {
            check(&old, &new, k);
            check(&new, &old, k);
        }
    }

    /// One change moves exactly the least, at any number of replicas.
    #[test]
    fn one_change_has_no_excess(n in 2_u64..20, weight in 1_u64..5, which in 0_u64..20, k in 1_usize..5) {
        let old = Locator::ring_of(topology(&vec![2; n as usize]), RingConfig::default()).unwrap();
        let name = format!("n{}", which % n);
        for new in [
            old.with_node(Node::new("x".to_string()).weight(weight)).unwrap(),
            old.without(&name).unwrap(),
            old.reweighted(&name, weight).unwrap(),
        ] {
            if k > old.placement().live().min(new.placement().live()) {
                continue;
            }
            let diff = old.diff_replicas(&new, k).unwrap();
            prop_assert_eq!(diff.excess(), Some(0.0));
            prop_assert_eq!(diff.moved(), diff.minimum());
        }
    }
}

const RULES: [Rule; 4] =
    [Rule::FirstAtOrAfter, Rule::FirstAfter, Rule::LastAtOrBefore, Rule::Nearest];

/// Lists that meet each other often, around 0 and elsewhere.
fn lists(draws: &mut Draws) -> GivenPointsConfig {
    let mut config = GivenPointsConfig::default();
    for i in 0..8 {
        let list = (0..1 + draws.below(5)).map(|_| match draws.below(4) {
            0 => draws.next(),
            1 => draws.below(12).wrapping_sub(6),
            2 => (1 << 40) + draws.below(9),
            _ => draws.below(6) << 61,
        });
        config = config.points(&format!("n{i}"), list.collect::<Vec<_>>());
    }
    config
}

fn given(config: &GivenPointsConfig, rule: Rule, weights: &[u64]) -> Named<Ring<GivenPoints>> {
    Locator::given_points_of(topology(weights), config.clone().rule(rule)).unwrap()
}

/// Rings of every rule, also against another list, another rule, another scheme.
#[test]
fn rings_of_every_rule_equal_brute_force() {
    let mut draws = Draws(21);
    for round in 0..60 {
        let (one, other) = (lists(&mut draws), lists(&mut draws));
        let mut weights =
            || -> Vec<u64> { (0..8).map(|_| u64::from(draws.below(3) > 0)).collect() };
        let (before, after) = (weights(), weights());
        for (i, rule) in RULES.into_iter().enumerate() {
            let most = if rule == Rule::Nearest { 1 } else { 4 };
            let old = given(&one, rule, &before);
            let changed = given(&one, rule, &after);
            let listed = given(&other, rule, &after);
            for k in 1..=most {
                check(&old, &changed, k);
                check(&old, &listed, k);
            }
            check(&old, &old, 1);
            let by_another = given(&one, RULES[(i + 1 + round % 3) % 4], &after);
            check(&old, &by_another, 1);
            check(&old, &Locator::ring_of(topology(&after), small()).unwrap(), 1);
        }
    }
}

fn point(label: &[u8], number: u32) -> u64 {
    Members::identity_of(&[label, &number.to_le_bytes()].concat())
}

fn small() -> RingConfig {
    RingConfig::default().points_per_node(3)
}

/// Rules that go the same way are compared at any number of replicas, and so are schemes.
#[test]
fn forward_rules_and_schemes_side_by_side() {
    let mut draws = Draws(22);
    for _ in 0..20 {
        let config = lists(&mut draws);
        let at = given(&config, Rule::FirstAtOrAfter, &[1; 5]);
        let after = given(&config, Rule::FirstAfter, &[1; 6]);
        let native = Locator::ring_of(topology(&[1, 2, 3]), small()).unwrap();
        let labels = LabelPointsConfig::per_weight(2, point);
        let labels = Locator::label_points_of(topology(&[2, 0, 3, 1]), labels).unwrap();
        for k in 1..=4 {
            check(&at, &after, k);
            check(&after, &at, k);
            check(&at, &native, k);
            check(&native, &labels, k);
            check(&labels, &after, k);
        }
    }
}

#[test]
fn what_has_exact_figures_for_one_replica_only() {
    let config = lists(&mut Draws(23));
    let ring = |rule| given(&config, rule, &[1; 8]);
    for rule in RULES {
        for other in RULES {
            let (old, new) = (ring(rule), ring(other));
            let result = old.diff_replicas(&new, 2);
            if rule != Rule::Nearest && other != Rule::Nearest {
                // Between two rules, too: by a lookup in each interval.
                check(&old, &new, 2);
                continue;
            }
            assert_eq!(
                result.unwrap_err().to_string(),
                "a ring by nearest points has exact figures for 1 replica, not for 2; count the \
                 difference over your own keys"
            );
        }
    }
}

/// One node more moves the least under every rule.
#[test]
fn one_change_has_no_excess_under_any_rule() {
    let config = lists(&mut Draws(24));
    for rule in RULES {
        let old = given(&config, rule, &[1; 7]);
        let new = old.with("n7".into()).unwrap();
        for (a, b) in [(&old, &new), (&new, &old)] {
            let diff = a.diff(b).unwrap();
            assert_eq!(diff.excess(), Some(0.0));
            assert_eq!(diff.moved(), diff.minimum());
            let new_node = Some("n7".to_string());
            assert!(diff.moves().all(|m| m.from == new_node.as_ref() || m.to == new_node.as_ref()));
        }
    }
}

#[test]
fn first_and_last_nodes_have_open_ends() {
    let none = Locator::<String>::ring([]).unwrap();
    let one = none.with("a".into()).unwrap();
    for k in [1, 3] {
        check(&none, &one, k);
        check(&one, &none, k);
        check(&none, &none, k);
        check(&one, &one.with("b".into()).unwrap(), k);
    }
    let diff = none.diff(&one).unwrap();
    let moves: Vec<_> = diff.moves().collect();
    assert_eq!(moves.len(), 1);
    assert_eq!(moves[0].extent, Extent::Hashes { first: 0, last: u64::MAX });
    assert_eq!((moves[0].from, moves[0].to.map(String::as_str)), (None, Some("a")));
    assert_eq!((diff.moved_fraction(), diff.ideal(), diff.excess()), (Some(1.0), 1.0, Some(0.0)));
    let same = one.diff(&one).unwrap();
    assert_eq!(
        (same.moved_fraction(), same.excess(), same.moves().count()),
        (Some(0.0), Some(0.0), 0)
    );
}
