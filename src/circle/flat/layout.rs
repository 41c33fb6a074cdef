//! The layout: all points in one sorted array, with an index of their top bits. Circles of few points have
//! the table of [`direct`](super::direct) instead.
//!
//! ```text
//!  hash    [ bucket: top `bits` bits | the other bits ]
//!               |
//!  index     ...  |  17  |  20  |  20  | ...          first point at or after the bucket's start,
//!                    |                                or NO_START
//!  number           17    18    19    20    21  ...   24
//!  words     ...  | w   | w   | w   | w   | w   | ... | w   | ...   a lookup compares WINDOW = 8
//!                 +--------------- WINDOW ----------------+         words, then reads the owner
//!  points    ...  | p   | p   | p   | p   | p   | ... | p   | ...   the exact 64 bits, read where
//!                                                                   words tie, by cursors and changes
//!
//!  one word        [ low 7 bits of the bucket | next bits of the point | slot of the owner ]
//!  narrow, u32                7                         9                      16
//!  wide, u64                  7                        25                      32
//!
//!  after the last word, the first 9 follow again, so a window never wraps
//! ```

use super::direct::Direct;
use super::words::{BUCKET_BITS, Words, in_reach};
use crate::circle::sort::{Point, bucket_of, counts_to_starts};
use crate::node::NodeIdx;
use crate::steps;
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::ops::Range;

/// Marks a bucket whose next 9 words span more than 63 buckets, too far for the wrapping comparison;
/// lookups there fall back to a binary search of the points. Common on circles of a few points, rare
/// on larger ones.
pub(super) const NO_START: u32 = u32::MAX;

/// The difference between a circle and the one before.
#[derive(Debug)]
pub(crate) struct Merge {
    /// New points, in any order.
    pub(crate) fresh: Vec<Point>,
    /// By slot: true for the nodes that lose their old points.
    pub(crate) gone: Option<Vec<bool>>,
    /// The total number of points afterwards, or an estimate.
    pub(crate) total: usize,
}

/// All points, sorted by (point, tie key of the node).
///
/// A lookup touches one line of `index` or of the table, and one of `words`.
#[derive(Debug)]
pub(crate) struct Flat {
    /// Top bits that choose a bucket.
    pub(super) bits: u32,
    /// First point at or after the beginning of each bucket, or [`NO_START`].
    pub(super) index: Vec<u32>,
    /// On circles of few points, in place of the index. Then words hold owners only.
    pub(super) direct: Direct,
    pub(super) words: Words,
    pub(super) points: Vec<u64>,
}

impl Flat {
    /// The number of points.
    pub(crate) fn len(&self) -> usize {
        self.points.len()
    }

    /// This circle after a change: one pass over the old points and the new ones.
    ///
    /// The owners of old points that stay must have the same slot and tie key as before.
    pub(crate) fn merged(&self, merge: Merge, order: impl Fn(Point, Point) -> Ordering) -> Self {
        let Merge { mut fresh, gone, total } = merge;
        fresh.sort_unstable_by(|a, b| order(*a, *b));
        let mut merged = Merged {
            old: self,
            gone: gone.filter(|gone| gone.contains(&true)),
            points: Vec::with_capacity(total),
            owners: Vec::with_capacity(total),
        };
        // Old points are copied in runs, each up to the next new point.
        let mut from = 0;
        for (point, node) in fresh {
            let rest = self.points.get(from..).unwrap_or_default();
            let mut end = from + rest.partition_point(|old| *old < point);
            while let Some(old) = self.point(end).filter(|old| old.0 == point) {
                // A slot in `gone` may belong to another node now, so its order says nothing about
                // the old points: they are skipped without comparing.
                if !merged.is_gone(old.1) && order(old, (point, node)).is_gt() {
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

    /// The point at an index.
    #[inline]
    pub(crate) fn point_at(&self, at: usize) -> Option<u64> {
        self.points.get(at).copied()
    }

    /// The owner of the point at an index; the index after the last point gives the first owner.
    #[inline]
    pub(crate) fn owner_at(&self, at: usize) -> Option<NodeIdx> {
        self.words.owner(at)
    }

    fn point(&self, at: usize) -> Option<Point> {
        self.points.get(at).copied().zip(self.words.owner(at))
    }

    /// All points with their owners, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Point> + Clone {
        let owners = (0..self.len()).filter_map(|at| self.words.owner(at));
        self.points.iter().copied().zip(owners)
    }

    pub(crate) fn from_sorted(points: Vec<u64>, owners: &[NodeIdx]) -> Self {
        if let Some(direct) = Direct::new(&points, owners) {
            let words = Words::of(owners);
            return Self { bits: BUCKET_BITS, index: Vec::new(), direct, words, points };
        }
        Self::indexed(points, owners)
    }

    /// With an index, however few the points are.
    pub(super) fn indexed(points: Vec<u64>, owners: &[NodeIdx]) -> Self {
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
        Self { bits, index, direct: Direct::default(), words, points }
    }
}

/// The points merged so far.
struct Merged<'a> {
    old: &'a Flat,
    gone: Option<Vec<bool>>,
    points: Vec<u64>,
    owners: Vec<NodeIdx>,
}

impl Merged<'_> {
    /// True if the node loses its old points.
    fn is_gone(&self, node: NodeIdx) -> bool {
        self.gone.as_ref().is_some_and(|gone| gone.get(node.index()) == Some(&true))
    }

    /// Copies a run of old points, without those of nodes in `gone`.
    fn take(&mut self, run: Range<usize>) {
        steps::count(run.len() as u64 + 1);
        let Some(gone) = &self.gone else {
            self.points.extend_from_slice(self.old.points.get(run.clone()).unwrap_or_default());
            self.old.words.append_owners(run, &mut self.owners);
            return;
        };
        for (point, owner) in run.filter_map(|at| self.old.point(at)) {
            if gone.get(owner.index()) != Some(&true) {
                self.points.push(point);
                self.owners.push(owner);
            }
        }
    }
}

/// The number of bits gives two to four points per bucket on average: an index that stays in a cache
/// is worth more than shorter buckets. The minimum gives as many buckets as a word has bits for.
fn index_bits(points: usize) -> u32 {
    (points / 2).checked_ilog2().unwrap_or_default().clamp(BUCKET_BITS, 28)
}
