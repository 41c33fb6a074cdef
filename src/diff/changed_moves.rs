//! What moves between two circles of which few points differ: it is found next to these points.

use super::changed_points::{Changed, ChangedPoints};
use super::circles::Circles;
use super::descent::Descent;
use super::ends::{Ends, Range, follows, place};
use crate::circle::Beside;
use crate::steps;
use crate::topology::Members;
use alloc::vec::Vec;

/// The pass over all points that answers if too many of them change.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pass {
    /// Sums alone, in registers.
    Sums,
    /// Lists of owners in memory.
    Lists,
}

impl Pass {
    /// It is cheaper if changed points times replicas are more than this part of all points (measured).
    fn cheaper_from(self, replicas: usize) -> usize {
        match self {
            Self::Sums if replicas == 1 => 4,
            Self::Sums => 8,
            Self::Lists => 2,
        }
    }
}

impl Circles<'_> {
    /// The moves in order, neighbours with the same ends joined. `None` where the points do not follow from
    /// identities and weights, or where `pass` is cheaper.
    ///
    /// O(nodes that changed + p log p) for p changed points, and O(R²) for each point that is passed: about R
    /// of them for each changed one, and never more than both circles have.
    pub(super) fn by_changed_points(
        &self,
        before: &Members,
        after: &Members,
        pass: Pass,
    ) -> Option<Vec<(Range, Ends)>> {
        let limit =
            self.old.circle.len().max(self.new.circle.len()) / pass.cheaper_from(self.replicas);
        let points = self.changed_points(before, after, limit as u64)?;
        let Some(highest) = points.iter().next_back().map(|last| last.point) else {
            return Some(Vec::new());
        };
        if self.replicas == 1 {
            return Some(self.by_owners(&points, highest));
        }
        let mut descent = Descent::new(self, highest, points.one_way);
        // The lowest point comes last: below it the circle goes on at its top.
        let mut from = points.iter().rev().peekable();
        while let Some(changed) = from.next() {
            descent.descend(changed, from.peek().map(|next| next.point))?;
        }
        Some(descent.into_moves())
    }

    /// The moves of one replica: at a changed point, the hashes from the point below it on either circle may
    /// change their owner.
    fn by_owners(&self, points: &ChangedPoints, highest: u64) -> Vec<(Range, Ends)> {
        let mut moves: Vec<(Range, Ends)> = Vec::with_capacity(points.len() + 1);
        let mut at_top = None;
        let mut floor = None;
        for changed in points.iter() {
            steps::count(1);
            let (circle, _) = self.side(changed.gained);
            let last = changed.point;
            let Some(beside) = changed.seek(circle).beside() else { continue };
            let below = beside.below.max(floor.replace(last));
            let ends = self.owners(changed, beside, points.one_way);
            if ends.0 == ends.1 {
                continue;
            }
            // The hashes above all points belong to the lowest one.
            if below.is_none() {
                let top = circle.end().previous_point().max(Some(highest));
                let first = top.and_then(|top| top.checked_add(1));
                at_top = first.map(|first| ((first, u64::MAX), ends));
            }
            add(&mut moves, ((below.map_or(0, |below| below + 1), last), ends));
        }
        if let Some(one) = at_top {
            add(&mut moves, one);
        }
        moves
    }

    /// The owners of a changed point's hash, before and after.
    fn owners(&self, changed: Changed, beside: Beside, one_way: bool) -> Ends {
        let (_, places) = self.side(changed.gained);
        let owner = place(places, Some(beside.owner));
        // Without the point, the next one owns the hash. It is there on the other circle too, unless its
        // node changed, and comes first there, if all points of that circle are here.
        let known = one_way && beside.owner == changed.owner;
        let next = place(places, Some(beside.next)).filter(|_| known);
        let next = next.filter(|next| self.union.get(*next).is_some_and(|node| node.unchanged));
        let other = next.or_else(|| {
            let (circle, places) = self.side(!changed.gained);
            place(places, circle.owner(changed.point))
        });
        if changed.gained { (other, owner) } else { (owner, other) }
    }
}

/// Appends a move, or joins it with the one before.
#[inline]
fn add(moves: &mut Vec<(Range, Ends)>, one: (Range, Ends)) {
    let (range, ends) = one;
    match moves.last_mut() {
        Some((before, same)) if follows(*before, range) && *same == ends => {
            before.1 = range.1;
        }
        _ => moves.push(one),
    }
}
