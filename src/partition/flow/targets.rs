//! Targets: the rounding of the quotas under which the maximum number of replicas can stay.

use crate::partition::cells::{add, at, put};
use crate::partition::quota::Quotas;
use crate::partition::tree::Tree;
use alloc::vec;
use alloc::vec::Vec;

/// The target of every vertex, between its floor and its ceiling: those of children add up to their
/// parent's, and Σ min(load, target) over the nodes is the maximum. O(n).
///
/// Of what a vertex holds above its floor, only the number of replicas that can stay by it counts, and
/// one is worth as much as another: the greedy choice is exact.
pub(in crate::partition) fn targets(tree: &Tree, quotas: &Quotas, loads: &[u64]) -> Vec<u64> {
    let open = |vertex: usize| at(&quotas.ceils, vertex) - at(&quotas.floors, vertex);
    // How many more replicas stay the more a target is above the floor.
    let mut gains = vec![0_u64; tree.vertices()];
    let mut extras = vec![0_u64; tree.domains()];
    for vertex in (0..tree.vertices()).rev() {
        if let Some(leaf) = tree.leaf(vertex) {
            let above = at(loads, leaf as usize).saturating_sub(at(&quotas.floors, vertex));
            put(&mut gains, vertex, above.min(open(vertex)));
            continue;
        }
        let children = tree.children(vertex).iter().map(|child| *child as usize);
        let below: u64 = children.clone().map(|child| at(&quotas.floors, child)).sum();
        let extra = at(&quotas.floors, vertex).saturating_sub(below);
        let gaining: u64 = children.map(|child| at(&gains, child)).sum();
        put(&mut extras, vertex, extra);
        put(&mut gains, vertex, gaining.saturating_sub(extra).min(open(vertex)));
    }
    let mut targets = quotas.floors.clone();
    for vertex in 0..tree.domains() {
        let raised = at(&targets, vertex) - at(&quotas.floors, vertex);
        let mut left = at(&extras, vertex) + raised;
        for gaining in [true, false] {
            for child in tree.children(vertex).iter().map(|child| *child as usize) {
                let room = at(&quotas.ceils, child) - at(&targets, child);
                let room = if gaining { at(&gains, child) } else { room };
                let more = room.min(left);
                add(&mut targets, child, more);
                left -= more;
            }
        }
    }
    targets
}

/// The number of replicas that can stay under these targets: Σ min(load, target) over the nodes.
pub(in crate::partition) fn staying(tree: &Tree, targets: &[u64], loads: &[u64]) -> u64 {
    let leaves = targets.iter().skip(tree.domains());
    leaves.zip(loads).map(|(target, load)| target.min(load)).sum()
}
