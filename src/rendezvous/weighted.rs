//! Weighted rendezvous hashing by the logarithmic method, in integers only.

use super::select::smallest;
use super::{Drawer, Seed};
use crate::hash::KeyHash;
use crate::hash::log2::{neg_log2, neg_log2_at_least};
use crate::placement::Walk;
use core::cmp::Ordering;

/// A node's standing for a key: −log2 of its draw over its weight, as a fraction. Smaller is
/// better; equal fractions go to the smaller identity.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
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
pub(super) type Entry = (Seed, u64);

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
pub(super) fn best<T: Copy>(entries: impl Iterator<Item = (T, Entry)>, key: KeyHash) -> Option<T> {
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
pub(super) fn next<T: Copy>(
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
pub(super) fn first(
    entry: impl Fn(usize) -> Option<Entry>,
    count: usize,
    key: KeyHash,
    k: usize,
    emit: impl FnMut(usize, usize),
) -> usize {
    let drawer = Drawer::new(key);
    smallest(count, k, |at, rival| standing(drawer, entry(at)?, rival), |_, _| false, emit)
}

#[cfg(feature = "alloc")]
pub use with_nodes::WeightedRendezvous;

#[cfg(feature = "alloc")]
mod with_nodes {
    use super::{Entry, KeyHash, Seed, Walk};
    use crate::error::Error;
    use crate::node::NodeIdx;
    use crate::placement::{Build, FingerprintOf, Guarantees, Placement};
    use crate::topology::{Change, Members};
    use alloc::sync::Arc;

    /// Rendezvous hashing over named nodes with weights: a node of weight w among nodes of total
    /// weight W owns a key with probability w/W, whatever the weights are.
    ///
    /// The draw is a uniform 64-bit fraction u; the node with the smallest −log2(u)/w owns the
    /// key. The logarithm is a fixed-point integer and fractions are compared by cross
    /// multiplication in 128 bits, so no float decides and the answer is the same on every target.
    /// The logarithm is off by less than 2^-46.
    ///
    /// **Time** — O(n) a lookup, three to four nanoseconds a node; k replicas in one pass for k up
    /// to 16. **Memory** — 20 bytes a node. **What moves** — only keys to or from the node that
    /// changes. **Weights** — any u64, exact. **History** — none. **Take another** — a ring from
    /// some hundred nodes on, where shares that are only nearly right will do. **Source** —
    /// Schindelhauer & Schomaker 2005, DOI 10.1145/1073970.1074008.
    ///
    /// ```
    /// use apportion::{Locator, Node, Topology};
    ///
    /// let disks = [Node::new("small").weight(1_000), Node::new("big").weight(4_000)];
    /// let store = Locator::weighted_rendezvous_of(Topology::of(disks)?)?;
    /// let big = (0..10_000).filter(|key| store.get(key) == Some(&"big")).count();
    /// assert!((7_800..8_200).contains(&big));
    /// # Ok::<(), apportion::Error>(())
    /// ```
    #[derive(Clone, Debug)]
    pub struct WeightedRendezvous {
        entries: Arc<[Entry]>,
        nodes: Arc<[NodeIdx]>,
        slots: usize,
    }

    impl WeightedRendezvous {
        fn entry(&self, at: usize) -> Option<Entry> {
            self.entries.get(at).copied()
        }

        #[inline]
        fn pairs(&self) -> impl Iterator<Item = (NodeIdx, Entry)> {
            self.nodes.iter().copied().zip(self.entries.iter().copied())
        }
    }

    impl Placement for WeightedRendezvous {
        fn slots(&self) -> usize {
            self.slots
        }

        fn live(&self) -> usize {
            self.nodes.len()
        }

        fn guarantees(&self) -> Guarantees {
            Guarantees::all()
        }

        fn locate(&self, key: KeyHash) -> Option<NodeIdx> {
            super::best(self.pairs(), key)
        }

        fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx> {
            super::next(self.pairs(), walk)
        }

        fn walk_repeats(&self) -> bool {
            false
        }

        fn replicas(&self, key: KeyHash, out: &mut [NodeIdx]) -> usize {
            super::first(
                |at| self.entry(at),
                self.nodes.len(),
                key,
                out.len(),
                |i, at| {
                    if let (Some(place), Some(node)) = (out.get_mut(i), self.nodes.get(at)) {
                        *place = *node;
                    }
                },
            )
        }
    }

    impl Build for WeightedRendezvous {
        type Config = ();

        fn build((): &(), members: &Members) -> Result<Self, Error> {
            let live = members.live_entries();
            Ok(Self {
                entries: live.map(|(_, m)| (Seed::new(m.identity), m.weight.get())).collect(),
                nodes: members.iter_live().collect(),
                slots: members.slots(),
            })
        }

        fn update(&self, _: &[Change], _: &Members, after: &Members) -> Result<Self, Error> {
            Self::build(&(), after)
        }

        fn fingerprint(&self, members: &Members) -> u64 {
            FingerprintOf { algorithm: "weighted-rendezvous 1", members }.with([])
        }
    }

    impl crate::placement::sealed::Sealed for WeightedRendezvous {
        #[cfg(feature = "serde")]
        fn save(&self) -> crate::placement::State {
            crate::placement::State::WeightedRendezvous
        }

        #[cfg(feature = "serde")]
        fn restore(
            state: crate::placement::State,
            members: &Members,
            _: crate::placement::RestoreLimit,
        ) -> Result<Self, Error> {
            match state {
                crate::placement::State::WeightedRendezvous => Self::build(&(), members),
                other => Err(other.not("weighted-rendezvous")),
            }
        }
    }
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
