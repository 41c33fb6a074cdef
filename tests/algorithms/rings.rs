//! Rings of every rule against a linear scan of all points.

use crate::support::{self, Draws, holders};
use apportion::ring::{
    GivenPoints, GivenPointsConfig, LabelPoints, LabelPointsConfig, PointScheme, Rule,
};
use apportion::topology::Members;
use apportion::{Candidates, KeyHash, Locator, NodeIdx, Placement, Ring, Topology, Walk, Weight};
use std::collections::{BTreeMap, BTreeSet};

const RULES: [Rule; 4] =
    [Rule::FirstAtOrAfter, Rule::FirstAfter, Rule::LastAtOrBefore, Rule::Nearest];

/// A point: its place, the identity that breaks ties, its owner.
type Point = (u64, u64, NodeIdx);

/// How far a point is from a hash in the sense of a rule, and which of two at one distance is first.
fn rank(rule: Rule, hash: u64, point: u64) -> (u128, u8) {
    let whole = 1_u128 << 64;
    let ahead = (whole + u128::from(point) - u128::from(hash)) & (whole - 1);
    let behind = (whole + u128::from(hash) - u128::from(point)) & (whole - 1);
    match rule {
        Rule::FirstAtOrAfter => (ahead, 0),
        Rule::FirstAfter => (if ahead == 0 { whole } else { ahead }, 0),
        Rule::LastAtOrBefore => (behind, 0),
        Rule::Nearest => (ahead.min(behind), u8::from(behind > ahead)),
        other => panic!("{other:?}"),
    }
}

/// All points in the order of a hash, each with its owner.
fn ranked(rule: Rule, hash: u64, points: &[Point]) -> Vec<NodeIdx> {
    let mut all: Vec<_> = points.iter().map(|p| (rank(rule, hash, p.0), p.1, p.2)).collect();
    all.sort_unstable();
    all.into_iter().map(|(_, _, node)| node).collect()
}

fn owner(rule: Rule, hash: u64, points: &[Point]) -> NodeIdx {
    points.iter().min_by_key(|p| (rank(rule, hash, p.0), p.1)).unwrap().2
}

fn distinct(nodes: &[NodeIdx]) -> Vec<NodeIdx> {
    let mut seen = BTreeSet::new();
    nodes.iter().filter(|node| seen.insert(**node)).copied().collect()
}

/// Hashes where answers change: on points, halfway between two, opposite, and next to those.
fn telling_hashes(points: &[Point], draws: &mut Draws) -> Vec<u64> {
    let mut hashes = vec![0, 1, u64::MAX, u64::MAX - 1, 1 << 63, (1 << 63) - 1];
    hashes.extend((0..10).map(|_| draws.next()));
    for _ in 0..24.min(3 * points.len()) {
        let [a, b] = [0, 0].map(|_: i32| points[draws.below(points.len() as u64) as usize].0);
        let half = a.wrapping_add(b.wrapping_sub(a) / 2);
        for place in [a, half, half ^ (1 << 63), a ^ (1 << 63)] {
            hashes.extend([place.wrapping_sub(1), place, place.wrapping_add(1)]);
        }
    }
    hashes
}

/// Everything a ring answers, against the scan.
fn check<S: PointScheme>(ring: &Ring<S>, points: &[Point], draws: &mut Draws) {
    let rule = ring.rule();
    let live = distinct(&points.iter().map(|p| p.2).collect::<Vec<_>>()).len();
    assert_eq!((ring.points(), ring.live()), (points.len(), live));
    // Walks over more slots than there are bits for are slow.
    let most = if live > 1024 { 20 } else { usize::MAX };
    for hash in telling_hashes(points, draws).into_iter().take(most) {
        let key = KeyHash::from_hash(hash);
        let walk = ranked(rule, hash, points);
        let nodes = distinct(&walk);
        let context = format!("{rule:?}, {hash:016x}, {points:x?}");
        assert_eq!(ring.locate(key), nodes.first().copied(), "{context}");
        for k in (0..=live.min(9)).chain([live, live + 2]) {
            assert_eq!(holders(ring, key, k), nodes[..k.min(live)], "{k} of {context}");
        }
        assert!(Candidates::new(ring, key).eq(nodes.iter().copied()), "{context}");
        let mut cursor = Walk::new(key);
        let walked: Vec<_> = std::iter::from_fn(|| ring.next_candidate(&mut cursor)).collect();
        assert_eq!(walked, walk, "{context}");
        assert_eq!(ring.next_candidate(&mut cursor), None, "a walk that ended has ended");
    }
    check_arcs(ring, points);
}

