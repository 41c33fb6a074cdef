//! The moves between two rings one by one, lazily.

use super::lists::Lists;
use super::rings::{Ends, Range, Rings};
use crate::ring::Sweep;
use crate::topology::Members;
use alloc::vec;
use alloc::vec::Vec;

/// What moves in an interval.
type Piece = (Range, Vec<Ends>);

/// The moves of two rings, lazily.
#[derive(Clone, Debug)]
pub(super) struct RangeMoves<'a> {
    source: Source<'a>,
    /// Read but not given yet: the interval after the current one.
    ahead: Option<Piece>,
    range: Range,
    ends: vec::IntoIter<Ends>,
}

#[derive(Clone, Debug)]
enum Source<'a> {
    Listed(vec::IntoIter<(Range, Ends)>),
    Sweep(Sweep<'a>, Lists<'a>),
}

impl Source<'_> {
    fn next(&mut self) -> Option<Piece> {
        let (sweep, lists) = match self {
            Self::Listed(moves) => {
                return moves.next().map(|(range, ends)| (range, vec![ends]));
            }
            Self::Sweep(sweep, lists) => (sweep, lists),
        };
        for interval in sweep {
            lists.go_to(interval.old, interval.new);
            if !lists.ends.is_empty() {
                return Some(((interval.first, interval.last), lists.ends.clone()));
            }
        }
        None
    }
}

impl<'a> RangeMoves<'a> {
    /// In order of the hashes, neighbours joined.
    pub(super) fn new(rings: &Rings<'a>, before: &Members, after: &Members) -> Self {
        let source = match rings.by_changed_points(before, after) {
            Some(moves) => Source::Listed(moves.into_iter()),
            None => Source::Sweep(rings.old.sweep(rings.new), Lists::new(rings)),
        };
        Self { source, ahead: None, range: (0, 0), ends: Vec::new().into_iter() }
    }
}

impl Iterator for RangeMoves<'_> {
    type Item = (Range, Ends);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(ends) = self.ends.next() {
                return Some((self.range, ends));
            }
            let (mut range, ends) = self.ahead.take().or_else(|| self.source.next())?;
            // Neighbours in which the same moves happen are one interval.
            while let Some(next) = self.source.next() {
                if range.1.checked_add(1) != Some(next.0.0) || ends != next.1 {
                    self.ahead = Some(next);
                    break;
                }
                range.1 = next.0.1;
            }
            self.range = range;
            self.ends = ends.into_iter();
        }
    }
}
