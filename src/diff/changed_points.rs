//! The points that differ between two circles, where they follow from identities and weights, and what
//! moves there.

use super::circles::Circles;
use super::descent::Descent;
use super::ends::{Ends, Range, place};
use crate::circle::{Beside, Circle, Cursor, sorted_by_point};
use crate::node::{NodeIdx, Weight};
use crate::steps;
use crate::topology::{Identity, Members};
use alloc::vec::Vec;
use core::cmp::Ordering;

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

/// A point that only one of the circles has.
#[derive(Clone, Copy)]
pub(super) struct Changed {
    pub(super) point: u64,
    /// Its node, by the slot on that circle.
    pub(super) owner: NodeIdx,
    /// Its number among the node's points.
    number: u32,
    /// True if the new circle has it.
    pub(super) gained: bool,
}

impl Changed {
    /// At the first point at its hash, on the circle that has it.
    pub(super) fn seek<'a>(&self, circle: &'a Circle) -> Cursor<'a> {
        let found = circle.seek_point(self.point, self.owner, self.number);
        found.unwrap_or_else(|| circle.seek(self.point))
    }
}

/// All of them.
struct ChangedPoints {
    /// In order, one for each hash: the point, the index of its node, and its number among the points of
    /// the node.
    points: Vec<(u64, u32, u32)>,
    /// The slot of each node, and whether it gained points.
    nodes: Vec<(NodeIdx, bool)>,
    /// True if all nodes gained points, or all lost some: then one circle has all points of the other.
    one_way: bool,
}

impl ChangedPoints {
    fn iter(&self) -> impl DoubleEndedIterator<Item = Changed> {
        self.points.iter().filter_map(|(point, node, number)| {
            let (owner, gained) = *self.nodes.get(*node as usize)?;
            Some(Changed { point: *point, owner, number: *number, gained })
        })
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
        let Some(highest) = points.points.last().map(|(point, ..)| *point) else {
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
        let mut moves: Vec<(Range, Ends)> = Vec::with_capacity(points.points.len() + 1);
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

    /// The new circle or the old one, and the places of its slots.
    pub(super) fn side(&self, new: bool) -> (&Circle, &[u32]) {
        if new { (self.new.circle, &self.union.new) } else { (self.old.circle, &self.union.old) }
    }

    /// `None` if they times replicas are more than `limit`.
    fn changed_points(
        &self,
        before: &Members,
        after: &Members,
        limit: u64,
    ) -> Option<ChangedPoints> {
        // For other schemes the weights do not determine the points.
        let sequence = self.new.sequence?;
        if self.old.sequence?.scale != sequence.scale {
            return None;
        }
        let points =
            |(_, (old, new)): (_, (u64, u64))| sequence.count(old).abs_diff(sequence.count(new));
        let points: u64 = self.changed(before, after).map(points).sum();
        if points.saturating_mul(self.replicas as u64) > limit {
            return None;
        }
        let (mut points, mut nodes) = (Vec::new(), Vec::new());
        for (node, (old_weight, new_weight)) in self.changed(before, after) {
            let gained = new_weight > old_weight;
            let (slot, members) = if gained { (node.new, after) } else { (node.old, before) };
            let Some(slot) = slot else { continue };
            let Some(member) = members.get(slot) else { continue };
            let stream = sequence.stream(member.identity, old_weight.max(new_weight));
            let numbers = sequence.count(old_weight.min(new_weight)) as u32..stream.count;
            steps::count(numbers.len() as u64);
            let node = nodes.len() as u32;
            nodes.push((slot, gained));
            points.extend(numbers.map(|number| (stream.point(number), node, number)));
        }
        let mut points = sorted_by_point(&points, |(point, ..)| *point, |_, _| Ordering::Equal);
        points.dedup_by_key(|(point, ..)| *point);
        let one_way = nodes.iter().all(|node| nodes.first().is_some_and(|first| first.1 == node.1));
        Some(ChangedPoints { points, nodes, one_way })
    }

    /// The nodes whose weight changed, with the weight before and after.
    pub(super) fn changed(
        &self,
        before: &Members,
        after: &Members,
    ) -> impl Iterator<Item = (&Identity, (u64, u64))> {
        let weight = |members: &Members, at: Option<NodeIdx>| {
            at.and_then(|at| members.weight(at)).map_or(0, Weight::get)
        };
        let nodes = self.union.changed.iter().filter_map(|place| self.union.get(*place));
        let weights = move |i: &Identity| (weight(before, i.old), weight(after, i.new));
        nodes.map(move |i| (i, weights(i))).filter(|(_, (old, new))| old != new)
    }
}

/// Appends a move, or joins it with the one before.
#[inline]
fn add(moves: &mut Vec<(Range, Ends)>, one: (Range, Ends)) {
    let ((first, last), ends) = one;
    match moves.last_mut() {
        Some((before, same)) if before.1.wrapping_add(1) == first && *same == ends => {
            before.1 = last;
        }
        _ => moves.push(one),
    }
}
