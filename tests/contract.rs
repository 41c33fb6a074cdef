//! The laws every placement obeys, written once and run for every algorithm.
//!
//! Laws 1, 2, 3, 5, 6 (walks that end) and 7 are here; shares (law 4) are in `statistics.rs`,
//! allocation in `no_alloc.rs`.

mod support;

use apportion::{
    Algorithm, AnyPlacement, Asura, AsuraConfig, Build, Candidates, DynPlacement, FlipHash,
    GivenPoints, GivenPointsConfig, Jump, JumpBack, JumpBackAnchor, JumpGuava, KeyHash,
    LabelPoints, LabelPointsConfig, Locator, Maglev, MaglevConfig, Members, Node, NodeIdx,
    Numbered, Placement, Rendezvous, Ring, Rule, Topology, Walk, WeightedRendezvous, Xxh3,
};
use std::collections::{BTreeMap, BTreeSet};
use support::{Draws, holders, topology, weighted};

type Named<P> = Locator<String, P>;

fn build<P: Build>(config: &P::Config, weights: &[u64]) -> Named<P> {
    Locator::build(topology(weights), config).unwrap()
}

/// Weights to test with: unequal ones only where they are promised.
fn weight_sets<P: Build>(config: &P::Config) -> Vec<Vec<u64>> {
    let mut sets =
        vec![vec![1], vec![1, 1], vec![7; 5], vec![1; 10], vec![0, 3, 3, 0, 3], vec![1; 65]];
    if build::<P>(config, &[1]).placement().guarantees().weights {
        sets.extend([vec![1, 2, 3, 4, 5], vec![1, 1000], vec![5, 0, 9, 1, 0, 2, 2]]);
    }
    sets
}

/// Law 1: an owner is a live node, and there is none only where no node is live.
fn owners_are_live<P: Build>(config: &P::Config) {
    let mut draws = Draws(1);
    for weights in [vec![], vec![0], vec![0, 0, 0]] {
        let empty = build::<P>(config, &weights);
        assert_eq!((empty.placement().live(), empty.placement().slots()), (0, weights.len()));
        for key in draws.keys(50) {
            assert_eq!(empty.placement().locate(key), None);
            assert_eq!(empty.placement().next_candidate(&mut Walk::new(key)), None);
            assert_eq!(holders(empty.placement(), key, 3), []);
            assert_eq!(empty.locate_batch(&[key.get()], &mut [NodeIdx::default()]), 0);
        }
    }
    for weights in weight_sets::<P>(config) {
        let locator = build::<P>(config, &weights);
        assert_eq!(locator.placement().live(), weights.iter().filter(|w| **w > 0).count());
        let mut seen = BTreeSet::new();
        for key in draws.keys(3000) {
            let owner = locator.placement().locate(key).unwrap();
            assert!(weights[owner.index()] > 0, "{owner:?} is drained");
            seen.insert(owner);
        }
        let heavy = |w: &u64| *w * 200 > weights.iter().sum();
        assert!(seen.len() >= weights.iter().filter(|w| heavy(w)).count());
    }
}

/// Law 2: distinct live nodes, as many as there can be, each list the beginning of the next.
fn replicas_are_distinct_prefixes<P: Build>(config: &P::Config) {
    let mut draws = Draws(2);
    for weights in weight_sets::<P>(config) {
        let locator = build::<P>(config, &weights);
        let placement = locator.placement();
        let live = placement.live();
        let most = live.min(placement.guarantees().max_replicas);
        for key in draws.keys(200) {
            let all = holders(placement, key, live + 3);
            assert_eq!(all.len(), most);
            assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), most, "a node comes twice");
            assert!(all.iter().all(|node| weights[node.index()] > 0));
            assert_eq!(all.first().copied(), placement.locate(key));
            for k in [0, 1, 2, 3, 5, 16, 17, 33, 64].into_iter().filter(|k| *k <= live) {
                assert_eq!(holders(placement, key, k), all[..k], "k = {k}");
            }
            assert!(Candidates::new(placement, key).eq(all.iter().copied()), "the walk differs");
            let mut walk = Walk::new(key);
            let walked: Vec<_> =
                std::iter::from_fn(|| placement.next_candidate(&mut walk)).collect();
            assert_eq!(
                walked.iter().collect::<BTreeSet<_>>().len(),
                live,
                "a live node is missing"
            );
            if !placement.walk_repeats() {
                assert_eq!(walked, all);
            }
        }
    }
}

