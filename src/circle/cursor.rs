//! Reading a circle point by point.

use super::layout::Circle;
use crate::node::NodeIdx;

/// A position on the circle: at a point, or past the last one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    circle: &'a Circle,
    at: usize,
}

impl Circle {
    /// At the lowest point.
    #[inline]
    pub(crate) fn first(&self) -> Cursor<'_> {
        Cursor { circle: self, at: 0 }
    }

    /// Past the highest point.
    #[inline]
    pub(crate) fn end(&self) -> Cursor<'_> {
        Cursor { circle: self, at: self.len() }
    }

    /// At the first point at or after a hash; past the highest if there is none.
    #[inline]
    pub(crate) fn seek(&self, hash: u64) -> Cursor<'_> {
        Cursor { circle: self, at: self.position(hash) }
    }
}

impl Cursor<'_> {
    /// The point; `None` past the highest one.
    #[inline]
    pub(crate) fn point(&self) -> Option<u64> {
        self.circle.points.get(self.at).copied()
    }

    /// The point's owner; past the highest point, where the circle closes, the owner of the lowest.
    #[inline]
    pub(crate) fn owner(&self) -> Option<NodeIdx> {
        self.circle.words.owner(self.at)
    }

    /// The point below, if there is one.
    #[inline]
    pub(crate) fn previous_point(&self) -> Option<u64> {
        self.circle.points.get(self.at.wrapping_sub(1)).copied()
    }

    /// The owner of the point below, if there is one.
    #[inline]
    pub(crate) fn previous_owner(&self) -> Option<NodeIdx> {
        self.circle.words.owner(self.at.wrapping_sub(1))
    }

    /// How many points are below.
    #[inline]
    pub(crate) fn rank(&self) -> usize {
        self.at
    }

    /// Moves one point up if there is one and `go` is true. Without a branch.
    #[inline]
    pub(crate) fn next_if(&mut self, go: bool) {
        self.at += usize::from(go & (self.at < self.circle.len()));
    }

    /// Moves one point up; from the highest point to the lowest.
    #[inline]
    pub(crate) fn next_around(&mut self) {
        self.at += 1;
        if self.at >= self.circle.len() {
            self.at = 0;
        }
    }

    /// Moves one point down if there is one and `go` is true, and returns whether it moved. Without a
    /// branch.
    #[inline]
    pub(crate) fn previous_if(&mut self, go: bool) -> bool {
        let go = go & (self.at > 0);
        self.at -= usize::from(go);
        go
    }
}
