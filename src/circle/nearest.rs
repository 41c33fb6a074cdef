//! The nearest point in either direction, and the walk outward from it.

use super::layout::Circle;
use super::lookup::FEW;
use crate::node::NodeIdx;
use crate::seen::Seen;
use crate::steps;

/// Half of the circle. Points up to so far behind a hash count as before it, all others as at or
/// after it; a point right opposite stands before it.
const HALF: u64 = 1 << 63;

impl Circle {
    /// Owner of the nearest point; of two at one distance, the one before the hash.
    #[inline]
    pub(super) fn nearest_owner(&self, hash: u64) -> Option<NodeIdx> {
        let at = self.position(hash);
        let next = if at < self.len() { at } else { 0 };
        let before = at.checked_sub(1).unwrap_or(self.len().wrapping_sub(1));
        let (behind, ahead) = (*self.points.get(before)?, *self.points.get(next)?);
        let behind = is_behind_nearer(hash, behind, ahead);
        self.words.owner(if behind { self.first_equal(before) } else { next })
    }

    /// The first of the points that are equal to the one at an index.
    #[inline]
    pub(super) fn first_equal(&self, at: usize) -> usize {
        match (self.points.get(at.wrapping_sub(1)), self.points.get(at)) {
            (Some(before), Some(point)) if before == point => self.position(*point),
            _ => at,
        }
    }

    /// Collects distinct owners outward from `hash` until `out` is full. The caller asks for no
    /// more than there are.
    #[inline(never)]
    pub(super) fn nearest_distinct(&self, hash: u64, slots: usize, out: &mut [NodeIdx]) -> usize {
        let few = out.len() <= FEW;
        let (mut seen, mut found) = (Seen::new(slots), 0);
        let mut cursors = Cursors::new(self, self.position(hash));
        // Both cursors together meet each point once: from its nearer side.
        for _ in 0..self.len() {
            let Some((chosen, rest)) = out.split_at_mut_checked(found) else { break };
            let Some(free) = rest.first_mut() else { break };
            let Some(owner) = cursors.step(self, hash) else { break };
            steps::count(1);
            if if few { !chosen.contains(&owner) } else { seen.insert(owner) } {
                *free = owner;
                found += 1;
            }
        }
        found
    }

    /// The walk keeps its distance from the hash and how many points it has met at that distance:
    /// it goes on from there on another ring, too.
    pub(super) fn next_outward(
        &self,
        hash: u64,
        state: &mut [u64; 8],
        mut accept: impl FnMut(NodeIdx) -> bool,
    ) -> Option<NodeIdx> {
        let [distance, met, ..] = state;
        let mut place = Outward { distance: *distance, met: *met };
        let owner = loop {
            steps::count(1);
            let owner = self.step_outward(hash, &mut place);
            if owner.is_none_or(&mut accept) {
                break owner;
            }
        };
        (*distance, *met) = (place.distance, place.met);
        owner
    }

    /// The next point outward: at the same distance first those before the hash, equal ones in
    /// their order. O(1) expected.
    fn step_outward(&self, hash: u64, place: &mut Outward) -> Option<NodeIdx> {
        loop {
            if let Some(at) = self.met_at(hash, place.distance, place.met) {
                place.met += 1;
                return self.words.owner(at);
            }
            *place = Outward { distance: self.next_distance(hash, place.distance)?, met: 0 };
        }
    }

    /// Index of the point that is number `met` at a distance.
    fn met_at(&self, hash: u64, distance: u64, met: u64) -> Option<usize> {
        let met = usize::try_from(met).ok()?;
        let mut passed = 0;
        if (1..=HALF).contains(&distance) {
            let (start, end) = self.equal_to(hash.wrapping_sub(distance));
            passed = end - start;
            if met < passed {
                return Some(start + met);
            }
        }
        if distance < HALF {
            let (start, end) = self.equal_to(hash.wrapping_add(distance));
            return start.checked_add(met - passed).filter(|at| *at < end);
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
        // Whatever lies beyond the half, or came around the circle, belongs to the other side.
        let behind = Some(hash.wrapping_sub(*before)).filter(|d| *d > distance && *d <= HALF);
        let ahead = Some(after.wrapping_sub(hash)).filter(|d| *d > distance && *d < HALF);
        match (behind, ahead) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (one, other) => one.or(other),
        }
    }

    /// The points that are equal to one, as a range of indices.
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

/// Where the ways backward and forward stand.
struct Cursors {
    ahead: usize,
    /// The first of the equal points that come next behind.
    first: usize,
    /// Which of them comes next.
    next: usize,
    end: usize,
}

impl Cursors {
    /// On both sides of the place before an index.
    fn new(circle: &Circle, at: usize) -> Self {
        let ahead = if at < circle.len() { at } else { 0 };
        let mut cursors = Self { ahead, first: at, next: at, end: at };
        cursors.go_behind(circle);
        cursors
    }

    /// To the equal points before those that were the next ones behind.
    fn go_behind(&mut self, circle: &Circle) {
        self.end = if self.first > 0 { self.first } else { circle.len() };
        self.first = circle.first_equal(self.end.saturating_sub(1));
        self.next = self.first;
    }

    #[inline]
    fn step(&mut self, circle: &Circle, hash: u64) -> Option<NodeIdx> {
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

/// Behind are 1 to 2^64: a point at the hash itself lies ahead.
#[inline]
fn is_behind_nearer(hash: u64, behind: u64, ahead: u64) -> bool {
    hash.wrapping_sub(behind).wrapping_sub(1) < ahead.wrapping_sub(hash)
}

/// A place on the way outward. What it holds is not trusted.
struct Outward {
    distance: u64,
    met: u64,
}
