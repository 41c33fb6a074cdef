//! Rings whose points come from functions of all nodes, against a search through the list of points.

use crate::support::Draws;
use apportion::ring::{ClusterNode, ClusterPointsConfig, Rule, Ties};
use apportion::{KeyHash, Locator, Node, Placement, Topology};

const RULES: [Rule; 4] =
    [Rule::FirstAtOrAfter, Rule::FirstAfter, Rule::LastAtOrBefore, Rule::Nearest];

/// The point of a hash by a rule, read off its definition. `points` has no point twice.
fn found(points: &[(u64, u32)], rule: Rule, hash: u64) -> Option<u32> {
    let forward = |point: u64| point.wrapping_sub(hash);
    let backward = |point: u64| hash.wrapping_sub(point);
    let by = |distance: &dyn Fn(u64) -> u64| {
        points.iter().min_by_key(|(point, _)| distance(*point)).copied()
    };
    let best = match rule {
        Rule::FirstAtOrAfter => by(&forward),
        // A point equal to the hash comes last.
        Rule::FirstAfter => by(&|point| forward(point).wrapping_sub(1)),
        Rule::LastAtOrBefore => by(&backward),
        Rule::Nearest => {
            let (before, after) = (by(&backward)?, by(&forward)?);
            Some(if backward(before.0) <= forward(after.0) { before } else { after })
        }
        _ => unreachable!("four rules"),
    };
    best.map(|(_, owner)| owner)
}

/// The points that a node's function emits: more or fewer than were counted, and often equal ones.
fn emitted(node: u64, count: u64, wide: bool, distinct: u64) -> Vec<u64> {
    let mut draws = Draws(node.wrapping_mul(97) + distinct);
    let len = count + draws.below(3) - draws.below(2).min(count);
    let point = |draws: &mut Draws| {
        let point = Draws(draws.below(distinct)).next();
        if wide { point } else { point >> 32 << 32 }
    };
    (0..len).map(|_| point(&mut draws)).collect()
}

#[test]
fn owners_are_those_of_a_search_through_all_points() {
    let mut draws = Draws(5);
    let mut equal_points = 0;
    for case in 0..400 {
        let (wide, ties) = (case % 2 == 0, [Ties::First, Ties::Last][case / 2 % 2]);
        let rule = RULES[case / 4 % 4];
        let nodes = 1 + draws.below(9);
        let distinct = [6, 60, 1 << 40][draws.below(3) as usize];
        let weights: Vec<u64> = (0..nodes).map(|_| 1 + draws.below(40)).collect();

        let count = |_: &[ClusterNode<'_>], node: &ClusterNode<'_>| node.weight.get();
        let config = ClusterPointsConfig::new(count, move |node, count, emit| {
            let slot = u64::from(node.slot.get());
            emitted(slot, count, wide, distinct).into_iter().for_each(emit);
        });
        let list =
            weights.iter().enumerate().map(|(i, weight)| Node::new(i as u64).weight(*weight));
        let topology = Topology::of(list).unwrap();
        let ring = Locator::cluster_points_of(topology, config.rule(rule).ties(ties)).unwrap();

        // What is emitted beyond the count does not count; of equal points one does.
        let mut points: Vec<(u64, u32)> = Vec::new();
        for (slot, count) in (0..).zip(&weights) {
            let of_node = emitted(slot.into(), *count, wide, distinct);
            points.extend(of_node.into_iter().take(*count as usize).map(|point| (point, slot)));
        }
        let all = points.len();
        match ties {
            Ties::First => points.sort_unstable(),
            _ => points.sort_unstable_by_key(|(point, slot)| (*point, std::cmp::Reverse(*slot))),
        }
        points.dedup_by_key(|(point, _)| *point);
        equal_points += all - points.len();
        assert_eq!(ring.placement().points(), points.len(), "case {case}");

        let near = points.iter().flat_map(|(p, _)| [p.wrapping_sub(1), *p, p.wrapping_add(1)]);
        let hashes: Vec<u64> =
            near.chain((0..50).map(|_| draws.next())).chain([0, u64::MAX]).collect();
        for hash in hashes {
            let owner = ring.placement().locate(KeyHash::from_hash(hash)).map(|node| node.get());
            assert_eq!(owner, found(&points, rule, hash), "case {case}, {rule}, {hash:#x}");
        }
        let shares: u128 = (0..nodes).map(|i| ring.placement().share(ring.find(&i).unwrap())).sum();
        assert!(points.is_empty() || shares == 1 << 64, "case {case}");
    }
    assert!(equal_points > 1000, "{equal_points}");
}
