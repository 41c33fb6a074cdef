//! The flat layout: all points in one sorted array with an index of their top bits.

use super::points::{Planner, points_of};
use super::words::{BUCKET_BITS, Words, bucket_of, in_reach};
use crate::node::NodeIdx;
use crate::topology::{Change, Members};
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

/// A point and the slot it belongs to.
pub(super) type Point = (u64, NodeIdx);

/// Buckets of more points than this are not left to the insertion sort.
const SHORT: u32 = 32;

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
        let mut counts = vec![0_u32; 1 << bits];
        for_each_point(planner, members, |point, _| {
            if let Some(count) = counts.get_mut(bucket_of(point, bits)) {
                *count += 1;
            }
        });
        let mut next = starts_of(counts);
        let mut points = vec![0; planner.total()];
        let mut owners = vec![NodeIdx::default(); planner.total()];
        for_each_point(planner, members, |point, node| {
            let Some(next) = next.get_mut(bucket_of(point, bits)) else { return };
            let at = *next as usize;
            if let (Some(place), Some(owner)) = (points.get_mut(at), owners.get_mut(at)) {
                (*place, *owner) = (point, node);
            }
            *next += 1;
        });
        // Every cursor stands at its bucket's end now. Long buckets are sorted by themselves, so
        // that the pass over all of them moves nothing far.
        let mut start = 0;
        for end in &next {
            if end - start > SHORT {
                sort_bucket(&mut points, &mut owners, start as usize..*end as usize, members);
            }
            start = *end;
        }
        insertion_sort(&mut points, &mut owners, members);
        Self::from_sorted(points, &owners)
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
        let mut points = Vec::with_capacity(planner.total());
        let mut owners = Vec::with_capacity(planner.total());
        let mut push = |(point, owner): Point| {
            points.push(point);
            owners.push(owner);
        };
        while let (Some(a), Some(b)) = (old.peek(), fresh.peek()) {
            // Owners of old points that stay keep slot and identity.
            let next = if compare(*a, *b, after).is_le() { old.next() } else { fresh.next() };
            next.into_iter().for_each(&mut push);
        }
        old.chain(fresh).for_each(push);
        Self::from_sorted(points, &owners)
    }

    /// All points with their owners, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Point> {
        let owners = (0..self.len()).filter_map(|at| self.words.owner(at));
        self.points.iter().copied().zip(owners)
    }

    fn from_sorted(points: Vec<u64>, owners: &[NodeIdx]) -> Self {
        let bits = index_bits(points.len());
        let words = Words::new(&points, owners, bits);
        let mut counts = vec![0_u32; 1 << bits];
        for point in &points {
            if let Some(count) = counts.get_mut(bucket_of(*point, bits)) {
                *count += 1;
            }
        }
        let mut index = starts_of(counts);
        for (bucket, start) in index.iter_mut().enumerate() {
            if !in_reach(&points, bits, bucket, *start as usize) {
                *start = NO_START;
            }
        }
        Self { bits, index, words, points }
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

/// Equal points are ordered by the identity of their nodes, never by their slots.
fn compare(a: Point, b: Point, members: &Members) -> core::cmp::Ordering {
    a.0.cmp(&b.0).then_with(|| members.identity(a.1).cmp(&members.identity(b.1)))
}

#[inline]
fn for_each_point(planner: &Planner, members: &Members, mut visit: impl FnMut(u64, NodeIdx)) {
    for (node, member) in members.live_entries() {
        points_of(member.identity, planner.count(member)).for_each(|point| visit(point, node));
    }
}

/// Sums of all counts before each.
fn starts_of(mut counts: Vec<u32>) -> Vec<u32> {
    let mut sum = 0;
    for count in &mut counts {
        sum += *count;
        *count = sum - *count;
    }
    counts
}

fn sort_bucket(
    points: &mut [u64],
    owners: &mut [NodeIdx],
    bucket: Range<usize>,
    members: &Members,
) {
    let parts = (points.get_mut(bucket.clone()), owners.get_mut(bucket));
    let (Some(points), Some(owners)) = parts else { return };
    let pairs = points.iter().copied().zip(owners.iter().copied());
    let mut sorted: Vec<Point> = pairs.collect();
    sorted.sort_unstable_by(|a, b| compare(*a, *b, members));
    for (place, item) in points.iter_mut().zip(owners.iter_mut()).zip(sorted) {
        (*place.0, *place.1) = item;
    }
}

/// For arrays that are almost in order.
fn insertion_sort(points: &mut [u64], owners: &mut [NodeIdx], members: &Members) {
    let mut above = 0;
    for end in 0..points.len() {
        let Some(point) = points.get(end).copied() else { return };
        if point > above {
            above = point;
            continue;
        }
        let mut at = end;
        while at > 0 {
            let pair = |at: usize| points.get(at).copied().zip(owners.get(at).copied());
            let out_of_order = pair(at - 1).zip(pair(at));
            if out_of_order.is_none_or(|(a, b)| compare(a, b, members).is_le()) {
                break;
            }
            points.swap(at - 1, at);
            owners.swap(at - 1, at);
            at -= 1;
        }
    }
}