/// Arcs cover the circle in order and without gaps, and say who owns their ends.
fn check_arcs<S: PointScheme>(ring: &Ring<S>, points: &[Point]) {
    let (mut next, mut shares) = (Some(0), BTreeMap::<NodeIdx, u128>::new());
    let (mut arcs, every) = (0, 1 + points.len() / 300);
    for arc in ring.arcs() {
        assert_eq!(Some(arc.first), next);
        assert!(arc.first <= arc.last);
        let some = if arcs % every == 0 { 3 } else { 0 }; // of a large ring a part
        for hash in [arc.first, arc.last, u64::midpoint(arc.first, arc.last)].into_iter().take(some)
        {
            let owner = owner(ring.rule(), hash, points);
            assert_eq!(arc.owner, owner, "{:?}, {arc:x?}, {points:x?}", ring.rule());
        }
        *shares.entry(arc.owner).or_default() += arc.len();
        (next, arcs) = (arc.last.checked_add(1), arcs + 1);
    }
    assert_eq!(next, points.is_empty().then_some(0));
    assert!(arcs <= 2 * points.len() + 1);
    let nodes: BTreeSet<NodeIdx> = points.iter().map(|p| p.2).collect();
    let sum: u128 = nodes.iter().map(|node| ring.share(*node)).sum();
    assert_eq!(sum, if points.is_empty() { 0 } else { 1 << 64 });
    assert!(nodes.iter().all(|n| ring.share(*n) == shares.get(n).copied().unwrap_or(0)));
}

/// Where points fall: anywhere, on top of one another, around 0, in 32 bits, on the edges.
fn place(kind: u64, draws: &mut Draws) -> u64 {
    match kind {
        0 => draws.next(),
        1 => 1000 + draws.below(12),
        2 => draws.below(20).wrapping_sub(10),
        3 => u64::from(draws.next() as u32) << 32,
        4 => draws.below(8) << 61,
        _ => [0, u64::MAX, 1, 1 << 63, u64::MAX - 1, (1 << 63) - 1][draws.below(6) as usize],
    }
}

fn name(i: usize) -> String {
    format!("n{i}")
}

fn given(lists: &[Vec<u64>], rule: Rule) -> (Locator<String, Ring<GivenPoints>>, Vec<Point>) {
    let mut config = GivenPointsConfig::default().rule(rule);
    let mut points = BTreeSet::new();
    for (i, list) in lists.iter().enumerate() {
        config = config.points(&name(i), list.iter().copied());
        let identity = Members::identity_of(name(i).as_bytes());
        points.extend(list.iter().map(|p| (*p, identity, NodeIdx::new(i as u32))));
    }
    let topology = Topology::new((0..lists.len()).map(name)).unwrap();
    (Locator::given_points_of(topology, config).unwrap(), points.into_iter().collect())
}

#[test]
fn tiny_rings_equal_a_linear_scan() {
    let mut draws = Draws(1);
    let edges = [0, 1, 2, 1 << 32, (1 << 63) - 1, 1 << 63, u64::MAX - 1, u64::MAX];
    for rule in RULES {
        check(given(&[], rule).0.placement(), &[], &mut draws);
        for a in edges {
            let (ring, points) = given(&[vec![a]], rule);
            check(ring.placement(), &points, &mut draws);
            for b in edges {
                for lists in [vec![vec![a], vec![b]], vec![vec![a, b], vec![b]], vec![vec![a, b]]] {
                    let (ring, points) = given(&lists, rule);
                    check(ring.placement(), &points, &mut draws);
                }
                let c = draws.next();
                let (ring, points) = given(&[vec![a], vec![b], vec![c]], rule);
                check(ring.placement(), &points, &mut draws);
            }
        }
    }
}

#[test]
fn random_rings_equal_a_linear_scan() {
    let mut draws = Draws(2);
    for round in 0..400 {
        let (kind, n) = (round % 7, 1 + draws.below(12) as usize);
        let most = if round % 3 == 0 { 2 } else { 8 };
        let list = |draws: &mut Draws| -> Vec<u64> {
            let points = 1 + draws.below(most);
            // The last kind mixes all others.
            (0..points)
                .map(|_| if kind == 6 { place(draws.below(6), draws) } else { place(kind, draws) })
                .collect()
        };
        let lists: Vec<Vec<u64>> = (0..n).map(|_| list(&mut draws)).collect();
        for rule in RULES {
            let (ring, points) = given(&lists, rule);
            check(ring.placement(), &points, &mut draws);
        }
    }
}

