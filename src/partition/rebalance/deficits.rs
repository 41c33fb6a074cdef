//! Leaves that are to hold more, found quickly for one partition.

use crate::partition::cells::{at, put, take};
use crate::partition::work::Work;
use alloc::vec;
use alloc::vec::Vec;

/// Leaves tried for one replica before it is left to the search: a bound to the time of one step
/// where deeper limits are in the way.
const TRIES: usize = 64;

/// Domains that are compared for the greatest deficit; more are taken in turn.
const COMPARED: usize = 64;

/// The leaves below their targets, by domain of the outermost level with a limit.
#[derive(Debug)]
pub(super) struct Deficits {
    /// What each leaf lacks.
    lacks: Vec<u64>,
    level: Option<(usize, u32)>,
    groups: Vec<Group>,
    turn: usize,
}

#[derive(Debug)]
struct Group {
    domain: u32,
    lacks: u64,
    leaves: Vec<u32>,
    turn: usize,
}

impl Deficits {
    pub(super) fn new(work: &Work<'_>, targets: &[u64]) -> Self {
        let level = work.tree.limits.first().copied();
        let mut deficits =
            Self { lacks: vec![0; work.tree.leaves()], level, groups: Vec::new(), turn: 0 };
        for leaf in 0..work.tree.leaves() as u32 {
            let lacks = work.lack(targets, leaf);
            if lacks == 0 {
                continue;
            }
            put(&mut deficits.lacks, leaf as usize, lacks);
            // Leaves of a domain follow one another.
            let domain = level.map_or(0, |(level, _)| work.tree.domain(leaf, level));
            if deficits.groups.last().is_none_or(|group| group.domain != domain) {
                let group = Group { domain, lacks: 0, leaves: Vec::new(), turn: 0 };
                deficits.groups.push(group);
            }
            if let Some(group) = deficits.groups.last_mut() {
                group.lacks += lacks;
                group.leaves.push(leaf);
            }
        }
        deficits
    }

    pub(super) fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// A leaf that lacks a replica and may have this one, which comes from `leaving`; it then
    /// lacks one less.
    pub(super) fn take(&mut self, work: &Work<'_>, partition: u32, leaving: u32) -> Option<u32> {
        let mut tries = TRIES;
        let mut refused = [usize::MAX; 8];
        let mut count = 0;
        while tries > 0 {
            let group = self.group(work, partition, leaving, &refused)?;
            if let Some(leaf) = self.within(group, work, partition, leaving, &mut tries) {
                self.give(group, leaf);
                return Some(leaf);
            }
            *refused.get_mut(count)? = group;
            count += 1;
        }
        None
    }

    /// A group that may have the replica.
    fn group(
        &mut self,
        work: &Work<'_>,
        partition: u32,
        leaving: u32,
        refused: &[usize],
    ) -> Option<usize> {
        let row = work.row(partition);
        let open = |group: &Group| {
            self.level.is_none_or(|(level, cap)| {
                work.tree.others_within(row, leaving, level, group.domain) < cap
            })
        };
        let groups = self.groups.len();
        if groups <= COMPARED {
            let mut best: Option<(usize, u64)> = None;
            for (i, group) in self.groups.iter().enumerate() {
                let better = best.is_none_or(|(_, lacks)| group.lacks > lacks);
                if better && !refused.contains(&i) && open(group) {
                    best = Some((i, group.lacks));
                }
            }
            return best.map(|(i, _)| i);
        }
        for _ in 0..groups {
            self.turn = (self.turn + 1) % groups;
            let group = self.groups.get(self.turn)?;
            if !refused.contains(&self.turn) && open(group) {
                return Some(self.turn);
            }
        }
        None
    }

    fn within(
        &mut self,
        group: usize,
        work: &Work<'_>,
        partition: u32,
        leaving: u32,
        tries: &mut usize,
    ) -> Option<u32> {
        let group = self.groups.get_mut(group)?;
        for _ in 0..group.leaves.len() {
            *tries = tries.checked_sub(1)?;
            group.turn = (group.turn + 1) % group.leaves.len();
            let leaf = at(&group.leaves, group.turn);
            if work.fits(partition, leaving, leaf) {
                return Some(leaf);
            }
        }
        None
    }

    fn give(&mut self, index: usize, leaf: u32) {
        take(&mut self.lacks, leaf as usize, 1);
        let Some(group) = self.groups.get_mut(index) else { return };
        group.lacks -= 1;
        if at(&self.lacks, leaf as usize) == 0 {
            group.leaves.retain(|other| *other != leaf);
        }
        if group.lacks == 0 {
            self.groups.remove(index);
        }
    }
}
