//! Leaves that a search may still reach more cheaply, by domain.

use crate::partition::cells::at;
use crate::partition::work::Work;
use alloc::vec::Vec;

/// Leaves in groups of one domain of the outermost level with a limit, so that one look refuses a
/// group.
#[derive(Debug, Default)]
pub(super) struct Open {
    groups: Vec<(u32, Vec<u32>)>,
    /// Groups and leaves looked at so far.
    pub(super) looked: u64,
}

impl Open {
    /// The leaves that `wanted` accepts.
    pub(super) fn refill(&mut self, work: &Work<'_>, wanted: impl Fn(u32) -> bool) {
        self.groups.clear();
        let level = work.tree.limits.first();
        for leaf in (0..work.tree.leaves() as u32).filter(|leaf| wanted(*leaf)) {
            let domain = level.map_or(0, |(level, _)| work.tree.domain(leaf, *level));
            match self.groups.last_mut() {
                Some((same, leaves)) if *same == domain => leaves.push(leaf),
                _ => self.groups.push((domain, alloc::vec![leaf])),
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Takes out leaves that a replica may go to, no more than `most`, and those that are no longer
    /// `wanted`.
    pub(super) fn take(
        &mut self,
        work: &Work<'_>,
        partition: u32,
        leaving: u32,
        wanted: impl Fn(u32) -> bool,
        most: usize,
        taken: &mut Vec<u32>,
    ) {
        let row = work.row(partition);
        let level = work.tree.limits.first();
        let mut looked = 0;
        self.groups.retain_mut(|(domain, leaves)| {
            looked += 1;
            let full = level.is_some_and(|(level, cap)| {
                work.tree.others_within(row, leaving, *level, *domain) >= *cap
            });
            if full || taken.len() >= most {
                return true;
            }
            let mut i = 0;
            while i < leaves.len() && taken.len() < most {
                looked += 1;
                let leaf = at(leaves, i);
                let stale = !wanted(leaf);
                if stale || work.fits(partition, leaving, leaf) {
                    leaves.swap_remove(i);
                    if !stale {
                        taken.push(leaf);
                    }
                } else {
                    i += 1;
                }
            }
            !leaves.is_empty()
        });
        self.looked += looked;
    }
}