/// Sizes at which lookups go by the index, and lists longer than the ones kept in registers.
#[test]
fn larger_rings_equal_a_linear_scan() {
    let mut draws = Draws(3);
    for (n, each, kind) in [(40, 50, 0), (100, 20, 3), (1200, 3, 0), (70, 30, 4), (60, 60, 1)] {
        let list = |draws: &mut Draws| (0..each).map(|_| place(kind, draws)).collect();
        let lists: Vec<Vec<u64>> = (0..n).map(|_| list(&mut draws)).collect();
        for rule in RULES {
            let (ring, points) = given(&lists, rule);
            check(ring.placement(), &points, &mut draws);
            let hash = KeyHash::from_hash(draws.next());
            let all = distinct(&ranked(rule, hash.get(), &points));
            for k in [33, 64, n] {
                assert_eq!(holders(ring.placement(), hash, k), all[..k.min(all.len())]);
            }
        }
    }
}

/// All at one place, and more of them than any window or bucket holds.
#[test]
fn many_points_at_one_place() {
    let mut draws = Draws(4);
    for at in [0, 77, 1 << 40, u64::MAX] {
        let lists = vec![vec![at]; 90];
        for rule in RULES {
            let (ring, points) = given(&lists, rule);
            check(ring.placement(), &points, &mut draws);
            assert!(ring.placement().arcs().count() <= 2);
        }
    }
}

/// Of two nodes at one point the lower identity hash is first, whatever their order and the rule.
#[test]
fn ties_are_broken_by_identity() {
    let first = |names: [&'static str; 2], rule, hash| {
        let config = GivenPointsConfig::default().rule(rule);
        let config = names.iter().fold(config, |c, name| c.points(*name, [5, 1 << 50]));
        let ring = Locator::given_points_of(Topology::new(names).unwrap(), config).unwrap();
        let owner = ring.placement().locate(KeyHash::from_hash(hash)).unwrap();
        *ring.topology().get(owner).unwrap()
    };
    let lower = ["a", "b"].into_iter().min_by_key(|n| Members::identity_of(n.as_bytes())).unwrap();
    for rule in RULES {
        for hash in [0, 4, 5, 6, 1 << 49, 1 << 50, (1 << 50) + 1, 1 << 63, u64::MAX] {
            assert_eq!(first(["a", "b"], rule, hash), lower);
            assert_eq!(first(["b", "a"], rule, hash), lower);
        }
    }
}

/// A ring of 32 bits answers as the circle of 2^32 does.
#[test]
fn rings_of_32_bit_hashes() {
    fn point(label: &[u8], replica: u32) -> u32 {
        let mut sum = label.iter().fold(replica, |h, b| h.wrapping_mul(31) + u32::from(*b));
        sum ^= sum >> 15;
        sum = sum.wrapping_mul(0x85EB_CA6B);
        sum ^ (sum >> 13)
    }
    let mut draws = Draws(5);
    for rule in RULES {
        let config = LabelPointsConfig::per_weight_32(12, point).rule(rule);
        let weights = [1, 2, 0, 3, 1];
        let ring = Locator::label_points_of(support::topology(&weights), config).unwrap();
        let mut points: Vec<(u32, u64, NodeIdx)> = Vec::new();
        for (i, weight) in weights.iter().enumerate() {
            let label = name(i);
            let identity = Members::identity_of(label.as_bytes());
            let of_node = (0..12 * *weight as u32).map(|r| point(label.as_bytes(), r));
            points.extend(of_node.map(|p| (p, identity, NodeIdx::new(i as u32))));
        }
        let wide: Vec<Point> = points.iter().map(|p| (u64::from(p.0) << 32, p.1, p.2)).collect();
        check(ring.placement(), &wide, &mut draws);
        for _ in 0..500 {
            let near = points[draws.below(points.len() as u64) as usize].0;
            for hash in [draws.next() as u32, near, near.wrapping_add(1), near.wrapping_sub(1)] {
                let distance = |p: u32| {
                    let (ahead, behind) = (p.wrapping_sub(hash), hash.wrapping_sub(p));
                    match rule {
                        Rule::FirstAtOrAfter => u64::from(ahead),
                        Rule::FirstAfter => u64::from(ahead.wrapping_sub(1)),
                        Rule::LastAtOrBefore => u64::from(behind),
                        _ if behind <= ahead => 2 * u64::from(behind),
                        _ => 2 * u64::from(ahead) + 1,
                    }
                };
                let nearest = points.iter().min_by_key(|p| (distance(p.0), p.1)).unwrap();
                let key = KeyHash::from_hash(u64::from(hash) << 32);
                assert_eq!(ring.placement().locate(key), Some(nearest.2), "{rule:?} {hash}");
            }
        }
    }
}

