//! What the rows of some partitions must keep beside the limits: sets of nodes with at least or at most so
//! many replicas, and nodes that hold none.
//!
//! ```text
//!  leaves       0 1 2 3 4 5 6 7 8 9       sets of one class: nested or disjoint, parents first
//!  set 0        [-------)                 at least 1, at most 2
//!  set 1          [---)                   at least 1
//!  set 2                    [---)         at most 1
//!  regions      0 1 1 0 - - 2 2 - -       the innermost set of each leaf: all leaves of a region are
//!                                         allowed, or none is
//!
//!  row [2 8 -]  set 1 has 1 of 1, set 0 has 1 of 1, nothing is needed: any region but the full ones
//!  row [4 8 -]  set 1 needs 1, which set 0 needs too: the last place is for leaves 1 and 2
//! ```
//!
//! With lower bounds too, the rows that a tree of sets allows are the bases of a matroid, because they
//! are the integral flows through the tree. Part of a row is independent if what the sets still need
//! fits into their upper bounds and into the places that are left. So every search that relies on the
//! matroid of the limits works with these rules as well.

use super::spans::Spans;
use super::tree::{NONE, Tree};
use crate::slips::OrSlip;
use alloc::vec;
use alloc::vec::Vec;

/// Maximum number of sets of one class.
pub(super) const MAX_SETS: usize = 32;

/// A class whose regions have more ranges of leaves than this is searched by kinds of leaves.
const RANGES_MAX: usize = 16;

/// The rules that some partitions share.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct RowClass {
    /// If several tables are planned together: the table whose leaves alone the rows may use, and its
    /// limits by level, in place of those of the tree.
    pub(super) table: Option<(u32, Vec<(usize, u32)>)>,
    /// Leaves that may hold none of its replicas.
    pub(super) excluded: Spans,
    sets: Vec<LeafSet>,
    /// The leaves outside of all sets, then those of which each set is the innermost.
    regions: Vec<Spans>,
    /// The region of each kind of leaves, or `NONE` for excluded ones; empty if ranges are few enough.
    pub(super) region_of_kind: Vec<u32>,
    /// The leaves that may lead, if not all may.
    pub(super) may_lead: Option<Spans>,
    /// How many replicas of one partition all leaves can hold under these rules.
    pub(super) room: u32,
}

/// A set of leaves, and how many replicas of one partition it holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct LeafSet {
    pub(super) leaves: Spans,
    pub(super) at_least: u32,
    pub(super) at_most: u32,
    /// What it can hold within its own bound, the bounds of sets within it, and the limits.
    pub(super) room: u32,
    /// The innermost set around it; `NONE` if there is none.
    parent: u32,
}

/// A set that would have to hold more replicas of one partition than it may.
#[derive(Clone, Copy, Debug)]
pub(super) struct Conflict {
    pub(super) set: usize,
    /// What it would have to hold: its own lower bound, or what it holds and the sets within it need.
    pub(super) wanted: u32,
}

impl LeafSet {
    /// A set that can hold as many as its own bound says.
    pub(super) fn new(leaves: Spans, at_least: u32, at_most: u32) -> Self {
        Self { leaves, at_least, at_most, room: at_most, parent: NONE }
    }
}

/// The leaves of a row beside the one that leaves its place, and how many places are empty when that
/// one is taken.
pub(super) fn others(row: &[u32], leaving: u32) -> (impl Iterator<Item = u32> + Clone + '_, usize) {
    let empty = row.iter().filter(|leaf| **leaf == NONE).count();
    let others = row.iter().copied().filter(move |leaf| *leaf != leaving && *leaf != NONE);
    (others, empty - usize::from(leaving == NONE && empty > 0))
}

impl RowClass {
    /// True if its regions are many ranges.
    pub(super) fn is_scattered(&self) -> bool {
        let regions = self.regions.iter().chain([&self.excluded]);
        let ranges: usize = regions.map(|region| region.ranges().len()).sum();
        !self.regions.is_empty() && ranges > RANGES_MAX
    }

    /// The region of each leaf, or `NONE` for excluded ones.
    pub(super) fn region_of_leaves(&self) -> Vec<u32> {
        let mut of = vec![NONE; self.regions.iter().map(Spans::len).sum()];
        for (region, spans) in (0..).zip(&self.regions) {
            for leaf in spans.leaves().filter(|leaf| !self.excluded.contains(*leaf)) {
                of.get_mut(leaf as usize).into_iter().for_each(|of| *of = region);
            }
        }
        of
    }

