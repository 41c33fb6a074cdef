//! The least and the most that a node can hold in a table that moves no more replicas.
//!
//! ```text
//!  c(v)    old replicas of v            n(v)    its replicas in the table, floor or ceiling
//!  K       replicas that stay in the plan, so at least as many stay in a table that moves no more
//!  M       maximum of Σ min(c, n) over all roundings of the quotas;  slack = M - K, nearly always 0
//!
//!  stays(v) = K - Σ over the others of stays  >=  K - (M - min(c(v), n(v)))
//!           = min(c(v), n(v)) - slack
//! ```
//!
//! So v holds at least so many of its old partitions, at best the smallest ones, and others for the
//! rest: partitions that some node can give up.

use super::super::cells::at;
use super::super::flow::{staying, targets};
use super::super::old_rows::{OldRows, PartitionsByLeaf};
use super::super::problem::Problem;
use super::super::tree::NONE;
use super::given::PartitionSizes;
use alloc::vec::Vec;
use core::cmp::Ordering;

type Entry = (u64, u32);

/// The least and the most that a leaf can hold.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Extremes {
    pub(super) min: u64,
    /// The minimum without one replica, if it holds any.
    pub(super) min_but_one: u64,
    pub(super) max: u64,
}

/// What stays in every table that moves no more than a plan.
pub(super) struct Staying<'a> {
    problem: &'a Problem<'a>,
    sizes: &'a PartitionSizes,
    before: &'a OldRows,
    /// Old replicas of each leaf.
    counts: Vec<u64>,
    by_leaf: PartitionsByLeaf,
    slack: u64,
    /// True if every leaf that can keep a replica more holds the ceiling of its quota.
    ceils: bool,
    /// Partitions that another node can get, the smallest first.
    movable: Vec<Entry>,
}

impl<'a> Staying<'a> {
    /// `kept` replicas stay in the plan. O(P·(R + log P) + n).
    pub(super) fn new(
        problem: &'a Problem<'a>,
        sizes: &'a PartitionSizes,
        before: &'a OldRows,
        kept: u64,
    ) -> Self {
        let Problem { tree, quotas, .. } = problem;
        let mut counts = tree.counts(before.rows());
        for count in &mut counts {
            *count *= u64::from(before.ways());
        }
        let max = staying(tree, &targets(tree, quotas, &counts), &counts);
        let by_leaf = PartitionsByLeaf::before(tree.leaves(), before);
        let (slack, movable) = (max.saturating_sub(kept), Vec::new());
        let mut staying =
            Self { problem, sizes, before, counts, by_leaf, slack, ceils: false, movable };
        staying.ceils = staying.needs_ceils(kept);
        staying.movable = staying.movable();
        staying
    }

    fn quota(&self, leaf: u32) -> (u64, u64) {
        let vertex = self.problem.tree.vertex(leaf);
        (at(&self.problem.quotas.floors, vertex), at(&self.problem.quotas.ceils, vertex))
    }

    fn count(&self, leaf: u32) -> u64 {
        at(&self.counts, leaf as usize)
    }

    fn gains(&self, leaf: u32) -> bool {
        let (floor, ceil) = self.quota(leaf);
        ceil > floor && self.count(leaf) >= ceil
    }

    /// True if fewer would stay if one of the leaves that gain by their ceiling held its floor.
    fn needs_ceils(&self, kept: u64) -> bool {
        let leaves = || 0..self.problem.tree.leaves() as u32;
        let floors: u64 = leaves().map(|leaf| self.quota(leaf).0).sum();
        let extra = self.problem.config.total_replicas().saturating_sub(floors);
        let least: u64 = leaves().map(|leaf| self.count(leaf).min(self.quota(leaf).0)).sum();
        let gaining = leaves().filter(|leaf| self.gains(*leaf)).count() as u64;
        gaining > 0 && least + extra.min(gaining - 1) < kept
    }

    fn movable(&self) -> Vec<Entry> {
        let gives = |leaf: &u32| *leaf == NONE || self.count(*leaf) > self.quota(*leaf).0;
        let can = |partition: u32| {
            crate::steps::count(1);
            !self.problem.constraints.frozen.contains(&partition)
                && (self.slack > 0
                    || self.before.size(partition) < self.problem.sizes.of_partition(partition)
                    || self.before.row(partition).iter().any(gives))
        };
        let all = self.sizes.sorted();
        all.into_iter().filter(|(_, partition)| can(*partition)).collect()
    }

    /// The extremes of a leaf. O(c·log c + n) for its old and new number of replicas.
    pub(super) fn of(&self, leaf: u32) -> Extremes {
        let (floor, ceil) = self.quota(leaf);
        let count = self.count(leaf);
        let floor = if self.ceils && self.gains(leaf) { ceil } else { floor };
        let kept = |replicas: u64| count.min(replicas).saturating_sub(self.slack);
        let mut old: Vec<Entry> =
            self.by_leaf.of(leaf).iter().map(|p| (self.sizes.of(p), p)).collect();
        old.sort_unstable();
        let movable = || self.movable.iter().copied();
        let but_one = (floor.saturating_sub(1), kept(floor).saturating_sub(1));
        let min = self.sum(leaf, (floor, kept(floor)), &old, movable(), Ordering::Less);
        let min_but_one = self.sum(leaf, but_one, &old, movable(), Ordering::Less);
        old.reverse();
        let reversed = movable().rev();
        let max = self.sum(leaf, (ceil, kept(ceil)), &old, reversed, Ordering::Greater);
        Extremes { min, min_but_one, max }
    }

    /// The size of so many replicas, of which at least `kept` are old: the first ones in the order of
    /// both lists.
    fn sum(
        &self,
        leaf: u32,
        (replicas, kept): (u64, u64),
        old: &[Entry],
        movable: impl Iterator<Item = Entry>,
        order: Ordering,
    ) -> u64 {
        let (first, rest) = old.split_at_checked(kept as usize).unwrap_or((old, &[]));
        let sum: u64 = first.iter().map(|(size, _)| size).sum();
        let closed = self.problem.constraints.is_closed(leaf);
        let new = movable.filter(|(_, p)| {
            crate::steps::count(1);
            !closed && !self.before.row(*p).contains(&leaf)
        });
        let (mut new, mut rest) = (new.peekable(), rest.iter().copied().peekable());
        let mut next = || match (new.peek(), rest.peek()) {
            (Some(a), Some(b)) if a.cmp(b) == order => new.next(),
            (Some(_), None) => new.next(),
            _ => rest.next(),
        };
        let others = (first.len() as u64..replicas).map_while(|_| next());
        crate::steps::count(replicas);
        sum + others.map(|(size, _)| size).sum::<u64>()
    }
}
