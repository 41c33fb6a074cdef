//! Targets: the rounding of the quotas under which the maximum number of replicas can stay.

use crate::partition::cells::{at, put};
use crate::partition::quota::Quotas;
use crate::partition::tree::Tree;
use alloc::vec;
use alloc::vec::Vec;

/// The target of every vertex, its floor or its ceiling: those of children add up to their
/// parent's, and Σ min(load, target) over the nodes is the maximum. O(n).
///
/// A vertex is at most one replica above its floor, so a domain needs to know only which of its
/// children would keep a replica more by that: the greedy choice is exact.
pub(in crate::partition) fn targets(tree: &Tree, quotas: &Quotas, loads: &[u64]) -> Vec<u64> {
    let open = |vertex: usize| at(&quotas.ceils, vertex) > at(&quotas.floors, vertex);
    // True where a target above the floor lets one more replica stay.
    let mut gains = vec![false; tree.vertices()];
    let mut extras = vec![0_u64; tree.domains()];
    for vertex in (0..tree.vertices()).rev() {
        if let Some(leaf) = tree.leaf(vertex) {
            let floor = at(&quotas.floors, vertex);
            put(&mut gains, vertex, open(vertex) && at(loads, leaf as usize) > floor);
            continue;
        }
        let children = tree.children(vertex).iter().map(|child| *child as usize);
        let below: u64 = children.clone().map(|child| at(&quotas.floors, child)).sum();
        let extra = at(&quotas.floors, vertex).saturating_sub(below);
        let gaining = children.filter(|child| at(&gains, *child)).count() as u64;
        put(&mut extras, vertex, extra);
        put(&mut gains, vertex, open(vertex) && extra < gaining);
    }
    let mut targets = quotas.floors.clone();
    for vertex in 0..tree.domains() {
        let raised = at(&targets, vertex) - at(&quotas.floors, vertex);
        let mut left = at(&extras, vertex) + raised;
        for gaining in [true, false] {
            for child in tree.children(vertex).iter().map(|child| *child as usize) {
                if left > 0 && open(child) && at(&gains, child) == gaining {
                    put(&mut targets, child, at(&quotas.ceils, child));
                    left -= 1;
                }
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
