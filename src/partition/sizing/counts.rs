//! The number of replicas of every node and domain, between the floor and the ceiling of its quota.

use super::super::cells::{add, at, take};
use super::super::quota::Quotas;
use super::super::tree::Tree;
use alloc::vec::Vec;

/// The replicas below each vertex of the tree.
pub(super) struct Counts<'a> {
    tree: &'a Tree,
    quotas: &'a Quotas,
    sums: Vec<u64>,
}

impl<'a> Counts<'a> {
    /// Counts the replicas of the leaves.
    pub(super) fn new(tree: &'a Tree, quotas: &'a Quotas, loads: &[u64]) -> Self {
        Self { tree, quotas, sums: tree.sums(loads) }
    }

    /// True if a leaf is above its floor.
    pub(super) fn may_give(&self, leaf: u32) -> bool {
        let vertex = self.tree.vertex(leaf);
        at(&self.sums, vertex) > at(&self.quotas.floors, vertex)
    }

    /// True if x may hold a replica less and y one more, by the floors and ceilings of all quotas.
    pub(super) fn may_shift(&self, x: u32, y: u32) -> bool {
        let tree = self.tree;
        let (mut from, mut to) = (tree.vertex(x), tree.vertex(y));
        while from != to {
            if at(&self.sums, from) <= at(&self.quotas.floors, from)
                || at(&self.sums, to) >= at(&self.quotas.ceils, to)
            {
                return false;
            }
            match (tree.parent(from), tree.parent(to)) {
                (Some(a), Some(b)) => (from, to) = (a, b),
                _ => return false,
            }
        }
        true
    }

    /// A replica moves.
    pub(super) fn moves(&mut self, from: u32, to: u32) {
        let (mut from, mut to) = (self.tree.vertex(from), self.tree.vertex(to));
        while from != to {
            take(&mut self.sums, from, 1);
            add(&mut self.sums, to, 1);
            match (self.tree.parent(from), self.tree.parent(to)) {
                (Some(a), Some(b)) => (from, to) = (a, b),
                _ => return,
            }
        }
    }
}
