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
    /// The number of replicas of a key that are compared on each side; `None` if partitions have
    /// different numbers.
    fn each(&self) -> Option<(u128, u128)> {
        let each = |table: Rows<'_>| {
            let replicas = self.replicas.min(table.replicas as usize);
            let shorter = |size: &u8| usize::from(*size) < replicas;
            let same = !table.sizes.is_some_and(|sizes| sizes.iter().any(shorter));
            same.then_some(replicas as u128)
        };
        Some((each(self.old)?, each(self.new)?))
    }

    /// The number of hashes on each side, summed over the replicas that are compared. O(partitions) if
    /// partitions have different numbers of replicas.
    pub(super) fn held(&self) -> (u128, u128) {
        if let Some((a, b)) = self.each() {
            return (a << 64, b << 64);
        }
        let (mut a, mut b) = (0, 0);
        for piece in self.pieces() {
            let held =
                |table: Rows<'_>, partition| table.row(partition).take(self.replicas).count();
            a += len(piece.range) * held(self.old, piece.old) as u128;
            b += len(piece.range) * held(self.new, piece.new) as u128;
        }
        (a, b)
    }

    /// The number of hashes that move, summed over the replicas. O(partitions · R²).
    pub(super) fn moved(&self) -> u128 {
        self.moves().map(|(range, _, _)| len(range)).sum()
    }

    /// Σ max(0, share after − share before), as an exact fraction; `None` if partitions have different
    /// numbers of replicas and the sums of both sides differ.
    pub(super) fn minimum(&self) -> Option<(u128, u128)> {
        let mut loads = Loads::new(self.union.nodes.len());
        for piece in self.pieces() {
            let hashes = len(piece.range);
            let before = self.holders(self.old, &self.union.old, piece.old);
            before.for_each(|place| loads.add_before(place, hashes));
            let after = self.holders(self.new, &self.union.new, piece.new);
            after.for_each(|place| loads.add_after(place, hashes));
        }
        if let Some(each) = self.each() {
            return Some(loads.minimum(each));
        }
        let gained = |(before, after): (u128, u128)| after.saturating_sub(before);
        let (a, b) = self.held();
        (a == b).then(|| (loads.iter().map(gained).sum(), a))
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