/// What happens to a history of nodes.
#[derive(Debug)]
enum Step {
    Add,
    Remove,
    Reweight { raised: bool },
}

/// Law 3, over a random history: each step changes at most one member of each replica set, and
/// only by the node that the step touched.
fn steps_move_the_least<P: Build>(config: &P::Config, seed: u64, steps: usize, keys: usize) {
    let mut draws = Draws(seed);
    let promised = build::<P>(config, &[1]).placement().guarantees();
    if !promised.minimal_owner {
        assert!(!promised.minimal_replicas && !promised.minimal_reweight);
        return steps_move_little::<P>(config, seed, keys);
    }
    assert!(promised.minimal_replicas, "no algorithm here has one without the other");
    let mut locator = build::<P>(config, &[1, 1, 1]);
    let mut joined: Vec<String> = ["n0", "n1", "n2"].map(String::from).into();
    let keys = draws.keys(keys);
    for step in 0..steps {
        let weight = if promised.weights { 1 + draws.below(4) } else { 1 };
        let which = if promised.any_removal {
            draws.below(joined.len() as u64) as usize
        } else {
            joined.len() - 1
        };
        let target = joined[which].clone();
        let (next, step, target) = match draws.below(4) {
            0 | 1 if joined.len() < 40 => {
                let name = format!("x{step}");
                joined.push(name.clone());
                let node = Node::new(name.clone()).weight(weight);
                (locator.with_node(node).unwrap(), Step::Add, name)
            }
            2 if promised.minimal_reweight => {
                let at = locator.topology().members().find(target.as_bytes()).unwrap();
                let old = locator.topology().members().weight(at).unwrap().get();
                let new = draws.below(6);
                let raised = new >= old;
                (locator.reweighted(&target, new).unwrap(), Step::Reweight { raised }, target)
            }
            _ if joined.len() > 1 => {
                joined.remove(which);
                (locator.without(&target).unwrap(), Step::Remove, target)
            }
            _ => continue,
        };
        compare_step(&locator, &next, &step, &target, &keys);
        locator = next;
    }
}

/// What does not promise the least does move a little more, and not much.
fn steps_move_little<P: Build>(config: &P::Config, seed: u64, keys: usize) {
    let keys = Draws(seed).keys(keys);
    let mut moved = 0;
    let mut old = build::<P>(config, &[1; 8]);
    for step in 0..6 {
        let names = [format!("n{step}"), format!("x{step}")];
        let without = old.without(&names[0]).unwrap();
        let with = without.with(names[1].clone()).unwrap();
        for (a, b) in [(&old, &without), (&without, &with)] {
            let owner = |l: &Named<P>, key| l.topology().get(l.placement().locate(key)?).cloned();
            let between_others = |key: &&KeyHash| {
                let ends = [owner(a, **key).unwrap(), owner(b, **key).unwrap()];
                ends[0] != ends[1] && !ends.iter().any(|end| names.contains(end))
            };
            let others = keys.iter().filter(between_others).count();
            assert!(others * 10 < keys.len(), "{others} of {} keys", keys.len());
            moved += others;
        }
        old = with;
    }
    assert!(moved > 0, "this might as well promise the least");
}

fn compare_step<P: Build>(
    old: &Named<P>,
    new: &Named<P>,
    step: &Step,
    target: &str,
    keys: &[KeyHash],
) {
    let names = |locator: &Named<P>, key, k| -> Vec<String> {
        let slots = holders(locator.placement(), key, k);
        slots.iter().map(|slot| locator.topology().get(*slot).unwrap().clone()).collect()
    };
    let most = old.placement().live().max(new.placement().live());
    let gains = matches!(step, Step::Add | Step::Reweight { raised: true });
    for (i, key) in keys.iter().enumerate() {
        for k in [1, 2, 3, 5, most] {
            if k == most && i % 16 > 0 {
                continue;
            }
            let (before, after) = (names(old, *key, k), names(new, *key, k));
            let came: Vec<_> = after.iter().filter(|n| !before.contains(n)).collect();
            let gone: Vec<_> = before.iter().filter(|n| !after.contains(n)).collect();
            let context = format!("{step:?} {target}, k = {k}: {before:?} -> {after:?}");
            assert!(came.len() <= 1 && gone.len() <= 1, "{context}");
            if gains {
                assert!(came.iter().all(|n| *n == target), "{context}");
                assert!(gone.is_empty() || !came.is_empty(), "{context}");
            } else {
                assert!(gone.iter().all(|n| *n == target), "{context}");
                assert!(came.is_empty() || !gone.is_empty(), "{context}");
            }
        }
    }
}

