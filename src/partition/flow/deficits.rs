//! Leaves that are to hold more, found quickly for one partition.

use crate::partition::cells::{at, put, take};
use crate::partition::work::Work;
use crate::steps;
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
    turns: Rotation,
}

#[derive(Debug)]
struct Group {
    domain: u32,
    lacks: u64,
    leaves: Vec<u32>,
    turns: Rotation,
}

/// Numbers in turn; one that is taken out is not looked at again. O(1) for each.
#[derive(Debug, Default)]
struct Rotation {
    next: Vec<u32>,
    before: Vec<u32>,
    first: u32,
    turn: u32,
    left: usize,
}

impl Rotation {
    /// The numbers below `count`.
    fn close(&mut self, count: usize) {
        let n = count as u32;
        self.next = (0..n).map(|i| if i + 1 == n { 0 } else { i + 1 }).collect();
        self.before = (0..n).map(|i| i.checked_sub(1).unwrap_or(n - 1)).collect();
        self.left = count;
    }

    fn advance(&mut self) -> usize {
        steps::count(1);
        self.turn = at(&self.next, self.turn as usize);
        self.turn as usize
    }

    /// All that are left, from the first.
    fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        let from = |i: &usize| Some(at(&self.next, *i) as usize);
        core::iter::successors(Some(self.first as usize), from).take(self.left)
    }

    /// Takes a number out; if it is the one in turn, the next one is.
    fn remove(&mut self, index: usize) {
        let (before, next) = (at(&self.before, index), at(&self.next, index));
        put(&mut self.next, before as usize, next);
        put(&mut self.before, next as usize, before);
        self.left -= 1;
        if self.first as usize == index {
            self.first = next;
        }
        if self.turn as usize == index {
            self.turn = next;
        }
    }
}

impl Deficits {
    pub(super) fn new(work: &Work<'_>, targets: &[u64]) -> Self {
        let level = work.tree.limits.first().copied();
        let mut deficits = Self {
            lacks: vec![0; work.tree.leaves()],
            level,
            groups: Vec::new(),
            turns: Rotation::default(),
        };
        for leaf in 0..work.tree.leaves() as u32 {
            let lacks = work.lack(targets, leaf);
            if lacks == 0 {
                continue;
            }
            put(&mut deficits.lacks, leaf as usize, lacks);
            // Leaves of a domain follow one another.
            let domain = level.map_or(0, |(level, _)| work.tree.domain(leaf, level));
            if deficits.groups.last().is_none_or(|group| group.domain != domain) {
                let turns = Rotation::default();
                deficits.groups.push(Group { domain, lacks: 0, leaves: Vec::new(), turns });
            }
            if let Some(group) = deficits.groups.last_mut() {
                group.lacks += lacks;
                group.leaves.push(leaf);
            }
        }
        deficits.turns.close(deficits.groups.len());
        for group in &mut deficits.groups {
            group.turns.close(group.leaves.len());
        }
        deficits
    }

    pub(super) fn is_empty(&self) -> bool {
        self.turns.left == 0
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
        let groups = self.turns.left;
        if groups <= COMPARED {
            let mut best: Option<(usize, u64)> = None;
            for i in self.turns.iter() {
                let Some(group) = self.groups.get(i) else { continue };
                steps::count(1);
                let better = best.is_none_or(|(_, lacks)| group.lacks > lacks);
                if better && !refused.contains(&i) && open(group) {
                    best = Some((i, group.lacks));
                }
            }
            return best.map(|(i, _)| i);
        }
        for _ in 0..groups {
            let i = self.turns.advance();
            if !refused.contains(&i) && open(self.groups.get(i)?) {
                return Some(i);
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
        for _ in 0..group.turns.left {
            *tries = tries.checked_sub(1)?;
            let leaf = at(&group.leaves, group.turns.advance());
            if work.fits(partition, leaving, leaf) {
                return Some(leaf);
            }
        }
        None
    }

    /// The leaf is the one in turn of its group.
    fn give(&mut self, index: usize, leaf: u32) {
        take(&mut self.lacks, leaf as usize, 1);
        let Some(group) = self.groups.get_mut(index) else { return };
        group.lacks -= 1;
        if at(&self.lacks, leaf as usize) == 0 {
            group.turns.remove(group.turns.turn as usize);
        }
        if group.lacks == 0 {
            self.turns.remove(index);
        }
    }
}
