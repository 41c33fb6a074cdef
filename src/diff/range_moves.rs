//! The moves between two circles one by one, lazily.

use super::changed_moves::Pass;
use super::circles::{Circles, Sweep};
use super::ends::{Ends, Range, follows};
use super::windows::Lists;
use crate::topology::Members;
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::iter::Peekable;

/// The moves between two circles in order of the hashes, neighbours with the same ends joined.
#[derive(Clone, Debug)]
pub(super) enum RangeMoves<'a> {
    /// All of them, where they were found at changed points or are needed in another order.
    Listed(vec::IntoIter<(Range, Ends)>),
    Swept(Box<Swept<'a>>),
}

impl<'a> RangeMoves<'a> {
    pub(super) fn new(circles: &Circles<'a>, before: &Members, after: &Members) -> Self {
        let moves = Self::upward(circles, before, after);
        if !circles.mirrored {
            return moves;
        }
        let mirror = |((first, last), ends): (Range, Ends)| ((!last, !first), ends);
        let mut moves: Vec<_> = moves.map(mirror).collect();
        moves.sort_unstable();
        Self::Listed(moves.into_iter())
    }

    /// In the order of the circles' points.
    fn upward(circles: &Circles<'a>, before: &Members, after: &Members) -> Self {
        match circles.by_changed_points(before, after, Pass::Lists) {
            Some(moves) => Self::Listed(moves.into_iter()),
            None => Self::Swept(Box::new(Swept::new(circles))),
        }
    }
}

/// The moves of intervals in order, neighbours with the same ends joined.
#[derive(Clone, Debug)]
pub(super) struct Joined<I: Iterator<Item = (Range, Ends)>>(Peekable<I>);

impl<I: Iterator<Item = (Range, Ends)>> Joined<I> {
    pub(super) fn new(moves: I) -> Self {
        Self(moves.peekable())
    }
}

impl<I: Iterator<Item = (Range, Ends)>> Iterator for Joined<I> {
    type Item = (Range, Ends);

    fn next(&mut self) -> Option<Self::Item> {
        let (mut range, ends) = self.0.next()?;
        while let Some((next, _)) = self.0.next_if(|next| follows(range, next.0) && ends == next.1)
        {
            range.1 = next.1;
        }
        Some((range, ends))
    }
}

impl Iterator for RangeMoves<'_> {
    type Item = (Range, Ends);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Listed(moves) => moves.next(),
            Self::Swept(swept) => swept.next(),
        }
    }
}

/// The moves in an interval.
type RangeEnds = (Range, Vec<Ends>);

/// The intervals of both circles in which something moves.
#[derive(Clone, Debug)]
pub(super) struct Swept<'a> {
    sweep: Sweep<'a>,
    lists: Lists<'a>,
    /// The interval after the current one, if it was already read.
    ahead: Option<RangeEnds>,
    range: Range,
    ends: vec::IntoIter<Ends>,
}

impl<'a> Swept<'a> {
    pub(super) fn new(circles: &Circles<'a>) -> Self {
        let (sweep, lists) = (circles.sweep(), Lists::new(circles));
        Self { sweep, lists, ahead: None, range: (0, 0), ends: Vec::new().into_iter() }
    }

    fn piece(&mut self) -> Option<RangeEnds> {
        for interval in &mut self.sweep {
            self.lists.go_to(interval.old, interval.new);
            if !self.lists.ends.is_empty() {
                // Sorted, so that intervals with the same moves compare equal.
                let mut ends = self.lists.ends.clone();
                ends.sort_unstable();
                return Some(((interval.first, interval.last), ends));
            }
        }
        None
    }

    pub(super) fn next(&mut self) -> Option<(Range, Ends)> {
        loop {
            if let Some(ends) = self.ends.next() {
                return Some((self.range, ends));
            }
            let (mut range, ends) = self.ahead.take().or_else(|| self.piece())?;
            while let Some(next) = self.piece() {
                if !follows(range, next.0) || ends != next.1 {
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
