//! What is refused, and that nothing has changed then.

use crate::histories::by_label;
use crate::support::scripted::Scripted;
use crate::{locator, ring};
use apportion::bounded::{BoundedLoads, ChangeReport, InFlight, LoadFactor, Mode};
use apportion::{Error, Guarantees, KeyHash, Locator, NodeIdx, Placement, Topology, Walk, Xxh3};

fn error<T>(result: Result<T, Error>) -> String {
    let error = result.err().unwrap();
    assert_eq!(format!("{error:?}"), error.to_string());
    error.to_string()
}

const ADD: &str = "add a node or give one a weight";

#[test]
fn load_factors() {
    let below = "a load factor is at least 1, got 9/10: the caps would add up to fewer keys than \
                 there are";
    assert_eq!(error(LoadFactor::new(9, 10)), below);
    assert!(error(LoadFactor::new(0, 1)).starts_with("a load factor is at least 1, got 0/1"));
    assert!(error(LoadFactor::new(u32::MAX - 1, u32::MAX)).contains("4294967294/4294967295"));
    for num in [0, 5] {
        let message = format!("a load factor is a ratio of at least 1, got {num}/0");
        assert_eq!(error(LoadFactor::new(num, 0)), message);
    }
    assert!(LoadFactor::new(1, 1).is_ok() && LoadFactor::new(u32::MAX, 1).is_ok());
}

#[test]
fn keys_without_a_live_node_are_refused() {
    let factor = LoadFactor::new(5, 4).unwrap();
    for drained in [&[][..], &[("a", 0), ("b", 0)]] {
        let nobody = locator(&ring(), drained);
        let somebody = locator(&ring(), &[("a", 1), ("c", 2)]);
        for mode in [Mode::Canonical, Mode::Online] {
            let start = match mode {
                Mode::Online => BoundedLoads::online,
                _ => BoundedLoads::canonical,
            };
            let mut held = start(nobody.clone(), factor);
            assert_eq!(
                error(held.insert("key")),
                format!("no node has a weight above 0 to hold 1 key; {ADD}")
            );
            let many = error(held.extend(["a", "b", "c"]));
            let all = if mode == Mode::Online { "1 key" } else { "3 keys" };
            assert_eq!(many, format!("no node has a weight above 0 to hold {all}; {ADD}"));
            assert_eq!(held.extend::<&str>([]).unwrap(), ChangeReport::default());
            assert_eq!(held.remove("key").unwrap(), ChangeReport::default());
            assert!(held.is_empty() && held.get("key").is_none());
            assert_eq!((held.load(NodeIdx::new(0)), held.cap(NodeIdx::new(0))), (0, 0));

            // As long as there are no keys, nodes may come and go.
            held.change(somebody.clone()).unwrap();
            held.extend(["a", "b", "c"]).unwrap();
            let before = by_label(&held);
            assert_eq!(
                error(held.change(nobody.clone())),
                format!("no node has a weight above 0 to hold 3 keys; {ADD}")
            );
            assert_eq!(by_label(&held), before);
            assert_eq!(held.locator().fingerprint(), somebody.fingerprint());
            for key in ["a", "b", "c"] {
                assert_eq!(held.remove(key).unwrap().removed, 1);
            }
            held.change(nobody.clone()).unwrap();
            assert!(held.is_empty());
        }
        let in_flight = InFlight::new(nobody.topology().members(), factor);
        assert!(in_flight.acquire((0..9).map(NodeIdx::new)).is_none());
        assert_eq!(in_flight.total(), 0);
    }
}

/// Knows the first of two nodes only, whatever the topology says: a slot beyond the topology, then the
/// same node over and over.
const FIRST: Scripted = Scripted { nodes: 2, candidates: &[5, 0, 0, 0] };

