//! The k best of many scores, in order, without a heap.

use super::score::CHUNK;
use crate::node::NodeIdx;
use crate::steps;
use crate::vector::ScoreLanes;

/// The number of ranks kept on the stack: up to so many entries are found in one pass.
pub(crate) const INLINE_MAX: usize = 16;

/// Finds the `k` ≤ [`INLINE_MAX`] smallest ranks among those of entries `0..count` that `admits` lets
/// pass, in order, and calls `emit` with the place, the rank and the entry of each. Ranks of
/// different entries differ.
///
/// `rank` is given the rank an entry has to beat, if there is one yet, and may answer `None` for
/// an entry that does not. `skip_chunk` is given the first entry of a chunk and the same, and may say
/// that all of the chunk would. `admits` is asked last: most entries are refused by their rank.
pub(crate) fn k_smallest<R: Copy + Ord>(
    count: usize,
    k: usize,
    rank: impl Fn(usize, Option<R>) -> Option<R>,
    skip_chunk: impl Fn(usize, R) -> bool,
    mut admits: impl FnMut(usize, R) -> bool,
    mut emit: impl FnMut(usize, R, usize),
) -> usize {
    let Some(mut kept) = Kept::new(k) else { return 0 };
    for start in (0..count).step_by(CHUNK) {
        steps::count(CHUNK as u64);
        if kept.worst().is_some_and(|worst| skip_chunk(start, worst)) {
            continue;
        }
        for entry in start..count.min(start + CHUNK) {
            kept.offer(entry, &rank, &mut admits);
        }
    }
    kept.emit(&mut emit)
}

/// As [`k_smallest`], of the entries in lanes, by vector instructions. `bound` is what an entry's bound
/// has to reach to beat a rank.
#[inline(never)] // so that the code without lanes is compiled as if this were not there
pub(crate) fn k_smallest_in_lanes<R: Copy + Ord>(
    (lanes, key): (&ScoreLanes, u64),
    k: usize,
    rank: impl Fn(usize, Option<R>) -> Option<R>,
    bound: impl Fn(R) -> u32,
    mut admits: impl FnMut(usize, R) -> bool,
    mut emit: impl FnMut(usize, R, usize),
) -> usize {
    let Some(mut kept) = Kept::new(k) else { return 0 };
    lanes.visit(key, |entry| {
        kept.offer(entry, &rank, &mut admits);
        kept.worst().map_or(0, &bound)
    });
    kept.emit(&mut emit)
}

/// The smallest ranks so far.
struct Kept<R> {
    /// Sorted, `None` last; only the first `want` places are used.
    ranks: [Option<(R, usize)>; INLINE_MAX],
    want: usize,
}

impl<R: Copy + Ord> Kept<R> {
    #[inline]
    fn new(k: usize) -> Option<Self> {
        let want = k.min(INLINE_MAX);
        (want > 0).then_some(Self { ranks: [None; INLINE_MAX], want })
    }

    /// The rank that an entry has to beat, if there is one yet.
    #[inline]
    fn worst(&self) -> Option<R> {
        self.ranks.get(self.want - 1)?.map(|(r, _)| r)
    }

    #[inline(always)]
    #[allow(clippy::inline_always)] // as a call, it costs a sixth of the time of three replicas
    fn offer(
        &mut self,
        entry: usize,
        rank: impl Fn(usize, Option<R>) -> Option<R>,
        mut admits: impl FnMut(usize, R) -> bool,
    ) {
        let worst = self.worst();
        let Some(r) = rank(entry, worst) else { return };
        if worst.is_none_or(|w| r < w) && admits(entry, r) {
            insert(&mut self.ranks, self.want, (r, entry));
        }
    }

    /// Calls `emit` with the place, the rank and the entry of each, and returns their number.
    fn emit(&self, emit: &mut impl FnMut(usize, R, usize)) -> usize {
        let mut found = 0;
        for (r, entry) in self.ranks.iter().flatten() {
            emit(found, *r, *entry);
            found += 1;
        }
        found
    }
}

/// Inserts an item among the first `want`, which are sorted with `None` last.
fn insert<R: Copy + Ord>(
    kept: &mut [Option<(R, usize)>; INLINE_MAX],
    want: usize,
    item: (R, usize),
) {
    let mut carried = Some(item);
    for place in kept.iter_mut().take(want) {
        let better = match (&carried, &*place) {
            (Some((new, _)), Some((old, _))) => new < old,
            (Some(_), None) => true,
            (None, _) => return,
        };
        if better {
            core::mem::swap(&mut carried, place);
        }
    }
}

/// As [`k_smallest`] for any number of entries, which are written to `out` by their numbers.
///
/// Up to 64 take no memory but `out`, nor do any without `alloc`; more take the ranks of all entries
/// once.
pub(crate) fn k_smallest_into<R: Copy + Ord>(
    count: usize,
    out: &mut [NodeIdx],
    rank: impl Fn(usize, Option<R>) -> Option<R>,
    admits: impl FnMut(usize, R) -> bool,
) -> usize {
    #[cfg(feature = "alloc")]
    if out.len() > crate::limits::INLINE_CANDIDATES {
        return k_smallest_by_sort(count, out, rank, admits);
    }
    k_smallest_in_place(count, out, rank, admits)
}

