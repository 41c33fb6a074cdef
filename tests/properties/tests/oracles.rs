//! Slow, obvious twins beside the fast paths.

use apportion::bucket::{BucketHash, Buckets, FlipHash, Jump, JumpGuava};
use apportion::rendezvous::{RendezvousSlice, WeightedRendezvousSlice};
use apportion::ring::RingConfig;
use apportion::topology::Members;
use apportion::{Candidates, JumpBack, KeyHash, Locator, NodeIdx, Placement};
use apportion_properties::support::{Draws, holders, topology};
use proptest::prelude::*;

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn word(h: u64, c: u64) -> u64 {
    mix(h.wrapping_add((c + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)))
}

/// Every point of a ring, sorted as the documentation says.
fn ring_points(members: &Members, points: impl Fn(u64) -> u64) -> Vec<(u64, u64, NodeIdx)> {
    let mut all = Vec::new();
    for node in members.iter() {
        let identity = members.identity(node).unwrap();
        let seed = mix(identity ^ 0x7269_6E67_706F_696E);
        let count = points(members.weight(node).unwrap().get());
        all.extend((0..count).map(|replica| (word(seed, replica), identity, node)));
    }
    all.sort_unstable();
    all
}

fn ring_replicas(points: &[(u64, u64, NodeIdx)], key: KeyHash, k: usize) -> Vec<NodeIdx> {
    let at_or_after = points.iter().filter(|p| p.0 >= key.get());
    let mut found = Vec::new();
    for (_, _, node) in at_or_after.chain(points) {
        if found.len() < k && !found.contains(node) {
            found.push(*node);
        }
    }
    found
}

/// Random keys, and keys on, just before and just after points.
fn ring_keys(points: &[(u64, u64, NodeIdx)], draws: &mut Draws) -> Vec<KeyHash> {
    let mut keys = draws.keys(300);
    keys.extend([0, 1, u64::MAX].map(KeyHash::from_hash));
    for _ in 0..300.min(points.len()) {
        let point = points[draws.below(points.len() as u64) as usize].0;
        let around = [point.wrapping_sub(1), point, point.wrapping_add(1)];
        // The same 32 leading bits decide nothing: the lookup has to look at the rest.
        keys.extend(
            around
                .into_iter()
                .chain([point ^ 1, point & !0xFFF, point | 0xFFF])
                .map(KeyHash::from_hash),
        );
    }
    keys
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn ring_is_a_linear_scan(
        weights in prop::collection::vec(0_u64..6, 1..30),
        per_unit in 1_u64..40,
        seed: u64,
    ) {
        let config = RingConfig::default().scale(per_unit, 1);
        let locator = Locator::ring_of(topology(&weights), config).unwrap();
        let ring = locator.placement();
        let points = ring_points(locator.topology().members(), |w| w * per_unit);
        prop_assert_eq!(ring.points(), points.len());
        for key in ring_keys(&points, &mut Draws(seed)) {
            for k in [1, 3, weights.len()] {
                let expected = ring_replicas(&points, key, k);
                prop_assert_eq!(ring.locate(key), expected.first().copied());
                prop_assert_eq!(holders(ring, key, k), expected);
            }
        }
    }

    #[test]
    fn ring_arcs_cover_the_circle(weights in prop::collection::vec(0_u64..4, 1..20), seed: u64) {
        let locator = Locator::ring_of(topology(&weights), RingConfig::default()).unwrap();
        let ring = locator.placement();
        let arcs: Vec<_> = ring.arcs().collect();
        let mut next = Some(0);
        for arc in &arcs {
            prop_assert_eq!(Some(arc.first), next);
            prop_assert_eq!(ring.locate(KeyHash::from_hash(arc.first)), Some(arc.owner));
            prop_assert_eq!(ring.locate(KeyHash::from_hash(arc.last)), Some(arc.owner));
            next = arc.last.checked_add(1);
        }
        prop_assert_eq!(next, (arcs.is_empty()).then_some(0));
        let total: u128 = locator.topology().members().iter().map(|n| ring.share(n)).sum();
        prop_assert_eq!(total, if ring.live() > 0 { 1 << 64 } else { 0 });
        let mut draws = Draws(seed);
        for key in draws.keys(100) {
            let arc = arcs.iter().find(|a| (a.first..=a.last).contains(&key.get()));
            prop_assert_eq!(arc.map(|a| a.owner), ring.locate(key));
        }
    }

    #[test]
    fn rendezvous_is_a_sort(identities in prop::collection::btree_set(any::<u64>(), 0..50), seed: u64) {
        let identities: Vec<u64> = identities.into_iter().collect();
        let placement = RendezvousSlice::new(&identities).unwrap();
        for key in Draws(seed).keys(50) {
            let draw = |id: &u64| {
                let seed = id.wrapping_add(1).wrapping_mul(0xE703_7ED1_A0B4_28DB);
                mix(mix(key.get() ^ 0x6A09_E667_F3BC_C909) ^ seed)
            };
            let mut sorted: Vec<usize> = (0..identities.len()).collect();
            sorted.sort_by_key(|i| std::cmp::Reverse(draw(&identities[*i])));
            let sorted: Vec<NodeIdx> = sorted.into_iter().map(|i| NodeIdx::new(i as u32)).collect();
            prop_assert_eq!(holders(&placement, key, 60), sorted.as_slice());
            prop_assert_eq!(placement.locate(key), sorted.first().copied());
            prop_assert!(Candidates::new(&placement, key).eq(sorted));
        }
    }

    /// Against real logarithms: wherever f64 tells two nodes clearly apart, so do the integers.
    #[test]
    fn weighted_rendezvous_is_a_sort_by_logarithm(
        weights in prop::collection::vec(0_u64..1_000_000, 1..40),
        seed: u64,
    ) {
        let nodes: Vec<(u64, u64)> = (10..).zip(weights).collect();
        let placement = WeightedRendezvousSlice::new(&nodes).unwrap();
        for key in Draws(seed).keys(50) {
            let standing = |slot: NodeIdx| {
                let (id, weight) = nodes[slot.index()];
                let seed = id.wrapping_add(1).wrapping_mul(0xE703_7ED1_A0B4_28DB);
                let draw = mix(mix(key.get() ^ 0x6A09_E667_F3BC_C909) ^ seed);
                (64.0 - (draw as f64).log2()) / weight as f64
            };
            let found = holders(&placement, key, 50);
            prop_assert_eq!(found.len(), nodes.iter().filter(|n| n.1 > 0).count());
            for pair in found.windows(2) {
                let (a, b) = (standing(pair[0]), standing(pair[1]));
                prop_assert!(a <= b * (1.0 + 1e-6), "{a} before {b}");
            }
        }
    }

    /// The bucket functions are consistent: from n to n + 1 a key stays or goes to the new bucket.
    #[test]
    fn bucket_functions_are_consistent(hash: u64, n in 1_u32..5000) {
        let key = KeyHash::from_hash(hash);
        for function in [&Jump as &dyn BucketHash, &JumpBack, &JumpGuava, &FlipHash] {
            let (few, more) = (function.bucket(key, n), function.bucket(key, n + 1));
            prop_assert!(few < n);
            prop_assert!(more == few || more == n, "{}: {few} -> {more} at {n}", function.name());
            prop_assert_eq!(function.bucket(key, 0), 0);
            prop_assert_eq!(function.bucket(key, 1), 0);
        }
    }
}