/// A placement of one's own that leaves live nodes out is met with an error, and what came before
/// it stays.
#[test]
fn walks_that_end_too_early() {
    let nodes = || Locator::from_parts(Topology::new(["a", "b"]).unwrap(), FIRST, Xxh3).unwrap();
    let hash = KeyHash::from_hash;
    for mode in [Mode::Canonical, Mode::Online] {
        let factor = LoadFactor::new(1, 1).unwrap();
        let start = match mode {
            Mode::Online => BoundedLoads::online,
            _ => BoundedLoads::canonical,
        };
        let mut held = start(nodes(), factor);
        let message = "the walk of key 0x0000000000000003 ended before a node below its cap; the \
                       walk of a placement must visit every live node";
        assert_eq!(error(held.extend_hashes([hash(1), hash(3)])), message, "nor is the first held");
        assert!(held.is_empty() && held.load(NodeIdx::new(0)) == 0 && held.iter().len() == 0);
        held.insert_hash(hash(1)).unwrap();
        assert_eq!(error(held.extend_hashes([hash(3)])), message);
        assert_eq!(error(held.extend_hashes([hash(1), hash(3)])), message);
        assert_eq!((held.len(), held.load(NodeIdx::new(0))), (1, 1));
        assert_eq!(held.holder(hash(3)), None);
        held.change(nodes()).unwrap();
        // At 2/1 there is room for all on one of two.
        let mut held = start(nodes(), LoadFactor::new(2, 1).unwrap());
        held.extend_hashes((1..=10).map(hash)).unwrap();
        let unequal = Topology::new(["a", "b"]).unwrap().reweighted("b", 9).unwrap().0;
        let lopsided = Locator::from_parts(unequal, FIRST, Xxh3).unwrap();
        assert!(error(held.change(lopsided)).starts_with("the walk of key 0x"));
        assert_eq!((held.len(), held.load(NodeIdx::new(0))), (10, 10));
    }
}

/// When a key cannot be shed, the key that was to leave stays too.
#[test]
fn a_removal_that_cannot_be_followed() {
    #[derive(Clone)]
    struct Both;
    impl Placement for Both {
        fn slots(&self) -> usize {
            2
        }
        fn live(&self) -> usize {
            2
        }
        fn guarantees(&self) -> Guarantees {
            Guarantees::none()
        }
        fn locate(&self, key: KeyHash) -> Option<NodeIdx> {
            self.next_candidate(&mut Walk::new(key))
        }
        /// Keys below 10 know the first node only, others the second only.
        fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx> {
            let node = NodeIdx::new(u32::from(walk.key().get() >= 10));
            let [steps, ..] = walk.state();
            *steps += 1;
            (*steps == 1).then_some(node)
        }
    }
    let nodes = Locator::from_parts(Topology::new(["a", "b"]).unwrap(), Both, Xxh3).unwrap();
    let mut held = BoundedLoads::online(nodes, LoadFactor::ONE);
    let hash = KeyHash::from_hash;
    held.extend_hashes([1, 11, 2, 12].map(hash)).unwrap();
    held.remove_hash(hash(11)).unwrap();
    let before: Vec<_> = held.iter().collect();
    assert!(error(held.remove_hash(hash(12))).contains("key 0x0000000000000002"));
    assert_eq!(held.iter().collect::<Vec<_>>(), before);
    assert_eq!((held.load(NodeIdx::new(0)), held.load(NodeIdx::new(1))), (2, 1));
}

#[test]
fn keys_of_one_hash_count_as_one_key() {
    let nodes = Locator::ring(["a", "b"]).unwrap();
    let mut held = BoundedLoads::online(nodes, LoadFactor::ONE);
    assert_eq!(held.insert(&42_u64).unwrap().added, 1);
    assert_eq!(held.insert(&42_u8).unwrap(), ChangeReport::default(), "the same bytes");
    assert_eq!(held.extend([1, 1, 42, 2]).unwrap().added, 2);
    assert_eq!(held.len(), 3);
    assert!(held.get(&42).is_some() && held.get(&43).is_none());
    let hashes: Vec<u64> = held.iter().map(|(key, _)| key.get()).collect();
    assert!(hashes.is_sorted() && held.iter().len() == 3);
    let shown = format!("{held:?}");
    assert!(shown.starts_with("BoundedLoads { mode: Online, factor: LoadFactor"), "{shown}");
    assert!(shown.contains("keys: 3"), "{shown}");
    let copy = held.clone();
    held.remove(&42).unwrap();
    assert_eq!((copy.len(), held.len(), copy.factor()), (3, 2, LoadFactor::ONE));
}
