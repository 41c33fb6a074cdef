//! Rendezvous hashing without weights over named nodes.

use super::guarantees::PROMISES;
use super::plain;
use crate::error::Error;
use crate::hash::KeyHash;
use crate::node::NodeIdx;
use crate::placement::{Build, FingerprintOf, Guarantees, Placement, Walk, equal_weights};
use crate::score::{Scorer, Seed};
use crate::topology::{Change, Members};
use crate::vector::ScoreLanes;
use alloc::sync::Arc;

/// The name in options, messages and saved forms.
pub(super) const NAME: &str = "rendezvous";

/// Rendezvous hashing over named nodes, without weights; unequal weights are refused.
///
/// Use it for up to some hundred nodes. Prefer a [`Ring`](crate::Ring) for more, and
/// [`WeightedRendezvous`](crate::WeightedRendezvous) for weights.
///
/// - **Movement**: only keys of the node that leaves, only keys that the node that joins wins:
///   exactly 1/n of them on average.
/// - **Weights**: none.
/// - **Order of changes**: does not matter.
///
/// ```
/// use apportion::Locator;
///
/// let pool = Locator::rendezvous(["a", "b", "c"])?;
/// let owner = *pool.get("key").unwrap();
/// let smaller = pool.without(owner)?;
/// // The next candidate takes over.
/// assert_eq!(smaller.get("key"), pool.candidates("key").nth(1).map(|(_, n)| n));
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// # Complexity
/// A lookup takes O(n), about one nanosecond per node. k replicas take one pass for k up to 16, and
/// O(n log k) for more. Memory is 12 bytes per node.
///
/// With the feature `simd`, from 16 nodes on: half as long at 32 nodes, 0.4 times as long from 1000
/// on, and 20 bytes per node.
///
/// # Source
/// David G. Thaler, Chinya V. Ravishankar, *Using name-based mappings to increase hit rates*,
/// IEEE/ACM Transactions on Networking 6(1), 1998, DOI 10.1109/90.663936.
#[doc(alias = "hrw")]
#[doc(alias = "highest random weight")]
#[derive(Clone, Debug)]
pub struct Rendezvous {
    seeds: Arc<[Seed]>,
    lanes: ScoreLanes,
    nodes: Arc<[NodeIdx]>,
    slots: usize,
}

impl Rendezvous {
    #[inline]
    fn node(&self, entry: usize) -> Option<NodeIdx> {
        self.nodes.get(entry).copied()
    }

    /// Puts the nodes in place of the numbers of their entries.
    #[inline]
    fn name(&self, out: &mut [NodeIdx], found: usize) -> usize {
        for place in out.iter_mut().take(found) {
            *place = self.node(place.index()).unwrap_or(*place);
        }
        found
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
        PROMISES
    }

    fn locate(&self, key: KeyHash) -> Option<NodeIdx> {
        let entry = self
            .lanes
            .highest(Scorer::new(key).word())
            .or_else(|| plain::best(&self.seeds, |seed| *seed, key))?;
        self.node(entry)
    }

    fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx> {
        self.node(plain::next(&self.seeds, |seed| *seed, walk, |_| true)?)
    }

    fn next_candidate_where(
        &self,
        walk: &mut Walk,
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> Option<NodeIdx> {
        let accept = |entry| self.node(entry).is_some_and(&mut *accept);
        self.node(plain::next(&self.seeds, |seed| *seed, walk, accept)?)
    }

    fn next_candidates(
        &self,
        walk: &mut Walk,
        out: &mut [NodeIdx],
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> usize {
        let accept = |entry| self.node(entry).is_some_and(&mut *accept);
        let found = plain::next_batch(&self.seeds, |seed| *seed, walk, out, accept);
        self.name(out, found)
    }

    fn walk_repeats(&self) -> bool {
        false
    }

    fn replicas(&self, key: KeyHash, out: &mut [NodeIdx]) -> usize {
        let mut walk = Walk::new(key);
        let (lanes, seeds) = (&self.lanes, &self.seeds);
        let seed = |seed: &Seed| *seed;
        let found = plain::next_batch_in_lanes(lanes, seeds, seed, &mut walk, out, |_| true);
        self.name(out, found)
    }
}

impl crate::placement::sealed::SealedBuild for Rendezvous {}

impl Build for Rendezvous {
    type Config = ();

    fn build((): &(), members: &Members) -> Result<Self, Error> {
        equal_weights(NAME, members)?;
        let seeds: Arc<[Seed]> =
            members.live_entries().map(|(_, m)| Seed::new(m.identity)).collect();
        Ok(Self {
            lanes: ScoreLanes::of(&seeds, |seed| seed.word()),
            seeds,
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
