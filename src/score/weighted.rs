//! The logarithmic method: scores with weights, in integers only.
//!
//! Christian Schindelhauer, Gunnar Schomaker, *Weighted distributed hash tables*, SPAA 2005, DOI
//! 10.1145/1073970.1074008.

use super::score::{Scorer, Seed};
use super::top_k::{INLINE_MAX, k_smallest, k_smallest_in_lanes, k_smallest_into};
use crate::hash::KeyHash;
use crate::hash::log2::{neg_log2, neg_log2_at_least};
use crate::node::NodeIdx;
use crate::placement::Walk;
use crate::steps;
use crate::vector::{ScoreLanes, weighted_bound};
use core::cmp::Ordering;

/// A node's weighted score for a key: −log2 of its score over its weight, as a fraction. Smaller is
/// better; equal fractions go to the smaller identity.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WeightedScore {
    log: u64,
    weight: u64,
    seed: Seed,
}

impl WeightedScore {
    /// What the bound of an entry has to reach to beat this score.
    #[inline]
    fn bound(self) -> u32 {
        weighted_bound(self.log, self.weight)
    }
}

impl Ord for WeightedScore {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        let (a, b) = (cross(self.log, other.weight), cross(other.log, self.weight));
        a.cmp(&b).then_with(|| self.seed.identity().cmp(&other.seed.identity()))
    }
}

