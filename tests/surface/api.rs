//! Properties of the public surface that a compiler can check.

use apportion::analysis::{Balance, Comparison, Shares};
use apportion::bounded::{
    BoundedLoads, ChangeReport, InFlight, Lease, LoadFactor, LoadLimit, Picked, Shed,
};
use apportion::bucket::{BucketHash, Buckets, Jump, Numbered};
use apportion::error::Infeasible;
use apportion::hash::{BytesHasher, Encoder};
use apportion::partition::{Certificate, Plan, TableConfig, TableReport, Verified};
use apportion::placement::{Build, DynPlacement};
use apportion::rendezvous::RendezvousSlice;
use apportion::ring::{GivenPoints, GivenPointsConfig, RingConfig};
use apportion::subset::Subsets;
use apportion::{
    AnyPlacement, Candidates, Error, JumpBack, KeyHash, Locator, Node, NodeIdx, PartitionTable,
    Placement, Planner, Rendezvous, Ring, Spread, StableHash, Topology, Walk, WeightedRendezvous,
    Xxh3,
};
use std::mem::size_of;
use std::sync::{Arc, RwLock};

fn shared<T: Send + Sync + 'static>() {}
fn object_safe(_: &dyn Placement, _: &dyn BucketHash, _: &dyn StableHash, _: &dyn BytesHasher) {}

