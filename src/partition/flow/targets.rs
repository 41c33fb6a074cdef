//! How many replicas each node and domain is to hold: the rounding of the quotas under which the
//! most can stay.

use crate::partition::cells::{at, put};
use crate::partition::quota::Quotas;
use crate::partition::tree::Tree;
use alloc::vec;
use alloc::vec::Vec;

/// For every vertex its floor or its ceiling, adding up everywhere, so that Σ min(held, target)
/// over the nodes is as large as it can be. O(n).
///
/// A vertex gets one replica above its floor or none, so a domain needs to know of its children
/// only which of them could use one more: the greedy choice is exact.
pub(in crate::partition) fn targets(tree: &Tree, quotas: &Quotas, held: &[u64]) -> Vec<u64> {
    let open = |vertex: usize| at(&quotas.ceils, vertex) > at(&quotas.floors, vertex);
    // True where one more than the floor would let one more replica stay.
    let mut gains = vec![false; tree.vertices()];
    let mut extras = vec![0_u64; tree.domains()];
    for vertex in (0..tree.vertices()).rev() {
        if let Some(leaf) = tree.leaf(vertex) {
            let floor = at(&quotas.floors, vertex);
            put(&mut gains, vertex, open(vertex) && at(held, leaf as usize) > floor);
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
        for key_potential in [true, false] {
            for child in tree.children(vertex).iter().map(|child| *child as usize) {
                if left > 0 && open(child) && at(&gains, child) == key_potential {
                    put(&mut targets, child, at(&quotas.ceils, child));
                    left -= 1;
                }
            }
        }
    }
    targets
}

/// Σ min(held, target) over the nodes.
pub(in crate::partition) fn staying(tree: &Tree, targets: &[u64], held: &[u64]) -> u64 {
    let leaves = targets.iter().skip(tree.domains());
    leaves.zip(held).map(|(target, held)| target.min(held)).sum()
}