/// From n to n + 1 at most one member of a replica set changes, and only to the new bucket.
/// Below and above the number of points from which they are sorted part by part.
#[test]
fn large_rings_are_sorted() {
    for (nodes, per_unit) in [(200, 200), (300, 175), (450, 300)] {
        let weights: Vec<u64> = (0..nodes).map(|i| i % 10).collect();
        let config = RingConfig::default().scale(per_unit, 1);
        let locator = Locator::ring_of(topology(&weights), config).unwrap();
        let points = ring_points(locator.topology().members(), |w| w * per_unit);
        assert_eq!(locator.placement().points(), points.len());
        let mut arcs = locator.placement().arcs();
        for (point, _, owner) in &points {
            let arc = arcs.next().unwrap();
            assert_eq!((arc.last, arc.owner), (*point, *owner), "of {}", points.len());
        }
        assert_eq!(arcs.map(|arc| arc.owner).collect::<Vec<_>>(), [points[0].2]);
    }
}

fn sets_change_by_one(function: impl BucketHash + Copy, triples: usize, largest: u64, seed: u64) {
    let mut draws = Draws(seed);
    let (mut before, mut after) = ([NodeIdx::default(); 12], [NodeIdx::default(); 12]);
    for _ in 0..triples {
        let key = draws.key();
        // Every size from 1 up is as likely as every octave.
        let bits = 1 + draws.below(u64::from(largest.ilog2()));
        let n = 1 + draws.below(1 << bits) as u32;
        let k = 1 + draws.below(12) as usize;
        let found = Buckets::new(function, n).unwrap().replicas(key, &mut before[..k]);
        let grown = Buckets::new(function, n + 1).unwrap().replicas(key, &mut after[..k]);
        let (before, after) = (&before[..found], &after[..grown]);
        assert_eq!((found, grown), (k.min(n as usize), k.min(n as usize + 1)));
        let mut came = after.iter().filter(|b| !before.contains(b));
        assert!(came.next().is_none_or(|b| b.get() == n), "n {n}, k {k}: {before:?} {after:?}");
        assert_eq!(came.next(), None, "n {n}, k {k}: {before:?} {after:?}");
    }
}

#[test]
fn replica_sets_of_buckets_change_by_one() {
    sets_change_by_one(JumpBack, 300_000, 1 << 20, 1);
    sets_change_by_one(Jump, 100_000, 1 << 16, 2);
    sets_change_by_one(JumpBack, 20_000, 1 << 30, 3);
    sets_change_by_one(FlipHash, 100_000, 1 << 20, 4);
}

#[test]
#[ignore = "ten million triples: cargo test --release --test oracles -- --ignored"]
fn replica_sets_of_buckets_change_by_one_ten_million_times() {
    sets_change_by_one(JumpBack, 8_000_000, 1 << 20, 11);
    sets_change_by_one(Jump, 2_000_000, 1 << 16, 12);
    sets_change_by_one(FlipHash, 10_000_000, 1 << 20, 13);
}

/// The whole walk over many buckets is a permutation, whatever n is.
#[test]
fn walks_over_buckets_are_permutations() {
    for n in (1..=130).chain([255, 256, 257, 1000, 1023, 1024, 1025, 4097]) {
        let placement = Buckets::new(JumpBack, n).unwrap();
        for key in Draws(u64::from(n)).keys(3) {
            let mut all: Vec<u32> = Candidates::new(&placement, key).map(NodeIdx::get).collect();
            assert_eq!(holders(&placement, key, n as usize + 1).len(), n as usize);
            all.sort_unstable();
            assert!(all.into_iter().eq(0..n), "n = {n}");
        }
    }
}