#[test]
fn everything_can_be_shared_between_threads() {
    shared::<Locator<String>>();
    shared::<Locator<String, AnyPlacement>>();
    shared::<Locator<Arc<RwLock<u8>>, Box<DynPlacement>>>();
    shared::<(Ring, Numbered<Jump>, Rendezvous, WeightedRendezvous, Buckets<JumpBack>)>();
    shared::<(Topology<String>, Node<String>, Walk, Error)>();
    shared::<Candidates<'static, Ring>>();
    shared::<(Balance<'static, String>, Shares<'static, String>, Comparison<'static, String>)>();
    shared::<(BoundedLoads<String>, BoundedLoads<String, AnyPlacement>, ChangeReport, LoadFactor)>(
    );
    shared::<(InFlight, Lease, LoadLimit, Picked, Shed)>();
    shared::<(PartitionTable, Locator<String, PartitionTable>, Plan, Planner<'static>)>();
    shared::<(TableConfig, Certificate, TableReport, Verified, Infeasible, Spread)>();
    shared::<Subsets<'static>>();
}

#[test]
fn traits_are_object_safe() {
    let ring = Locator::ring(["a"]).unwrap();
    object_safe(ring.placement(), &Jump, &"text", &Xxh3);
}

/// A clone of the candidates goes on where they stand, and asks nothing of the nodes' type.
#[test]
fn candidates_can_be_walked_again() {
    struct Unclonable;
    let nodes = (0..5).map(|i: u64| Node::labelled(Unclonable, i.to_le_bytes()));
    let ring = Locator::ring_of(Topology::of(nodes).unwrap(), RingConfig::default()).unwrap();
    let mut candidates = ring.candidates("key");
    let first = candidates.next().unwrap().0;
    let again = candidates.clone();
    let rest: Vec<NodeIdx> = candidates.map(|(at, _)| at).collect();
    assert!(again.map(|(at, _)| at).eq(rest.iter().copied()));
    assert_eq!((rest.len(), rest.contains(&first)), (4, false));
}

#[test]
fn sizes_of_common_types_stay_small() {
    assert_eq!(size_of::<Option<NodeIdx>>(), 4);
    assert_eq!(size_of::<Walk>(), 72);
    assert_eq!(size_of::<Result<(), Error>>(), size_of::<usize>());
    assert_eq!(NodeIdx::new(u32::MAX - 1).get(), u32::MAX - 1);
    assert_eq!((NodeIdx::default(), NodeIdx::new(u32::MAX)), (NodeIdx::NONE, NodeIdx::NONE));
    assert_ne!(NodeIdx::NONE, NodeIdx::new(0));
}

/// The walk crosses an `await`: the future stays `Send` and owns nothing borrowed.
#[test]
fn a_walk_crosses_an_await() {
    async fn probe(pool: Arc<Locator<&'static str>>, key: String) -> Option<&'static str> {
        let mut walk = pool.walk(&key);
        while let Some((_, node)) = pool.next_candidate(&mut walk) {
            if std::future::ready(node.ends_with('2')).await {
                return Some(node);
            }
        }
        None
    }
    fn sendable<F: Future + Send + 'static>(future: F) -> F {
        future
    }
    use std::future::Future;
    let pool = Arc::new(Locator::ring(["cache-1", "cache-2"]).unwrap());
    let mut future = Box::pin(sendable(probe(pool, "key".into())));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert_eq!(future.as_mut().poll(&mut context), std::task::Poll::Ready(Some("cache-2")));
}

/// A placement of one's own joins in through the open traits.
struct Modulo(usize);

impl Placement for Modulo {
    fn slots(&self) -> usize {
        self.0
    }
    fn live(&self) -> usize {
        self.0
    }
    fn guarantees(&self) -> apportion::Guarantees {
        apportion::Guarantees::none()
    }
    fn locate(&self, key: KeyHash) -> Option<NodeIdx> {
        Some(NodeIdx::new((key.get() % self.0 as u64) as u32))
    }
    fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx> {
        let key = walk.key().get();
        let [steps, ..] = walk.state();
        *steps += 1;
        // Repeats itself: every node is given twice.
        let step = (*steps - 1) / 2;
        (step < self.0 as u64)
            .then(|| NodeIdx::new(((key % self.0 as u64 + step) % self.0 as u64) as u32))
    }
}

#[test]
fn a_foreign_placement_gets_the_rest_for_free() {
    for n in [5, 2000] {
        let topology = Topology::new(0..n as u64).unwrap();
        let locator = Locator::from_parts(topology, Modulo(n), Xxh3).unwrap();
        let all: Vec<u64> = locator.candidates("key").map(|(_, id)| *id).collect();
        assert_eq!(all.len(), n, "each node once");
        let three = locator.replicas::<3>("key");
        assert!(three.iter().copied().eq(all[..3].iter().copied()));
        assert_eq!(three.get(0), locator.get("key"));
        assert_eq!((three.len(), three.is_empty()), (3, false));
        let other = Locator::rendezvous(0..n as u64).unwrap();
        let moved = apportion::analysis::count_moves(&locator, &other, 1, (0..100).map(|k| (k, 1)))
            .unwrap();
        assert!(moved.moved() > 0);
    }
    let error = Locator::from_parts(Topology::new([1, 2]).unwrap(), Modulo(3), Xxh3).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the placement has 3 node slots, but the topology has 2; build the placement from the members \
         of this topology"
    );
}

#[test]
fn core_placements_are_const() {
    const IDS: [u64; 3] = [1, 2, 3];
    const NODES: RendezvousSlice<'static> = match RendezvousSlice::new(&IDS) {
        Some(nodes) => nodes,
        None => panic!("twice"),
    };
    const SHARDS: Buckets<Jump> = match Buckets::new(Jump, 7) {
        Some(shards) => shards,
        None => panic!("too many"),
    };
    assert!(NODES.locate(KeyHash::of_id(1)).is_some());
    assert!(SHARDS.locate(KeyHash::of_id(1)).is_some());
    assert!(RendezvousSlice::new(&[1, 2, 1]).is_none());
    assert!(RendezvousSlice::new(&[0, 0]).is_none());
    assert!(RendezvousSlice::new(&[3, 1, 2, 0]).is_some());
    assert!(RendezvousSlice::new(&[1, 5, 3, 5]).is_none());
    let many: Vec<u64> = (0..1_000_000).collect();
    assert!(RendezvousSlice::new(&many).is_some(), "ascending ones are not searched");
    assert!(apportion::rendezvous::WeightedRendezvousSlice::new(&[(1, 1), (1, 2)]).is_none());
    // The slice agrees with the named form when identities are those of the labels.
    let labels = ["a", "b", "c"];
    let identities = labels.map(|l| apportion::topology::Members::identity_of(l.as_bytes()));
    let slice = RendezvousSlice::new(&identities).unwrap();
    let named = Locator::rendezvous(labels).unwrap();
    assert!((0..1000).map(KeyHash::of_id).all(|k| slice.locate(k) == named.placement().locate(k)));
}

