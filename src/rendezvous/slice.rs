//! Rendezvous hashing over a borrowed slice of identities: `core` only, `const`, no memory.

use super::plain;
use crate::hash::KeyHash;
use crate::node::NodeIdx;
use crate::placement::{Guarantees, Placement, Walk};
use crate::score::{self, Seed, WeightedSeed};

/// [`Rendezvous`](crate::Rendezvous) in `core`, over a slice of identities: slot i holds the i-th.
///
/// An identity is any u64 that stays with the node. With `Members::identity_of(label)`, which is
/// XXH3-64 of the label, the answers are those of `Rendezvous` over nodes of these labels.
///
/// ```
/// use apportion::{NodeIdx, Placement, Xxh3};
/// use apportion::hash::KeyHasher;
/// use apportion::rendezvous::RendezvousSlice;
///
/// const SENSORS: [u64; 3] = [11, 12, 13];
/// const PLACEMENT: RendezvousSlice<'static> = match RendezvousSlice::new(&SENSORS) {
///     Some(placement) => placement,
///     None => panic!("an identity comes twice"),
/// };
/// let mut two = [NodeIdx::default(); 2];
/// assert_eq!(PLACEMENT.replicas(Xxh3.hash_key("reading 7"), &mut two), 2);
/// ```
#[doc(alias = "hrw")]
#[derive(Clone, Copy, Debug)]
pub struct RendezvousSlice<'a> {
    identities: &'a [u64],
}

impl<'a> RendezvousSlice<'a> {
    /// `None` if an identity comes twice, or if there are more than 2^32 − 2. O(n) for
    /// ascending identities, else O(n²).
    #[must_use]
    pub const fn new(identities: &'a [u64]) -> Option<Self> {
        if countable(identities.len()) && all_differ(identities) {
            Some(Self { identities })
        } else {
            None
        }
    }
}

#[allow(clippy::indexing_slicing)] // below the length, in a const fn
const fn all_differ(identities: &[u64]) -> bool {
    let mut i = 0;
    let mut highest = 0;
    while i < identities.len() {
        let identity = identities[i];
        // An identity above all before it needs no search, so ascending identities take one pass.
        let mut j = if i > 0 && identity > highest { i } else { 0 };
        while j < i {
            if identities[j] == identity {
                return false;
            }
            j += 1;
        }
        if identity > highest {
            highest = identity;
        }
        i += 1;
    }
    true
}

/// Slots are counted in 32 bits.
const fn countable(len: usize) -> bool {
    (len as u64) < u32::MAX as u64
}

fn slot(entry: usize) -> NodeIdx {
    NodeIdx::new(entry as u32)
}

impl Placement for RendezvousSlice<'_> {
    fn slots(&self) -> usize {
        self.identities.len()
    }

    fn live(&self) -> usize {
        self.identities.len()
    }

    fn guarantees(&self) -> Guarantees {
        super::guarantees::PROMISES
    }

    fn locate(&self, key: KeyHash) -> Option<NodeIdx> {
        plain::best(self.identities, |id| Seed::new(*id), key).map(slot)
    }

    fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx> {
        plain::next(self.identities, |id| Seed::new(*id), walk, |_| true).map(slot)
    }

    fn next_candidate_where(
        &self,
        walk: &mut Walk,
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> Option<NodeIdx> {
        plain::next(self.identities, |id| Seed::new(*id), walk, |entry| accept(slot(entry)))
            .map(slot)
    }

    fn next_candidates(
        &self,
        walk: &mut Walk,
        out: &mut [NodeIdx],
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> usize {
        // Entries and slots have the same numbers.
        let accept = |entry| accept(slot(entry));
        plain::next_batch(self.identities, |id| Seed::new(*id), walk, out, accept)
    }

    fn walk_repeats(&self) -> bool {
        false
    }

    fn replicas(&self, key: KeyHash, out: &mut [NodeIdx]) -> usize {
        let mut walk = Walk::new(key);
        plain::next_batch(self.identities, |id| Seed::new(*id), &mut walk, out, |_| true)
    }
}

/// [`WeightedRendezvous`](crate::WeightedRendezvous) over a slice of (identity, weight) in `core`:
/// slot i holds the i-th. A node of weight 0 gets no keys.
///
/// ```
/// use apportion::{KeyHash, NodeIdx, Placement};
/// use apportion::rendezvous::WeightedRendezvousSlice;
///
/// let disks = [(0, 500), (1, 0), (2, 1_500)];
/// let placement = WeightedRendezvousSlice::new(&disks).unwrap();
/// assert_eq!(placement.live(), 2);
/// assert_ne!(placement.locate(KeyHash::of_id(1)), Some(NodeIdx::new(1)));
/// ```
#[doc(alias = "hrw")]
#[derive(Clone, Copy, Debug)]
pub struct WeightedRendezvousSlice<'a> {
    nodes: &'a [(u64, u64)],
    live: usize,
}

