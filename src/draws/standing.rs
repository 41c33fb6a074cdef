//! The logarithmic method: draws with weights, in integers only.
//!
//! Christian Schindelhauer, Gunnar Schomaker, *Weighted distributed hash tables*, SPAA 2005, DOI
//! 10.1145/1073970.1074008.

use super::select::{KEPT, many_smallest, smallest};
use super::{Drawer, Seed};
use crate::hash::KeyHash;
use crate::hash::log2::{neg_log2, neg_log2_at_least};
use crate::node::NodeIdx;
use crate::placement::Walk;
use crate::steps;
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
pub(super) fn standing(
    drawer: Drawer,
    (seed, weight): Entry,
    rival: Option<Standing>,
) -> Option<Standing> {
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

/// The standing that a walk has reached. Foreign words may say a weight of 0, which no node has: it
/// counts as the end, or 0/0 would be equal to every standing and there would be no order.
pub(super) fn reached(walk: &mut Walk) -> Option<Standing> {
    let [begun, log, weight, seed, ..] = *walk.state();
    let log = if weight == 0 { u64::MAX } else { log };
    (begun != 0).then_some(Standing { log, weight, seed: Seed(seed) })
}

/// Puts the place of a walk behind a standing.
pub(super) fn reach(walk: &mut Walk, standing: Standing) {
    let [begun, log, weight, seed, ..] = walk.state();
    (*begun, *log, *weight, *seed) = (1, standing.log, standing.weight, standing.seed.0);
}

/// Puts a walk to its end: it stands behind the nodes that were refused, too.
pub(super) fn end(walk: &mut Walk) {
    reach(walk, Standing { log: u64::MAX, weight: 0, seed: Seed(0) });
}

/// The entry with the best standing among those behind the place of the walk that `accept` admits. If
/// there is none the walk has ended.
#[inline]
pub(crate) fn next<T: Copy>(
    entries: impl Iterator<Item = (T, Entry)>,
    walk: &mut Walk,
    mut accept: impl FnMut(T) -> bool,
) -> Option<T> {
    let drawer = Drawer::new(walk.key());
    let floor = reached(walk);
    let mut best: Option<(Standing, T)> = None;
    let mut refused = false;
    for (at, entry) in entries {
        steps::count(1);
        let rival = best.map(|(b, _)| b);
        if let Some(s) = standing(drawer, entry, rival) {
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
        Some((standing, _)) => reach(walk, standing),
        None if refused => end(walk),
        None => {}
    }
    best.map(|(_, at)| at)
}

/// Writes the numbers of the best entries behind the place of the walk that `accept` admits, in
/// order.
pub(crate) fn next_batch(
    entry: impl Fn(usize) -> Option<Entry>,
    count: usize,
    walk: &mut Walk,
    out: &mut [NodeIdx],
    mut accept: impl FnMut(usize) -> bool,
) -> usize {
    let drawer = Drawer::new(walk.key());
    let floor = reached(walk);
    let rank = |at: usize, rival| standing(drawer, entry(at)?, rival);
    let mut refused = false;
    let admits = |at, standing| {
        let behind = floor.is_none_or(|f| standing > f);
        let admitted = behind && accept(at);
        refused |= behind && !admitted;
        admitted
    };
    let k = out.len();
    let mut last = None;
    let found = if k <= KEPT {
        let emit = |place: usize, standing, at| {
            if let Some(place) = out.get_mut(place) {
                *place = NodeIdx::new(at as u32);
            }
            last = Some(standing);
        };
        smallest(count, k, rank, |_, _| false, admits, emit)
    } else {
        let found = many_smallest(count, out, rank, admits);
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
    use super::super::crafted::seed_of;
    use super::{Drawer, Entry, KeyHash, best, neg_log2, next, next_batch};
    use crate::node::NodeIdx;
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
