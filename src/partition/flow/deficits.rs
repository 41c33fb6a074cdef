//! Leaves below their targets, found quickly for one replica.
//!
//! ```text
//!  rotation of groups    [zone a: deficit 5] -> [zone b: deficit 2] -> [zone d: deficit 1] -> ...
//!                               |                      |
//!  rotation of leaves    leaf 0 -> leaf 2 -> ..  leaf 7 -> ..        each with its own deficit
//! ```
//!
//! Groups are the domains of the outermost level with a limit, so a partition that has reached the
//! limit of a domain skips all its leaves at once. A leaf or a group whose deficit falls to 0
//! leaves its rotation and is not looked at again.

use crate::partition::cells::{at, put, take};
use crate::partition::work::Work;
use crate::steps;
use alloc::vec;
use alloc::vec::Vec;

/// Maximum number of leaves tried for one replica before it is left to the search. Bounds the time
/// of a step where limits of inner levels exclude many leaves.
const LEAF_TRIES_MAX: usize = 64;

/// Maximum number of groups that are compared for the greatest deficit; more are taken in turn.
const COMPARED_GROUPS_MAX: usize = 64;

/// The leaves below their targets, by domain of the outermost level with a limit.
#[derive(Debug)]
pub(super) struct Deficits {
    /// The deficit of each node's leaf.
    deficit: Vec<u64>,
    /// How many tables have a leaf for each node.
    tables: u32,
    level: Option<(usize, u32)>,
    groups: Vec<Group>,
    rotation: Rotation,
}

#[derive(Debug)]
struct Group {
    domain: u32,
    deficit: u64,
    leaves: Vec<u32>,
    rotation: Rotation,
}

/// A circular list of numbers, as links in both directions: advancing and removing take O(1).
#[derive(Debug, Default)]
struct Rotation {
    next: Vec<u32>,
    before: Vec<u32>,
    first: u32,
    current: u32,
    remaining: usize,
}

impl Rotation {
    /// Fills the list with the numbers below `count`.
    fn fill(&mut self, count: usize) {
        let n = count as u32;
        self.next = (0..n).map(|i| if i + 1 == n { 0 } else { i + 1 }).collect();
        self.before = (0..n).map(|i| i.checked_sub(1).unwrap_or(n - 1)).collect();
        self.remaining = count;
    }

    fn advance(&mut self) -> usize {
        steps::count(1);
        self.current = at(&self.next, self.current as usize);
        self.current as usize
    }

    /// The remaining numbers, from the first one on.
    fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        let from = |i: &usize| Some(at(&self.next, *i) as usize);
        core::iter::successors(Some(self.first as usize), from).take(self.remaining)
    }

    /// Removes a number; if it is the current one, the next one becomes current.
    fn remove(&mut self, index: usize) {
        let (before, next) = (at(&self.before, index), at(&self.next, index));
        put(&mut self.next, before as usize, next);
        put(&mut self.before, next as usize, before);
        self.remaining -= 1;
        if self.first as usize == index {
            self.first = next;
        }
        if self.current as usize == index {
            self.current = next;
        }
    }
}

impl Deficits {
    /// Those of one table.
    pub(super) fn new(work: &Work<'_>, targets: &[u64], table: u32) -> Self {
        let level = work.constraints.rules.limits_of_table(work.tree, table).first().copied();
        let tables = work.tree.tables.max(1);
        let mut deficits = Self {
            deficit: vec![0; work.tree.leaves() / tables as usize],
            tables,
            level,
            groups: Vec::new(),
            rotation: Rotation::default(),
        };
        for leaf in (table..work.tree.leaves() as u32).step_by(tables as usize) {
            let deficit = work.deficit(targets, leaf);
            if deficit == 0 {
                continue;
            }
            put(&mut deficits.deficit, (leaf / tables) as usize, deficit);
            // The leaves of a domain are consecutive.
            let domain = level.map_or(0, |(level, _)| work.tree.domain(leaf, level));
            if deficits.groups.last().is_none_or(|group| group.domain != domain) {
                let rotation = Rotation::default();
                deficits.groups.push(Group { domain, deficit: 0, leaves: Vec::new(), rotation });
            }
            if let Some(group) = deficits.groups.last_mut() {
                group.deficit += deficit;
                group.leaves.push(leaf);
            }
        }
        deficits.rotation.fill(deficits.groups.len());
        for group in &mut deficits.groups {
            group.rotation.fill(group.leaves.len());
        }
        deficits
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rotation.remaining == 0
    }

    /// Finds a leaf below its target to which a partition's replica on `leaving` may move, and
    /// lowers its deficit by one.
    pub(super) fn take(&mut self, work: &Work<'_>, partition: u32, leaving: u32) -> Option<u32> {
        let mut tries = LEAF_TRIES_MAX;
        let mut refused = [usize::MAX; 8];
        let mut count = 0;
        while tries > 0 {
            let group = self.group(work, partition, leaving, &refused)?;
            if let Some(leaf) = self.within(group, work, partition, leaving, &mut tries) {
                self.assign(group, leaf);
                return Some(leaf);
            }
            *refused.get_mut(count)? = group;
            count += 1;
        }
        None
    }

    /// A group whose limit allows the replica: that with the greatest deficit, or in large clusters
    /// the next one in turn.
    fn group(
        &mut self,
        work: &Work<'_>,
        partition: u32,
        leaving: u32,
        refused: &[usize],
    ) -> Option<usize> {
        let row = work.row(partition);
        let admits = |group: &Group| {
            self.level.is_none_or(|(level, cap)| {
                work.tree.others_within(row, leaving, level, group.domain) < cap
            })
        };
        let groups = self.rotation.remaining;
        if groups <= COMPARED_GROUPS_MAX {
            let mut best: Option<(usize, u64)> = None;
            for i in self.rotation.iter() {
                let Some(group) = self.groups.get(i) else { continue };
                steps::count(1);
                let better = best.is_none_or(|(_, deficit)| group.deficit > deficit);
                if better && !refused.contains(&i) && admits(group) {
                    best = Some((i, group.deficit));
                }
            }
            return best.map(|(i, _)| i);
        }
        for _ in 0..groups {
            let i = self.rotation.advance();
            if !refused.contains(&i) && admits(self.groups.get(i)?) {
                return Some(i);
            }
        }
        None
    }

    /// The next leaf of a group to which the replica may move.
    fn within(
        &mut self,
        group: usize,
        work: &Work<'_>,
        partition: u32,
        leaving: u32,
        tries: &mut usize,
    ) -> Option<u32> {
        let group = self.groups.get_mut(group)?;
        for _ in 0..group.rotation.remaining {
            *tries = tries.checked_sub(1)?;
            let leaf = at(&group.leaves, group.rotation.advance());
            if work.fits(partition, leaving, leaf) {
                return Some(leaf);
            }
        }
        None
    }

    /// Lowers the deficit of a leaf, which is the current one of its group.
    fn assign(&mut self, index: usize, leaf: u32) {
        let node = (leaf / self.tables) as usize;
        take(&mut self.deficit, node, 1);
        let Some(group) = self.groups.get_mut(index) else { return };
        group.deficit -= 1;
        if at(&self.deficit, node) == 0 {
            group.rotation.remove(group.rotation.current as usize);
        }
        if group.deficit == 0 {
            self.rotation.remove(index);
        }
    }
}
