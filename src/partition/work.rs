//! A table while it is being changed.

use super::before::Before;
use super::bound::Bound;
use super::cells::{add, at, put, take};
use super::tree::{NONE, Tree};
use crate::slips::OrSlip;
use alloc::vec;
use alloc::vec::Vec;

/// Rows of leaves beside the rows they come from.
#[derive(Debug)]
pub(super) struct Work<'a> {
    pub(super) tree: &'a Tree,
    pub(super) bound: &'a Bound,
    pub(super) partitions: u32,
    pub(super) replicas: usize,
    /// The holders, `NONE` for a replica that has no place yet.
    pub(super) rows: Vec<u32>,
    /// The holders before.
    pub(super) before: Before,
    /// Holders of each partition that were holders before.
    pub(super) kept: Vec<u8>,
    /// Replicas of each leaf.
    pub(super) loads: Vec<u64>,
}

impl<'a> Work<'a> {
    /// Every replica without a place.
    pub(super) fn new(
        tree: &'a Tree,
        bound: &'a Bound,
        partitions: u32,
        replicas: u32,
        before: Before,
    ) -> Self {
        let replicas = replicas as usize;
        Self {
            tree,
            bound,
            partitions,
            replicas,
            rows: vec![NONE; partitions as usize * replicas],
            before,
            kept: vec![0; partitions as usize],
            loads: vec![0; tree.leaves()],
        }
    }

    /// Takes rows as they are.
    pub(super) fn adopt(&mut self, rows: Vec<u32>) {
        self.rows = rows;
        self.loads = super::planner::counts(self.tree, &self.rows);
        for partition in 0..self.partitions {
            let kept = self.row(partition).iter().filter(|leaf| self.was_on(partition, **leaf));
            let kept = kept.count() as u8;
            put(&mut self.kept, partition as usize, kept);
        }
    }

    /// Puts all replicas before into their places, of a partition of which none has one; false if
    /// there is no room for them.
    pub(super) fn keep(&mut self, partition: u32) -> bool {
        let old = self.before.row(partition);
        let first = partition as usize * self.replicas;
        let Some(row) = self.rows.get_mut(first..first + old.len()) else { return false };
        row.copy_from_slice(old);
        let mut kept = 0;
        for leaf in old.iter().filter(|leaf| **leaf != NONE) {
            add(&mut self.loads, *leaf as usize, 1);
            kept += 1;
        }
        put(&mut self.kept, partition as usize, kept);
        true
    }

    #[inline]
    pub(super) fn row(&self, partition: u32) -> &[u32] {
        let first = partition as usize * self.replicas;
        self.rows.get(first..first + self.replicas).or_slip()
    }

    /// Reads a partition's rows, so that they are at hand together with those of others read with it.
    #[inline]
    pub(super) fn fetch(&self, partition: u32, before: bool) {
        core::hint::black_box(self.row(partition).first().copied());
        if before {
            core::hint::black_box(self.old_row(partition).first().copied());
        }
    }

    #[inline]
    pub(super) fn old_row(&self, partition: u32) -> &[u32] {
        self.before.row(partition)
    }

    #[inline]
    pub(super) fn was_on(&self, partition: u32, leaf: u32) -> bool {
        self.old_row(partition).contains(&leaf)
    }

    #[inline]
    pub(super) fn is_on(&self, partition: u32, leaf: u32) -> bool {
        self.row(partition).contains(&leaf)
    }

    /// Replicas a partition has before and after: the most that can stay.
    pub(super) fn stay(&self) -> usize {
        self.replicas.min(self.before.replicas())
    }

    /// Replicas of a partition that were moved; those without a place count.
    #[inline]
    pub(super) fn moved(&self, partition: u32) -> usize {
        self.stay().saturating_sub(at(&self.kept, partition as usize).into())
    }

    /// True if the rules let a partition have a replica on `leaf` after its replica on `leaving`
    /// (`NONE`: one without a place) went there.
    #[inline]
    pub(super) fn fits(&self, partition: u32, leaving: u32, leaf: u32) -> bool {
        let row = self.row(partition);
        leaf != leaving && !row.contains(&leaf) && self.tree.admits(row, leaving, leaf)
    }