impl<'a> WeightedRendezvousSlice<'a> {
    /// `None` if an identity comes twice, or if there are more than 2^32 − 2. O(n) for
    /// ascending identities, else O(n²).
    #[must_use]
    #[allow(clippy::indexing_slicing)] // below the length, in a const fn
    pub const fn new(nodes: &'a [(u64, u64)]) -> Option<Self> {
        if !countable(nodes.len()) {
            return None;
        }
        let mut live = 0;
        let mut highest = 0;
        let mut i = 0;
        while i < nodes.len() {
            let (identity, weight) = nodes[i];
            // As for `RendezvousSlice`: ascending identities take one pass.
            let mut j = if i > 0 && identity > highest { i } else { 0 };
            while j < i {
                if nodes[j].0 == identity {
                    return None;
                }
                j += 1;
            }
            if identity > highest {
                highest = identity;
            }
            live += (weight > 0) as usize;
            i += 1;
        }
        Some(Self { nodes, live })
    }

    /// The identities and weights.
    #[cfg(feature = "alloc")]
    pub(crate) fn nodes(&self) -> &'a [(u64, u64)] {
        self.nodes
    }

    fn live_entries(&self) -> impl Iterator<Item = (NodeIdx, WeightedSeed)> {
        let live = self.nodes.iter().enumerate().filter(|(_, (_, weight))| *weight > 0);
        live.map(|(at, (id, weight))| (slot(at), (Seed::new(*id), *weight)))
    }

    fn batch(
        &self,
        walk: &mut Walk,
        out: &mut [NodeIdx],
        mut accept: impl FnMut(NodeIdx) -> bool,
    ) -> usize {
        let entry = |at: usize| {
            let (id, weight) = *self.nodes.get(at)?;
            (weight > 0).then(|| (Seed::new(id), weight))
        };
        // Entries and slots have the same numbers.
        let accept = |entry| accept(slot(entry));
        score::next_batch(entry, self.nodes.len(), walk, out, accept)
    }
}

impl Placement for WeightedRendezvousSlice<'_> {
    fn slots(&self) -> usize {
        self.nodes.len()
    }

    fn live(&self) -> usize {
        self.live
    }

    fn guarantees(&self) -> Guarantees {
        super::guarantees::WEIGHTED_PROMISES
    }

    fn locate(&self, key: KeyHash) -> Option<NodeIdx> {
        score::best(self.live_entries(), key)
    }

    fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx> {
        score::next(self.live_entries(), walk, |_| true)
    }

    fn next_candidate_where(
        &self,
        walk: &mut Walk,
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> Option<NodeIdx> {
        score::next(self.live_entries(), walk, accept)
    }

    fn next_candidates(
        &self,
        walk: &mut Walk,
        out: &mut [NodeIdx],
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> usize {
        self.batch(walk, out, accept)
    }

    fn walk_repeats(&self) -> bool {
        false
    }

    fn replicas(&self, key: KeyHash, out: &mut [NodeIdx]) -> usize {
        self.batch(&mut Walk::new(key), out, |_| true)
    }
}