/// A function may give the same point to many nodes and many times.
#[test]
fn functions_that_give_many_nodes_the_same_point() {
    fn point(label: &[u8], replica: u32) -> u64 {
        Members::identity_of(&[label, &replica.to_le_bytes()].concat()) & (7 << 61)
    }
    let mut draws = Draws(6);
    for rule in RULES {
        let config = LabelPointsConfig::per_node(5, point).rule(rule);
        let ring = Locator::label_points_of(support::topology(&[1; 9]), config).unwrap();
        let mut points: Vec<Point> = Vec::new();
        for (node, label) in ring.topology().iter() {
            let identity = Members::identity_of(label.as_bytes());
            points.extend((0..5).map(|r| (point(label.as_bytes(), r), identity, node)));
        }
        check(ring.placement(), &points, &mut draws);
    }
}

/// What a ring answers does not depend on how it came to be.
#[test]
fn changed_rings_are_like_new_ones() {
    fn by_name<S: PointScheme>(ring: &Locator<String, Ring<S>>, hash: u64) -> Vec<String> {
        let found = holders(ring.placement(), KeyHash::from_hash(hash), 40);
        found.iter().map(|slot| ring.topology().get(*slot).unwrap().clone()).collect()
    }
    let mut draws = Draws(7);
    for rule in RULES {
        let mut config = GivenPointsConfig::default().rule(rule);
        for i in 0..20 {
            config = config.points(&name(i), (0..6).map(|j| place([0, 1, 2][j % 3], &mut draws)));
        }
        let topology = Topology::new((0..10).map(name)).unwrap();
        let mut ring = Locator::given_points_of(topology, config.clone()).unwrap();
        let mut names: BTreeSet<String> = (0..10).map(name).collect();
        for _ in 0..60 {
            let target = name(draws.below(20) as usize);
            ring = match (names.contains(&target), draws.below(3)) {
                (true, 0) if names.len() > 1 => {
                    names.remove(&target);
                    ring.without(&target).unwrap()
                }
                (true, 1) => ring.reweighted(&target, 0).unwrap().reweighted(&target, 1).unwrap(),
                (false, _) => {
                    names.insert(target.clone());
                    ring.with(target).unwrap()
                }
                _ => continue,
            };
            let fresh = Topology::new(names.iter().cloned()).unwrap();
            let fresh = Locator::given_points_of(fresh, config.clone()).unwrap();
            assert_eq!(ring.fingerprint(), fresh.fingerprint());
            for hash in [draws.next(), draws.below(30), 1000 + draws.below(12)] {
                assert_eq!(by_name(&ring, hash), by_name(&fresh, hash));
            }
        }
    }
}

/// The native ring is a ring like the others: its points given as lists answer alike.
#[test]
fn the_native_ring_answers_as_its_points_given_as_lists() {
    let native = Locator::ring((0..12).map(name)).unwrap();
    assert_eq!(native.placement().rule(), Rule::FirstAtOrAfter);
    let mut config = GivenPointsConfig::default();
    for i in 0..12 {
        let (label, mut list) = (name(i), Vec::new());
        let identity = Members::identity_of(label.as_bytes());
        let kept = native.placement().config();
        apportion::ring::Native::points(
            kept,
            label.as_bytes(),
            Weight::ONE,
            identity,
            160,
            &mut |p| list.push(p),
        );
        assert_eq!(list.len(), 160);
        config = config.points(&label, list);
    }
    let given = Locator::given_points_of(native.topology().clone(), config).unwrap();
    assert!(native.placement().arcs().eq(given.placement().arcs()));
    for key in Draws(8).keys(2000) {
        assert_eq!(holders(native.placement(), key, 4), holders(given.placement(), key, 4));
    }
    assert_ne!(native.fingerprint(), given.fingerprint());
    fn shared<T: Send + Sync + 'static>(_: &T) {}
    shared(&given);
    shared(&Locator::label_points_of(Topology::new([1]).unwrap(), Default::default()).unwrap());
    let _: Option<Ring<LabelPoints>> = None;
}
