//! Sorting the points of all nodes.

use crate::node::NodeIdx;
use crate::slips::OrSlip;
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::ops::Range;

/// A point and the slot it belongs to.
pub(crate) type Point = (u64, NodeIdx);

/// The maximum number of top bits for one counting-sort pass: the cursors stay in a cache.
const ONE_PASS_MAX_BITS: u32 = 17;

/// With more bits there are two passes; the second one sorts by this many bits within each bucket of
/// the first.
const SECOND_PASS_BITS: u32 = 12;

/// Buckets with more points than this are sorted before the insertion sort.
const INSERTION_SORT_MAX: usize = 32;

/// All `total` points and their owners, sorted by an order that compares the points first. O(points)
/// for points that are as good as random, O(points · log points) for any others.
///
/// For random points one counting-sort pass on the top bits is enough; large inputs take two passes so
/// that the counters stay in cache. An insertion sort finishes the order.
pub(crate) fn sorted_points<I: Iterator<Item = Point>>(
    total: usize,
    all: impl Fn() -> I,
    order: impl Fn(Point, Point) -> Ordering,
) -> (Vec<u64>, Vec<NodeIdx>) {
    let bits = total.checked_ilog2().unwrap_or_default().max(1);
    let mut sorted = Columns::new(total);
    if bits <= ONE_PASS_MAX_BITS {
        let mut cursors = vec![0; 1 << bits];
        sorted.fill(0, &all, |point| bucket_of(point, bits), &mut cursors);
        sorted.sort_long(0, &cursors, &order);
    } else {
        let far = bits - SECOND_PASS_BITS;
        let mut ends = vec![0; 1 << far];
        let mut parted = Columns::new(total);
        parted.fill(0, &all, |point| bucket_of(point, far), &mut ends);
        let mut cursors = [0; 1 << SECOND_PASS_BITS];
        let mut start = 0;
        for end in ends {
            let end = end as usize;
            let part = || parted.range(start..end);
            cursors.fill(0);
            sorted.fill(
                start,
                part,
                |point| bucket_of(point << far, SECOND_PASS_BITS),
                &mut cursors,
            );
            sorted.sort_long(start, &cursors, &order);
            start = end;
        }
    }
    sorted.insertion_sort(&order);
    (sorted.points, sorted.owners)
}

/// Points and owners side by side.
struct Columns {
    points: Vec<u64>,
    owners: Vec<NodeIdx>,
}

impl Columns {
    fn new(len: usize) -> Self {
        Self { points: vec![0; len], owners: vec![NodeIdx::default(); len] }
    }

    #[inline]
    fn get(&self, at: usize) -> Option<Point> {
        self.points.get(at).copied().zip(self.owners.get(at).copied())
    }

    #[inline]
    fn put(&mut self, at: usize, (point, owner): Point) {
        if let (Some(p), Some(o)) = (self.points.get_mut(at), self.owners.get_mut(at)) {
            (*p, *o) = (point, owner);
        }
    }

    fn range(&self, range: Range<usize>) -> impl Iterator<Item = Point> {
        let points = self.points.get(range.clone()).or_slip();
        let owners = self.owners.get(range).or_slip();
        points.iter().copied().zip(owners.iter().copied())
    }

    /// Counting sort of some points into the positions from `start` on. The cursors must be 0; they end
    /// up at the ends of their buckets.
    #[inline]
    fn fill<I: Iterator<Item = Point>>(
        &mut self,
        start: usize,
        items: impl Fn() -> I,
        bucket: impl Fn(u64) -> usize,
        cursors: &mut [u32],
    ) {
        distribute(start, items, |(point, _)| bucket(*point), cursors, |at, p| self.put(at, p));
    }

    /// Sorts the buckets that are too long for the insertion sort.
    fn sort_long(&mut self, start: usize, ends: &[u32], order: &impl Fn(Point, Point) -> Ordering) {
        for long in long_buckets(start, ends) {
            let mut sorted: Vec<Point> = self.range(long.clone()).collect();
            sorted.sort_unstable_by(|a, b| order(*a, *b));
            for (at, point) in long.zip(sorted) {
                self.put(at, point);
            }
        }
    }

