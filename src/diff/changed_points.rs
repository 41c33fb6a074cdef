//! The points that differ between two circles, where they follow from identities and weights.

use super::circles::Circles;
use crate::circle::{Circle, Cursor, sorted_by_point};
use crate::node::{NodeIdx, Weight};
use crate::steps;
use crate::topology::{Identity, Members};
use alloc::vec::Vec;
use core::cmp::Ordering;

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
pub(super) struct ChangedPoints {
    /// In order, one for each hash: the point, the index of its node, and its number among the points of
    /// the node.
    points: Vec<(u64, u32, u32)>,
    /// The slot of each node, and whether it gained points.
    nodes: Vec<(NodeIdx, bool)>,
    /// True if all nodes gained points, or all lost some: then one circle has all points of the other.
    pub(super) one_way: bool,
}

impl ChangedPoints {
    pub(super) fn len(&self) -> usize {
        self.points.len()
    }

    /// In order.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = Changed> {
        self.points.iter().filter_map(|(point, node, number)| {
            let (owner, gained) = *self.nodes.get(*node as usize)?;
            Some(Changed { point: *point, owner, number: *number, gained })
        })
    }
}

impl Circles<'_> {
    /// The new circle or the old one, and the places of its slots.
    pub(super) fn side(&self, new: bool) -> (&Circle, &[u32]) {
        if new { (self.new.circle, &self.union.new) } else { (self.old.circle, &self.union.old) }
    }

    /// `None` if they times replicas are more than `limit`.
    pub(super) fn changed_points(
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
    fn changed(
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
