//! The nodes that follow the holders of a key.

use crate::node::NodeIdx;
use crate::placement::Walk;
use crate::score::{Seed, WeightedSeed, next, next_batch};
use crate::topology::Members;
use alloc::vec::Vec;

/// All live nodes in the order of weighted rendezvous hashing, which depends on a key, on labels and
/// on weights alone: the keys of a full node go to the others in proportion to their weights, and slots
/// decide nothing.
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

    /// The next node of a walk behind the holders that `accept` admits. O(n).
    pub(super) fn next(
        &self,
        walk: &mut Walk,
        accept: impl FnMut(NodeIdx) -> bool,
    ) -> Option<NodeIdx> {
        next(self.nodes.iter().copied().zip(self.entries.iter().copied()), walk, accept)
    }

    /// As many next nodes as `out` has room for. O(n log n).
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
