//! The rows that a pass of dispersion has to look at.
//!
//! ```text
//!  row              0      1      2      3      4
//!  above its share  .      yes    .      .      yes       some pair of it may share too many partitions
//!  free             .      .      yes    .      .         some replica of it moved
//!  general pass            tried  tried         tried
//!  later pass              tried                tried     all others only add to the effort
//! ```
//!
//! A row that is not above its share becomes so only if its holders change or if one of its pairs
//! comes to share one partition too many. Then exactly the rows with this pair are marked. Where
//! marking would take longer than looking at every row, all of them count as marked.

use super::cells::{at, put};
use super::fair_shares::FairShares;
use super::old_rows::PartitionsByLeaf;
use super::pair_counts::PairCounts;
use super::partners::{Partners, is_free};
use super::tree::NONE;
use super::work::Work;
use alloc::vec;
use alloc::vec::Vec;

/// Some pair of the row may be above its fair share.
const ABOVE: u8 = 1;

/// The row has a replica that may be exchanged wherever its pairs stand.
const FREE: u8 = 2;

/// A pass begins with marks if the one before made at most this many exchanges for each leaf.
const EXCHANGES_PER_LEAF: u64 = 4;

/// Which rows a pass looks at, and what the others add to the effort.
#[derive(Debug)]
pub(super) struct ActiveRows {
    /// [`ABOVE`] and [`FREE`] for each row.
    marks: Vec<u8>,
    /// For each row, the pairs that a pass looks up in it if none is above its share.
    lookups: Vec<u16>,
    /// `None` if every row counts as marked.
    rows: Option<RowsByLeaf>,
    /// How many rows this pass may still check for a pair.
    left: u64,
    /// Exchanges of the pass before, for each leaf, up to which rows are marked; `None` for never.
    marks_up_to: Option<u64>,
}

/// The rows of each leaf; some have left it since.
#[derive(Debug)]
struct RowsByLeaf {
    listed: PartitionsByLeaf,
    joined: Vec<Vec<u32>>,
}

impl RowsByLeaf {
    fn of(&self, leaf: u32) -> impl Iterator<Item = u32> + '_ {
        let joined = self.joined.get(leaf as usize).into_iter().flatten().copied();
        self.listed.of(leaf).iter().chain(joined)
    }

    fn len(&self, leaf: u32) -> usize {
        self.listed.of(leaf).len() + self.joined.get(leaf as usize).map_or(0, Vec::len)
    }
}

/// What decides whether a replica is looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'a, 'w> {
    pub(super) work: &'a Work<'w>,
    pub(super) partners: &'a Partners,
    pub(super) fresh: bool,
}

impl View<'_, '_> {
    /// True if a pass looks at the replica at the `i`-th place of a row, which is free or not.
    #[inline]
    pub(super) fn looks_at(self, leaf: u32, free: bool) -> bool {
        leaf != NONE && (free || !self.partners.has_none_left(leaf))
    }

    #[inline]
    pub(super) fn is_free(self, partition: u32, leaf: u32) -> bool {
        is_free(self.work, (partition, leaf), self.fresh)
    }

    /// How many pairs a pass looks up in a row of which none is above its share, and whether a
    /// replica is free.
    fn summary(self, partition: u32) -> (u16, bool) {
        let row = self.work.row(partition);
        let (mut places, mut any_free) = (0, false);
        for leaf in row.iter().copied() {
            let free = self.is_free(partition, leaf);
            any_free |= free;
            places += usize::from(self.looks_at(leaf, free));
        }
        ((places * row.len().saturating_sub(1)) as u16, any_free)
    }
}

/// True if a pair of this row is above its fair share.
#[inline]
pub(super) fn any_above(row: &[u32], pairs: &PairCounts, shares: &FairShares) -> bool {
    pairs.any(row, |a, b, shared| shares.excess(a, b, shared) > 0)
}

