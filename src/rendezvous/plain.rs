//! Rendezvous hashing without weights.

use super::select::smallest;
use super::{Drawer, Seed};
use crate::hash::KeyHash;
use crate::placement::Walk;
use core::cmp::Reverse;

/// The entry with the best draw.
#[inline]
pub(super) fn best(seeds: impl Iterator<Item = Seed>, key: KeyHash) -> Option<usize> {
    let drawer = Drawer::new(key);
    let mut draws = seeds.map(|seed| drawer.draw(seed)).enumerate();
    let (mut best, mut highest) = draws.next()?;
    // Selections rather than branches: the best so far changes at unforeseeable places.
    for (entry, draw) in draws {
        best = if draw > highest { entry } else { best };
        highest = highest.max(draw);
    }
    Some(best)
}

/// The entry with the best draw below the one the walk gave last.
pub(super) fn next(seeds: impl Iterator<Item = Seed>, walk: &mut Walk) -> Option<usize> {
    let drawer = Drawer::new(walk.key());
    let [begun, last, ..] = walk.state();
    let mut best = None;
    for (entry, seed) in seeds.enumerate() {
        let draw = drawer.draw(seed);
        if (*begun == 0 || draw < *last) && best.is_none_or(|(b, _)| draw > b) {
            best = Some((draw, entry));
        }
    }
    let (draw, entry) = best?;
    (*begun, *last) = (1, draw);
    Some(entry)
}

/// The `k` best entries in order.
pub(super) fn first(
    seed: impl Fn(usize) -> Seed,
    count: usize,
    key: KeyHash,
    k: usize,
    emit: impl FnMut(usize, usize),
) -> usize {
    let drawer = Drawer::new(key);
    smallest(count, k, |entry, _| Some(Reverse(drawer.draw(seed(entry)))), emit)
}

#[cfg(feature = "alloc")]
pub use with_nodes::Rendezvous;

#[cfg(feature = "alloc")]
mod with_nodes {
    use super::{KeyHash, Seed, Walk};
    use crate::error::Error;
    use crate::node::NodeIdx;
    use crate::placement::{Build, FingerprintOf, Guarantees, Placement, equal_weights};
    use crate::topology::{Change, Members};
    use alloc::sync::Arc;

    /// Rendezvous hashing over named nodes, without weights; unequal weights are refused.
    ///
    /// **Time** — O(n) a lookup, about one nanosecond a node; k replicas in one pass for k up to
    /// 16. **Memory** — 12 bytes a node. **What moves** — only keys of the node that leaves, only
    /// keys the node that joins wins: exactly 1/n of them on average. **Weights** — none, see
    /// [`WeightedRendezvous`](crate::WeightedRendezvous). **History** — none. **Take another** —
    /// a ring from some hundred nodes on. **Source** — Thaler & Ravishankar 1998, DOI
    /// 10.1109/90.663936.
    ///
    /// ```
    /// use apportion::Locator;
    ///
    /// let pool = Locator::rendezvous(["a", "b", "c"])?;
    /// let owner = *pool.get("key").unwrap();
    /// let smaller = pool.without(owner)?;
    /// // The next in line takes over.
    /// assert_eq!(smaller.get("key"), pool.candidates("key").nth(1).map(|(_, n)| n));
    /// # Ok::<(), apportion::Error>(())
    /// ```
    #[derive(Clone, Debug)]
    pub struct Rendezvous {
        seeds: Arc<[Seed]>,
        nodes: Arc<[NodeIdx]>,
        slots: usize,
    }

    const NAME: &str = "rendezvous";

    impl Rendezvous {
        fn seed(&self, entry: usize) -> Seed {
            self.seeds.get(entry).copied().unwrap_or(Seed(0))
        }

        #[inline]
        fn node(&self, entry: usize) -> Option<NodeIdx> {
            self.nodes.get(entry).copied()
        }
    }

    impl Placement for Rendezvous {
        fn slots(&self) -> usize {
            self.slots
        }

        fn live(&self) -> usize {
            self.nodes.len()
        }

        fn guarantees(&self) -> Guarantees {
            Guarantees { minimal_reweight: false, weights: false, ..Guarantees::all() }
        }

        fn locate(&self, key: KeyHash) -> Option<NodeIdx> {
            self.node(super::best(self.seeds.iter().copied(), key)?)
        }

        fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx> {
            self.node(super::next(self.seeds.iter().copied(), walk)?)
        }

        fn walk_repeats(&self) -> bool {
            false
        }

        fn replicas(&self, key: KeyHash, out: &mut [NodeIdx]) -> usize {
            super::first(
                |e| self.seed(e),
                self.nodes.len(),
                key,
                out.len(),
                |i, entry| {
                    if let (Some(place), Some(node)) = (out.get_mut(i), self.node(entry)) {
                        *place = node;
                    }
                },
            )
        }
    }

    impl Build for Rendezvous {
        type Config = ();

        fn build((): &(), members: &Members) -> Result<Self, Error> {
            equal_weights(NAME, members)?;
            Ok(Self {
                seeds: members.live_entries().map(|(_, m)| Seed::new(m.identity)).collect(),
                nodes: members.iter_live().collect(),
                slots: members.slots(),
            })
        }

        fn update(&self, _: &[Change], _: &Members, after: &Members) -> Result<Self, Error> {
            Self::build(&(), after)
        }

        fn fingerprint(&self, members: &Members) -> u64 {
            FingerprintOf { algorithm: "rendezvous 1", members }.with([])
        }
    }

    impl crate::placement::sealed::Sealed for Rendezvous {
        #[cfg(feature = "serde")]
        fn save(&self) -> crate::placement::State {
            crate::placement::State::Rendezvous
        }

        #[cfg(feature = "serde")]
        fn restore(
            state: crate::placement::State,
            members: &Members,
            _: crate::placement::RestoreLimit,
        ) -> Result<Self, Error> {
            match state {
                crate::placement::State::Rendezvous => Self::build(&(), members),
                other => Err(other.not(NAME)),
            }
        }
    }
}
