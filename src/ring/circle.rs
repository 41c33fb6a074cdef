//! Two rings side by side, interval by interval, whatever their schemes.

use super::flat::Flat;
use super::native::points_of;
use super::planner::Planner;
use super::{PointScheme, Ring, Rule};
use crate::node::NodeIdx;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// An interval of hashes that holds no point of either ring but its last hash.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Interval {
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// Index of the old ring's first point at or after the interval.
    pub(crate) old: usize,
    /// The same in the new ring.
    pub(crate) new: usize,
}

impl Interval {
    #[inline]
    pub(crate) fn len(&self) -> u128 {
        u128::from(self.last - self.first) + 1
    }
}

/// All such intervals in order; together they cover the circle. O(points of both rings).
#[derive(Clone, Debug)]
pub(crate) struct Sweep<'a> {
    old: &'a [u64],
    new: &'a [u64],
    at: (usize, usize),
    first: u64,
    done: bool,
}

impl Iterator for Sweep<'_> {
    type Item = Interval;

    #[inline]
    fn next(&mut self) -> Option<Interval> {
        while !self.done {
            let a = self.old.get(self.at.0).copied().unwrap_or(u64::MAX);
            let b = self.new.get(self.at.1).copied().unwrap_or(u64::MAX);
            let last = a.min(b);
            let interval = Interval { first: self.first, last, old: self.at.0, new: self.at.1 };
            // What the next step waits for: the minimum would come later than these.
            self.at.0 += usize::from(a <= b);
            self.at.1 += usize::from(b <= a);
            self.done = last == u64::MAX;
            self.first = last.wrapping_add(1);
            // A point that stands there twice ends no second interval.
            if interval.first <= last {
                return Some(interval);
            }
        }
        None
    }
}

/// A ring as a comparison sees it: a key belongs to the first point at or after its hash, or after
/// its complement where the circle is mirrored.
#[allow(unnameable_types)] // part of the seal
#[derive(Clone, Debug)]
pub struct Circle {
    flat: Arc<Flat>,
    live: usize,
    /// Where points follow from weights.
    planner: Option<Planner>,
    mirrored: bool,
}

/// Two rings to be compared.
#[allow(unnameable_types)] // part of the seal
#[derive(Clone, Debug)]
pub struct SideBySide {
    pub(crate) old: Circle,
    pub(crate) new: Circle,
    /// What it is that has exact figures for one replica only.
    pub(crate) only_owners: Option<&'static str>,
}

impl<S: PointScheme> Ring<S> {
    /// This ring by itself, as it is stored: replicas are the owners that follow. Not by nearest
    /// points, whose replicas are on both sides.
    pub(crate) fn as_circle(&self) -> Circle {
        self.circle(S::rule(&self.config) == Rule::LastAtOrBefore)
    }

    /// This ring beside another one, of any scheme and rule.
    pub(crate) fn beside<T: PointScheme>(&self, new: &Ring<T>) -> SideBySide {
        let rules = (S::rule(&self.config), T::rule(&new.config));
        let mirrored = rules == (Rule::LastAtOrBefore, Rule::LastAtOrBefore);
        if mirrored || is_forward(rules.0) && is_forward(rules.1) {
            let (old, new) = (self.circle(mirrored), new.circle(mirrored));
            return SideBySide { old, new, only_owners: None };
        }
        let what =
            if rules.0 == rules.1 { "a ring by nearest points" } else { "a change of the rule" };
        let (old, new) = (self.circle_of_arcs(), new.circle_of_arcs());
        SideBySide { old, new, only_owners: Some(what) }
    }

    /// As it is stored.
    fn circle(&self, mirrored: bool) -> Circle {
        let planner = S::planner(&self.plan);
        Circle { flat: self.flat.clone(), live: self.live, planner, mirrored }
    }

    /// A ring with the same owners whose points are the ends of the arcs. O(points).
    pub(crate) fn circle_of_arcs(&self) -> Circle {
        let (points, owners): (Vec<_>, Vec<_>) =
            self.arcs().map(|arc| (arc.last, arc.owner)).unzip();
        let flat = Arc::new(Flat::from_sorted(points, &owners));
        Circle { flat, live: self.live, planner: None, mirrored: false }
    }
}

fn is_forward(rule: Rule) -> bool {
    matches!(rule, Rule::FirstAtOrAfter | Rule::FirstAfter)
}

impl Circle {
    pub(crate) fn live(&self) -> usize {
        self.live
    }

    /// Where points follow from weights, and so their scale may be compared.
    pub(crate) fn planner(&self) -> Option<&Planner> {
        self.planner.as_ref()
    }

    /// True if intervals have to be read from the other end.
    pub(crate) fn is_mirrored(&self) -> bool {
        self.mirrored
    }

    /// The owner of a hash.
    pub(crate) fn owner(&self, hash: u64) -> Option<NodeIdx> {
        self.flat.owner(hash)
    }

    /// The circle cut at the points of both rings.
    pub(crate) fn sweep<'a>(&'a self, new: &'a Self) -> Sweep<'a> {
        let (old, new) = (self.flat.points.as_slice(), new.flat.points.as_slice());
        Sweep { old, new, at: (0, 0), first: 0, done: false }
    }

    /// All points in order.
    pub(crate) fn all_points(&self) -> &[u64] {
        &self.flat.points
    }

    /// The owner of the point at an index; past the last point the circle closes.
    #[inline]
    pub(crate) fn owner_at(&self, at: usize) -> Option<NodeIdx> {
        self.flat.words.owner(at)
    }

    /// The owners from a point on, once around the circle.
    #[inline]
    pub(crate) fn owners_from(&self, at: usize) -> impl Iterator<Item = NodeIdx> {
        self.flat.around(at).filter_map(|i| self.owner_at(i))
    }

    /// The points that a node gains when its weight goes from `lower` to `higher`.
    pub(crate) fn gained_points(
        &self,
        identity: u64,
        lower: u64,
        higher: u64,
    ) -> impl Iterator<Item = u64> + use<> {
        let count = |weight| self.planner.map_or(0, |planner| planner.count(weight));
        points_of(identity, count(higher)).skip(count(lower) as usize)
    }

    /// The hashes that `node` owns through its point `last`, as intervals: two where the circle
    /// closes in between. None if another node stands at the same point.
    pub(crate) fn owned_through(&self, last: u64, node: NodeIdx) -> [Option<(u64, u64)>; 2] {
        let at = self.flat.position(last);
        let points = &self.flat.points;
        if self.owner_at(at) != Some(node) {
            return [None, None];
        }
        if let Some(before) = at.checked_sub(1) {
            let first = points.get(before).and_then(|point| point.checked_add(1));
            return [first.map(|first| (first, last)), None];
        }
        let end = points.last().and_then(|point| point.checked_add(1));
        [Some((0, last)), end.map(|first| (first, u64::MAX))]
    }
}
