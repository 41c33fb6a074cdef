//! How many partitions each leaf leads, and how far that is from fair.

use super::super::cells::{add, at, take};
use super::super::places;
use super::super::tree::NONE;
use super::super::work::Work;
use alloc::vec;
use alloc::vec::Vec;

/// The number of partitions that each leaf leads, beside its fair number: its load / R.
#[derive(Debug)]
pub(in crate::partition) struct Leaders {
    pub(super) led: Vec<u64>,
    loads: Vec<u64>,
    /// The inverse of each leaf's load, scaled to at most 2^18.
    inverse: Vec<u64>,
    /// The mean number of replicas of a partition, a ratio.
    mean: (u64, u64),
}

impl Leaders {
    /// Counts the first holders of the rows. `targets` stand in place of the loads: R times the
    /// partitions that each leaf should lead.
    pub(in crate::partition) fn new(work: &Work<'_>, targets: Option<&[u64]>) -> Self {
        let mut led = vec![0; work.tree.leaves()];
        let firsts = work.rows.iter().step_by(work.sizes.stride().max(1));
        for leaf in firsts.filter(|leaf| **leaf != NONE) {
            add(&mut led, *leaf as usize, 1);
        }
        let loads = targets.map_or_else(|| work.loads.clone(), <[u64]>::to_vec);
        let max_load = loads.iter().copied().max().unwrap_or(1).max(1);
        let inverse = |load: &u64| (max_load * 256 / (*load).max(1)).min(1 << 18);
        Self { led, inverse: loads.iter().map(inverse).collect(), loads, mean: work.mean_size() }
    }

    /// (led − fair)² / fair, up to a constant factor, if the leaf led `more` partitions more.
    pub(super) fn imbalance(&self, leaf: u32, more: i64) -> i128 {
        let leaf = leaf as usize;
        let led = i128::from(at(&self.led, leaf)) + i128::from(more);
        let (all, partitions) = self.mean;
        let load = i128::from(at(&self.loads, leaf)) * i128::from(partitions);
        let imbalance = led * i128::from(all) - load;
        imbalance * imbalance * i128::from(at(&self.inverse, leaf))
    }

    /// The change of the sum of imbalances if `to` leads a partition in place of `from`.
    pub(super) fn change(&self, from: u32, to: u32) -> i128 {
        if from == to {
            return 0;
        }
        self.imbalance(from, -1) + self.imbalance(to, 1)
            - self.imbalance(from, 0)
            - self.imbalance(to, 0)
    }

    pub(super) fn transfer(&mut self, from: u32, to: u32) {
        take(&mut self.led, from as usize, 1);
        add(&mut self.led, to as usize, 1);
    }

    /// Applies two changes of leaders if they do not increase the sum of imbalances (`strictly`: if
    /// they decrease it). True if applied.
    pub(in crate::partition) fn accept(
        &mut self,
        changes: [(u32, u32); 2],
        strictly: bool,
    ) -> bool {
        let [(a, b), (c, d)] = changes;
        let first = self.change(a, b);
        self.transfer(a, b);
        let sum = first + self.change(c, d);
        if sum < 0 || (sum == 0 && !strictly) {
            self.transfer(c, d);
            return true;
        }
        self.transfer(b, a);
        false
    }
}

/// The leader of a partition: its first holder.
pub(in crate::partition) fn leader(work: &Work<'_>, partition: u32) -> u32 {
    work.row(partition).first().copied().unwrap_or(NONE)
}

/// Exchanges the replica of `p` on `x` with that of `q` on `y` and orders both rows, if `accepts`
/// agrees to the leaders before and after; otherwise changes nothing.
pub(in crate::partition) fn exchange(
    work: &mut Work<'_>,
    (p, x): (u32, u32),
    (q, y): (u32, u32),
    accepts: impl FnOnce([(u32, u32); 2]) -> bool,
) -> bool {
    let before = (work.row(p).to_vec(), work.row(q).to_vec());
    let leaders = (leader(work, p), leader(work, q));
    work.put(p, x, y);
    work.put(q, y, x);
    places::row(work, p);
    places::row(work, q);
    if accepts([(leaders.0, leader(work, p)), (leaders.1, leader(work, q))]) {
        return true;
    }
    work.put(p, y, x);
    work.put(q, x, y);
    work.write(p, &before.0);
    work.write(q, &before.1);
    false
}
