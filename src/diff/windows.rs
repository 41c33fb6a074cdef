//! The holders of an interval on both sides, at any number of replicas.

use super::circles::{CircleSide, Circles};
use super::ends::{Ends, place};
use crate::circle::{Circle, Reader};
use crate::steps;
use alloc::vec;
use alloc::vec::Vec;

/// The holders of the current interval before and after, and the moves between them.
#[derive(Clone, Debug)]
pub(super) struct Lists<'a> {
    old: Window<'a>,
    new: Window<'a>,
    pub(super) ends: Vec<Ends>,
}

impl<'a> Lists<'a> {
    /// Starts at the first interval. O(points).
    pub(super) fn new(circles: &Circles<'a>) -> Self {
        Self {
            old: Window::new(circles.old, &circles.union.old, circles.replicas),
            new: Window::new(circles.new, &circles.union.new, circles.replicas),
            ends: Vec::new(),
        }
    }

    /// Moves forward to the interval whose lists begin at these points. Amortised O(R²), plus O(R) for
    /// each point passed.
    pub(super) fn go_to(&mut self, old: usize, new: usize) {
        self.old.go_to(old);
        self.new.go_to(new);
        self.ends.clear();
        // A replica that only changes its place in the list does not move.
        let mut gone = self.old.holders().filter(|n| self.new.holders().all(|other| other != *n));
        let mut came = self.new.holders().filter(|n| self.old.holders().all(|other| other != *n));
        loop {
            let ends = (gone.next(), came.next());
            if ends == (None, None) {
                break;
            }
            self.ends.push(ends);
        }
    }
}

/// The first `k` distinct owners from a point on, as that point moves up the circle.
///
/// ```text
/// points   … [a] b  a  c  b  b  d …      k = 3, the window ends after c
///            at           end
/// list     a:at, b:at+1, c:at+3          each owner with its first point in the window
/// ```
///
/// One point further, `a` stands at its next point, which is known from the beginning. Where that
/// is beyond the window, `a` leaves the list, and the window grows until it has another owner. So
/// each point enters the window once, however far apart the points of some nodes are.
#[derive(Clone, Debug)]
struct Window<'a> {
    places: &'a [u32],
    points: usize,
    /// The distance from each point to the next point of its owner; the whole circle if it has only one.
    /// Empty for one replica, whose list is just the point's owner.
    ahead: Vec<u32>,
    /// The owners, each with the number of its first point in the window. Numbers continue past the last
    /// point of the circle.
    list: Vec<(usize, u32)>,
    k: usize,
    at: usize,
    end: usize,
    circle: &'a Circle,
    /// At point number `end`.
    reader: Reader<'a>,
}

impl<'a> Window<'a> {
    fn new(side: CircleSide<'a>, places: &'a [u32], replicas: usize) -> Self {
        let k = replicas.min(side.live);
        let ahead = if k > 1 { ahead(side.circle, places.len()) } else { Vec::new() };
        let (circle, points, list) = (side.circle, side.circle.len(), Vec::new());
        let reader = circle.read_up();
        let mut window = Self { places, points, ahead, list, k, at: 0, end: 0, circle, reader };
        window.grow();
        window
    }

    fn holders(&self) -> impl Iterator<Item = u32> {
        self.list.iter().map(|(_, owner)| *owner)
    }

    fn go_to(&mut self, at: usize) {
        while self.at < at {
            self.step();
        }
    }

    fn step(&mut self) {
        steps::count(1);
        if self.list.first().is_some_and(|first| first.0 == self.at) {
            let (_, owner) = self.list.remove(0);
            let ahead = self.ahead.get(self.at % self.points.max(1)).copied();
            let next = self.at.saturating_add(ahead.map_or(usize::MAX, |ahead| ahead as usize));
            if next < self.end {
                let place = self.list.partition_point(|entry| entry.0 < next);
                self.list.insert(place, (next, owner));
            }
        }
        self.at += 1;
        self.grow();
    }

    /// Extends the window until it has `k` owners, or all of them.
    fn grow(&mut self) {
        if self.end < self.at {
            self.next();
        }
        while self.list.len() < self.k && self.end < self.at + self.points {
            steps::count(1);
            let (_, owners) = self.reader.block();
            let owner = place(self.places, owners.first().copied());
            if let Some(owner) = owner.filter(|owner| self.holders().all(|other| other != *owner)) {
                self.list.push((self.end, owner));
            }
            self.next();
        }
    }

    /// Reads on to the next point; after the highest one, from the lowest.
    fn next(&mut self) {
        self.end += 1;
        self.reader.next_if(true);
        if self.reader.point().is_none() {
            self.reader = self.circle.read_up();
        }
    }
}

fn ahead(circle: &Circle, slots: usize) -> Vec<u32> {
    let points = circle.len();
    let mut ahead = vec![0; points];
    // The lowest point met so far of each slot, going down; the first round is for those beyond
    // the end.
    let mut met: Vec<Option<usize>> = vec![None; slots];
    for round in [points, 0] {
        let mut reader = circle.read_down();
        let mut rank = points;
        loop {
            let (_, owners) = reader.block();
            let passed = owners.len();
            if passed == 0 {
                break;
            }
            for owner in owners {
                steps::count(1);
                rank -= 1;
                let at = rank + round;
                let Some(met) = met.get_mut(owner.index()) else { continue };
                if let (Some(next), Some(ahead)) = (*met, ahead.get_mut(at)) {
                    *ahead = (next - at) as u32;
                }
                *met = Some(at);
            }
            reader.pass(passed);
        }
    }
    ahead
}