    /// A class with these sets, which must be nested or disjoint, in a tree of so many leaves.
    pub(super) fn new(mut sets: Vec<LeafSet>, leaves: usize) -> Self {
        sets.sort_by_key(|set| core::cmp::Reverse(set.leaves.len()));
        let first = |set: &LeafSet| set.leaves.leaves().next();
        for i in 0..sets.len() {
            let leaf = sets.get(i).and_then(first);
            let around = |set: &LeafSet| leaf.is_some_and(|leaf| set.leaves.contains(leaf));
            let parent = sets.get(..i).unwrap_or_default().iter().rposition(around);
            if let Some(set) = sets.get_mut(i) {
                set.parent = parent.map_or(NONE, |parent| parent as u32);
            }
        }
        let innermost = |leaf: u32| sets.iter().rposition(|set| set.leaves.contains(leaf));
        let mut regions: Vec<Vec<u32>> = Vec::new();
        regions.resize_with(sets.len() + 1, Vec::new);
        for leaf in 0..leaves as u32 {
            let region = innermost(leaf).map_or(0, |set| set + 1);
            regions.get_mut(region).into_iter().for_each(|region| region.push(leaf));
        }
        let regions = regions.into_iter().map(Spans::of).collect();
        Self { sets, regions, ..Self::default() }
    }

    pub(super) fn sets(&self) -> &[LeafSet] {
        &self.sets
    }

    /// The places that the sets need beside this row, or a set that would have to hold more than it may.
    /// `plus` is a set that gets one replica more. O(k·R·log n) for k sets.
    fn needs(
        &self,
        row: &(impl Iterator<Item = u32> + Clone),
        plus: Option<usize>,
    ) -> Result<u32, Conflict> {
        // What the sets below each one need; the last entry is for those without a set around them.
        let mut needs = [0_u32; MAX_SETS + 1];
        let mut more = plus;
        for (i, set) in self.sets.iter().enumerate().rev() {
            let mut holds = row.clone().filter(|leaf| set.leaves.contains(*leaf)).count() as u32;
            if more == Some(i) {
                holds += 1;
                more = (set.parent != NONE).then_some(set.parent as usize);
            }
            let wanted = set.at_least.max(holds + needs.get(i).copied().or_slip());
            if wanted > set.room {
                return Err(Conflict { set: i, wanted });
            }
            let above = if set.parent == NONE { MAX_SETS } else { set.parent as usize };
            if let Some(above) = needs.get_mut(above) {
                *above += wanted - holds;
            }
        }
        Ok(needs.last().copied().or_slip())
    }

    /// The places that the sets need beside these leaves of a row, or what they contradict.
    pub(super) fn needs_beside(&self, row: &[u32]) -> Result<u32, Conflict> {
        self.needs(&row.iter().copied(), None)
    }

    /// True if a row with `others` may have `leaf` too, and `left` places are empty then.
    pub(super) fn admits(
        &self,
        tree: &Tree,
        others: &(impl Iterator<Item = u32> + Clone),
        left: usize,
        leaf: u32,
    ) -> bool {
        if self.excluded.contains(leaf) {
            return false;
        }
        if let Some((table, limits)) = &self.table {
            let admits = |(level, cap): &(usize, u32)| {
                let domain = tree.domain(leaf, *level);
                let within = others.clone().filter(|other| tree.domain(*other, *level) == domain);
                (within.count() as u32) < *cap
            };
            if tree.table_of(leaf) != *table || !limits.iter().all(admits) {
                return false;
            }
        }
        self.sets.is_empty() || {
            let set = self.sets.iter().rposition(|set| set.leaves.contains(leaf));
            self.needs(others, set).is_ok_and(|needs| needs as usize <= left)
        }
    }

    /// True if a row with these leaves and `left` empty places can be completed.
    pub(super) fn keeps(
        &self,
        tree: &Tree,
        row: &(impl Iterator<Item = u32> + Clone),
        left: usize,
    ) -> bool {
        let wrong = |leaf: u32| {
            let table = self.table.as_ref();
            self.excluded.contains(leaf)
                || table.is_some_and(|(table, _)| tree.table_of(leaf) != *table)
        };
        let limits = self.table.iter().flat_map(|(_, limits)| limits);
        let over = |(level, cap): &(usize, u32)| {
            let domain = |leaf| tree.domain(leaf, *level);
            let same = |leaf: u32| row.clone().filter(|l| domain(*l) == domain(leaf)).count();
            row.clone().any(|leaf| same(leaf) as u32 > *cap)
        };
        !row.clone().any(wrong)
            && !{ limits }.any(over)
            && self.needs(row, None).is_ok_and(|needs| needs as usize <= left)
    }