    /// Puts a replica of a partition that is on `from`, or has no place, on `to`, or takes its
    /// place away.
    pub(super) fn put(&mut self, partition: u32, from: u32, to: u32) {
        let first = partition as usize * self.replicas;
        let Some(row) = self.rows.get_mut(first..first + self.replicas) else { return };
        let Some(place) = row.iter_mut().find(|leaf| **leaf == from) else { return };
        *place = to;
        if from != NONE {
            take(&mut self.loads, from as usize, 1);
            if self.was_on(partition, from) {
                let kept = at(&self.kept, partition as usize);
                put(&mut self.kept, partition as usize, kept.saturating_sub(1));
            }
        }
        if to != NONE {
            add(&mut self.loads, to as usize, 1);
            if self.was_on(partition, to) {
                let kept = at(&self.kept, partition as usize);
                put(&mut self.kept, partition as usize, kept + 1);
            }
        }
    }

    /// True if partition `p` may have y for x and `q` x for y without another move, and without
    /// more partitions of which two replicas moved.
    pub(super) fn may_exchange(&self, (p, x): (u32, u32), (q, y): (u32, u32)) -> bool {
        let (to_p, to_q) = (self.cost(p, x, y), self.cost(q, y, x));
        let doubled = |partition, cost| self.moved(partition) as i32 + cost >= 2;
        let before = u32::from(doubled(p, 0)) + u32::from(doubled(q, 0));
        let after = u32::from(doubled(p, to_p)) + u32::from(doubled(q, to_q));
        to_p + to_q <= 0 && after <= before
    }

    /// Two holders of a partition exchange their places.
    pub(super) fn swap(&mut self, partition: u32, a: u32, b: u32) {
        let first = partition as usize * self.replicas;
        let Some(row) = self.rows.get_mut(first..first + self.replicas) else { return };
        for leaf in row {
            if *leaf == a {
                *leaf = b;
            } else if *leaf == b {
                *leaf = a;
            }
        }
    }

    /// Writes a row in another order.
    pub(super) fn write(&mut self, partition: u32, order: &[u32]) {
        let first = partition as usize * self.replicas;
        if let Some(row) = self.rows.get_mut(first..first + self.replicas) {
            if row.len() == order.len() {
                row.copy_from_slice(order);
            }
        }
    }

    /// True if a replica of this partition could go back to where it was without a move.
    pub(super) fn may_return(&self, partition: u32) -> bool {
        let old = self.old_row(partition).iter().filter(|leaf| **leaf != NONE).count();
        usize::from(at(&self.kept, partition as usize)) < old
    }

    /// True if some replica of this partition is not where it was, or has been elsewhere.
    pub(super) fn astray(&self, partition: u32) -> bool {
        usize::from(at(&self.kept, partition as usize)) < self.replicas
            || self.may_return(partition)
    }

    /// A leaf's replicas above its target.
    #[inline]
    pub(super) fn surplus(&self, targets: &[u64], leaf: u32) -> u64 {
        at(&self.loads, leaf as usize).saturating_sub(at(targets, self.tree.vertex(leaf)))
    }

    /// What a leaf lacks of its target.
    #[inline]
    pub(super) fn lack(&self, targets: &[u64], leaf: u32) -> u64 {
        at(targets, self.tree.vertex(leaf)).saturating_sub(at(&self.loads, leaf as usize))
    }

    /// What moving a replica from one leaf to another adds to the replicas moved: −1, 0 or 1.
    #[inline]
    pub(super) fn cost(&self, partition: u32, from: u32, to: u32) -> i32 {
        let new = |leaf| i32::from(leaf == NONE || !self.was_on(partition, leaf));
        // A replica without a place costs what its place will.
        let before = if from == NONE { 0 } else { new(from) };
        new(to) - before
    }

    pub(super) fn all_moved(&self) -> u64 {
        (0..self.partitions).map(|partition| self.moved(partition) as u64).sum()
    }

    /// Partitions of which two replicas or more were moved.
    pub(super) fn doubles(&self) -> u64 {
        (0..self.partitions).filter(|partition| self.moved(*partition) >= 2).count() as u64
    }
}
