//! The exact difference of two circles, interval of hashes by interval.

use super::circles::{CircleSide, Circles};
use super::ends::{Ends, Range, len, place};
use super::held::on_circle;
use super::loads::Loads;
use super::pairs::{Pairs, Sums};
use super::windows::Lists;
use crate::circle::{Rule, sorted_by_point};
use crate::node::{NodeIdx, Weight};
use crate::placement::OnCircle;
use crate::steps;
use crate::topology::{Identity, Members};
use alloc::vec::Vec;
use core::cmp::Ordering;

/// On circles with fewer points, changed points are always found by a search.
const SEARCH_ALWAYS: u64 = 4096;

impl<'a> Circles<'a> {
    /// The number of hashes that move, summed over the replicas. O(points · R²), or O(nodes + points of
    /// the changed nodes) if nothing else can move.
    pub(super) fn moved(&self, before: &Members, after: &Members) -> u128 {
        if let Some(moves) = self.by_changed_points(before, after) {
            return moves.into_iter().map(|(range, _)| len(range)).sum();
        }
        let enough = self.replicas <= self.old.live.min(self.new.live);
        match self.replicas {
            1 if enough => self.moved_of_few::<1>(),
            2 if enough => self.moved_of_few::<2>(),
            3 if enough => self.moved_of_few::<3>(),
            4 if enough => self.moved_of_few::<4>(),
            5 if enough => self.moved_of_few::<5>(),
            _ => {
                let mut sum = 0;
                self.for_each(|hashes, ends| sum += hashes * ends.len() as u128);
                sum
            }
        }
    }

    /// Visits the intervals in which a replica moves, in order: the length of each and its moves.
    pub(super) fn for_each(&self, mut visit: impl FnMut(u128, &[Ends])) {
        let mut lists = Lists::new(self);
        for interval in self.sweep() {
            lists.go_to(interval.old, interval.new);
            if !lists.ends.is_empty() {
                visit(interval.len(), &lists.ends);
            }
        }
    }

    /// The number of hashes that move between each pair of nodes, each pair once. O(points) plus a
    /// sort of the pairs; memory proportional to the pairs.
    pub(super) fn matrix(&self, before: &Members, after: &Members) -> Sums {
        let mut pairs = Pairs::default();
        if let Some(moves) = self.by_changed_points(before, after) {
            for (range, ends) in moves {
                pairs.add(ends, len(range));
            }
        } else {
            self.for_each(|hashes, all| {
                for ends in all {
                    pairs.add(*ends, hashes);
                }
            });
        }
        pairs.into_sums()
    }

    /// The load of each node before and after.
    pub(super) fn loads(&self) -> Loads {
        let mut loads = Loads::new(self.union.nodes.len());
        let of = |side: CircleSide<'a>, slots: usize| {
            let CircleSide { circle, live, sequence } = side;
            let view = OnCircle { circle, rule: Rule::FirstAtOrAfter, live, sequence };
            on_circle(&view, slots, self.replicas)
        };
        // Free slots map to an arbitrary place; their load is 0.
        let (old, new) = (&self.union.old, &self.union.new);
        for (place, hashes) in old.iter().zip(of(self.old, old.len())) {
            loads.add_before(*place, hashes);
        }
        for (place, hashes) in new.iter().zip(of(self.new, new.len())) {
            loads.add_after(*place, hashes);
        }
        loads
    }

    /// True if what moves is what had to, without a look at the points: one node gained or lost,
    /// or several joined, or several left. (Of two that were raised, one may lose keys to the
    /// other while it gains from the rest.)
    pub(super) fn one_way(&self, before: &Members, after: &Members) -> bool {
        let Some(gained) = self.direction(before, after) else { return false };
        let changed = || self.changed(before, after).map(|(_, weights)| weights);
        let from_nothing = |(old, new): (u64, u64)| (if gained { old } else { new }) == 0;
        changed().count() <= 1 || changed().all(from_nothing)
    }

    /// `true` if all changed nodes gained points, `false` if all lost points.
    fn direction(&self, before: &Members, after: &Members) -> Option<bool> {
        // For other schemes the weights do not determine the points.
        let (old, new) = (self.old.sequence?, self.new.sequence?);
        if old.scale != new.scale {
            return None;
        }
        let mut ways = (false, false);
        for (_, (old, new)) in self.changed(before, after) {
            ways.0 |= new > old;
            ways.1 |= old > new;
        }
        (!(ways.0 && ways.1)).then_some(ways.0)
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

    /// True if so many points change that a pass over all points is cheaper than a search for each
    /// changed point.
    fn most_points_change(&self, before: &Members, after: &Members) -> bool {
        let count = |weight| self.new.sequence.map_or(0, |sequence| sequence.count(weight));
        let changed = self.changed(before, after);
        let changed: u64 = changed.map(|(_, (old, new))| count(old).abs_diff(count(new))).sum();
        let all = self.old.circle.len().max(self.new.circle.len()) as u64;
        all > SEARCH_ALWAYS && changed > all / 8
    }

    /// What moves when all changed nodes only gained, or only lost, points: it lies at those
    /// points. One replica only; `None` too if most points change.
    pub(super) fn by_changed_points(
        &self,
        before: &Members,
        after: &Members,
    ) -> Option<Vec<(Range, Ends)>> {
        if self.replicas != 1 || !self.union.aligned {
            return None;
        }
        let gained = self.direction(before, after)?;
        if self.most_points_change(before, after) {
            return None;
        }
        // Lost points are gained points with both sides exchanged.
        let (low, high, owner_of, owned_by) = if gained {
            (self.old, (self.new, after), &self.union.old, &self.union.new)
        } else {
            (self.new, (self.old, before), &self.union.new, &self.union.old)
        };
        let sequence = high.0.sequence?;
        let mut moves = Vec::new();
        for (node, (old, new)) in self.changed(before, after) {
            let Some(node) = (if gained { node.new } else { node.old }) else { continue };
            let Some(member) = high.1.get(node) else { continue };
            let this = place(owned_by, Some(node));
            let stream = sequence.stream(member.identity, old.max(new));
            let kept = sequence.count(old.min(new)) as u32;
            moves.reserve(stream.count.saturating_sub(kept) as usize);
            for number in kept..stream.count {
                steps::count(1);
                let point = stream.point(number);
                // Of equal points only the first one owns hashes.
                let at = high.0.circle.seek_point(point, node, number);
                let Some(at) = at else { continue };
                let other = place(owner_of, low.circle.owner(point));
                if other != this {
                    let ends = if gained { (other, this) } else { (this, other) };
                    high.0.ranges_to(point, &at, |range| moves.push((range, ends)));
                }
            }
        }
        // No two of them overlap.
        let mut moves = sorted_by_point(&moves, |(range, _)| range.0, |_, _| Ordering::Equal);
        // Of two equal points only one owns the hashes.
        moves.dedup_by_key(|(range, _)| *range);
        Some(moves)
    }
}
