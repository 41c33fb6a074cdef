//! Rendezvous hashing without weights, over any slice of entries.

use crate::hash::KeyHash;
use crate::node::NodeIdx;
use crate::placement::Walk;
use crate::score::{CHUNK, INLINE_MAX, Scorer, Seed};
use crate::score::{k_smallest, k_smallest_in_lanes, k_smallest_into};
use crate::steps;
use crate::vector::ScoreLanes;
use core::cmp::Reverse;

/// The entry with the best score.
#[inline]
pub(super) fn best<T>(entries: &[T], seed: impl Fn(&T) -> Seed, key: KeyHash) -> Option<usize> {
    let scorer = Scorer::new(key);
    let score = |entry: &T| scorer.score(seed(entry));
    if entries.len() >= 2 * CHUNK {
        if let Some((chunk, rest)) = best_chunk(entries, &seed, scorer) {
            let rest_at = entries.len() - rest.len();
            let chunk = entries.iter().enumerate().skip(chunk).take(CHUNK);
            return best_of(chunk.chain((rest_at..).zip(rest)), score);
        }
    }
    best_of(entries.iter().enumerate(), score)
}

/// The start of the chunk with the best score, and the entries that are in no chunk. `None` if the
/// bounds of two chunks are equal, which happens for one key in millions.
#[inline]
fn best_chunk<T>(
    entries: &[T],
    seed: impl Fn(&T) -> Seed,
    scorer: Scorer,
) -> Option<(usize, &[T])> {
    let chunks = entries.chunks_exact(CHUNK);
    let rest = chunks.remainder();
    let (mut best, mut highest, mut tie) = (0, 0, false);
    for (number, chunk) in chunks.enumerate() {
        let bound = scorer.upper_bound(chunk.first_chunk()?, &seed);
        best = if bound > highest { number } else { best };
        tie |= bound == highest;
        highest = highest.max(bound);
    }
    (!tie).then_some((best * CHUNK, rest))
}

