//! Key movement against a plain recount, and the promise that nothing moves between nodes a change
//! did not touch, over more than a million keys.

use crate::support::{Draws, topology};
use apportion::analysis::{MoveCounter, count_moves};
use apportion::ring::RingConfig;
use apportion::{Algorithm, AnyPlacement, Locator, Node, Placement, Topology};
use std::collections::BTreeMap;

type Any = Locator<String, AnyPlacement>;

fn all(weights: &[u64]) -> Vec<Any> {
    let algorithms = Algorithm::NAMES.iter().map(|name| name.parse().unwrap());
    algorithms.filter_map(|a: Algorithm| Locator::any_of(topology(weights), a).ok()).collect()
}

/// Recounts everything with sets and maps.
fn recount(old: &Any, new: &Any, k: usize, keys: &[(u64, u64)]) {
    let movement = count_moves(old, new, k, keys.iter().copied()).unwrap();
    let names = |l: &Any, key: u64| -> Vec<String> {
        l.candidates(&key).take(k).map(|(_, n)| n.clone()).collect()
    };
    let mut flows: BTreeMap<(Option<String>, Option<String>), (u64, u64)> = BTreeMap::new();
    let mut held: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    let (mut placed, mut moved) = ((0_u64, 0_u64), (0, 0));
    for (key, bytes) in keys {
        let (before, after) = (names(old, *key), names(new, *key));
        before.iter().for_each(|n| held.entry(n.clone()).or_default().0 += 1.0);
        after.iter().for_each(|n| held.entry(n.clone()).or_default().1 += 1.0);
        placed = (placed.0 + before.len() as u64, placed.1 + after.len() as u64);
        let mut gone = before.iter().filter(|n| !after.contains(n)).cloned();
        let mut came = after.iter().filter(|n| !before.contains(n)).cloned();
        loop {
            let flow = (gone.next(), came.next());
            if flow == (None, None) {
                break;
            }
            let entry = flows.entry(flow).or_default();
            *entry = (entry.0 + 1, entry.1 + bytes);
            moved = (moved.0 + 1, moved.1 + bytes);
        }
    }
    assert_eq!(
        (movement.keys(), movement.bytes()),
        (keys.len() as u64, keys.iter().map(|k| k.1).sum())
    );
    assert_eq!((movement.moved(), movement.moved_bytes()), moved);
    let counted: BTreeMap<_, _> = movement
        .flows()
        .iter()
        .map(|f| ((f.from.cloned(), f.to.cloned()), (f.keys, f.bytes)))
        .collect();
    assert_eq!(counted, flows);
    let gains = |sign: f64| -> f64 {
        let share = |held: f64, placed: u64| held / placed.max(1) as f64;
        held.values()
            .map(|(b, a)| (sign * (share(*a, placed.1) - share(*b, placed.0))).max(0.0))
            .sum()
    };
    let least = gains(1.0).max(gains(-1.0));
    assert!((movement.minimum() - least).abs() < 1e-9, "{} {least}", movement.minimum());
    let share = |l: &Any, name: &str| {
        let members = l.topology().members();
        let weight =
            members.find(name.as_bytes()).and_then(|n| members.weight(n)).map_or(0, |w| w.get());
        weight as f64 / members.total_weight().max(1) as f64
    };
    let everybody: std::collections::BTreeSet<_> =
        old.topology().iter().chain(new.topology().iter()).map(|(_, n)| n.clone()).collect();
    let ideal: f64 =
        everybody.iter().map(|n| (share(new, n) - share(old, n)).abs()).sum::<f64>() / 2.0;
    assert!((movement.ideal() - ideal).abs() < 1e-9);
    for (side, locator) in [(movement.before(), old), (movement.after(), new)] {
        let total: u64 = side.nodes().iter().map(|n| n.load).sum();
        assert_eq!(side.nodes().len(), locator.placement().live());
        for node in side.nodes() {
            assert!((node.quota - total as f64 * share(locator, node.node)).abs() < 1e-6);
        }
        let ratios = || side.nodes().iter().map(|n| n.load as f64 / n.quota);
        assert_eq!(side.max_over_quota(), ratios().reduce(f64::max));
        assert_eq!(side.min_over_quota(), ratios().reduce(f64::min));
    }
}

#[test]
fn counts_are_a_plain_recount() {
    let mut draws = Draws(20);
    let keys: Vec<(u64, u64)> = (0..800).map(|_| (draws.next(), draws.below(1000))).collect();
    for old in all(&[1; 6]) {
        let list =
            |names: &[&str]| names.iter().map(|n| Node::new(n.to_string())).collect::<Vec<_>>();
        for new in [
            old.with("x".into()),
            old.without("n5"),
            old.without("n2"),
            old.replaced_by(list(&["n0", "n1", "n2", "n3", "a", "b", "c"])),
            old.replaced_by(list(&["n0", "n1"])),
            old.reweighted("n1", 3),
            old.reweighted("n5", 0),
        ] {
            let Ok(new) = new else { continue };
            for k in [1, 2, 3, 5, 9] {
                recount(&old, &new, k, &keys);
            }
        }
    }
}

