//! The k best of many draws, in order, without a heap.

use super::CHUNK;
use crate::node::NodeIdx;
use crate::steps;

/// Ranks kept on the stack: up to this many entries are found in one pass over all.
pub(crate) const KEPT: usize = 16;

/// Finds the `k` ≤ [`KEPT`] smallest ranks among those of entries `0..count` that `admits` lets
/// pass, in order, and calls `emit` with the place, the rank and the entry of each. Ranks of
/// different entries differ.
///
/// `rank` is given the rank an entry has to beat, if there is one yet, and may answer `None` for
/// an entry that does not. `hopeless` is given the first entry of a chunk and the same, and may say
/// that all of the chunk would. `admits` is asked last: most entries are refused by their rank.
pub(crate) fn smallest<R: Copy + Ord>(
    count: usize,
    k: usize,
    rank: impl Fn(usize, Option<R>) -> Option<R>,
    hopeless: impl Fn(usize, R) -> bool,
    mut admits: impl FnMut(usize, R) -> bool,
    mut emit: impl FnMut(usize, R, usize),
) -> usize {
    let want = k.min(KEPT);
    if want == 0 {
        return 0;
    }
    let worst = |kept: &[Option<(R, usize)>; KEPT]| kept.get(want - 1)?.map(|(r, _)| r);
    let mut kept: [Option<(R, usize)>; KEPT] = [None; KEPT];
    for start in (0..count).step_by(CHUNK) {
        steps::count(CHUNK as u64);
        if worst(&kept).is_some_and(|worst| hopeless(start, worst)) {
            continue;
        }
        for entry in start..count.min(start + CHUNK) {
            let worst = worst(&kept);
            let Some(r) = rank(entry, worst) else { continue };
            if worst.is_some_and(|w| r >= w) || !admits(entry, r) {
                continue;
            }
            insert(&mut kept, want, (r, entry));
        }
    }
    let mut found = 0;
    for (r, entry) in kept.iter().flatten() {
        emit(found, *r, *entry);
        found += 1;
    }
    found
}

/// Puts an item into its place among the first `want`, which are sorted, `None` last.
fn insert<R: Copy + Ord>(kept: &mut [Option<(R, usize)>; KEPT], want: usize, item: (R, usize)) {
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

/// As [`smallest`] among the entries that `admits` lets pass, for any number of them; they are
/// written to `out` by their numbers. O(n log k) ranks for the k that `out` has room for, and no
/// memory but `out`.
///
/// `out` holds a heap with the largest rank on top while the entries are looked at, and is sorted
/// at the end. There is no room for the ranks, so they are computed again where they are compared.
/// `admits` is asked once about an entry that is small enough.
pub(crate) fn smallest_in_place<R: Copy + Ord>(
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

/// Moves the entry at a place down until no entry below it has a larger rank.
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