#[inline]
fn best_of<'a, T: 'a>(
    mut entries: impl Iterator<Item = (usize, &'a T)>,
    score: impl Fn(&T) -> u64,
) -> Option<usize> {
    let (mut best, entry) = entries.next()?;
    let mut highest = score(entry);
    // Selections instead of branches, because the processor cannot predict where the best changes.
    for (at, entry) in entries {
        let score = score(entry);
        best = if score > highest { at } else { best };
        highest = highest.max(score);
    }
    Some(best)
}

/// The entry with the best score among those behind the place of the walk that `accept` admits. If
/// there is none the walk has ended.
#[inline]
pub(super) fn next<T>(
    entries: &[T],
    seed: impl Fn(&T) -> Seed,
    walk: &mut Walk,
    mut accept: impl FnMut(usize) -> bool,
) -> Option<usize> {
    let scorer = Scorer::new(walk.key());
    let [begun, last, ..] = walk.state();
    // No score is above the first place of a walk.
    let (all, floor) = (*begun == 0, *last);
    let mut best: Option<(u64, usize)> = None;
    let mut refused = false;
    for (number, chunk) in entries.chunks(CHUNK).enumerate() {
        steps::count(chunk.len() as u64);
        if let (Some((highest, _)), Some(chunk)) = (best, chunk.first_chunk()) {
            if scorer.upper_bound(chunk, &seed) < highest {
                continue;
            }
        }
        for (at, entry) in (number * CHUNK..).zip(chunk) {
            let score = scorer.score(seed(entry));
            if (all || score < floor) && best.is_none_or(|(highest, _)| score > highest) {
                if accept(at) {
                    best = Some((score, at));
                } else {
                    refused = true;
                }
            }
        }
    }
    match best {
        Some((score, _)) => (*begun, *last) = (1, score),
        None if refused => (*begun, *last) = ENDED,
        None => {}
    }
    best.map(|(_, at)| at)
}

/// The state of a walk that has passed all nodes: no score is below 0.
const ENDED: (u64, u64) = (1, 0);

/// Writes the numbers of the best entries behind the place of the walk that `accept` admits, in
/// order.
#[inline]
pub(super) fn next_batch<T>(
    entries: &[T],
    seed: impl Fn(&T) -> Seed,
    walk: &mut Walk,
    out: &mut [NodeIdx],
    accept: impl FnMut(usize) -> bool,
) -> usize {
    next_batch_in_lanes(&ScoreLanes::NONE, entries, seed, walk, out, accept)
}

/// [`next_batch`] of entries that are arranged in lanes, or not. With lanes each entry that `accept`
/// refuses costs more than without.
#[inline]
pub(super) fn next_batch_in_lanes<T>(
    lanes: &ScoreLanes,
    entries: &[T],
    seed: impl Fn(&T) -> Seed,
    walk: &mut Walk,
    out: &mut [NodeIdx],
    mut accept: impl FnMut(usize) -> bool,
) -> usize {
    let scorer = Scorer::new(walk.key());
    let [begun, last, ..] = walk.state();
    let floor = (*begun != 0).then_some(Reverse(*last));
    let rank = |at: usize, _| Some(Reverse(scorer.score(seed(entries.get(at)?))));
    let mut refused = false;
    let admits = |at, score| {
        let behind = floor.is_none_or(|f| score > f);
        let admitted = behind && accept(at);
        refused |= behind && !admitted;
        admitted
    };
    let k = out.len();
    let mut reached = None;
    let found = if k <= INLINE_MAX {
        let skip_chunk = |start: usize, Reverse(worst)| {
            let chunk = entries.get(start..).and_then(|entries| entries.first_chunk());
            chunk.is_some_and(|chunk| scorer.upper_bound(chunk, &seed) < worst)
        };
        let emit = |place: usize, score, at| {
            if let Some(place) = out.get_mut(place) {
                *place = NodeIdx::new(at as u32);
            }
            reached = Some(score);
        };
        if lanes.serve(k) {
            // A bound is not below the upper half of its score.
            let bound = |Reverse(worst)| (worst >> 32) as u32;
            k_smallest_in_lanes((lanes, scorer.word()), k, rank, bound, admits, emit)
        } else {
            k_smallest(entries.len(), k, rank, skip_chunk, admits, emit)
        }
    } else {
        let found = k_smallest_into(entries.len(), out, rank, admits);
        reached = found.checked_sub(1).and_then(|last| rank(out.get(last)?.index(), None));
        found
    };
    if found < k && refused {
        (*begun, *last) = ENDED;
    } else if let Some(Reverse(score)) = reached {
        (*begun, *last) = (1, score);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{CHUNK, KeyHash, NodeIdx, Scorer, Seed, Walk, best, next_batch};
    use crate::hash::mix::mix;
    use crate::score::crafted::seed_of;
    use std::vec;
    use std::vec::Vec;
    extern crate std;

    /// Scores that agree in all bits that a chunk's bound considers, at any position.
    #[test]
    fn near_ties_are_decided_exactly() {
        let key = KeyHash::from_hash(7);
        let scorer = Scorer::new(key);
        for count in [2, CHUNK, 2 * CHUNK - 1, 2 * CHUNK, 3 * CHUNK + 5, 5 * CHUNK] {
            for (a, b) in (0..count).flat_map(|a| (0..count).map(move |b| (a, b))) {
                // The last step of mixing reverses the order of some pairs and keeps that of others.
                for (low, more) in [(0, 1), (0, 1 << 32), (1 << 31, 1), (3 << 31, 1)] {
                    let mut scores: Vec<u64> = (0..count as u64).map(|i| mix(i) >> 1).collect();
                    scores[b] = u64::MAX << 33 | low;
                    scores[a] = u64::MAX << 33 | low | more;
                    let seeds: Vec<Seed> = scores.iter().map(|d| seed_of(scorer, *d)).collect();
                    assert_eq!(best(&seeds, |seed| *seed, key), Some(a), "{count} {a} {b}");
                    let mut sorted: Vec<usize> = (0..count).collect();
                    sorted.sort_by_key(|entry| core::cmp::Reverse(scores[*entry]));
                    for k in [1, 2, 3, count] {
                        let (mut found, mut walk) = (vec![NodeIdx::new(0); k], Walk::new(key));
                        let n = next_batch(&seeds, |seed| *seed, &mut walk, &mut found, |_| true);
                        let found = found[..n].iter().map(|entry| entry.index());
                        assert!(
                            found.eq(sorted[..k.min(count)].iter().copied()),
                            "{count} {a} {b}"
                        );
                    }
                }
            }
        }
    }
}