#[test]
fn counts_from_and_to_empty_values() {
    let none = Locator::<String>::ring([]).unwrap();
    let one = none.with("a".into()).unwrap();
    let keys = || (0..100_u64).map(|k| (k, 2));
    let first = count_moves(&none, &one, 2, keys()).unwrap();
    assert_eq!((first.moved(), first.moved_bytes(), first.moved_fraction()), (100, 200, 1.0));
    let flow = first.flows()[0];
    assert_eq!((flow.from, flow.to.map(String::as_str), flow.keys), (None, Some("a"), 100));
    assert_eq!((first.ideal(), first.before().max_over_quota()), (1.0, None));
    let last = count_moves(&one, &none, 2, keys()).unwrap();
    let flow = last.flows()[0];
    assert_eq!((flow.from.map(String::as_str), flow.to), (Some("a"), None));
    assert_eq!((last.minimum(), last.ideal(), last.excess()), (1.0, 1.0, Some(0.0)));
    let nothing = count_moves(&none, &none, 1, keys()).unwrap();
    assert_eq!((nothing.moved(), nothing.excess(), nothing.moved_fraction()), (0, Some(0.0), 0.0));
    // A second node under two replicas: every key gets a copy more, none moves away.
    let two = one.with("b".into()).unwrap();
    let copy = count_moves(&one, &two, 2, keys()).unwrap();
    assert_eq!((copy.moved(), copy.moved_fraction(), copy.minimum()), (100, 0.5, 0.5));
    assert_eq!(copy.excess(), Some(0.0));
}

#[test]
fn other_algorithms_and_hashers_can_be_compared_over_keys() {
    let ring = Locator::ring((0..10).collect::<Vec<u64>>()).unwrap();
    let rendezvous = Locator::rendezvous((0..10).collect::<Vec<u64>>()).unwrap();
    let keys = || (0..20_000_u64).map(|k| (k, 0));
    let switch = count_moves(&ring, &rendezvous, 1, keys()).unwrap();
    assert!((0.85..0.95).contains(&switch.moved_fraction()), "{}", switch.moved_fraction());
    assert!(switch.excess().unwrap() > 3.0 && switch.ideal() == 0.0);
    assert_eq!(switch.moved_between_unchanged(), switch.moved());
    let keyed = ring.clone().with_hasher(apportion::SipHash13::new([1; 16]));
    assert!(count_moves(&ring, &keyed, 1, keys()).unwrap().moved_fraction() > 0.85);
    // The same nodes and algorithm: nothing moves, and nothing had to.
    let same = count_moves(&ring, &ring, 3, keys()).unwrap();
    assert_eq!((same.moved(), same.minimum(), same.excess()), (0, 0.0, Some(0.0)));
}

/// More than a million keys, every algorithm, one and three replicas: a node more, a node less and
/// a weight changed move nothing between the other nodes, and exactly the least; where that is not
/// promised, little more.
#[test]
fn nothing_moves_between_nodes_a_change_did_not_touch() {
    const KEYS: u64 = 1_000_003;
    for old in all(&[1; 10]) {
        let promised = old.placement().guarantees();
        let leaving = if promised.any_removal { "n4" } else { "n9" };
        let mut changes = vec![old.with("n10".into()).unwrap(), old.without(leaving).unwrap()];
        // Boards of 16 slots stay, and Asura then moves the minimum.
        let stays = old.placement().algorithm().name() == "asura";
        let minimal = promised.minimal_owner || stays;
        if promised.minimal_reweight || stays {
            changes.push(old.reweighted("n3", 3).unwrap());
            changes.push(old.reweighted("n3", 0).unwrap());
        }
        for new in &changes {
            for replicas in [1, 3] {
                let mut movement = MoveCounter::new(&old, new, replicas).unwrap();
                (0..KEYS).for_each(|key| movement.record(&key, 1));
                let report = movement.report();
                let name = old.placement().algorithm();
                assert_eq!(report.keys(), KEYS);
                let needless = report.moved_between_unchanged();
                if minimal {
                    assert_eq!(needless, 0, "{name}, {replicas} replicas");
                } else {
                    let replicas = replicas as u64 * KEYS;
                    assert!(needless > 0 && needless < replicas / 10, "{name}: {needless}");
                }
                assert!(report.moved() > KEYS / 50);
                if replicas == 1 && minimal {
                    assert_eq!(report.excess(), Some(0.0), "{name}");
                }
            }
        }
    }
}

