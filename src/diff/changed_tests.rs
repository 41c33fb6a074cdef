//! What is found at changed points, beside a pass over all points.

use super::changed_moves::Pass;
use super::range_moves::Swept;
use super::{Diff, Ends};
use crate::hash::mix::word;
use crate::locator::Locator;
use crate::node::Node;
use crate::ring::{Ring, RingConfig};
use crate::topology::Topology;
use alloc::vec::Vec;

type Value = Locator<u32, Ring>;

/// A ring of these nodes and weights.
fn ring(weights: &[(u32, u64)], scale: u64) -> Value {
    let nodes = weights.iter().map(|(id, weight)| Node::new(*id).weight(*weight));
    let config = RingConfig::default().scale(scale, 1);
    Locator::ring_of(Topology::of(nodes).unwrap(), config).unwrap()
}

/// True if the changed points told what moves.
fn assert_same(diff: &Diff<'_, u32>, name: &str) -> bool {
    let circles = diff.circles().unwrap();
    let (before, after) = (diff.old.members(), diff.new.members());
    let Some(found) = circles.by_changed_points(before, after, Pass::Lists) else { return false };
    let mut all = Swept::new(&circles);
    let swept: Vec<((u64, u64), Ends)> = core::iter::from_fn(|| all.next()).collect();
    let other = found.iter().zip(&swept).find(|(a, b)| a != b);
    assert_eq!((other, found.len()), (None, swept.len()), "{name}");
    let held = diff.held_by_circles(&circles);
    assert_eq!(circles.minimum(before, after, held), circles.loads().minimum(held), "{name}");
    true
}

/// The nodes after one of several kinds of changes.
fn change(weights: &mut Vec<(u32, u64)>, case: u64) {
    let draw = |i, below: usize| (word(case, i) % below.max(1) as u64) as usize;
    for step in 0..=draw(0, 3) as u64 {
        let at = draw(10 * step + 1, weights.len());
        let id = 1000 + draw(10 * step + 2, 1 << 20) as u32;
        let weight = 1 + draw(10 * step + 3, 5) as u64;
        match draw(10 * step + 4, 5) {
            0 if weights.len() > 1 => drop(weights.remove(at)),
            1 if weights.len() > 1 => drop(weights.swap_remove(at)),
            2 => weights[at].0 = id,
            3 => weights[at].1 = weight,
            _ => weights.push((id, weight)),
        }
    }
}

#[test]
fn the_same_as_a_pass_over_all_points() {
    let (mut found, mut passed) = (0, 0);
    for case in 0..900_u64 {
        // A few nodes with a few points; many of both, in pages; and fewer nodes than replicas.
        let (nodes, scale) = [(3, 1), (20, 7), (60, 100), (1, 3), (300, 20)][case as usize % 5];
        let weights: Vec<(u32, u64)> = (0..nodes).map(|id| (id, 1 + u64::from(id % 3))).collect();
        let mut changed = weights.clone();
        change(&mut changed, word(3, case));
        let (old, new) = (ring(&weights, scale), ring(&changed, scale));
        for replicas in [1, 2, 3, 6] {
            let name = std::format!("case {case}, {replicas} replicas");
            let diff = old.diff_replicas(&new, replicas).unwrap();
            if assert_same(&diff, &name) {
                found += 1;
            } else {
                passed += 1;
            }
            assert_same(&new.diff_replicas(&old, replicas).unwrap(), &name);
        }
    }
    assert!(found > 2000, "{found} of {}", found + passed);
}