#[cfg(feature = "alloc")]
fn k_smallest_by_sort<R: Copy + Ord>(
    count: usize,
    out: &mut [NodeIdx],
    rank: impl Fn(usize, Option<R>) -> Option<R>,
    mut admits: impl FnMut(usize, R) -> bool,
) -> usize {
    let mut all: alloc::vec::Vec<(R, u32)> = alloc::vec::Vec::with_capacity(count);
    for entry in 0..count {
        steps::count(1);
        all.extend(rank(entry, None).filter(|r| admits(entry, *r)).map(|r| (r, entry as u32)));
    }
    if out.len() < all.len() {
        all.select_nth_unstable(out.len());
        all.truncate(out.len());
    }
    all.sort_unstable_by_key(|(r, _)| {
        steps::count(1);
        *r
    });
    for (place, (_, entry)) in out.iter_mut().zip(&all) {
        *place = NodeIdx::new(*entry);
    }
    all.len()
}

/// O(n log k) ranks for the k that `out` has room for, and no memory but `out`.
///
/// `out` holds a heap with the largest rank on top while the entries are looked at, and is sorted
/// at the end. There is no room for the ranks, so they are computed again where they are compared.
fn k_smallest_in_place<R: Copy + Ord>(
    count: usize,
    out: &mut [NodeIdx],
    rank: impl Fn(usize, Option<R>) -> Option<R>,
    mut admits: impl FnMut(usize, R) -> bool,
) -> usize {
    let of = |entry: &NodeIdx| {
        steps::count(1);
        rank(entry.index(), None)
    };
    let mut found = 0;
    let mut entries = 0..count;
    while let Some(place) = out.get_mut(found) {
        let Some(entry) = entries.next() else { break };
        steps::count(1);
        if rank(entry, None).is_some_and(|r| admits(entry, r)) {
            *place = NodeIdx::new(entry as u32);
            found += 1;
        }
    }
    let out = out.get_mut(..found).unwrap_or_default();
    if !entries.is_empty() {
        (0..found / 2).rev().for_each(|place| sift_down(out, place, of));
    }
    let mut worst = out.first().and_then(of);
    for entry in entries {
        steps::count(1);
        let Some(bound) = worst else { break };
        if rank(entry, worst).is_some_and(|r| r < bound && admits(entry, r)) {
            if let Some(place) = out.first_mut() {
                *place = NodeIdx::new(entry as u32);
            }
            sift_down(out, 0, of);
            worst = out.first().and_then(of);
        }
    }
    out.sort_unstable_by_key(of);
    found
}

/// Sifts the entry at a position down until no entry below it has a larger rank.
fn sift_down<R: Ord>(heap: &mut [NodeIdx], mut place: usize, of: impl Fn(&NodeIdx) -> Option<R>) {
    let own = heap.get(place).and_then(&of);
    loop {
        let (left, right) = (2 * place + 1, 2 * place + 2);
        let (a, b) = (heap.get(left).and_then(&of), heap.get(right).and_then(&of));
        let (child, larger) = if b > a { (right, b) } else { (left, a) };
        if larger <= own {
            return;
        }
        heap.swap(place, child);
        place = child;
    }
}

#[cfg(test)]
mod tests {
    use super::{k_smallest_in_place, k_smallest_into};
    use crate::hash::mix::mix;
    use crate::node::NodeIdx;
    extern crate std;
    use std::vec;
    use std::vec::Vec;

    /// In place, with memory and by sorting: the same entries, whatever is admitted.
    #[test]
    fn selections_agree() {
        for count in [0, 1, 2, 17, 64, 65, 200, 700] {
            for k in [0, 1, 17, 63, 64, 65, 199, 200, 700, 900] {
                let rank = |entry: usize, _| (entry % 7 > 0).then(|| mix((entry + count) as u64));
                let admits = |entry: usize, rank: u64| (entry as u64 ^ rank) % 3 > 0;
                let mut expected: Vec<(u64, usize)> = (0..count)
                    .filter_map(|entry| Some((rank(entry, None::<u64>)?, entry)))
                    .filter(|(rank, entry)| admits(*entry, *rank))
                    .collect();
                expected.sort_unstable();
                expected.truncate(k);
                let expected: Vec<usize> = expected.into_iter().map(|(_, entry)| entry).collect();
                for in_place in [false, true] {
                    let mut out = vec![NodeIdx::default(); k];
                    let found = if in_place {
                        k_smallest_in_place(count, &mut out, rank, admits)
                    } else {
                        k_smallest_into(count, &mut out, rank, admits)
                    };
                    let out: Vec<usize> = out[..found].iter().map(|entry| entry.index()).collect();
                    assert_eq!(out, expected, "{k} of {count}");
                }
            }
        }
    }
}
