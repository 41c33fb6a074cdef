//! A table while it is being planned.
//!
//! ```text
//!  partition      0            1            2          (leaf numbers, R = 3)
//!  before     [0 2 4]      [1 3 -]      [0 3 5]        old rows; - : the node is gone
//!  rows       [0 2 6]      [1 3 -]      [0 3 5]        new rows; - : not placed yet
//!  kept         2            2            3            holders that are in both
//!  moved        1            1            0            min(R, R before) - kept
//! ```

use super::cells::{add, at, put, take};
use super::constraints::Constraints;
use super::old_rows::OldRows;
use super::row_sizes::RowSizes;
use super::sizing::HeldSizes;
use super::tree::{NONE, Tree};
use crate::slips::OrSlip;
use alloc::vec;
use alloc::vec::Vec;

/// The new rows of a table beside its old ones, with counts that are kept up to date.
#[derive(Debug)]
pub(super) struct Work<'a> {
    pub(super) tree: &'a Tree,
    pub(super) constraints: &'a Constraints,
    pub(super) partitions: u32,
    pub(super) sizes: RowSizes,
    /// The new holders; `NONE` for a replica that is not placed yet, and after the end of a row.
    pub(super) rows: Vec<u32>,
    /// The old holders.
    pub(super) before: OldRows,
    /// For each partition, how many new holders were holders before.
    pub(super) kept: Vec<u8>,
    /// Number of replicas of each leaf.
    pub(super) loads: Vec<u64>,
    /// What the leaves hold in size, if exchanges have to mind it.
    pub(super) held_sizes: Option<HeldSizes>,
}

impl<'a> Work<'a> {
    /// Starts with no replica placed.
    pub(super) fn new(
        tree: &'a Tree,
        constraints: &'a Constraints,
        partitions: u32,
        sizes: &RowSizes,
        before: OldRows,
    ) -> Self {
        Self {
            tree,
            constraints,
            partitions,
            rows: vec![NONE; partitions as usize * sizes.stride()],
            sizes: sizes.clone(),
            before,
            kept: vec![0; partitions as usize],
            loads: vec![0; tree.leaves()],
            held_sizes: None,
        }
    }

    /// Replaces all rows and counts anew.
    pub(super) fn adopt(&mut self, rows: Vec<u32>) {
        self.rows = rows;
        self.loads = self.tree.counts(&self.rows);
        for partition in 0..self.partitions {
            let kept = self.row(partition).iter().filter(|leaf| self.was_on(partition, **leaf));
            let kept = kept.count() as u8;
            put(&mut self.kept, partition as usize, kept);
        }
    }

    /// Places all old holders of a partition, none of whose replicas is placed yet. False if the
    /// new row is too short for them.
    pub(super) fn keep(&mut self, partition: u32) -> bool {
        let old = self.before.row(partition);
        let row = self.rows.get_mut(self.sizes.places(partition));
        let Some(row) = row.and_then(|row| row.get_mut(..old.len())) else { return false };
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
        self.rows.get(self.sizes.places(partition)).or_slip()
    }

