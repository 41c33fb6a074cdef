//! Two Maglev tables side by side.

use super::pairs::{Pairs, Sums};
use super::rings::{Ends, Range, len, place};
use super::union::Union;
use crate::maglev::Maglev;
use crate::placement::Placement as _;
use crate::steps;
use alloc::vec;

/// Two tables, of any two sizes, and who is who in them. One replica.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tables<'a> {
    pub(super) old: &'a Maglev,
    pub(super) new: &'a Maglev,
    pub(super) union: &'a Union,
}

impl<'a> Tables<'a> {
    /// Hashes that move, out of 2^64. O(entries).
    pub(super) fn moved(&self) -> u128 {
        self.moves().map(|(range, _)| len(range)).sum()
    }

    /// Σ max(0, share after − share before), as an exact fraction; where one side has no node,
    /// everything that the other one holds.
    pub(super) fn least(&self) -> (u128, u128) {
        let (a, b) = (self.old.live(), self.new.live());
        if a == 0 || b == 0 {
            return (u128::from(a != b), 1);
        }
        let mut held = vec![(0_u128, 0_u128); self.union.nodes.len()];
        for (range, (from, to)) in self.pieces() {
            if let Some((before, _)) = from.and_then(|place| held.get_mut(place as usize)) {
                *before += len(range);
            }
            if let Some((_, after)) = to.and_then(|place| held.get_mut(place as usize)) {
                *after += len(range);
            }
        }
        (held.into_iter().map(|(before, after)| after.saturating_sub(before)).sum(), 1 << 64)
    }

    /// Which hashes go from whom to whom.
    pub(super) fn matrix(&self) -> Sums {
        let mut pairs = Pairs::default();
        for (range, ends) in self.moves() {
            pairs.add(ends, len(range));
        }
        pairs.into_sums()
    }

    /// What moves, in order of the hashes.
    pub(super) fn moves(self) -> impl Iterator<Item = (Range, Ends)> + use<'a> {
        self.pieces().filter(|(_, (from, to))| from != to)
    }

    /// The circle cut at the entries of both tables, with the owners before and after.
    fn pieces(self) -> impl Iterator<Item = (Range, Ends)> + use<'a> {
        let mut at = (0, 0);
        let mut first = Some(0);
        core::iter::from_fn(move || {
            steps::count(1);
            let start = first?;
            let ends = (self.old.last_hash(at.0), self.new.last_hash(at.1));
            let last = ends.0.min(ends.1);
            let from = place(&self.union.old, self.old.owner(at.0));
            let to = place(&self.union.new, self.new.owner(at.1));
            at.0 += usize::from(ends.0 == last);
            at.1 += usize::from(ends.1 == last);
            first = last.checked_add(1);
            Some(((start, last), (from, to)))
        })
    }
}
