//! Which node leads which partition while leaders are chosen; a partition may be split.
//!
//! ```text
//!  leaders   p: 4          node 4 leads all of p
//!            q: SPLIT | 0  splits[0] = [(4, 5), (7, 3)]: of the 8 units of q, node 4 leads 5
//!  led       4: [p q]      7: [q]
//! ```

use super::super::cells::{at, put};
use super::rows::HolderRows;
use crate::slips::OrSlip;
use alloc::vec;
use alloc::vec::Vec;

/// Marks a split partition; leaves have lower numbers.
const SPLIT: u32 = 1 << 31;

#[derive(Debug)]
pub(super) struct Shares<'a> {
    pub(super) rows: HolderRows<'a>,
    leaders: Vec<u32>,
    splits: Vec<Vec<(u32, i128)>>,
    /// The partitions of which each leaf leads a share.
    led: Vec<Vec<u32>>,
}

impl<'a> Shares<'a> {
    /// Whole partitions with these leaders. O(P + n).
    pub(super) fn new(rows: HolderRows<'a>, nodes: usize, leaders: Vec<u32>) -> Self {
        let mut counts = vec![0_usize; nodes];
        for leader in &leaders {
            if let Some(count) = counts.get_mut(*leader as usize) {
                *count += 1;
            }
        }
        let mut led: Vec<Vec<u32>> = counts.into_iter().map(Vec::with_capacity).collect();
        for (partition, leader) in (0..).zip(&leaders) {
            if let Some(list) = led.get_mut(*leader as usize) {
                list.push(partition);
            }
        }
        Self { rows, leaders, splits: Vec::new(), led }
    }

    /// The partitions of which a leaf leads a share.
    #[inline]
    pub(super) fn led(&self, leaf: u32) -> &[u32] {
        self.led.get(leaf as usize).map(Vec::as_slice).or_slip()
    }

    /// The share of a partition that a leaf leads, of `unit`.
    #[inline]
    pub(super) fn share(&self, partition: u32, leaf: u32, unit: i128) -> i128 {
        let leader = at(&self.leaders, partition as usize);
        if leader & SPLIT == 0 {
            return if leader == leaf { unit } else { 0 };
        }
        let split = self.splits.get((leader & !SPLIT) as usize);
        let share = split.into_iter().flatten().find(|(holder, _)| *holder == leaf);
        share.map_or(0, |(_, share)| *share)
    }

    /// Gives `amount` of the partition at this place of `from`'s list to another holder. True if
    /// `from` has nothing left of it: the list then has another partition at this place.
    pub(super) fn transfer(
        &mut self,
        (from, place): (u32, usize),
        to: u32,
        amount: i128,
        unit: i128,
    ) -> bool {
        let Some(partition) = self.led(from).get(place).copied() else { return false };
        let (left, had) =
            (self.share(partition, from, unit) - amount, self.share(partition, to, unit));
        if left == 0 && had + amount == unit {
            put(&mut self.leaders, partition as usize, to);
        } else {
            self.set(partition, from, left, unit);
            self.set(partition, to, had + amount, unit);
        }
        if let Some(list) = self.led.get_mut(from as usize).filter(|_| left == 0) {
            list.swap_remove(place);
        }
        if let Some(list) = self.led.get_mut(to as usize).filter(|_| had == 0) {
            list.push(partition);
        }
        left == 0
    }

    /// Sets a leaf's share of a partition, which becomes a split one.
    fn set(&mut self, partition: u32, leaf: u32, share: i128, unit: i128) {
        let leader = at(&self.leaders, partition as usize);
        let mut number = (leader & !SPLIT) as usize;
        if leader & SPLIT == 0 {
            number = self.splits.len();
            self.splits.push(vec![(leader, unit)]);
            put(&mut self.leaders, partition as usize, SPLIT | number as u32);
        }
        let Some(split) = self.splits.get_mut(number) else { return };
        match split.iter().position(|(holder, _)| *holder == leaf) {
            Some(at) => put(split, at, (leaf, share)),
            None => split.push((leaf, share)),
        }
    }

    /// The leaders; those with the largest share for split partitions.
    pub(super) fn into_leaders(mut self) -> Vec<u32> {
        for leader in &mut self.leaders {
            if *leader & SPLIT == 0 {
                continue;
            }
            let split = self.splits.get((*leader & !SPLIT) as usize);
            let largest = split.into_iter().flatten().max_by_key(|(leaf, share)| (*share, !*leaf));
            *leader = largest.map(|(leaf, _)| *leaf).or_slip();
        }
        self.leaders
    }
}
