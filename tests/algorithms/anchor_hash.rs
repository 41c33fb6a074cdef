//! AnchorHash: the paper's arrays, its capacity, its saved state, wrong input.

use crate::support::anchor::Arrays;
use crate::support::{Draws, holders, topology, weighted};
use apportion::anchor::{AnchorConfig, AnchorHash};
use apportion::limits::MAX_ANCHOR_BUCKETS;
use apportion::{Algorithm, ErrorKind, KeyHash, Locator, Node, NodeIdx, Placement, Topology};

type Pool = Locator<String, AnchorHash>;

fn of(n: usize, capacity: u32) -> Pool {
    Locator::anchor_of(topology(&vec![1; n]), AnchorConfig::default().capacity(capacity)).unwrap()
}

/// In which order buckets leave.
fn orders(size: u32, seed: u64) -> Vec<(&'static str, Vec<u32>)> {
    let mut random: Vec<u32> = (0..size).collect();
    Draws(seed).shuffle(&mut random);
    // Always the one that took the first one's place: the longest chains.
    let chased = std::iter::once(0).chain((1..size).rev()).collect();
    vec![
        ("random", random),
        ("ascending", (0..size).collect()),
        ("descending", (0..size).rev().collect()),
        ("chased", chased),
    ]
}

/// Removed and added in any order, with and without room.
#[test]
fn nodes_agree_with_the_arrays_of_the_paper() {
    for (n, capacity) in [(1, 1), (2, 2), (3, 7), (17, 17), (40, 41), (64, 300), (5, 5000)] {
        for (order, removals) in orders(n, u64::from(n)) {
            let mut pool = of(n as usize, capacity);
            let mut arrays = Arrays::of_capacity(capacity, n);
            let mut draws = Draws(7);
            let agree = |pool: &Pool, arrays: &Arrays, draws: &mut Draws| {
                let placement = pool.placement();
                assert_eq!(placement.live() as u32, arrays.working());
                assert_eq!(placement.capacity(), capacity);
                for key in draws.keys(30) {
                    let expected = arrays.bucket(key);
                    let node = placement.locate(key);
                    assert!(node.is_some());
                    assert_eq!(node, placement.node(expected), "{n} {capacity} {order}");
                }
            };
            for bucket in removals.iter().take(n as usize - 1) {
                agree(&pool, &arrays, &mut draws);
                // Nodes have the buckets of their slots.
                pool = pool.without(&format!("n{bucket}")).unwrap();
                arrays.remove(*bucket);
            }
            agree(&pool, &arrays, &mut draws);
            for i in 0..n - 1 {
                pool = pool.with(format!("x{i}")).unwrap();
                arrays.add().unwrap();
                agree(&pool, &arrays, &mut draws);
            }
            let fresh = of(n as usize, capacity);
            let keys = draws.keys(100);
            let bucket = |pool: &Pool, key: &KeyHash| {
                let node = pool.placement().locate(*key);
                (0..n).find(|bucket| pool.placement().node(*bucket) == node)
            };
            assert!(keys.iter().all(|key| bucket(&fresh, key) == bucket(&pool, key)));
        }
    }
}

/// What the paper calls minimal disruption, and where the keys of a removed node go: evenly.
#[test]
fn only_the_keys_of_a_removed_node_move() {
    let keys = Draws(3).keys(20_000);
    let mut pool = of(10, 16);
    for (step, gone) in ["n3", "n9", "n0", "n5", "n6", "n1", "n2"].into_iter().enumerate() {
        let next = pool.without(gone).unwrap();
        let mut to = std::collections::BTreeMap::<&str, u32>::new();
        for key in &keys {
            let (old, new) = (pool.get(key).unwrap(), next.get(key).unwrap());
            if old == gone {
                *to.entry(new).or_default() += 1;
            } else {
                assert_eq!(old, new);
            }
        }
        // Every other node takes its part: (20,000 / live) / (live − 1) within six deviations.
        let live = 10.0 - step as f64;
        let expected = 20_000.0 / live / (live - 1.0);
        assert_eq!(to.len() + 1, 10 - step);
        for (name, count) in to {
            let off = (f64::from(count) - expected).abs();
            assert!(off < 6.0 * expected.sqrt(), "{gone} -> {name}: {count} of {expected}");
        }
        pool = next;
    }
}

