//! Two circles of points side by side.

use crate::circle::{Circle, Reader};
use crate::placement::Sequence;
use crate::topology::Union;

/// Two circles and their nodes matched by label. A key belongs to the first point at or after its
/// hash; on mirrored circles, at or after the complement of its hash.
#[derive(Clone, Copy, Debug)]
pub(super) struct Circles<'a> {
    pub(super) old: CircleSide<'a>,
    pub(super) new: CircleSide<'a>,
    /// True if hashes are complemented, so that intervals come in descending order.
    pub(super) mirrored: bool,
    pub(super) union: &'a Union,
    pub(super) replicas: usize,
}

/// One of the two circles.
#[derive(Clone, Copy, Debug)]
pub(super) struct CircleSide<'a> {
    pub(super) circle: &'a Circle,
    pub(super) live: usize,
    /// The function behind the points, if they follow only from a node's identity and weight.
    pub(super) sequence: Option<Sequence>,
}

/// An interval of hashes that has no point of either circle before its last hash.
#[derive(Clone, Copy, Debug)]
pub(super) struct Interval {
    pub(super) first: u64,
    pub(super) last: u64,
    /// How many points of the old circle are below the interval.
    pub(super) old: usize,
    /// The same of the new one.
    pub(super) new: usize,
}

impl Interval {
    #[inline]
    pub(super) fn len(&self) -> u128 {
        u128::from(self.last - self.first) + 1
    }
}

/// All such intervals in order; together they cover the circle. O(points of both circles).
#[derive(Clone, Debug)]
pub(super) struct Sweep<'a> {
    old: Reader<'a>,
    new: Reader<'a>,
    first: u64,
    done: bool,
}

impl<'a> Circles<'a> {
    /// The circle cut at the points of both.
    pub(super) fn sweep(&self) -> Sweep<'a> {
        let (old, new) = (self.old.circle.read_up(), self.new.circle.read_up());
        Sweep { old, new, first: 0, done: false }
    }
}

impl Iterator for Sweep<'_> {
    type Item = Interval;

    #[inline]
    fn next(&mut self) -> Option<Interval> {
        while !self.done {
            let a = self.old.point().unwrap_or(u64::MAX);
            let b = self.new.point().unwrap_or(u64::MAX);
            let last = a.min(b);
            let (old, new) = (self.old.passed(), self.new.passed());
            let interval = Interval { first: self.first, last, old, new };
            // The two candidates are loaded ahead, because the next step depends on their minimum.
            self.old.next_if(a <= b);
            self.new.next_if(b <= a);
            self.done = last == u64::MAX;
            self.first = last.wrapping_add(1);
            // Two equal points end one interval.
            if interval.first <= last {
                return Some(interval);
            }
        }
        None
    }
}
