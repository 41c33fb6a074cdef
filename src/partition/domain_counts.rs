//! Replicas of one partition, counted by node and by failure domain.

use super::cells::at;
use super::tree::Tree;
use alloc::vec;
use alloc::vec::Vec;

/// Counts one set of leaves at every vertex with a limit: at the leaves themselves, which may hold
/// one replica, and at the domains of the limited levels. Adding a leaf takes O(levels), clearing
/// O(R·levels).
#[derive(Debug)]
pub(super) struct DomainCounts<'t> {
    tree: &'t Tree,
    counts: Vec<u32>,
    /// Vertices with a count above 0, to clear only these.
    touched: Vec<u32>,
}

impl<'t> DomainCounts<'t> {
    pub(super) fn new(tree: &'t Tree) -> Self {
        Self { tree, counts: vec![0; tree.vertices()], touched: Vec::new() }
    }

    fn vertices(tree: &Tree, leaf: u32) -> impl Iterator<Item = usize> + '_ {
        let domains = tree.limits.iter().map(move |(level, _)| tree.domain(leaf, *level) as usize);
        core::iter::once(tree.vertex(leaf)).chain(domains)
    }

    /// Adds a leaf without checking limits.
    #[inline]
    pub(super) fn add(&mut self, leaf: u32) {
        for vertex in Self::vertices(self.tree, leaf) {
            let Some(count) = self.counts.get_mut(vertex) else { continue };
            if *count == 0 {
                self.touched.push(vertex as u32);
            }
            *count += 1;
        }
    }

    /// True if the limits allow this leaf in addition to the counted ones.
    #[inline]
    pub(super) fn admits(&self, leaf: u32) -> bool {
        Self::vertices(self.tree, leaf)
            .all(|vertex| at(&self.counts, vertex) < at(&self.tree.caps, vertex))
    }

    /// The vertices that exceed their limits, each with its count and its limit.
    #[inline]
    pub(super) fn over(&self) -> impl Iterator<Item = (usize, u32, u32)> + '_ {
        self.touched.iter().filter_map(|vertex| {
            let vertex = *vertex as usize;
            let (count, cap) = (at(&self.counts, vertex), at(&self.tree.caps, vertex));
            (count > cap).then_some((vertex, count, cap))
        })
    }

    #[inline]
    pub(super) fn clear(&mut self) {
        for vertex in self.touched.drain(..) {
            if let Some(count) = self.counts.get_mut(vertex as usize) {
                *count = 0;
            }
        }
    }
}
