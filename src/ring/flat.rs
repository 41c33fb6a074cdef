//! The flat layout: all points in one sorted array with an index of their top bits.

use super::points::{Planner, points_of};
use super::words::{BUCKET_BITS, Words, in_reach};
use crate::node::NodeIdx;
use crate::topology::{Change, Members};
use alloc::vec;
use alloc::vec::Vec;

/// A point and the slot it belongs to.
pub(super) type Point = (u64, NodeIdx);

/// Buckets up to this many points are sorted by insertion.
const SHORT: usize = 32;

/// In place of a bucket's start: its words are too far away to be compared, so that a lookup has to
/// search the points. So it is all over a ring of a few points, and hardly ever in larger ones.
const NO_START: u32 = u32::MAX;

/// All points, sorted by (point, identity of the node).
///
/// A lookup touches one line of `index` and one of `words`; the exact 64-bit points are read only
/// where a word does not decide, and by walks, arcs and merges.
#[derive(Debug)]
pub(super) struct Flat {
    /// Top bits that choose a bucket.
    pub(super) bits: u32,
    /// First point at or after the beginning of each bucket, or [`NO_START`].
    pub(super) index: Vec<u32>,
    pub(super) words: Words,
    pub(super) points: Vec<u64>,
}

impl Flat {
    pub(super) fn len(&self) -> usize {
        self.points.len()
    }

    /// Counting sort by the index bits, then a short sort of each bucket. O(points).
    pub(super) fn build(planner: &Planner, members: &Members) -> Self {
        let bits = index_bits(planner.total());
        let generate = || {
            members.live_entries().flat_map(move |(node, member)| {
                points_of(member.identity, planner.count(member)).map(move |p| (p, node))
            })
        };
        let mut next = vec![0_u32; (1 << bits) + 1];
        for (point, _) in generate() {
            if let Some(count) = next.get_mut(bucket_of(point, bits) + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut next {
            sum += *start;
            *start = sum;
        }
        let mut sorted = vec![(0, NodeIdx::default()); planner.total()];
        for point in generate() {
            let place = next.get_mut(bucket_of(point.0, bits));
            if let Some(place) = place {
                if let Some(slot) = sorted.get_mut(*place as usize) {
                    *slot = point;
                }
                *place += 1;
            }
        }
        // Each bucket's cursor now stands at its end, which is where the next one starts.
        let mut start = 0;
        for end in &next {
            let end = *end as usize;
            if let Some(bucket) = sorted.get_mut(start..end) {
                sort_bucket(bucket, members);
            }
            start = end;
        }
        Self::from_sorted(&sorted)
    }

    /// The points after some changes: one pass over the old points and the new nodes' sorted ones.
    pub(super) fn merge(
        &self,
        planner: &Planner,
        changes: &[Change],
        before: &Members,
        after: &Members,
    ) -> Self {
        // A reweighted node gives up all its points and gets those of its new weight: the first
        // ones are the same again.
        let mut touched = vec![false; before.slots()];
        let mut fresh: Vec<Point> = Vec::new();
        let mut join = |node: NodeIdx| {
            if let Some(member) = after.get(node) {
                let points = points_of(member.identity, planner.count(member));
                fresh.extend(points.map(|p| (p, node)));
            }
        };
        for change in changes {
            match *change {
                Change::Add(node) => join(node),
                Change::Remove(node) => mark(&mut touched, node),
                Change::Reweight(node, _) => {
                    mark(&mut touched, node);
                    join(node);
                }
            }
        }
        fresh.sort_unstable_by(|a, b| compare(*a, *b, after));

        let stays = |(_, node): &Point| !touched.get(node.index()).copied().unwrap_or(false);
        let mut old = self.iter().filter(stays).peekable();
        let mut fresh = fresh.into_iter().peekable();
        let mut sorted = Vec::with_capacity(planner.total());
        while let (Some(a), Some(b)) = (old.peek(), fresh.peek()) {
            // Owners of old points that stay keep slot and identity.
            let next = if compare(*a, *b, after).is_le() { old.next() } else { fresh.next() };
            sorted.extend(next);
        }
        sorted.extend(old);
        sorted.extend(fresh);
        Self::from_sorted(&sorted)
    }

    /// All points with their owners, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Point> {
        let owners = (0..self.len()).filter_map(|at| self.words.owner(at));
        self.points.iter().copied().zip(owners)
    }

    fn from_sorted(sorted: &[Point]) -> Self {
        let bits = index_bits(sorted.len());
        let mut next = 0;
        let start = |bucket| {
            let before = |(point, _): &Point| bucket_of(*point, bits) < bucket;
            while sorted.get(next).is_some_and(before) {
                next += 1;
            }
            if in_reach(sorted, bits, bucket, next) { next as u32 } else { NO_START }
        };
        let index = (0..1 << bits).map(start).collect();
        let points = sorted.iter().map(|(point, _)| *point).collect();
        Self { bits, index, words: Words::new(sorted, bits), points }
    }
}

fn mark(touched: &mut [bool], node: NodeIdx) {
    if let Some(flag) = touched.get_mut(node.index()) {
        *flag = true;
    }
}

/// One to two points a bucket on average, and enough buckets for a word's bits of them.
fn index_bits(points: usize) -> u32 {
    points.checked_ilog2().unwrap_or_default().clamp(BUCKET_BITS, 28)
}

#[inline]
pub(super) fn bucket_of(point: u64, bits: u32) -> usize {
    (point >> (64 - bits)) as usize
}

/// Equal points are ordered by the identity of their nodes, never by their slots.
fn compare(a: Point, b: Point, members: &Members) -> core::cmp::Ordering {
    a.0.cmp(&b.0).then_with(|| members.identity(a.1).cmp(&members.identity(b.1)))
}

fn sort_bucket(bucket: &mut [Point], members: &Members) {
    if bucket.len() > SHORT {
        bucket.sort_unstable_by(|a, b| compare(*a, *b, members));
        return;
    }
    for end in 1..bucket.len() {
        let mut at = end;
        while at > 0 {
            let pair = bucket.get(at - 1).zip(bucket.get(at));
            if pair.is_none_or(|(a, b)| compare(*a, *b, members).is_le()) {
                break;
            }
            bucket.swap(at - 1, at);
            at -= 1;
        }
    }
}
