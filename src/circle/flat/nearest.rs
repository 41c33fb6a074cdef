//! The nearest point in either direction, and the walk outward from it.

use super::layout::Flat;
use crate::circle::distinct::first_distinct;
use crate::node::NodeIdx;
use crate::steps;

/// Half of the circle. A point counts as before a hash if it is at most this far behind it, and as at
/// or after it otherwise; so the point exactly opposite counts as before.
const HALF: u64 = 1 << 63;

impl Flat {
    /// Owner of the nearest point. If two points have the same distance, the one before the hash wins.
    #[inline]
    pub(super) fn nearest_owner(&self, hash: u64) -> Option<NodeIdx> {
        let at = self.position(hash);
        let next = if at < self.len() { at } else { 0 };
        let before = at.checked_sub(1).unwrap_or(self.len().wrapping_sub(1));
        let (behind, ahead) = (*self.points.get(before)?, *self.points.get(next)?);
        let behind = is_behind_nearer(hash, behind, ahead);
        self.words.owner(if behind { self.first_equal(before) } else { next })
    }

    /// The index of the first point that equals the one at an index.
    #[inline]
    pub(crate) fn first_equal(&self, at: usize) -> usize {
        match (self.points.get(at.wrapping_sub(1)), self.points.get(at)) {
            (Some(before), Some(point)) if before == point => self.position(*point),
            _ => at,
        }
    }

    /// Collects distinct owners outward from `hash` until `out` is full. The caller must not ask for
    /// more owners than there are.
    #[inline(never)]
    pub(super) fn nearest_distinct(&self, hash: u64, slots: usize, out: &mut [NodeIdx]) -> usize {
        let mut cursors = Cursors::new(self, self.position(hash));
        // The two cursors together visit each point once, from its nearer side.
        let owners = (0..self.len()).map_while(|_| cursors.step(self, hash));
        first_distinct(owners, slots, out)
    }

    /// The next owner outward that `accept` admits. The walk stores its distance from the hash and the
    /// number of points it has visited at that distance, so it can continue on another ring.
    pub(super) fn next_outward(
        &self,
        hash: u64,
        state: &mut [u64; 8],
        mut accept: impl FnMut(NodeIdx) -> bool,
    ) -> Option<NodeIdx> {
        let [distance, visited, ..] = state;
        let mut place = Outward { distance: *distance, visited: *visited };
        let owner = loop {
            steps::count(1);
            let owner = self.step_outward(hash, &mut place);
            if owner.is_none_or(&mut accept) {
                break owner;
            }
        };
        (*distance, *visited) = (place.distance, place.visited);
        owner
    }

    /// The next point outward. At equal distance, points before the hash come first; equal points keep
    /// their order. O(1) expected.
    fn step_outward(&self, hash: u64, place: &mut Outward) -> Option<NodeIdx> {
        loop {
            if let Some(at) = self.visited_at(hash, place.distance, place.visited) {
                place.visited += 1;
                return self.words.owner(at);
            }
            *place = Outward { distance: self.next_distance(hash, place.distance)?, visited: 0 };
        }
    }

    /// Index of the point with number `visited` at a distance.
    fn visited_at(&self, hash: u64, distance: u64, visited: u64) -> Option<usize> {
        let visited = usize::try_from(visited).ok()?;
        let mut passed = 0;
        if (1..=HALF).contains(&distance) {
            let (start, end) = self.equal_to(hash.wrapping_sub(distance));
            passed = end - start;
            if visited < passed {
                return Some(start + visited);
            }
        }
        if distance < HALF {
            let (start, end) = self.equal_to(hash.wrapping_add(distance));
            return start.checked_add(visited - passed).filter(|at| *at < end);
        }
        None
    }

    /// The smallest distance of a point above this one.
    fn next_distance(&self, hash: u64, distance: u64) -> Option<u64> {
        let last = self.len().checked_sub(1)?;
        let (edge, _) = self.equal_to(hash.wrapping_sub(distance));
        let before = self.points.get(edge.checked_sub(1).unwrap_or(last))?;
        let (_, edge) = self.equal_to(hash.wrapping_add(distance));
        let after = self.points.get(if edge > last { 0 } else { edge })?;
        // A point beyond the half circle, or on the far side of 0, belongs to the other side.
        let behind = Some(hash.wrapping_sub(*before)).filter(|d| *d > distance && *d <= HALF);
        let ahead = Some(after.wrapping_sub(hash)).filter(|d| *d > distance && *d < HALF);
        match (behind, ahead) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (one, other) => one.or(other),
        }
    }

    /// The range of indices of the points that equal a given one.
    fn equal_to(&self, point: u64) -> (usize, usize) {
        let start = self.position(point);
        let end = match self.points.get(start) {
            Some(first) if *first == point => {
                point.checked_add(1).map_or(self.len(), |above| self.position(above))
            }
            _ => start,
        };
        (start, end)
    }
}

/// The positions of the backward and the forward cursor.
struct Cursors {
    ahead: usize,
    /// The first of the equal points that are next behind the hash.
    first: usize,
    /// Which of these equal points is next.
    next: usize,
    end: usize,
}

impl Cursors {
    /// Cursors on both sides of the gap before an index.
    fn new(circle: &Flat, at: usize) -> Self {
        let ahead = if at < circle.len() { at } else { 0 };
        let mut cursors = Self { ahead, first: at, next: at, end: at };
        cursors.go_behind(circle);
        cursors
    }

    /// Moves back to the previous run of equal points.
    fn go_behind(&mut self, circle: &Flat) {
        self.end = if self.first > 0 { self.first } else { circle.len() };
        self.first = circle.first_equal(self.end.saturating_sub(1));
        self.next = self.first;
    }

    #[inline]
    fn step(&mut self, circle: &Flat, hash: u64) -> Option<NodeIdx> {
        let (behind, ahead) = (circle.points.get(self.next)?, circle.points.get(self.ahead)?);
        if is_behind_nearer(hash, *behind, *ahead) {
            let at = self.next;
            self.next += 1;
            if self.next == self.end {
                self.go_behind(circle);
            }
            circle.words.owner(at)
        } else {
            let at = self.ahead;
            self.ahead = if at + 1 < circle.len() { at + 1 } else { 0 };
            circle.words.owner(at)
        }
    }
}

/// True if the point behind is nearer. Its distance counts from 1 to 2^64, because a point at the hash
/// itself is ahead.
#[inline]
fn is_behind_nearer(hash: u64, behind: u64, ahead: u64) -> bool {
    hash.wrapping_sub(behind).wrapping_sub(1) < ahead.wrapping_sub(hash)
}

/// A position on the walk outward. Its fields are untrusted input.
struct Outward {
    distance: u64,
    visited: u64,
}