    /// Loads a partition's rows into the cache ahead of their use: several such loads overlap.
    #[inline]
    pub(super) fn fetch(&self, partition: u32) {
        let first = |row: &[u32]| row.first().copied().unwrap_or(NONE);
        core::hint::black_box(first(self.row(partition)) ^ first(self.old_row(partition)));
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

    /// The number of replicas of a partition.
    #[inline]
    pub(super) fn size(&self, partition: u32) -> usize {
        self.sizes.of_partition(partition)
    }

    /// The mean number of replicas of a partition, as a ratio: R and 1 if all have as many.
    pub(super) fn mean_size(&self) -> (u64, u64) {
        if self.sizes.is_uniform() {
            return (self.sizes.stride() as u64, 1);
        }
        let all = (0..self.partitions).map(|partition| self.size(partition) as u64).sum();
        (all, u64::from(self.partitions).max(1))
    }

    /// The partition of a place.
    #[inline]
    pub(super) fn partition_at(&self, place: usize) -> u32 {
        (place / self.sizes.stride().max(1)) as u32
    }

    /// The maximum number of replicas of a partition that can stay: the smaller of its old and its new
    /// number.
    #[inline]
    pub(super) fn max_kept(&self, partition: u32) -> usize {
        self.size(partition).min(self.before.size(partition))
    }

    /// Number of moved replicas of a partition; replicas that are not placed yet count as moved.
    #[inline]
    pub(super) fn moved(&self, partition: u32) -> usize {
        self.max_kept(partition).saturating_sub(at(&self.kept, partition as usize).into())
    }

    /// True if the rules allow the replica on `leaving` (`NONE` for one that is not placed) to move
    /// to `leaf`.
    #[inline]
    pub(super) fn fits(&self, partition: u32, leaving: u32, leaf: u32) -> bool {
        let row = self.row(partition);
        leaf != leaving
            && !row.contains(&leaf)
            && self.tree.admits(row, leaving, leaf)
            && self.constraints.rules.allow(self.tree, partition, row, (leaving, leaf))
            && (!self.constraints.is_closed(leaf) || self.was_on(partition, leaf))
    }

    /// Moves a replica of a partition from `from` to `to`. `NONE` as `from` places a replica, as
    /// `to` it removes one.
    pub(super) fn put(&mut self, partition: u32, from: u32, to: u32) {
        let Some(row) = self.rows.get_mut(self.sizes.places(partition)) else { return };
        let Some(place) = row.iter_mut().find(|leaf| **leaf == from) else { return };
        *place = to;
        if let Some(held) = &mut self.held_sizes {
            held.put(partition, from, to);
        }
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

    /// True if `p` can exchange x for y and `q` y for x without more moves in all, and without more
    /// partitions with two or more moves, and if sizes allow it.
    pub(super) fn may_exchange(&self, (p, x): (u32, u32), (q, y): (u32, u32)) -> bool {
        let (to_p, to_q) = (self.cost(p, x, y), self.cost(q, y, x));
        let moved_twice = |partition, cost| self.moved(partition) as i32 + cost >= 2;
        let before = u32::from(moved_twice(p, 0)) + u32::from(moved_twice(q, 0));
        let after = u32::from(moved_twice(p, to_p)) + u32::from(moved_twice(q, to_q));
        to_p + to_q <= 0 && after <= before && self.keeps_sizes((p, x), (q, y))
    }

    /// True if limits and moves alone decide which replicas can be exchanged.
    #[inline]
    pub(super) fn is_plain(&self) -> bool {
        let Constraints { ref rules, ref closed, .. } = *self.constraints;
        self.constraints.is_empty()
            && rules.is_empty()
            && closed.is_empty()
            && self.held_sizes.is_none()
    }

    /// True if no leaf exceeds the greatest ratio of size to quota after this exchange, or nobody minds.
    pub(super) fn keeps_sizes(&self, p: (u32, u32), q: (u32, u32)) -> bool {
        self.held_sizes.as_ref().is_none_or(|held| held.allows(p, q))
    }

    /// Swaps the places of two holders of a partition.
    pub(super) fn swap(&mut self, partition: u32, a: u32, b: u32) {
        let Some(row) = self.rows.get_mut(self.sizes.places(partition)) else { return };
        for leaf in row {
            if *leaf == a {
                *leaf = b;
            } else if *leaf == b {
                *leaf = a;
            }
        }
    }

    /// Overwrites a row with its holders in another order.
    pub(super) fn write(&mut self, partition: u32, order: &[u32]) {
        if let Some(row) = self.rows.get_mut(self.sizes.places(partition)) {
            if row.len() == order.len() {
                row.copy_from_slice(order);
            }
        }
    }

    /// True if an old holder of this partition is not among the new ones: a replica could return.
    pub(super) fn may_return(&self, partition: u32) -> bool {
        let old = self.old_row(partition).iter().filter(|leaf| **leaf != NONE).count();
        usize::from(at(&self.kept, partition as usize)) < old
    }

    /// True if the new holders of this partition are not the old ones.
    pub(super) fn is_displaced(&self, partition: u32) -> bool {
        usize::from(at(&self.kept, partition as usize)) < self.size(partition)
            || self.may_return(partition)
    }

    /// How far a leaf is above its target.
    #[inline]
    pub(super) fn surplus(&self, targets: &[u64], leaf: u32) -> u64 {
        at(&self.loads, leaf as usize).saturating_sub(at(targets, self.tree.vertex(leaf)))
    }

    /// How far a leaf is below its target.
    #[inline]
    pub(super) fn deficit(&self, targets: &[u64], leaf: u32) -> u64 {
        at(targets, self.tree.vertex(leaf)).saturating_sub(at(&self.loads, leaf as usize))
    }

    /// How many moves are added if a replica goes from one leaf to another: −1, 0 or 1.
    #[inline]
    pub(super) fn cost(&self, partition: u32, from: u32, to: u32) -> i32 {
        let new = |leaf| i32::from(leaf == NONE || !self.was_on(partition, leaf));
        // A replica that is not placed yet adds nothing before.
        let before = if from == NONE { 0 } else { new(from) };
        new(to) - before
    }

    /// True if a replica is not placed.
    pub(super) fn any_unplaced(&self) -> bool {
        (0..self.partitions).any(|partition| self.row(partition).contains(&NONE))
    }

    /// Moved replicas of all partitions.
    pub(super) fn all_moved(&self) -> u64 {
        (0..self.partitions).map(|partition| self.moved(partition) as u64).sum()
    }

    /// Partitions with two or more moved replicas.
    pub(super) fn moved_twice(&self) -> u64 {
        (0..self.partitions).filter(|partition| self.moved(*partition) >= 2).count() as u64
    }
}
