//! Two placements side by side, each of which divides the hashes into pieces with one owner.

use super::ends::{Ends, Range, len, place};
use super::loads::Loads;
use super::pairs::{Pairs, Sums};
use crate::node::NodeIdx;
use crate::placement::{Pieces, Structure};
use crate::steps;
use crate::topology::Union;
use alloc::vec::Vec;

/// Two such placements, with their nodes matched by label. One replica.
#[derive(Clone, Copy, Debug)]
pub(super) struct TwoCuts<'a> {
    pub(super) old: &'a Structure<'a>,
    pub(super) new: &'a Structure<'a>,
    /// Live nodes before and after.
    pub(super) live: (usize, usize),
    pub(super) union: &'a Union,
}

impl<'a> TwoCuts<'a> {
    /// The number of hashes that move, out of 2^64. O(pieces).
    pub(super) fn moved(&self) -> u128 {
        self.moves().map(|(range, _)| len(range)).sum()
    }

    /// Σ max(0, share after − share before), as an exact fraction; where one side has no node,
    /// everything that the other one holds.
    pub(super) fn minimum(&self) -> (u128, u128) {
        let mut loads = Loads::new(self.union.nodes.len());
        for (range, (from, to)) in self.pieces() {
            if let Some(place) = from {
                loads.add_before(place, len(range));
            }
            if let Some(place) = to {
                loads.add_after(place, len(range));
            }
        }
        // One replica if there is a node, else none.
        loads.minimum((self.live.0.min(1) as u128, self.live.1.min(1) as u128))
    }

    /// The number of hashes that move between each pair of nodes.
    pub(super) fn matrix(&self) -> Sums {
        let mut pairs = Pairs::default();
        for (range, ends) in self.moves() {
            pairs.add(ends, len(range));
        }
        pairs.into_sums()
    }

    /// The moves in order of the hashes.
    pub(super) fn moves(self) -> impl Iterator<Item = (Range, Ends)> + use<'a> {
        self.pieces().filter(|(_, (from, to))| from != to)
    }

    /// The hashes cut at the pieces of both.
    pub(super) fn ranges(self) -> impl Iterator<Item = Range> + use<'a> {
        self.pieces().map(|(range, _)| range)
    }

    /// The hashes cut at the pieces of both, with the owner before and after as a list.
    pub(super) fn owners(self) -> impl Iterator<Item = (Range, Vec<u32>, Vec<u32>)> + use<'a> {
        let list = |owner: Option<u32>| owner.into_iter().collect();
        self.pieces().map(move |(range, (from, to))| (range, list(from), list(to)))
    }

    /// The hashes cut at the pieces of both, with the owners before and after.
    fn pieces(self) -> impl Iterator<Item = (Range, Ends)> + use<'a> {
        let mut old = Ahead::new(self.old);
        let mut new = Ahead::new(self.new);
        let mut first = Some(0);
        core::iter::from_fn(move || {
            steps::count(1);
            let start = first?;
            let last = old.last.min(new.last);
            let from = place(&self.union.old, old.owner);
            let to = place(&self.union.new, new.owner);
            old.pass(last);
            new.pass(last);
            first = last.checked_add(1);
            Some(((start, last), (from, to)))
        })
    }
}

/// The current piece and those that follow.
struct Ahead<'a> {
    last: u64,
    owner: Option<NodeIdx>,
    rest: Option<Pieces<'a>>,
}

impl<'a> Ahead<'a> {
    fn new(structure: &Structure<'a>) -> Self {
        let mut ahead = Self { last: 0, owner: None, rest: structure.pieces() };
        ahead.go_on();
        ahead
    }

    /// Moves to the next piece if the current one ends at this hash.
    fn pass(&mut self, last: u64) {
        if self.last == last {
            self.go_on();
        }
    }

    fn go_on(&mut self) {
        let next = self.rest.as_mut().and_then(Iterator::next);
        (self.last, self.owner) = next.unwrap_or((u64::MAX, None));
    }
}
