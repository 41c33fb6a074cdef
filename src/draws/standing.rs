//! The logarithmic method: draws with weights, in integers only.
//!
//! Christian Schindelhauer, Gunnar Schomaker, *Weighted distributed hash tables*, SPAA 2005, DOI
//! 10.1145/1073970.1074008.

use super::{Drawer, Seed, smallest};
use crate::hash::KeyHash;
use crate::hash::log2::{neg_log2, neg_log2_at_least};
use crate::placement::Walk;
use core::cmp::Ordering;

/// A node's standing for a key: −log2 of its draw over its weight, as a fraction. Smaller is
/// better; equal fractions go to the smaller identity.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    log: u64,
    weight: u64,
    seed: Seed,
}

impl Ord for Standing {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        let (a, b) = (cross(self.log, other.weight), cross(other.log, self.weight));
        a.cmp(&b).then_with(|| self.seed.identity().cmp(&other.seed.identity()))
    }
}

impl PartialOrd for Standing {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Standing {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Standing {}

#[inline]
fn cross(log: u64, weight: u64) -> u128 {
    u128::from(log) * u128::from(weight)
}

/// A node that takes part, with its weight above 0.
pub(crate) type Entry = (Seed, u64);

/// The standing of an entry, or `None` if a lower bound of its logarithm shows that it cannot
/// beat `rival`.
#[inline]
fn standing(drawer: Drawer, (seed, weight): Entry, rival: Option<Standing>) -> Option<Standing> {
    let draw = drawer.draw(seed);
    if let Some(rival) = rival {
        if cross(neg_log2_at_least(draw), rival.weight) > cross(rival.log, weight) {
            return None;
        }
    }
    Some(Standing { log: neg_log2(draw), weight, seed })
}

/// The entry with the best standing.
#[inline]
pub(crate) fn best<T: Copy>(entries: impl Iterator<Item = (T, Entry)>, key: KeyHash) -> Option<T> {
    let drawer = Drawer::new(key);
    let mut best: Option<(Standing, T)> = None;
    for (at, entry) in entries {
        let rival = best.map(|(b, _)| b);
        if let Some(s) = standing(drawer, entry, rival) {
            if rival.is_none_or(|r| s < r) {
                best = Some((s, at));
            }
        }
    }
    best.map(|(_, at)| at)
}

/// The entry with the best standing behind the one the walk gave last.
pub(crate) fn next<T: Copy>(
    entries: impl Iterator<Item = (T, Entry)>,
    walk: &mut Walk,
) -> Option<T> {
    let drawer = Drawer::new(walk.key());
    let [begun, log, weight, seed, ..] = walk.state();
    let floor = (*begun != 0).then_some(Standing { log: *log, weight: *weight, seed: Seed(*seed) });
    let mut best: Option<(Standing, T)> = None;
    for (at, entry) in entries {
        let rival = best.map(|(b, _)| b);
        if let Some(s) = standing(drawer, entry, rival) {
            if floor.is_none_or(|f| s > f) && rival.is_none_or(|r| s < r) {
                best = Some((s, at));
            }
        }
    }
    let (s, at) = best?;
    (*begun, *log, *weight, *seed) = (1, s.log, s.weight, s.seed.0);
    Some(at)
}

/// The `k` best entries in order.
pub(crate) fn first(
    entry: impl Fn(usize) -> Option<Entry>,
    count: usize,
    key: KeyHash,
    k: usize,
    emit: impl FnMut(usize, usize),
) -> usize {
    let drawer = Drawer::new(key);
    smallest(count, k, |at, rival| standing(drawer, entry(at)?, rival), |_, _| false, emit)
}

#[cfg(test)]
mod tests {
    use super::super::crafted::seed_of;
    use super::{Drawer, Entry, KeyHash, best, first, neg_log2, next};
    use crate::placement::Walk;

    /// Equal fractions go to the smaller identity, whoever stands first.
    #[test]
    fn ties_go_by_identity() {
        let key = KeyHash::from_hash(9);
        let drawer = Drawer::new(key);
        let mut swapped = 0;
        for i in 0..50 {
            // Neighbouring draws in the middle of the range have one logarithm.
            let draw = (1 << 63) + i * 0x1234_5678;
            assert_eq!(neg_log2(draw), neg_log2(draw + 1));
            let (one, other) = (seed_of(drawer, draw), seed_of(drawer, draw + 1));
            for (a, b) in [(one, other), (other, one)] {
                let entries: [Entry; 2] = [(a, 5), (b, 5)];
                let winner = usize::from(b.identity() < a.identity());
                swapped += winner;
                assert_eq!(best(entries.into_iter().enumerate(), key), Some(winner));
                let mut order = [2; 2];
                first(|at| entries.get(at).copied(), 2, key, 2, |place, at| order[place] = at);
                assert_eq!(order, [winner, 1 - winner]);
                let mut walk = Walk::new(key);
                let mut step = || next(entries.into_iter().enumerate(), &mut walk);
                assert_eq!([step(), step(), step()], [Some(winner), Some(1 - winner), None]);
            }
        }
        assert_eq!(swapped, 50);
    }
}