    /// Adds what may not take the place of `leaving` in a row: ranges of leaves, or kinds of them.
    pub(super) fn refuse(
        &self,
        row: &[u32],
        leaving: u32,
        refused: &mut Vec<(u32, u32)>,
        kinds: &mut Vec<bool>,
    ) {
        let by_kind = !self.region_of_kind.is_empty();
        if !by_kind {
            refused.extend_from_slice(self.excluded.ranges());
            if self.sets.is_empty() {
                return;
            }
        }
        let (others, left) = others(row, leaving);
        let is_refused = |region: usize| {
            let needs = self.needs(&others, region.checked_sub(1));
            !needs.is_ok_and(|needs| needs as usize <= left)
        };
        let mut refuses = [false; MAX_SETS + 1];
        for ((region, leaves), refuses) in self.regions.iter().enumerate().zip(&mut refuses) {
            *refuses = is_refused(region);
            if *refuses && !by_kind {
                refused.extend_from_slice(leaves.ranges());
            }
        }
        let of_kind = |region: &u32| refuses.get(*region as usize).copied().unwrap_or(true);
        kinds.extend(self.region_of_kind.iter().map(of_kind));
    }

    /// The first set whose bounds a complete row breaks, and how many of the row it has; its number,
    /// or `None` for the leaves that may hold none.
    pub(super) fn broken(&self, row: &[u32]) -> Option<(Option<usize>, u32)> {
        let count = |leaves: &Spans| row.iter().filter(|leaf| leaves.contains(**leaf)).count();
        let excluded = count(&self.excluded) as u32;
        if excluded > 0 {
            return Some((None, excluded));
        }
        self.sets.iter().enumerate().find_map(|(i, set)| {
            let holds = count(&set.leaves) as u32;
            (!(set.at_least..=set.at_most).contains(&holds)).then_some((Some(i), holds))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{LeafSet, RowClass, Spans};
    use crate::hash::mix::{reduce, word};
    use crate::partition::TableConfig;
    use crate::partition::tree::{NONE, Tree};
    use crate::{Node, Topology};
    use std::vec::Vec;

    /// Independence by its definition: the row is part of one that keeps all sets.
    fn extends(class: &RowClass, row: &[u32], size: usize, leaves: u32) -> bool {
        if row.len() == size {
            return class.broken(row).is_none();
        }
        (0..leaves).any(|leaf| {
            !row.contains(&leaf) && extends(class, &[row, &[leaf]].concat(), size, leaves)
        })
    }

    #[test]
    fn part_of_a_row_is_kept_exactly_if_it_can_be_completed() {
        let nodes = Topology::of((0..6_u32).map(Node::new)).unwrap();
        let tree = Tree::new(nodes.members(), &TableConfig::new(8, 3)).unwrap();
        let mut kept = [0; 2];
        for case in 0..2000_u64 {
            let draw = |stream: u64, below: u64| reduce(word(case, stream), below) as u32;
            // A set, one inside of it, and one beside it.
            let (a, b) = (2 + draw(1, 3), 1 + draw(2, 2));
            let set = |first: u32, end: u32, stream| {
                let most = (1 + draw(stream, 3)).min(end - first);
                LeafSet::new(Spans::of(first..end), draw(stream + 1, u64::from(most) + 1), most)
            };
            let sets = [set(0, a, 10), set(0, b.min(a - 1), 20), set(a, 6, 30)];
            let class = RowClass::new(sets[..=draw(3, 3) as usize].to_vec(), 6);
            // Classes without any row are refused where they are built.
            if !extends(&class, &[], 3, 6) {
                continue;
            }
            for row in 0..64_u32 {
                let row: Vec<u32> = (0..6).filter(|leaf| row & (1 << leaf) != 0).collect();
                if row.len() > 3 {
                    continue;
                }
                let left = 3 - row.len();
                let keeps = class.keeps(&tree, &row.iter().copied(), left);
                assert_eq!(keeps, extends(&class, &row, 3, 6), "{class:?} {row:?}");
                kept[usize::from(keeps)] += 1;
                let mut refused = Vec::new();
                let mut places = row.clone();
                places.resize(3, NONE);
                class.refuse(&places, NONE, &mut refused, &mut Vec::new());
                for leaf in (0..6).filter(|leaf| left > 0 && !row.contains(leaf)) {
                    let more = [&row[..], &[leaf]].concat();
                    let wanted = extends(&class, &more, 3, 6);
                    let admits = class.admits(&tree, &row.iter().copied(), left - 1, leaf);
                    assert_eq!(admits, wanted, "{class:?} {row:?} {leaf}");
                    let refused = refused.iter().any(|(a, b)| (*a..*b).contains(&leaf));
                    assert_eq!(refused, !wanted, "{class:?} {row:?} {leaf}");
                }
            }
        }
        assert!(kept.iter().all(|count| *count > 5_000), "{kept:?}");
    }
}