impl ActiveRows {
    /// Every row counts as marked.
    pub(super) fn all() -> Self {
        let (marks, lookups) = (Vec::new(), Vec::new());
        Self { marks, lookups, rows: None, left: 0, marks_up_to: Some(EXCHANGES_PER_LEAF) }
    }

    /// Every row counts as marked in all passes.
    #[cfg(test)]
    pub(super) fn always_all() -> Self {
        Self { marks_up_to: None, ..Self::all() }
    }

    /// Prepares for a pass; the one before made so many exchanges.
    pub(super) fn begin(
        &mut self,
        view: View<'_, '_>,
        (pairs, shares): (&PairCounts, &FairShares),
        exchanged: u64,
    ) {
        let Work { partitions, tree, ref rows, ref sizes, .. } = *view.work;
        self.left = u64::from(partitions);
        let few = |each: u64| exchanged <= each * tree.leaves() as u64;
        if self.rows.is_some() || !self.marks_up_to.is_some_and(few) {
            return;
        }
        self.marks = vec![0; partitions as usize];
        self.lookups = vec![0; partitions as usize];
        for partition in 0..partitions {
            let row = view.work.row(partition);
            crate::steps::count(row.len() as u64);
            self.mark(view, partition, any_above(row, pairs, shares));
        }
        let listed = PartitionsByLeaf::new(tree.leaves(), rows, sizes.stride());
        self.rows = Some(RowsByLeaf { listed, joined: vec![Vec::new(); tree.leaves()] });
    }

    fn mark(&mut self, view: View<'_, '_>, partition: u32, above: bool) {
        let (lookups, free) = view.summary(partition);
        let mark = if above { ABOVE } else { 0 } | if free { FREE } else { 0 };
        put(&mut self.marks, partition as usize, mark);
        put(&mut self.lookups, partition as usize, lookups);
    }

    /// How many pairs a pass looks up in this row, if it does nothing else with it.
    #[inline]
    pub(super) fn skipped(&self, partition: u32, general: bool) -> Option<u64> {
        self.rows.as_ref()?;
        let wanted = if general { ABOVE | FREE } else { ABOVE };
        let mark = at(&self.marks, partition as usize);
        (mark & wanted == 0).then(|| at(&self.lookups, partition as usize).into())
    }

    /// Notes that no pair of this row is above its share.
    pub(super) fn is_within(&mut self, partition: u32) {
        if let Some(mark) = self.marks.get_mut(partition as usize).filter(|_| self.rows.is_some()) {
            *mark &= !ABOVE;
        }
    }

    /// Notes that a leaf took the place of another one in a row. `first_left` is the leaf that was
    /// left, if nothing had left it before.
    pub(super) fn changed(
        &mut self,
        view: View<'_, '_>,
        (partition, to): (u32, u32),
        first_left: Option<u32>,
    ) {
        let Some(rows) = &mut self.rows else { return };
        if let Some(list) = rows.joined.get_mut(to as usize) {
            list.push(partition);
        }
        for other in first_left.into_iter().flat_map(|leaf| rows.of(leaf)) {
            crate::steps::count(1);
            put(&mut self.lookups, other as usize, view.summary(other).0);
        }
        self.mark(view, partition, true);
    }

    /// Marks the rows with this pair, which is now above its share and was not before.
    pub(super) fn rises_above(&mut self, work: &Work<'_>, a: u32, b: u32) {
        let Some(rows) = &self.rows else { return };
        let (few, other) = if rows.len(a) <= rows.len(b) { (a, b) } else { (b, a) };
        let checks = rows.len(few) as u64;
        if checks > self.left {
            self.rows = None;
            return;
        }
        self.left -= checks;
        crate::steps::count(checks);
        for partition in rows.of(few) {
            if work.is_on(partition, other) && work.is_on(partition, few) {
                if let Some(mark) = self.marks.get_mut(partition as usize) {
                    *mark |= ABOVE;
                }
            }
        }
    }
}
