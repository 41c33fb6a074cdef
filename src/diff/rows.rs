//! Two partition tables side by side.

use super::ends::{Ends, Range, changes, len, place};
use super::loads::Loads;
use super::pairs::{Pairs, Sums};
use super::parts::{Extent, UnitHolders};
use crate::placement::Rows;
use crate::steps;
use crate::topology::Union;
use alloc::vec::Vec;

/// Two tables of any sizes, with their nodes matched by label.
#[derive(Clone, Copy, Debug)]
pub(super) struct TwoTables<'a> {
    pub(super) old: Rows<'a>,
    pub(super) new: Rows<'a>,
    pub(super) union: &'a Union,
    pub(super) replicas: usize,
}

/// A range of hashes within one partition of each table.
#[derive(Clone, Copy, Debug)]
struct RowPair {
    range: Range,
    old: u32,
    new: u32,
}

impl<'a> TwoTables<'a> {
    /// The number of replicas that are compared on each side.
    pub(super) fn held(&self) -> (u128, u128) {
        let held = |table: Rows<'_>| self.replicas.min(table.replicas as usize) as u128;
        (held(self.old), held(self.new))
    }

    /// The number of hashes that move, summed over the replicas. O(partitions · R²).
    pub(super) fn moved(&self) -> u128 {
        self.moves().map(|(range, _, _)| len(range)).sum()
    }

    /// Σ max(0, share after − share before), as an exact fraction.
    pub(super) fn minimum(&self) -> (u128, u128) {
        let mut loads = Loads::new(self.union.nodes.len());
        for piece in self.pieces() {
            let hashes = len(piece.range);
            let before = self.holders(self.old, &self.union.old, piece.old);
            before.for_each(|place| loads.add_before(place, hashes));
            let after = self.holders(self.new, &self.union.new, piece.new);
            after.for_each(|place| loads.add_after(place, hashes));
        }
        loads.minimum(self.held())
    }

    /// The number of hashes that move between each pair of nodes.
    pub(super) fn matrix(&self) -> Sums {
        let mut pairs = Pairs::default();
        for (range, _, ends) in self.moves() {
            pairs.add(ends, len(range));
        }
        pairs.into_sums()
    }

    /// The moves in order of the hashes: the range, its partition if both tables have the same
    /// partitions, and the two ends.
    pub(super) fn moves(self) -> impl Iterator<Item = (Range, Option<u32>, Ends)> + use<'a> {
        let same = self.old.partitions == self.new.partitions;
        self.pieces().flat_map(move |piece| {
            let before: Vec<u32> = self.holders(self.old, &self.union.old, piece.old).collect();
            let after: Vec<u32> = self.holders(self.new, &self.union.new, piece.new).collect();
            let moves = changes(&before, &after);
            let moves = moves.map(|ends| (piece.range, same.then_some(piece.new), ends));
            moves.collect::<Vec<_>>()
        })
    }

    /// The pieces in order of the hashes, with the holders before and after.
    pub(super) fn lists(self) -> impl Iterator<Item = (Range, Vec<u32>, Vec<u32>)> + use<'a> {
        self.pieces().map(move |piece| {
            let before = self.holders(self.old, &self.union.old, piece.old).collect();
            let after = self.holders(self.new, &self.union.new, piece.new).collect();
            (piece.range, before, after)
        })
    }

    /// The partitions of the new table, which has as many as the old one or a multiple, with the
    /// holders before and after.
    pub(super) fn units(self) -> impl Iterator<Item = UnitHolders> + use<'a> {
        self.lists().zip(0..).map(|((_, before, after), partition)| UnitHolders {
            extent: Extent::Partition(partition),
            before,
            after,
        })
    }

    fn holders(
        &self,
        table: Rows<'a>,
        places: &[u32],
        partition: u32,
    ) -> impl Iterator<Item = u32> {
        table.row(partition).take(self.replicas).filter_map(|node| place(places, Some(node)))
    }

    /// The hashes cut at the partitions of both tables.
    fn pieces(self) -> impl Iterator<Item = RowPair> + use<'a> {
        let mut at = (0, 0);
        let mut first = Some(0);
        core::iter::from_fn(move || {
            steps::count(1);
            let start = first?;
            let ends = (self.old.last_hash(at.0), self.new.last_hash(at.1));
            let last = ends.0.min(ends.1);
            let piece = RowPair { range: (start, last), old: at.0, new: at.1 };
            at.0 += u32::from(ends.0 == last);
            at.1 += u32::from(ends.1 == last);
            first = last.checked_add(1);
            Some(piece)
        })
    }
}