#[test]
fn a_node_that_joins_takes_the_bucket_freed_last() {
    let pool = of(5, 8);
    let keys = Draws(4).keys(500);
    let fewer = pool.without("n1").unwrap().without("n3").unwrap();
    assert_eq!(fewer.placement().removed(), [1, 3]);
    let again = fewer.with("x".into()).unwrap().with("y".into()).unwrap();
    for key in &keys {
        let expected = match pool.get(key).unwrap().as_str() {
            "n1" => "y",
            "n3" => "x",
            other => other,
        };
        assert_eq!(again.get(key).unwrap(), expected);
    }
    // The highest bucket in use is not logged: the same value as if it had never been in use.
    let six = pool.with("x".into()).unwrap();
    assert_eq!(six.placement().buckets_in_use(), 6);
    let five = six.without("x").unwrap();
    assert_eq!((five.placement().buckets_in_use(), five.fingerprint()), (5, pool.fingerprint()));
}

/// Replicas leave removed buckets out and keep their order.
#[test]
fn replicas_change_by_one_member() {
    for (order, removals) in orders(30, 1) {
        let mut pool = of(30, 64);
        for bucket in removals.iter().take(29) {
            let next = pool.without(&format!("n{bucket}")).unwrap();
            let gone = NodeIdx::new(*bucket);
            for key in Draws(u64::from(*bucket)).keys(20) {
                let old = holders(pool.placement(), key, 30);
                let new = holders(next.placement(), key, 30);
                assert_eq!(new.len(), next.placement().live());
                for k in [1, 2, 3, 7] {
                    let (a, b) = (&old[..k.min(old.len())], &new[..k.min(new.len())]);
                    let came = b.iter().filter(|x| !a.contains(x)).count();
                    let left: Vec<_> = a.iter().filter(|x| !b.contains(x)).collect();
                    assert!(came <= 1 && left.len() <= 1, "{order} {k}");
                    assert!(left.iter().all(|x| **x == gone), "{order} {k}");
                }
            }
            pool = next;
        }
    }
}

#[test]
fn the_capacity_is_a_limit() {
    let full = of(3, 3);
    let text = full.with("x".into()).unwrap_err();
    assert_eq!(text.kind(), ErrorKind::OverLimit);
    assert_eq!(
        text.to_string(),
        "4 live nodes in an anchor with a capacity of 3 buckets; a larger capacity needs a new anchor, \
         which moves keys between all nodes"
    );
    // Who is named is the number asked for, not the first that is too many.
    let many = full.with_nodes((0..7).map(|i| Node::new(format!("x{i}")))).unwrap_err();
    assert!(many.to_string().starts_with("10 live nodes in an anchor with a capacity of 3 "));
    // The old value still answers, and drained nodes need no bucket.
    assert_eq!(full.placement().live(), 3);
    let drained = full.with_node(Node::new("d".to_string()).weight(0)).unwrap();
    assert!(drained.reweighted("d", 1).is_err());
    assert!(drained.without("n1").unwrap().reweighted("d", 1).is_ok());
    // Whatever is named first: nodes leave before others join.
    let both = [("d", 1), ("n1", 0)];
    let step = drained.reweighted_all(both.map(|(name, w)| (name.to_string(), w)));
    assert_eq!(step.unwrap().placement().live(), 3);
    // In one step a node joins while another one leaves.
    let swapped = full.replaced_by(weighted(&[1, 1]).into_iter().chain([Node::new("x".into())]));
    assert_eq!(swapped.unwrap().placement().live(), 3);
    let of = |capacity| {
        let config = AnchorConfig::default().capacity(capacity);
        Locator::anchor_of(topology(&[1; 3]), config).map(drop).unwrap_err()
    };
    assert_eq!(of(0).to_string(), "an anchor has a capacity of 1..=67108864 buckets, got 0");
    assert_eq!(of(0).kind(), ErrorKind::InvalidConfiguration);
    assert_eq!(of(MAX_ANCHOR_BUCKETS + 1).kind(), ErrorKind::InvalidConfiguration);
    assert!(
        of(2).to_string().starts_with("3 live nodes in an anchor with a capacity of 2 buckets")
    );
    let one = AnchorConfig::default().capacity(1);
    assert!(Locator::anchor_of(topology(&[1]), one).is_ok());
}