    /// Fast only if the columns are almost in order.
    fn insertion_sort(&mut self, order: &impl Fn(Point, Point) -> Ordering) {
        let mut above = 0;
        for end in 0..self.points.len() {
            let Some(point) = self.points.get(end).copied() else { return };
            if point > above {
                above = point;
                continue;
            }
            let mut at = end;
            while at > 0 {
                let out_of_order = self.get(at - 1).zip(self.get(at));
                if out_of_order.is_none_or(|(a, b)| order(a, b).is_le()) {
                    break;
                }
                self.points.swap(at - 1, at);
                self.owners.swap(at - 1, at);
                at -= 1;
            }
        }
    }
}

/// Words in ascending order: O(words) if they are as good as random, O(words · log words) for any others.
pub(crate) fn sorted_words(words: &[u64]) -> Vec<u64> {
    let bits = words.len().checked_ilog2().unwrap_or_default().clamp(1, ONE_PASS_MAX_BITS);
    let mut cursors = vec![0_u32; 1 << bits];
    let mut sorted = vec![0; words.len()];
    let (items, bucket) = (|| words.iter().copied(), |word: &u64| bucket_of(*word, bits));
    distribute(0, items, bucket, &mut cursors, |at, word| {
        if let Some(place) = sorted.get_mut(at) {
            *place = word;
        }
    });
    for long in long_buckets(0, &cursors) {
        sorted.get_mut(long).or_slip().sort_unstable();
    }
    insertion_sort(&mut sorted);
    sorted
}

/// The part of a hash among equal parts of the circle, and the bits after those of the part: the two halves
/// of a product.
#[inline]
pub(super) fn split(hash: u64, parts: usize) -> (usize, u64) {
    let both = u128::from(hash) * parts as u128;
    ((both >> 64) as usize, both as u64)
}

/// The bucket of a hash: its top bits.
#[inline]
pub(super) fn bucket_of(point: u64, bits: u32) -> usize {
    (point >> (64 - bits)) as usize
}

/// Fast only if the words are almost in order.
#[inline]
pub(super) fn insertion_sort(words: &mut [u64]) {
    for end in 1..words.len() {
        let mut at = end;
        while let Some([before, word]) = words.get_mut(at.saturating_sub(1)..=at) {
            if *before <= *word {
                break;
            }
            core::mem::swap(before, word);
            at -= 1;
        }
    }
}

/// One pass of a counting sort: puts each item at the next place of its bucket, from `start` on. The
/// cursors must be 0; they end up at the ends of their buckets.
#[inline]
pub(super) fn distribute<T, I: Iterator<Item = T>>(
    start: usize,
    items: impl Fn() -> I,
    bucket: impl Fn(&T) -> usize,
    cursors: &mut [u32],
    mut put: impl FnMut(usize, T),
) {
    items().for_each(|item| {
        if let Some(count) = cursors.get_mut(bucket(&item)) {
            *count += 1;
        }
    });
    counts_to_starts(cursors, start as u32);
    items().for_each(|item| {
        let Some(cursor) = cursors.get_mut(bucket(&item)) else { return };
        put(*cursor as usize, item);
        *cursor += 1;
    });
}

/// The buckets that are too long for the insertion sort.
fn long_buckets(mut start: usize, ends: &[u32]) -> impl Iterator<Item = Range<usize>> + '_ {
    ends.iter().filter_map(move |end| {
        let bucket = start..*end as usize;
        start = bucket.end;
        (bucket.len() > INSERTION_SORT_MAX).then_some(bucket)
    })
}

/// Replaces each count by the sum of `first` and all counts before it.
pub(super) fn counts_to_starts(counts: &mut [u32], first: u32) {
    let mut sum = first;
    for count in counts {
        sum += *count;
        *count = sum - *count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_all_kinds_are_sorted() {
        let mixed = |i: u64| i.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
        for len in [0, 1, 2, 31, 33, 1000, 300_000] {
            let words: [Vec<u64>; 4] = [
                (0..len).map(mixed).collect(),
                (0..len).rev().collect(), // all in one bucket
                (0..len).map(|i| mixed(i % 5)).collect(), // equal ones
                (0..len).map(|i| mixed(i) | u64::MAX << 50).collect(),
            ];
            for words in words {
                let mut expected = words.clone();
                expected.sort_unstable();
                assert_eq!(sorted_words(&words), expected, "{len}");
            }
        }
    }
}