impl PartialOrd for WeightedScore {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for WeightedScore {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for WeightedScore {}

#[inline]
fn cross(log: u64, weight: u64) -> u128 {
    u128::from(log) * u128::from(weight)
}

/// A live node with its weight, which is above 0.
pub(crate) type WeightedSeed = (Seed, u64);

/// The weighted score of an entry, or `None` if a lower bound of its logarithm shows that it cannot
/// beat `rival`.
#[inline]
pub(super) fn weighted_score(
    scorer: Scorer,
    (seed, weight): WeightedSeed,
    rival: Option<WeightedScore>,
) -> Option<WeightedScore> {
    let score = scorer.score(seed);
    if let Some(rival) = rival {
        if cross(neg_log2_at_least(score), rival.weight) > cross(rival.log, weight) {
            return None;
        }
    }
    Some(WeightedScore { log: neg_log2(score), weight, seed })
}

/// The entry with the best weighted score.
#[inline]
pub(crate) fn best<T: Copy>(
    entries: impl Iterator<Item = (T, WeightedSeed)>,
    key: KeyHash,
) -> Option<T> {
    let scorer = Scorer::new(key);
    let mut best: Option<(WeightedScore, T)> = None;
    for (at, entry) in entries {
        let rival = best.map(|(b, _)| b);
        if let Some(s) = weighted_score(scorer, entry, rival) {
            if rival.is_none_or(|r| s < r) {
                best = Some((s, at));
            }
        }
    }
    best.map(|(_, at)| at)
}

/// [`best`] of entries that are arranged in lanes, by vector instructions. `None` if there are no
/// lanes.
#[cfg(feature = "alloc")]
#[inline]
pub(crate) fn best_in_lanes(
    lanes: &ScoreLanes,
    entries: &[WeightedSeed],
    key: KeyHash,
) -> Option<usize> {
    let scorer = Scorer::new(key);
    let mut best: Option<(WeightedScore, usize)> = None;
    lanes.visit(scorer.word(), |at| {
        let rival = best.map(|(b, _)| b);
        if let Some(s) = entries.get(at).and_then(|entry| weighted_score(scorer, *entry, rival)) {
            if rival.is_none_or(|r| s < r) {
                best = Some((s, at));
            }
        }
        best.map_or(0, |(b, _)| b.bound())
    });
    best.map(|(_, at)| at)
}

/// The score that a walk has reached. Untrusted words may contain a weight of 0, which no node has. It
/// counts as the end of the walk; otherwise 0/0 would equal every score and there would be no order.
pub(super) fn reached(walk: &mut Walk) -> Option<WeightedScore> {
    let [begun, log, weight, seed, ..] = *walk.state();
    let log = if weight == 0 { u64::MAX } else { log };
    (begun != 0).then_some(WeightedScore { log, weight, seed: Seed(seed) })
}

/// Moves a walk behind a score.
pub(super) fn reach(walk: &mut Walk, score: WeightedScore) {
    let [begun, log, weight, seed, ..] = walk.state();
    (*begun, *log, *weight, *seed) = (1, score.log, score.weight, score.seed.0);
}

/// Moves a walk to its end, also behind the nodes that were refused.
pub(super) fn end(walk: &mut Walk) {
    reach(walk, WeightedScore { log: u64::MAX, weight: 0, seed: Seed(0) });
}

/// The entry with the best weighted score among those behind the place of the walk that `accept` admits. If
/// there is none the walk has ended.
#[inline]
pub(crate) fn next<T: Copy>(
    entries: impl Iterator<Item = (T, WeightedSeed)>,
    walk: &mut Walk,
    mut accept: impl FnMut(T) -> bool,
) -> Option<T> {
    let scorer = Scorer::new(walk.key());
    let floor = reached(walk);
    let mut best: Option<(WeightedScore, T)> = None;
    let mut refused = false;
    for (at, entry) in entries {
        steps::count(1);
        let rival = best.map(|(b, _)| b);
        if let Some(s) = weighted_score(scorer, entry, rival) {
            if floor.is_none_or(|f| s > f) && rival.is_none_or(|r| s < r) {
                if accept(at) {
                    best = Some((s, at));
                } else {
                    refused = true;
                }
            }
        }
    }
    match best {
        Some((score, _)) => reach(walk, score),
        None if refused => end(walk),
        None => {}
    }
    best.map(|(_, at)| at)
}

/// Writes the numbers of the best entries behind the place of the walk that `accept` admits, in
/// order.
pub(crate) fn next_batch(
    entry: impl Fn(usize) -> Option<WeightedSeed>,
    count: usize,
    walk: &mut Walk,
    out: &mut [NodeIdx],
    accept: impl FnMut(usize) -> bool,
) -> usize {
    next_batch_in_lanes(&ScoreLanes::NONE, entry, count, walk, out, accept)
}

/// [`next_batch`] of entries that are arranged in lanes, or not. With lanes each entry that `accept`
/// refuses costs more than without.
pub(crate) fn next_batch_in_lanes(
    lanes: &ScoreLanes,
    entry: impl Fn(usize) -> Option<WeightedSeed>,
    count: usize,
    walk: &mut Walk,
    out: &mut [NodeIdx],
    mut accept: impl FnMut(usize) -> bool,
) -> usize {
    let scorer = Scorer::new(walk.key());
    let floor = reached(walk);
    let rank = |at: usize, rival| weighted_score(scorer, entry(at)?, rival);
    let mut refused = false;
    let admits = |at, score| {
        let behind = floor.is_none_or(|f| score > f);
        let admitted = behind && accept(at);
        refused |= behind && !admitted;
        admitted
    };
    let k = out.len();
    let mut last = None;
    let found = if k <= INLINE_MAX {
        let emit = |place: usize, score, at| {
            if let Some(place) = out.get_mut(place) {
                *place = NodeIdx::new(at as u32);
            }
            last = Some(score);
        };
        if lanes.serve(k) {
            let lanes = (lanes, scorer.word());
            k_smallest_in_lanes(lanes, k, rank, WeightedScore::bound, admits, emit)
        } else {
            k_smallest(count, k, rank, |_, _| false, admits, emit)
        }
    } else {
        let found = k_smallest_into(count, out, rank, admits);
        last = found.checked_sub(1).and_then(|last| rank(out.get(last)?.index(), None));
        found
    };
    if found < k && refused {
        end(walk);
    } else if let Some(last) = last {
        reach(walk, last);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::score::crafted::seed_of;
    use super::{KeyHash, Scorer, WeightedSeed, best, neg_log2, next, next_batch};
    use crate::node::NodeIdx;
    use crate::placement::Walk;

    /// Equal fractions go to the smaller identity, in whatever order they come.
    #[test]
    fn ties_go_by_identity() {
        let key = KeyHash::from_hash(9);
        let scorer = Scorer::new(key);
        let mut swapped = 0;
        for i in 0..50 {
            // Neighbouring scores in the middle of the range have one logarithm.
            let score = (1 << 63) + i * 0x1234_5678;
            assert_eq!(neg_log2(score), neg_log2(score + 1));
            let (one, other) = (seed_of(scorer, score), seed_of(scorer, score + 1));
            for (a, b) in [(one, other), (other, one)] {
                let entries: [WeightedSeed; 2] = [(a, 5), (b, 5)];
                let winner = usize::from(b.identity() < a.identity());
                swapped += winner;
                assert_eq!(best(entries.into_iter().enumerate(), key), Some(winner));
                for room in [2, 40] {
                    let (mut order, mut walk) = ([NodeIdx::new(2); 40], Walk::new(key));
                    let entry = |at: usize| entries.get(at).copied();
                    let out = &mut order[..room];
                    assert_eq!(next_batch(entry, 2, &mut walk, out, |_| true), 2);
                    assert_eq!([order[0].index(), order[1].index()], [winner, 1 - winner]);
                }
                let mut walk = Walk::new(key);
                let mut step = || next(entries.into_iter().enumerate(), &mut walk, |_| true);
                assert_eq!([step(), step(), step()], [Some(winner), Some(1 - winner), None]);
            }
        }
        assert_eq!(swapped, 50);
    }
}