#[test]
fn debug_prints_nodes_not_points() {
    let ring = Locator::ring(["a", "b"]).unwrap();
    assert_eq!(format!("{ring:?}"), r#"Locator { nodes: ["a", "b"], epoch: 0, hasher: Xxh3, .. }"#);
}

/// Only a key's hash is used, so no answer borrows the key: every way to ask takes a temporary one,
/// and one that borrows what is gone afterwards.
#[test]
fn answers_do_not_borrow_the_key() {
    let ring = Locator::ring(["a", "b", "c"]).unwrap();
    let spread = Spread::best_effort(ring.topology().members(), 2, []).unwrap();
    let fresh = || format!("user:{}", 42);
    let candidates = ring.candidates(&fresh());
    let owner = ring.get(&fresh());
    let replicas = ring.replicas::<2>(&fresh());
    let under = ring.replicas_under::<2>(&spread, &fresh());
    let filtered = ring.replicas_under_where::<2>(&spread, &fresh(), |_| true);
    let mut walk = ring.walk(&fresh());
    let (hash, slot) = (ring.hash(&fresh()), ring.locate(&fresh()));
    let owners = [
        candidates.clone().next().map(|(_, node)| node),
        replicas.get(0),
        under.get(0),
        filtered.get(0),
        ring.next_candidate(&mut walk).map(|(_, node)| node),
        ring.get(&hash),
        slot.and_then(|slot| ring.topology().get(slot)),
    ];
    assert!(owners.iter().all(|other| *other == owner));
    let of_borrowed = {
        let name = fresh();
        let key = (7, name.as_str());
        (ring.candidates(&key), ring.replicas::<2>(&key).iter(), ring.get(&key))
    };
    assert_eq!(of_borrowed.1.count(), 2);
    assert_eq!(of_borrowed.0.count(), 3);
    let points = GivenPointsConfig::default().points("a", [2, 1]).points_of(&"a".to_string());
    assert_eq!(points, [1, 2]);
    let mut held = BoundedLoads::online(ring, LoadFactor::new(2, 1).unwrap());
    held.insert(&fresh()).unwrap();
    assert_eq!(held.get(&fresh()), Some(held.locator().get(&fresh()).unwrap()));
}

#[test]
fn replicas_are_iterated_as_a_list_is() {
    let ring = Locator::ring(["a", "b", "c"]).unwrap();
    let holders = ring.replicas::<2>("key");
    let mut seen = Vec::new();
    for node in &holders {
        seen.push(*node);
    }
    for (node, expected) in ring.replicas::<2>("key").into_iter().zip(&seen) {
        assert_eq!(node, expected);
    }
    let nodes = ring.replicas::<5>("key").iter(); // the value is gone, the nodes are not
    assert_eq!((nodes.size_hint(), nodes.clone().count()), ((3, Some(3)), 3));
    assert_eq!(format!("{holders:?} {:?}", holders.iter()), format!("{seen:?} {seen:?}"));
    let owned: Vec<&str> = holders.into_iter().copied().collect();
    assert_eq!(owned, seen);
}

/// A type parameter's default holds in expressions too.
#[test]
fn a_ring_is_the_native_one_unless_said_otherwise() {
    let nodes = Topology::new(["a", "b"]).unwrap();
    let ring = Ring::build(&RingConfig::default(), nodes.members()).unwrap();
    assert_eq!(ring.points(), 320);
    let config = GivenPointsConfig::default().points("a", [1]).points("b", [2]);
    let given = Ring::<GivenPoints>::build(&config, nodes.members()).unwrap();
    assert_eq!(given.points(), 2);
}

/// What the compiler advises for keys of other crates' types: see `compiler_messages.rs`.
#[test]
fn keys_of_foreign_types() {
    struct Name(std::ffi::OsString);
    impl StableHash for Name {
        fn encode(&self, out: &mut Encoder<'_>) {
            self.0.as_encoded_bytes().encode(out);
        }
    }
    let ring = Locator::ring(["a", "b"]).unwrap();
    let id = uuid::Uuid::from_u128(7);
    let bytes: std::borrow::Cow<'static, [u8]> = vec![1, 2].into();
    let path = std::path::Path::new("a/b");
    assert_eq!(ring.get(id.as_bytes()), ring.get(&7_u128.to_be_bytes()));
    assert_eq!(ring.get(&bytes[..]), ring.get(&[1_u8, 2]));
    assert_eq!(path.to_str().and_then(|path| ring.get(path)), ring.get("a/b"));
    assert_eq!(ring.hash(&1.5_f64.to_bits()), ring.hash(&0x3FF8_0000_0000_0000_u64));
    assert!(ring.get(&Name("a".into())).is_some());
    let nodes = Topology::of([Node::labelled(id, *id.as_bytes())]).unwrap();
    assert_eq!(Locator::rendezvous_of(nodes).unwrap().get("key"), Some(&id));
    #[cfg(feature = "ahash")]
    assert!(ring.with_hasher(apportion::hash::AHash::default()).get(path).is_some());
}
