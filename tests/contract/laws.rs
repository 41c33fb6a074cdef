//! Laws of every value: owners, replicas, walks, ties.

use crate::subject::{Nodes, Subject};
use crate::support::{Draws, holders};
use apportion::{Candidates, NodeIdx, Walk};
use std::collections::BTreeSet;

/// Nodes `n0`, `n1`, … with these weights, and the value of a subject's kind over them.
fn over<S: Subject>(start: &S, weights: &[u64]) -> Option<S> {
    let node = |(i, weight): (usize, &u64)| (format!("n{i}"), *weight);
    start.over(&weights.iter().enumerate().map(node).collect::<Nodes>())
}

/// Weights to test with: unequal ones only where they are promised. A value that needs more nodes
/// is not built over fewer.
fn values<S: Subject>(start: &S) -> Vec<(Vec<u64>, S)> {
    let mut sets: Vec<Vec<u64>> = vec![vec![1], vec![1, 1], vec![1; 5], vec![1; 10], vec![1; 65]];
    sets.extend([vec![7; 5], vec![0, 3, 3, 0, 3]]);
    if start.placement().guarantees().weights {
        sets.extend([vec![1, 2, 3, 4, 5], vec![1, 1000], vec![5, 0, 9, 1, 0, 2, 2]]);
    }
    let value = |weights: Vec<u64>| Some((over(start, &weights)?, weights));
    let values: Vec<_> = sets.into_iter().filter_map(value).map(|(s, w)| (w, s)).collect();
    assert!(values.len() >= 4, "nothing can be built");
    values
}

/// Law 1: an owner is a live node, and there is none only where no node is live.
pub(crate) fn owners_are_live<S: Subject>(start: &S) {
    let mut draws = Draws(1);
    for weights in [vec![], vec![0], vec![0, 0, 0]] {
        let Some(empty) = over(start, &weights) else { continue };
        let empty = empty.placement();
        assert_eq!(empty.live(), 0);
        for key in draws.keys(50) {
            assert_eq!(empty.locate(key), None);
            assert_eq!(empty.next_candidate(&mut Walk::new(key)), None);
            assert_eq!(holders(empty, key, 3), []);
            assert_eq!(empty.locate_batch(&[key.get()], &mut [NodeIdx::default()]), 0);
        }
    }
    for (weights, value) in values(start) {
        let placement = value.placement();
        assert_eq!(placement.live(), weights.iter().filter(|w| **w > 0).count());
        let mut seen = BTreeSet::new();
        for key in draws.keys(3000) {
            let owner = placement.locate(key).unwrap();
            assert!(weights[owner.index()] > 0, "{owner:?} is drained");
            assert!(value.name(owner).is_some() && owner.index() < placement.slots());
            seen.insert(owner);
        }
        let heavy = |w: &u64| *w * 200 > weights.iter().sum();
        assert!(seen.len() >= weights.iter().filter(|w| heavy(w)).count());
        (0..100).for_each(|key| value.facade_agrees(key));
    }
}

/// Law 2: distinct live nodes, as many as there can be, each list the beginning of the next.
pub(crate) fn replicas_are_distinct_prefixes<S: Subject>(start: &S) {
    let mut draws = Draws(2);
    for (weights, value) in values(start) {
        let placement = value.placement();
        let live = placement.live();
        let most = live.min(placement.guarantees().max_replicas);
        for key in draws.keys(200) {
            let all = holders(placement, key, live + 3);
            assert_eq!(all.len(), most);
            assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), most, "a node comes twice");
            assert!(all.iter().all(|node| weights[node.index()] > 0));
            assert_eq!(all.first().copied(), placement.locate(key));
            for k in [0, 1, 2, 3, 5, 16, 17, 33, 64].into_iter().filter(|k| *k <= most) {
                assert_eq!(holders(placement, key, k), all[..k], "k = {k}");
            }
            let candidates: Vec<_> = Candidates::new(placement, key).collect();
            assert!(candidates.starts_with(&all), "the walk differs");
            let mut walk = Walk::new(key);
            let walked: Vec<_> =
                std::iter::from_fn(|| placement.next_candidate(&mut walk)).collect();
            let distinct = walked.iter().collect::<BTreeSet<_>>().len();
            assert!(distinct == live || distinct == most, "a live node is missing");
            assert_eq!(candidates.len(), distinct);
            if !placement.walk_repeats() {
                assert_eq!(walked, candidates);
            }
        }
    }
}

/// Law 6: a walk whose words are foreign yields live nodes and ends.
pub(crate) fn foreign_walks_end<S: Subject>(start: &S) {
    let mut draws = Draws(5);
    let (small, large) = (over(start, &[1; 3]).unwrap(), over(start, &[1; 40]).unwrap());
    let none = over(start, &[]);
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
        for value in [Some(&small), Some(&large), none.as_ref()].into_iter().flatten() {
            let (placement, mut walk) = (value.placement(), walk);
            let mut steps = 0;
            while let Some(node) = placement.next_candidate(&mut walk) {
                assert!(value.name(node).is_some() && node.index() < placement.slots());
                steps += 1;
                assert!(steps <= bound, "the walk does not end");
            }
        }
    }
    // A reload in the middle: the walk goes on to nodes that are there.
    if small.placement().guarantees().max_replicas == 1 {
        return;
    }
    let mut walk = Walk::new(draws.key());
    let first = small.placement().next_candidate(&mut walk).unwrap();
    assert!(large.placement().next_candidate(&mut walk).is_some(), "nothing after {first:?}");
}

/// Law 7: ties do not depend on the position in a list, however many there are. Asked of the
/// placement, which promises it or does not.
pub(crate) fn ties_ignore_positions<S: Subject>(start: &S) {
    let mut draws = Draws(7);
    let nodes: Nodes = (0..40).map(|i| (format!("n{i}"), 1)).collect();
    let names = |value: &S, key| -> Vec<String> {
        let all = holders(value.placement(), key, 5);
        all.iter().map(|slot| value.name(*slot).unwrap().to_owned()).collect()
    };
    let value = start.over(&nodes).unwrap();
    for _ in 0..4 {
        let mut other = nodes.clone();
        draws.shuffle(&mut other);
        let other = start.over(&other).unwrap();
        let differ =
            draws.keys(1000).into_iter().filter(|k| names(&value, *k) != names(&other, *k));
        // A table that is planned anew does not look at positions, but at what was.
        if value.placement().guarantees().order_free {
            assert_eq!(differ.count(), 0);
        }
    }
}