/// Rescaling is the one change of a ring that does move keys between other nodes; it is measured,
/// not hidden.
#[test]
fn rescaling_says_what_it_costs() {
    let ring = Locator::ring_of(Topology::new(0..10_u64).unwrap(), RingConfig::default()).unwrap();
    let finer = ring.rescaled(&RingConfig::default().points_per_node(640)).unwrap();
    let moved = count_moves(&ring, &finer, 1, (0..20_000_u64).map(|k| (k, 0))).unwrap();
    assert!(moved.moved_between_unchanged() > 5_000);
    assert_eq!(moved.ideal(), 0.0);
    // The hasher stays.
    let keyed = ring.clone().with_hasher(apportion::SipHash13::new([3; 16]));
    let config = RingConfig::default().points_per_node(20);
    assert_eq!(keyed.rescaled(&config).unwrap().hasher(), keyed.hasher());
}

/// Counters of parts of the keys add up to the counter of all, whoever counted.
#[test]
fn counters_of_several_threads_add_up() {
    let old = Locator::ring_of(topology(&[1, 2, 3, 4]), RingConfig::default()).unwrap();
    let new = old.with("x".into()).unwrap().without("n1").unwrap();
    let mut whole = MoveCounter::new(&old, &new, 2).unwrap();
    (0..9000_u64).for_each(|key| whole.record(&key, key % 5));
    let parts: Vec<_> = std::thread::scope(|scope| {
        let count = |part: u64| {
            let mut counter = MoveCounter::new(&old, &new, 2).unwrap();
            (part..9000).step_by(3).for_each(|key| counter.record(&key, key % 5));
            counter
        };
        let threads: Vec<_> = (0..3).map(|part| scope.spawn(move || count(part))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let mut sum = MoveCounter::new(&old, &new, 2).unwrap();
    parts.iter().for_each(|part| sum.merge(part).unwrap());
    let (sum, whole) = (sum.report(), whole.report());
    assert_eq!((sum.keys(), sum.bytes()), (whole.keys(), whole.bytes()));
    assert_eq!((sum.moved(), sum.moved_bytes()), (whole.moved(), whole.moved_bytes()));
    assert_eq!(sum.flows(), whole.flows());
    assert_eq!(sum.excess(), whole.excess());
    let loads = |report: &apportion::analysis::MoveReport<'_, String>| -> Vec<u64> {
        report.before().nodes().iter().chain(report.after().nodes()).map(|n| n.load).collect()
    };
    assert_eq!(loads(&sum), loads(&whole));

    let mut counter = MoveCounter::new(&old, &new, 2).unwrap();
    counter.record(&1_u64, 1);
    for other in
        [MoveCounter::new(&old, &new, 1).unwrap(), MoveCounter::new(&old, &old, 2).unwrap()]
    {
        let error = counter.merge(&other).unwrap_err().to_string();
        assert!(error.starts_with("the two counters compare other locators"), "{error}");
    }
    assert_eq!(counter.report().keys(), 1);
}

/// Under a spread, and key by key: as the holders that the spread gives.
#[test]
fn counts_under_a_spread_are_a_recount() {
    use apportion::{NodeIdx, Spread};
    let node = |i: u64| {
        Node::new(format!("n{i}")).weight(1 + i % 3).domain("zone", &format!("z{}", i % 3))
    };
    let topology = |ids: std::ops::Range<u64>| Topology::of(ids.map(node)).unwrap();
    let old = Locator::weighted_rendezvous_of(topology(0..7)).unwrap();
    let new = Locator::weighted_rendezvous_of(topology(1..9)).unwrap();
    let spread =
        |topology: &Topology<String>| Spread::strict(topology.members(), 3, [("zone", 1)]).unwrap();
    let (before, after) = (spread(old.topology()), spread(new.topology()));
    let holders = |spread: &Spread, value: &Locator<String, _>, key: u64| -> Vec<String> {
        let value: &Locator<String, apportion::WeightedRendezvous> = value;
        let mut slots = [NodeIdx::default(); 3];
        let found = spread.replicas(value.placement(), value.hash(&key), &mut slots);
        slots[..found].iter().map(|at| value.topology().get(*at).unwrap().clone()).collect()
    };
    let mut movement = MoveCounter::under(&old, &before, &new, &after);
    let mut moved = 0;
    for key in 0..3000_u64 {
        let (a, b) = (holders(&before, &old, key), holders(&after, &new, key));
        let (mut gone, mut came) = (Vec::new(), Vec::new());
        movement.record_moves(&key, 1, |from, to| {
            gone.extend(from.cloned());
            came.extend(to.cloned());
        });
        let expected = |x: &[String], y: &[String]| -> Vec<String> {
            x.iter().filter(|node| !y.contains(node)).cloned().collect()
        };
        moved += gone.len().max(came.len());
        assert_eq!((gone, came), (expected(&a, &b), expected(&b, &a)));
    }
    assert_eq!(movement.report().moved(), moved as u64);
    assert!(moved > 0);
}
