//! The replicas that may be exchanged, by node and size.

use super::super::tree::NONE;
use super::super::work::Work;
use super::given::PartitionSizes;
use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

/// Partitions with their sizes, the smallest first.
pub(super) type BySize = BTreeSet<(u64, u32)>;

/// For each leaf its partitions by size. Pinned and frozen replicas are in no list.
#[derive(Debug)]
pub(super) struct Replicas {
    /// Replicas that the leaf held before.
    pub(super) kept: Vec<BySize>,
    /// Replicas that came, and in a fresh table all.
    pub(super) new: Vec<BySize>,
    /// Partitions that the leaf held before and holds no more.
    pub(super) left: Vec<BySize>,
}

/// A list of a leaf.
#[derive(Clone, Copy)]
pub(super) enum List {
    Kept(u32),
    New(u32),
    Left(u32),
}

impl Replicas {
    pub(super) fn list(&self, list: List) -> Option<&BySize> {
        match list {
            List::Kept(leaf) => self.kept.get(leaf as usize),
            List::New(leaf) => self.new.get(leaf as usize),
            List::Left(leaf) => self.left.get(leaf as usize),
        }
    }

    /// O(P·R·log P).
    pub(super) fn new(work: &Work<'_>, sizes: &PartitionSizes) -> Self {
        let none: Vec<Vec<(u64, u32)>> = vec![Vec::new(); work.tree.leaves()];
        let (mut kept, mut new, mut left) = (none.clone(), none.clone(), none);
        let push = |lists: &mut Vec<Vec<(u64, u32)>>, leaf: u32, entry| {
            if let Some(list) = lists.get_mut(leaf as usize) {
                list.push(entry);
            }
        };
        for partition in 0..work.partitions {
            let entry = (sizes.of(partition), partition);
            for leaf in work.row(partition).iter().filter(|leaf| **leaf != NONE) {
                crate::steps::count(1);
                if work.constraints.holds(partition, *leaf) {
                    continue;
                }
                let lists = if work.was_on(partition, *leaf) { &mut kept } else { &mut new };
                push(lists, *leaf, entry);
            }
            let gone = |leaf: &&u32| **leaf != NONE && !work.is_on(partition, **leaf);
            for leaf in work.old_row(partition).iter().filter(gone) {
                push(&mut left, *leaf, entry);
            }
        }
        let sorted =
            |lists: Vec<Vec<(u64, u32)>>| lists.into_iter().map(BySize::from_iter).collect();
        Self { kept: sorted(kept), new: sorted(new), left: sorted(left) }
    }

    /// A replica moved from one leaf to another. The rows are those after the move.
    pub(super) fn moves(&mut self, work: &Work<'_>, entry: (u64, u32), from: u32, to: u32) {
        let (was_from, was_to) = (work.was_on(entry.1, from), work.was_on(entry.1, to));
        let change = |lists: &mut Vec<BySize>, leaf: u32, there: bool| {
            if let Some(list) = lists.get_mut(leaf as usize) {
                if there {
                    list.insert(entry)
                } else {
                    list.remove(&entry)
                };
            }
        };
        change(if was_from { &mut self.kept } else { &mut self.new }, from, false);
        change(if was_to { &mut self.kept } else { &mut self.new }, to, true);
        if was_from {
            change(&mut self.left, from, true);
        }
        if was_to {
            change(&mut self.left, to, false);
        }
    }
}

/// Entries of a list in the order of their distance to a size, as far as `max` in each direction.
pub(super) fn near(list: &BySize, size: u64, max: usize) -> impl Iterator<Item = (u64, u32)> + '_ {
    let mut above = list.range((size, 0)..).take(max).peekable();
    let mut below = list.range(..(size, 0)).rev().take(max).peekable();
    core::iter::from_fn(move || match (above.peek(), below.peek()) {
        (Some((a, _)), Some((b, _))) if size - b < a - size => below.next().copied(),
        (None, Some(_)) => below.next().copied(),
        _ => above.next().copied(),
    })
}

/// Entries of a list from a size on upwards, then the others downwards, at most `max` of each.
pub(super) fn around(
    list: &BySize,
    size: u64,
    max: usize,
) -> impl Iterator<Item = (u64, u32)> + '_ {
    let above = list.range((size, 0)..).take(max);
    above.chain(list.range(..(size, 0)).rev().take(max)).copied()
}

#[cfg(test)]
mod tests {
    use super::{BySize, around, near};
    use std::prelude::rust_2024::*;

    #[test]
    fn entries_are_found_by_size() {
        let list = BySize::from([(1, 9), (4, 1), (4, 2), (7, 0), (20, 3)]);
        let sizes =
            |found: Vec<(u64, u32)>| found.iter().map(|(size, _)| *size).collect::<Vec<_>>();
        assert_eq!(near(&list, 5, 9).collect::<Vec<_>>()[..3], [(4, 2), (4, 1), (7, 0)]);
        assert_eq!(sizes(near(&list, 6, 1).collect()), [7, 4]);
        assert_eq!(sizes(near(&list, 0, 2).collect()), [1, 4]);
        assert_eq!(sizes(near(&list, 90, 2).collect()), [20, 7]);
        assert_eq!(sizes(around(&list, 4, 2).collect()), [4, 4, 1]);
        assert_eq!(sizes(around(&list, 5, 9).collect()), [7, 20, 4, 4, 1]);
    }
}
