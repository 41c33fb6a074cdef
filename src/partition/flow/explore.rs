//! Exploring the residual network: which vertices a search reaches, in which layer, and how.

use super::path::{PathArc, Scope};
use super::residual::{Residual, Via};
use crate::partition::cells::{at, put};
use crate::partition::quota::Quotas;
use crate::partition::tree::NONE;
use crate::partition::work::Work;
use alloc::vec::Vec;

impl Residual<'_> {
    /// Begins a search.
    pub(super) fn clear(&mut self) {
        self.unreached.restore();
        self.fruitless.begin();
        self.queue.clear();
        self.except = NONE;
        self.layer = 0;
        // When the numbers are used up, old marks would count again, so they are cleared.
        self.search_number = self.search_number.checked_add(1).unwrap_or_else(|| {
            self.reached.fill(0);
            1
        });
    }

    pub(super) fn add_source(&mut self, work: &Work<'_>, leaf: u32) {
        let vertex = work.tree.vertex(leaf);
        self.reach(work, vertex, Via { before: vertex as u32, partition: NONE });
    }

    fn reach(&mut self, work: &Work<'_>, vertex: usize, via: Via) {
        if at(&self.reached, vertex) == self.search_number {
            return;
        }
        self.fruitless.begin();
        put(&mut self.reached, vertex, self.search_number);
        put(&mut self.via, vertex, via);
        put(&mut self.layers, vertex, self.layer);
        self.queue.push(vertex as u32);
        if let Some(leaf) = work.tree.leaf(vertex) {
            self.unreached.remove(leaf);
        }
    }

    pub(super) fn set_layer(&mut self, layer: u32) {
        self.layer = layer;
    }

    /// The layer of a vertex, if the last search reached it.
    pub(super) fn layer(&self, vertex: usize) -> Option<u32> {
        (at(&self.reached, vertex) == self.search_number).then(|| at(&self.layers, vertex))
    }

    /// Reaches every vertex to which a flat arc leads from this one.
    pub(super) fn expand(
        &mut self,
        work: &Work<'_>,
        targets: &[u64],
        quotas: &Quotas,
        vertex: u32,
        scope: Scope,
    ) {
        let here = vertex as usize;
        self.layer = at(&self.layers, here) + 1;
        let along = Via { before: vertex, partition: NONE };
        let children = work.tree.children(here);
        self.count_effort(1 + children.len() as u64);
        if let Some(parent) = work.tree.parent(here) {
            if self.can_raise(targets, quotas, here, parent) {
                self.reach(work, parent, along);
            }
        }
        for child in children.iter().map(|child| *child as usize) {
            if self.can_lower(targets, quotas, here, child) {
                self.reach(work, child, along);
            }
        }
        let Some(leaf) = work.tree.leaf(here) else { return };
        self.fruitless.begin();
        let potential = self.potential(here);
        let displaced =
            self.displaced.get_mut(leaf as usize).map(core::mem::take).unwrap_or_default();
        for partition in &displaced {
            if self.fruitless.is_on(work, *partition, leaf) {
                self.expand_replica(work, (*partition, leaf), (potential, vertex), scope);
            }
        }
        self.count_effort(displaced.len() as u64);
        if let Some(list) = self.displaced.get_mut(leaf as usize) {
            *list = displaced;
        }
        if !scope.allows_kept_to_move() {
            return;
        }
        let paid_key = (self.key_potential(potential, 1), 0, work.tree.table_of(leaf));
        let by_leaf = self.by_leaf;
        let mut reached = self.queue.len();
        let mut any_left = self.unreached.has(paid_key);
        for partition in by_leaf.of(leaf).iter() {
            self.count_effort(1);
            if self.queue.len() != reached {
                reached = self.queue.len();
                any_left = self.unreached.has(paid_key);
            }
            if !any_left {
                break;
            }
            // A partition that is not listed is still on all its old holders.
            if !at(&self.is_listed, partition as usize) {
                debug_assert!(work.is_on(partition, leaf), "{partition} left {leaf}");
                self.expand_replica(work, (partition, leaf), (potential, vertex), scope);
            }
        }
    }

    /// Reaches every leaf to which one replica may move along a flat arc.
    pub(super) fn expand_replica(
        &mut self,
        work: &Work<'_>,
        (partition, leaf): (u32, u32),
        (potential, vertex): (i32, u32),
        scope: Scope,
    ) {
        self.count_effort(1);
        if partition == self.except || (leaf != NONE && work.constraints.holds(partition, leaf)) {
            return;
        }
        let remembered = leaf != NONE && !matches!(scope, Scope::Only(_));
        if let Some(cost) = self.fruitless.cost(partition).filter(|_| remembered) {
            self.unreached.effort += cost;
            return;
        }
        let (reached, effort) = (self.queue.len(), self.unreached.effort);
        self.reach_from(work, (partition, leaf), (potential, vertex), scope);
        if remembered && self.queue.len() == reached {
            self.fruitless.note(partition, self.unreached.effort - effort);
        }
    }

    fn reach_from(
        &mut self,
        work: &Work<'_>,
        (partition, leaf): (u32, u32),
        (potential, vertex): (i32, u32),
        scope: Scope,
    ) {
        let via = Via { before: vertex, partition };
        for old in work.old_row(partition) {
            if self.can_return(work, (partition, leaf), potential, *old) {
                self.reach(work, work.tree.vertex(*old), via);
            }
        }
        let Some(move_cost) = scope.move_cost(work, partition, leaf) else { return };
        let table = work.constraints.rules.table_of(partition);
        let key = (self.key_potential(potential, move_cost), 0, table);
        let mut found = core::mem::take(&mut self.found);
        self.unreached.take(work, (partition, leaf), key, &mut found);
        for leaf in found.drain(..) {
            self.reach(work, work.tree.vertex(leaf), via);
        }
        self.found = found;
    }

    /// The arcs of the path on which a vertex was reached.
    pub(super) fn steps(&self, work: &Work<'_>, end: u32) -> Vec<PathArc> {
        let mut steps = Vec::new();
        let mut here = end;
        // A path visits no vertex twice, which bounds its length.
        for _ in 0..=work.tree.vertices() {
            let Via { before, partition } = at(&self.via, here as usize);
            if before == here {
                break;
            }
            let leaf = |vertex: u32| work.tree.leaf(vertex as usize).unwrap_or(NONE);
            if partition != NONE {
                steps.push(PathArc::Move { partition, from: leaf(before), to: leaf(here) });
            } else if work.tree.parent(before as usize) == Some(here as usize) {
                steps.push(PathArc::Raise(before as usize));
            } else {
                steps.push(PathArc::Lower(here as usize));
            }
            here = before;
        }
        steps.reverse();
        steps
    }
}
