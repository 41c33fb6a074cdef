//! Breadth-first searches along flat arcs.

use super::path::{PathArc, Scope, joined};
use super::residual::Residual;
use crate::partition::quota::Quotas;
use crate::partition::tree::NONE;
use crate::partition::work::Work;
use alloc::vec::Vec;

/// The ends of a path that closes a cycle, and the partition that it must not move.
#[derive(Clone, Copy, Debug)]
pub(super) struct Between {
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) except: u32,
}

/// Searches for successive shortest paths, which keep the cost of a flow minimal.
///
/// # Source
/// R. K. Ahuja, T. L. Magnanti, J. B. Orlin, *Network Flows*, 1993, sections 9.7 and 9.8.
impl Residual<'_> {
    /// Explores in layers, by the number of arcs, from the leaves above their targets and from the
    /// `unplaced` replicas. Returns the number of the first layer with a leaf below its target, or
    /// `None` if there is none. O(n + R·levels·log n for each replica in the scope).
    pub(super) fn layered(
        &mut self,
        work: &Work<'_>,
        targets: &[u64],
        quotas: &Quotas,
        unplaced: &[u32],
        scope: Scope,
    ) -> Option<u32> {
        self.clear();
        for leaf in (0..work.tree.leaves() as u32).filter(|leaf| work.surplus(targets, *leaf) > 0) {
            self.add_source(work, leaf);
        }
        self.count_effort(work.tree.leaves() as u64);
        self.add_unplaced(work, unplaced, scope);
        let (mut last, mut next) = (None, 0);
        let mut seen = 0;
        while let Some(vertex) = self.queue.get(next).copied() {
            next += 1;
            // The vertices reached since the previous one was expanded.
            for vertex in self.queue.get(seen..).unwrap_or_default() {
                let leaf = work.tree.leaf(*vertex as usize);
                if last.is_none() && leaf.is_some_and(|leaf| work.deficit(targets, leaf) > 0) {
                    last = self.layer(*vertex as usize);
                }
            }
            seen = self.queue.len();
            if last.is_some() && self.layer(vertex as usize) >= last {
                break;
            }
            self.expand(work, targets, quotas, vertex, scope);
        }
        last
    }

    /// True if any path leads from a source to a sink, at any cost. O(n + the places).
    pub(super) fn has_any_path(
        &mut self,
        work: &Work<'_>,
        targets: &[u64],
        quotas: &Quotas,
        unplaced: &[u32],
    ) -> bool {
        self.ignore_costs(work, true);
        let last = self.layered(work, targets, quotas, unplaced, Scope::All);
        self.ignore_costs(work, false);
        last.is_some()
    }

    /// A path of flat arcs between two leaves.
    pub(super) fn path(
        &mut self,
        work: &Work<'_>,
        targets: &[u64],
        quotas: &Quotas,
        Between { from, to, except }: Between,
        scope: Scope,
    ) -> Option<Vec<PathArc>> {
        self.clear();
        self.except = except;
        self.add_source(work, from);
        let end = work.tree.vertex(to);
        let mut next = 0;
        while let Some(vertex) = self.queue.get(next).copied() {
            next += 1;
            self.expand(work, targets, quotas, vertex, scope);
            if self.layer(end).is_some() {
                return Some(joined(work, self.steps(work, end as u32), false));
            }
        }
        None
    }

    /// True if a replica that returns from leaf `from` to leaf `to` closes a cycle of cost 0 with
    /// every path of flat arcs from `to` to `from`.
    pub(super) fn closes_free_cycle(&self, work: &Work<'_>, from: u32, to: u32) -> bool {
        let potential = |leaf| self.potential(work.tree.vertex(leaf));
        !self.ignores_costs() && potential(from) - potential(to) == 1
    }

    /// Reaches every leaf on which an unplaced replica may be placed.
    fn add_unplaced(&mut self, work: &Work<'_>, unplaced: &[u32], scope: Scope) {
        self.set_layer(1);
        for partition in unplaced {
            self.expand_replica(work, (*partition, NONE), (0, NONE), scope);
        }
    }
}
