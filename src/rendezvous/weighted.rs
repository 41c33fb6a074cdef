//! Weighted rendezvous hashing over named nodes.

use crate::error::Error;
use crate::hash::KeyHash;
use crate::node::NodeIdx;
use crate::placement::{Build, FingerprintOf, Guarantees, Placement, Walk};
use crate::score::{Seed, WeightedSeed, best, best_in_lanes, next, next_batch_in_lanes};
use crate::topology::{Change, Members};
use crate::vector::ScoreLanes;
use alloc::sync::Arc;

/// The name in options, messages and saved forms.
pub(super) const NAME: &str = "weighted-rendezvous";

/// Rendezvous hashing over named nodes with weights: a node of weight w among nodes of total
/// weight W owns a key with probability w/W, whatever the weights are.
///
/// Use it where shares must follow the weights exactly. Prefer a [`Ring`](crate::Ring) from some
/// hundred nodes on, where approximate shares are enough.
///
/// - **Movement**: only keys to or from the node that changes.
/// - **Weights**: any u64, exact.
/// - **Order of changes**: does not matter.
///
/// The score is a uniform 64-bit fraction u; the node with the smallest −log2(u)/w owns the
/// key. The logarithm is a fixed-point integer whose error is below 2^-46, and fractions are compared
/// by cross multiplication in 128 bits. No float decides, so the answer is the same on every target.
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
///
/// # Complexity
/// A lookup takes O(n), three to four nanoseconds per node. k replicas take one pass for k up to 16,
/// and O(n log k) for more. Memory is 20 bytes per node.
///
/// With the feature `simd`, from 16 nodes on: half as long at 16 nodes, 0.3 times as long from 1000
/// on, and 32 bytes per node.
///
/// # Source
/// Christian Schindelhauer, Gunnar Schomaker, *Weighted distributed hash tables*, SPAA 2005, DOI
/// 10.1145/1073970.1074008.
#[doc(alias = "hrw")]
#[doc(alias = "highest random weight")]
#[derive(Clone, Debug)]
pub struct WeightedRendezvous {
    entries: Arc<[WeightedSeed]>,
    lanes: ScoreLanes,
    nodes: Arc<[NodeIdx]>,
    slots: usize,
}

impl WeightedRendezvous {
    fn entry(&self, at: usize) -> Option<WeightedSeed> {
        self.entries.get(at).copied()
    }

    #[inline]
    fn pairs(&self) -> impl Iterator<Item = (NodeIdx, WeightedSeed)> {
        self.nodes.iter().copied().zip(self.entries.iter().copied())
    }

    fn batch(
        &self,
        lanes: &ScoreLanes,
        walk: &mut Walk,
        out: &mut [NodeIdx],
        mut accept: impl FnMut(NodeIdx) -> bool,
    ) -> usize {
        let node = |entry: usize| self.nodes.get(entry).copied();
        let accept = |entry| node(entry).is_some_and(&mut accept);
        let found =
            next_batch_in_lanes(lanes, |at| self.entry(at), self.nodes.len(), walk, out, accept);
        for place in out.iter_mut().take(found) {
            *place = node(place.index()).unwrap_or(*place);
        }
        found
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
        super::guarantees::WEIGHTED_PROMISES
    }

    fn locate(&self, key: KeyHash) -> Option<NodeIdx> {
        match best_in_lanes(&self.lanes, &self.entries, key) {
            Some(entry) => self.nodes.get(entry).copied(),
            None => best(self.pairs(), key),
        }
    }

    fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx> {
        next(self.pairs(), walk, |_| true)
    }

    fn next_candidate_where(
        &self,
        walk: &mut Walk,
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> Option<NodeIdx> {
        next(self.pairs(), walk, accept)
    }

    fn next_candidates(
        &self,
        walk: &mut Walk,
        out: &mut [NodeIdx],
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> usize {
        self.batch(&ScoreLanes::NONE, walk, out, accept)
    }

    fn walk_repeats(&self) -> bool {
        false
    }

    fn replicas(&self, key: KeyHash, out: &mut [NodeIdx]) -> usize {
        self.batch(&self.lanes, &mut Walk::new(key), out, |_| true)
    }
}

impl crate::placement::sealed::SealedBuild for WeightedRendezvous {}

impl Build for WeightedRendezvous {
    type Config = ();

    fn build((): &(), members: &Members) -> Result<Self, Error> {
        let live = members.live_entries();
        let entries: Arc<[WeightedSeed]> =
            live.map(|(_, m)| (Seed::new(m.identity), m.weight.get())).collect();
        Ok(Self {
            lanes: ScoreLanes::weighted(&entries, |(seed, _)| seed.word(), |(_, weight)| *weight),
            entries,
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
