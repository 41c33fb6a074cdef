//! The fallback nodes of a key: the candidates after its holders.

use crate::node::NodeIdx;
use crate::placement::Walk;
use crate::score::{Seed, WeightedSeed, next, next_batch};
use crate::topology::Members;
use alloc::vec::Vec;

/// Ranks all live nodes for a key by weighted rendezvous hashing. The order depends only on the
/// key, the labels and the weights, so the keys of a full node go to the others in proportion to
/// their weights.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Fallback {
    entries: Vec<WeightedSeed>,
    nodes: Vec<NodeIdx>,
}

impl Fallback {
    pub(super) fn new(members: &Members) -> Self {
        let live = members.live_entries();
        Self {
            entries: live.map(|(_, m)| (Seed::new(m.identity), m.weight.get())).collect(),
            nodes: members.iter_live().collect(),
        }
    }

    /// The walk's next node that `accept` admits. O(n).
    pub(super) fn next(
        &self,
        walk: &mut Walk,
        accept: impl FnMut(NodeIdx) -> bool,
    ) -> Option<NodeIdx> {
        next(self.nodes.iter().copied().zip(self.entries.iter().copied()), walk, accept)
    }

    /// Writes the walk's next admitted nodes into `out`, as many as fit, and returns their number.
    /// O(n log n).
    pub(super) fn next_batch(
        &self,
        walk: &mut Walk,
        out: &mut [NodeIdx],
        mut accept: impl FnMut(NodeIdx) -> bool,
    ) -> usize {
        let node = |entry: usize| self.nodes.get(entry).copied();
        let entry = |at: usize| self.entries.get(at).copied();
        let accept = |entry| node(entry).is_some_and(&mut accept);
        let found = next_batch(entry, self.nodes.len(), walk, out, accept);
        for place in out.iter_mut().take(found) {
            *place = node(place.index()).unwrap_or(*place);
        }
        found
    }
}
