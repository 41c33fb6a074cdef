//! The flat layout: all points in one sorted array with an index of their top bits.

use super::scheme::{PointScheme, compare, each_stored};
use super::sort::{Point, counts_to_starts};
use super::words::{BUCKET_BITS, Words, bucket_of, in_reach};
use crate::node::NodeIdx;
use crate::steps;
use crate::topology::{Change, Members};
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

/// In place of a bucket's start: its words are too far away to be compared, so that a lookup has to
/// search the points. So it is all over a ring of a few points, and hardly ever in larger ones.
pub(super) const NO_START: u32 = u32::MAX;

/// All points, sorted by (point, tie key of the node).
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

    /// The points after some changes: one pass over the old points and the new nodes' sorted ones.
    pub(super) fn merge<S: PointScheme>(
        &self,
        config: &S::Config,
        plan: &S::Plan,
        changes: &[Change],
        before: &Members,
        after: &Members,
    ) -> Self {
        // A reweighted node gives up all its points and gets those of its new weight: the first
        // ones are the same again.
        let mut touched = vec![false; before.slots()];
        let mut fresh: Vec<Point> = Vec::new();
        let mut join = |node: NodeIdx| {
            each_stored::<S>(config, plan, after, node, |point| fresh.push((point, node)));
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
        let order = |a: Point, b: Point| compare::<S>(a, b, config, plan, after);
        fresh.sort_unstable_by(|a, b| order(*a, *b));

        let total = S::planner(plan).map_or(self.len() + fresh.len(), |planner| planner.total());
        let mut merged = Merged {
            old: self,
            touched: touched.contains(&true).then_some(touched),
            points: Vec::with_capacity(total),
            owners: Vec::with_capacity(total),
        };
        // Old points are taken over in runs, each up to the next new point.
        let mut from = 0;
        for (point, node) in fresh {
            let rest = self.points.get(from..).unwrap_or_default();
            let mut end = from + rest.partition_point(|old| *old < point);
            // Owners of old points that stay keep slot and identity.
            while let Some(old) = self.point(end).filter(|old| old.0 == point) {
                if order(old, (point, node)).is_gt() {
                    break;
                }
                end += 1;
            }
            merged.take(from..end);
            merged.points.push(point);
            merged.owners.push(node);
            from = end;
        }
        merged.take(from..self.len());
        let Merged { mut points, owners, .. } = merged;
        points.shrink_to_fit();
        Self::from_sorted(points, &owners)
    }

    fn point(&self, at: usize) -> Option<Point> {
        self.points.get(at).copied().zip(self.words.owner(at))
    }

    /// All points with their owners, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Point> {
        let owners = (0..self.len()).filter_map(|at| self.words.owner(at));
        self.points.iter().copied().zip(owners)
    }

    pub(super) fn from_sorted(points: Vec<u64>, owners: &[NodeIdx]) -> Self {
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

/// The points after some changes, as far as they are merged.
struct Merged<'a> {
    old: &'a Flat,
    /// Nodes that give up their points, by slot, if there are any.
    touched: Option<Vec<bool>>,
    points: Vec<u64>,
    owners: Vec<NodeIdx>,
}

impl Merged<'_> {
    /// Takes over a run of old points, without those that are given up.
    fn take(&mut self, run: Range<usize>) {
        steps::count(run.len() as u64 + 1);
        let Some(touched) = &self.touched else {
            self.points.extend_from_slice(self.old.points.get(run.clone()).unwrap_or_default());
            self.old.words.append_owners(run, &mut self.owners);
            return;
        };
        for (point, owner) in run.filter_map(|at| self.old.point(at)) {
            if touched.get(owner.index()) != Some(&true) {
                self.points.push(point);
                self.owners.push(owner);
            }
        }
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