/// A value that was changed step by step answers like one that was built at once, where order
/// does not matter; and the fingerprints agree exactly then.
fn history_leaves_no_trace<P: Build>(config: &P::Config) {
    let mut draws = Draws(4);
    let order_free = build::<P>(config, &[1]).placement().guarantees().order_free;
    let fresh = build::<P>(config, &[1; 8]);
    let mut changed = build::<P>(config, &[1; 6]);
    for name in ["y", "n6", "z", "n7"] {
        changed = changed.with(name.to_string()).unwrap();
    }
    if !order_free {
        assert_ne!(changed.fingerprint(), fresh.fingerprint());
        return;
    }
    let changed = changed.without("y").unwrap().without("z").unwrap();
    assert_eq!(changed.fingerprint(), fresh.fingerprint());
    assert!(changed.topology().epoch() > fresh.topology().epoch());
    same_by_name(&changed, &fresh, &draws.keys(2000));

    // Any order of the same nodes.
    let mut nodes = weighted(&[1; 8]);
    draws.shuffle(&mut nodes);
    let shuffled: Named<P> = Locator::build(Topology::of(nodes).unwrap(), config).unwrap();
    assert_eq!(shuffled.fingerprint(), fresh.fingerprint());
    same_by_name(&shuffled, &fresh, &draws.keys(2000));

    // One step instead of many.
    let replaced = changed.replaced_by(weighted(&[1; 3])).unwrap();
    assert_eq!(replaced.fingerprint(), build::<P>(config, &[1; 3]).fingerprint());
    same_by_name(&replaced, &build::<P>(config, &[1; 3]), &draws.keys(2000));
}

fn same_by_name<P: Build>(a: &Named<P>, b: &Named<P>, keys: &[KeyHash]) {
    for key in keys {
        let names = |l: &Named<P>| -> Vec<String> {
            let slots = holders(l.placement(), *key, 4);
            slots.iter().map(|s| l.topology().get(*s).unwrap().clone()).collect()
        };
        assert_eq!(names(a), names(b));
    }
}

/// Fingerprints tell what decides apart, and nothing else.
fn fingerprints_tell_apart<P: Build>(config: &P::Config) {
    let base = build::<P>(config, &[1; 4]);
    let mut seen = BTreeMap::new();
    let mut differs = |what: &str, fingerprint: u64| {
        if let Some(other) = seen.insert(fingerprint, what.to_string()) {
            panic!("{what} has the fingerprint of {other}");
        }
    };
    differs("base", base.fingerprint());
    differs("one more", base.with("x".into()).unwrap().fingerprint());
    differs("one less", base.without("n3").unwrap().fingerprint());
    differs("all weights 2", build::<P>(config, &[2; 4]).fingerprint());
    differs(
        "a drained node",
        base.with_node(Node::new("x".into()).weight(0)).unwrap().fingerprint(),
    );
    let domain = base.replaced_by(weighted(&[1; 4]).into_iter().map(|n| n.domain("zone", "a")));
    differs("domains", domain.unwrap().fingerprint());
    let secret = |byte| apportion::SipHash13::new([byte; 16]);
    differs("a secret", base.clone().with_hasher(secret(1)).fingerprint());
    differs("another secret", base.clone().with_hasher(secret(2)).fingerprint());
    assert_eq!(base.clone().fingerprint(), base.fingerprint());
}