/// By default it follows from the first live nodes and then stays.
#[test]
fn the_capacity_by_default() {
    let capacity = |pool: &Pool| pool.placement().capacity();
    let built = |n: usize| Locator::anchor_of(topology(&vec![1; n]), AnchorConfig::default());
    for (n, expected) in [(0, 16), (1, 16), (8, 16), (9, 18), (500, 1000)] {
        assert_eq!(capacity(&built(n).unwrap()), expected, "{n}");
    }
    let grown = built(10).unwrap().with_nodes((0..10).map(|i| Node::new(format!("x{i}")))).unwrap();
    assert_eq!(capacity(&grown), 20);
    assert!(grown.with("y".into()).is_err());
    // Nothing depends on a capacity yet.
    let empty = built(0).unwrap();
    let later = empty.with_nodes((0..100).map(|i| Node::new(format!("n{i}")))).unwrap();
    assert_eq!((capacity(&later), later.fingerprint()), (200, built(100).unwrap().fingerprint()));
    assert_eq!(empty.get("key"), None);
    assert_eq!(empty.replicas::<3>("key").iter().count(), 0);
    // Without nodes there is no history.
    let names: Vec<String> = (0..10).map(|i| format!("n{i}")).collect();
    let emptied = built(10).unwrap().without_all(names).unwrap();
    assert_eq!(emptied.placement().buckets_in_use(), 0);
    let again = emptied.replaced_by(weighted(&[1; 40])).unwrap();
    assert_eq!((capacity(&again), again.fingerprint()), (80, built(40).unwrap().fingerprint()));
}

#[test]
fn the_capacity_as_text() {
    let anchor = |capacity| Algorithm::Anchor(AnchorConfig::default().capacity(capacity));
    for text in ["anchor:1000", "Anchor:capacity=1000", "anchor: Capacity = 1000 "] {
        assert_eq!(text.parse(), Ok(anchor(1000)), "{text}");
    }
    assert_eq!("anchor".parse(), Ok(Algorithm::Anchor(AnchorConfig::default())));
    assert_eq!(anchor(1000).to_string(), "anchor:1000");
    assert_eq!(Algorithm::Anchor(AnchorConfig::default()).to_string(), "anchor");
    for wrong in ["anchor:0", "anchor:x", "anchor:size=1", "anchor:67108865", "anchor:1,1"] {
        assert!(wrong.parse::<Algorithm>().is_err(), "{wrong}");
    }
}

/// Two processes that built different lists agree after the same changes, if they have the capacity
/// in common.
#[test]
fn a_common_capacity_makes_histories_agree() {
    let keys = Draws(5).keys(300);
    let grow = |n: usize| {
        let names = (n..12).map(|i| Node::new(format!("n{i}")));
        of(n, 20).with_nodes(names).unwrap()
    };
    for n in [0, 1, 5, 12] {
        assert_eq!(grow(n).fingerprint(), of(12, 20).fingerprint());
        assert!(keys.iter().all(|key| grow(n).get(key) == of(12, 20).get(key)));
    }
    assert_ne!(of(12, 20).fingerprint(), of(12, 21).fingerprint());
    assert!(keys.iter().any(|key| of(12, 20).get(key) != of(12, 21).get(key)));
}

#[test]
fn unequal_weights_are_refused() {
    let nodes = Topology::of(weighted(&[1, 2])).unwrap();
    let error = Locator::anchor_of(nodes, AnchorConfig::default()).unwrap_err();
    assert!(error.to_string().starts_with("anchor has no weights, but node"), "{error}");
}
