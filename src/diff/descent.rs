//! What moves between two circles that differ in a few points: it lies below those points.
//!
//! ```text
//! before   …  b     c     a        c     d  …        two replicas
//! after    …  b     c     a  [x]   c     d  …        the point x is new
//!                               └──────────────────── the lists from here on: c d beside x c
//!                         └────────────────────────── a c beside a x
//!                   └──────────────────────────────── c a beside c a: equal, so nothing moves below
//! ```
//!
//! From a changed point downward, up to the next changed point, both circles have the same points. So once
//! the lists of owners are equal, they stay equal.

use super::changed_points::Changed;
use super::circles::{CircleSide, Circles};
use super::ends::{Ends, Range, changes, follows, place};
use crate::circle::Cursor;
use crate::steps;
use alloc::vec::Vec;

/// The state of a pass down the circle, from one changed point to the next.
pub(super) struct Descent<'c, 'a> {
    circles: &'c Circles<'a>,
    /// The highest changed point.
    highest: u64,
    /// True if one circle has all points of the other.
    one_way: bool,
    old: Owners,
    new: Owners,
    /// What moves, from the highest hash down; after `closed` of them, from the circle's top down again.
    moves: Vec<(Range, Ends)>,
    closed: usize,
    /// How many points may still be passed until a pass over both circles would have been cheaper.
    left: usize,
}

impl<'c, 'a> Descent<'c, 'a> {
    pub(super) fn new(circles: &'c Circles<'a>, highest: u64, one_way: bool) -> Self {
        let Circles { old, new, replicas, .. } = circles;
        let left = old.circle.len() + new.circle.len();
        let list = |side: &CircleSide<'_>| Owners::new(side.live.min(*replicas));
        let (old, new) = (list(old), list(new));
        Self { circles, highest, one_way, old, new, moves: Vec::new(), closed: 0, left }
    }

    /// Collects the moves from a changed point down to where both lists are equal, or to the next changed
    /// point: `floor`, or around the circle the highest. `None` if too many points were passed.
    pub(super) fn descend(&mut self, changed: Changed, floor: Option<u64>) -> Option<()> {
        let (has, places) = self.circles.side(changed.gained);
        let mut at = changed.seek(has);
        self.start(&changed, at)?;
        let (mut last, mut floor) = (changed.point, floor);
        while self.old.list != self.new.list {
            self.pass()?;
            let below = at.down();
            // The next changed point may be on the other circle.
            let end = floor.filter(|floor| below.is_none_or(|(point, _)| point <= *floor));
            if let Some(floor) = end {
                self.add_above(floor, last);
                break;
            }
            let Some((point, owner)) = below else {
                self.add((0, last));
                self.closed = self.moves.len();
                // The lists at the top of the circle are those of its lowest point.
                (at, last, floor) = (has.end(), u64::MAX, Some(self.highest));
                continue;
            };
            self.add_above(point, last);
            last = point;
            if let Some(owner) = place(places, Some(owner)) {
                self.old.put_first(owner);
                self.new.put_first(owner);
            }
        }
        Some(())
    }

    /// Reads both lists from a changed point on. `at` is there on the circle that has it. If that circle has
    /// all points of the other one, the points of nodes that did not change are the next ones there too.
    fn start(&mut self, changed: &Changed, mut at: Cursor<'_>) -> Option<()> {
        let union = self.circles.union;
        let (_, places) = self.circles.side(changed.gained);
        self.old.list.clear();
        self.new.list.clear();
        let (mut same, mut own) = (self.one_way, at.owner() == Some(changed.owner));
        loop {
            let (old, new) = (&mut self.old, &mut self.new);
            let (has, other) = if changed.gained { (new, old) } else { (old, new) };
            if has.is_full() && (other.is_full() || !same) {
                break;
            }
            let owner = place(places, at.owner())?;
            has.push(owner);
            if union.get(owner).is_some_and(|node| node.unchanged) {
                other.push(owner);
            } else if !own {
                same = false;
            }
            own = false;
            at.next_around();
            self.pass()?;
        }
        if same {
            return Some(());
        }
        let (lacks, places) = self.circles.side(!changed.gained);
        let mut at = lacks.seek(changed.point);
        let mut list = core::mem::take(self.other(changed));
        list.list.clear();
        while !list.is_full() {
            list.push(place(places, at.owner())?);
            at.next_around();
            self.pass()?;
        }
        *self.other(changed) = list;
        Some(())
    }

    /// The list on the circle that lacks a point.
    fn other(&mut self, changed: &Changed) -> &mut Owners {
        if changed.gained { &mut self.old } else { &mut self.new }
    }

    fn pass(&mut self) -> Option<()> {
        steps::count(1);
        self.left = self.left.checked_sub(1)?;
        Some(())
    }

    fn add_above(&mut self, point: u64, last: u64) {
        if point < last {
            self.add((point + 1, last));
        }
    }

    /// Adds what moves in an interval with these lists.
    fn add(&mut self, range: Range) {
        let from = self.moves.len();
        self.moves.extend(changes(&self.old.list, &self.new.list).map(|ends| (range, ends)));
        let added = self.moves.get_mut(from..).unwrap_or_default();
        added.sort_unstable_by(|a, b| b.cmp(a));
    }

    /// In order of the hashes.
    pub(super) fn into_moves(mut self) -> Vec<(Range, Ends)> {
        self.moves.rotate_left(self.closed);
        self.moves.reverse();
        joined(&self.moves)
    }
}

/// The moves, in order, with neighbouring intervals joined where all their moves are the same.
fn joined(moves: &[(Range, Ends)]) -> Vec<(Range, Ends)> {
    let mut joined: Vec<(Range, Ends)> = Vec::with_capacity(moves.len());
    let mut from = 0;
    for next in moves.chunk_by(|a, b| a.0 == b.0) {
        let before = joined.get_mut(from..).unwrap_or_default();
        let joins = |(a, b): (&(Range, Ends), &(Range, Ends))| a.1 == b.1 && follows(a.0, b.0);
        if before.len() == next.len() && before.iter().zip(next).all(joins) {
            before.iter_mut().zip(next).for_each(|(a, b)| a.0.1 = b.0.1);
        } else {
            from = joined.len();
            joined.extend_from_slice(next);
        }
    }
    joined
}

/// The first distinct owners from a point on, by place.
#[derive(Default)]
struct Owners {
    list: Vec<u32>,
    k: usize,
}

impl Owners {
    fn new(k: usize) -> Self {
        Self { list: Vec::with_capacity(k), k }
    }

    fn is_full(&self) -> bool {
        self.list.len() >= self.k
    }

    /// Appends an owner that is not in the list, if it is not full.
    fn push(&mut self, owner: u32) {
        if !self.is_full() && !self.list.contains(&owner) {
            self.list.push(owner);
        }
    }

    /// The list from a point below on: its owner comes first, and its old place or the last one is free.
    fn put_first(&mut self, owner: u32) {
        let mut carried = owner;
        for held in &mut self.list {
            carried = core::mem::replace(held, carried);
            if carried == owner {
                return;
            }
        }
    }
}