/// Law 6: a walk whose words are foreign yields live nodes and ends.
fn foreign_walks_end<P: Build>(config: &P::Config) {
    let mut draws = Draws(5);
    let small = build::<P>(config, &[1; 3]);
    let large = build::<P>(config, &[1; 40]);
    let bound = large.placement().slots() * 1000;
    for round in 0..300 {
        let mut walk = Walk::new(draws.key());
        match round % 3 {
            // Begun on one value, continued on another, there and back.
            0 => {
                for _ in 0..draws.below(50) {
                    let _ = large.placement().next_candidate(&mut walk);
                }
            }
            1 => {
                for _ in 0..draws.below(4) {
                    let _ = small.placement().next_candidate(&mut walk);
                }
            }
            _ => {
                let mask = u64::MAX >> draws.below(64);
                *walk.state() = std::array::from_fn(|_| draws.next() & mask);
            }
        }
        for locator in [&small, &large, &build::<P>(config, &[])] {
            let mut walk = walk;
            let mut steps = 0;
            while let Some(node) = locator.placement().next_candidate(&mut walk) {
                assert!(node.index() < locator.placement().slots());
                steps += 1;
                assert!(steps <= bound, "the walk does not end");
            }
        }
    }
    // A reload in the middle: the walk goes on to nodes that are there.
    let mut walk = Walk::new(draws.key());
    let first = small.placement().next_candidate(&mut walk).unwrap();
    assert!(large.placement().next_candidate(&mut walk).is_some(), "nothing after {first:?}");
}

/// Pointers, trait objects and the run-time choice answer like the value itself.
fn forwarding_keeps_answers<P: Build + Send + Sync + 'static>(
    config: &P::Config,
    algorithm: Algorithm,
) {
    let mut draws = Draws(6);
    let plain = build::<P>(config, &[1; 12]);
    let any = Locator::any_of(topology(&[1; 12]), algorithm.clone()).unwrap();
    assert_eq!(any.fingerprint(), plain.fingerprint());
    assert_eq!(any.placement().algorithm(), algorithm);
    assert_eq!(any.placement().guarantees(), plain.placement().guarantees());
    let by_ref: &P = plain.placement();
    let boxed: Box<DynPlacement> = Box::new(plain.placement().clone());
    let shared: std::sync::Arc<DynPlacement> = std::sync::Arc::new(any.placement().clone());
    let keys: Vec<u64> = draws.keys(500).into_iter().map(KeyHash::get).collect();
    let batch = |p: &dyn Placement| {
        let mut out = vec![NodeIdx::default(); keys.len()];
        assert_eq!(p.locate_batch(&keys, &mut out), keys.len());
        out
    };
    let others: [&dyn Placement; 5] = [&by_ref, &boxed, &shared, any.placement(), &*shared];
    for other in others {
        assert_eq!((other.slots(), other.live()), (12, 12));
        assert_eq!(other.guarantees(), plain.placement().guarantees());
        assert_eq!(other.walk_repeats(), plain.placement().walk_repeats());
        assert_eq!(batch(other), batch(plain.placement()));
        for key in keys.iter().map(|h| KeyHash::from_hash(*h)) {
            assert_eq!(other.locate(key), plain.placement().locate(key));
            assert_eq!(holders(other, key, 3), holders(plain.placement(), key, 3));
            let mut walk = Walk::new(key);
            assert_eq!(other.next_candidate(&mut walk), plain.placement().locate(key));
        }
    }
    let short = &mut [NodeIdx::default(); 3];
    assert_eq!(plain.locate_batch(&keys, short), 3);
    let boxed = Locator::from_parts(topology(&[1; 12]), boxed, Xxh3).unwrap();
    assert_eq!(boxed.get("key"), plain.get("key"));
}

/// A point of a node: every other one on a place that many share.
fn point(label: &[u8], replica: u32) -> u64 {
    let point = Members::identity_of(&[label, &replica.to_le_bytes()].concat());
    if replica % 2 == 0 { point } else { point & (0xFFF << 52) }
}

/// Lists for every name that occurs here.
fn lists(rule: Rule) -> GivenPointsConfig {
    let numbered = (0..200).flat_map(|i| [format!("n{i}"), format!("x{i}")]);
    let names = numbered.chain(["x", "y", "z"].map(String::from));
    names.fold(GivenPointsConfig::default().rule(rule), |config, name| {
        config.points(&name, (0..30).map(|replica| point(name.as_bytes(), replica)))
    })
}

