//! The flat layout: all points in one sorted array with an index of their top bits.

use super::points::{Planner, points_of};
use super::sort::{Point, compare, counts_to_starts, sorted_points};
use super::words::{BUCKET_BITS, Words, bucket_of, in_reach};
use crate::node::NodeIdx;
use crate::topology::{Change, Members};
use alloc::vec;
use alloc::vec::Vec;

/// In place of a bucket's start: its words are too far away to be compared, so that a lookup has to
/// search the points. So it is all over a ring of a few points, and hardly ever in larger ones.
pub(super) const NO_START: u32 = u32::MAX;

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

    /// O(points).
    pub(super) fn build(planner: &Planner, members: &Members) -> Self {
        let (points, owners) = sorted_points(planner, members);
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
        let mut index = vec![0_u32; 1 << bits];
        for point in &points {
            if let Some(count) = index.get_mut(bucket_of(*point, bits)) {
                *count += 1;
            }
        }
        counts_to_starts(&mut index, 0);
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

/// Two to four points a bucket on average: an index that stays in a cache is worth more than
/// shorter buckets. And enough buckets for a word's bits of them.
fn index_bits(points: usize) -> u32 {
    (points / 2).checked_ilog2().unwrap_or_default().clamp(BUCKET_BITS, 28)
}