/// Where there is an algorithm to be chosen at run time, it is the last column.
macro_rules! contract {
    ($($name:ident: $p:ty, $config:expr $(, $algorithm:expr)?;)*) => {$(
        mod $name {
            use super::*;

            #[test]
            fn law_1_owners_are_live() { owners_are_live::<$p>(&$config); }
            #[test]
            fn law_2_replicas_are_distinct_prefixes() {
                replicas_are_distinct_prefixes::<$p>(&$config);
            }
            #[test]
            fn law_3_steps_move_the_least() {
                steps_move_the_least::<$p>(&$config, 3, 80, 600);
            }
            /// Ten million (key, change) pairs: by name, not in the ordinary run.
            #[test]
            #[ignore = "ten million pairs: cargo test --release --test contract -- --ignored"]
            fn law_3_at_length() {
                for seed in 0..10 {
                    steps_move_the_least::<$p>(&$config, 100 + seed, 120, 10_000);
                }
            }
            #[test]
            fn law_5_history_leaves_no_trace() { history_leaves_no_trace::<$p>(&$config); }
            #[test]
            fn law_5_fingerprints_tell_apart() { fingerprints_tell_apart::<$p>(&$config); }
            #[test]
            fn law_6_foreign_walks_end() { foreign_walks_end::<$p>(&$config); }
            #[test]
            fn law_7_a_label_comes_once() {
                let twice = weighted(&[1, 1, 1]).into_iter().chain(weighted(&[2]));
                let error = Topology::of(twice).unwrap_err();
                assert_eq!(error.to_string(), "node \"n0\" is given twice");
                let error = build::<$p>(&$config, &[1; 3]).with("n2".into()).unwrap_err();
                assert_eq!(error.to_string(), "node \"n2\" is given twice");
            }
            $(#[test]
            fn forwarding() { forwarding_keeps_answers::<$p>(&$config, $algorithm); })?
        }
    )*};
}

contract! {
    ring: Ring, Default::default(), Algorithm::default();
    small_ring: Ring, apportion::RingConfig::default().points_per_node(3),
        Algorithm::Ring(apportion::RingConfig::default().points_per_node(3));
    ring_at_or_after: Ring<GivenPoints>, lists(Rule::FirstAtOrAfter);
    ring_after: Ring<GivenPoints>, lists(Rule::FirstAfter);
    ring_at_or_before: Ring<GivenPoints>, lists(Rule::LastAtOrBefore);
    ring_nearest: Ring<GivenPoints>, lists(Rule::Nearest);
    ring_of_labels: Ring<LabelPoints>, LabelPointsConfig::per_weight(12, point);
    ring_of_labels_before: Ring<LabelPoints>,
        LabelPointsConfig::per_weight(12, point).rule(Rule::LastAtOrBefore);
    ring_of_labels_nearest: Ring<LabelPoints>,
        LabelPointsConfig::per_weight(12, point).rule(Rule::Nearest);
    ring_of_labels_alike: Ring<LabelPoints>, LabelPointsConfig::default();
    jump: Numbered<Jump>, (), Algorithm::Jump;
    jump_guava: Numbered<JumpGuava>, (), Algorithm::JumpGuava;
    jump_back: Numbered<JumpBack>, (), Algorithm::JumpBack;
    flip: Numbered<FlipHash>, (), Algorithm::Flip;
    jump_back_anchor: JumpBackAnchor, (), Algorithm::JumpBackAnchor;
    asura: Asura, AsuraConfig::default(), Algorithm::Asura(AsuraConfig::default());
    asura_one_slot_a_node: Asura, AsuraConfig::default().unit(8).board(8),
        Algorithm::Asura(AsuraConfig::default().unit(8).board(8));
    asura_rests: Asura, AsuraConfig::default().unit(2),
        Algorithm::Asura(AsuraConfig::default().unit(2));
    asura_fallback: Asura, AsuraConfig::default().board(9).darts(3),
        Algorithm::Asura(AsuraConfig::default().board(9).darts(3));
    maglev: Maglev, MaglevConfig::default().table_size(1021),
        Algorithm::Maglev(MaglevConfig::default().table_size(1021));
    rendezvous: Rendezvous, (), Algorithm::Rendezvous;
    weighted_rendezvous: WeightedRendezvous, (), Algorithm::WeightedRendezvous;
    any: AnyPlacement, Algorithm::default(), Algorithm::default();
    any_jump_back: AnyPlacement, Algorithm::JumpBack, Algorithm::JumpBack;
}
