//! Replicas whose place is fixed before planning: pins and frozen partitions.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

/// Pins and frozen partitions, with nodes as leaves of the tree.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Constraints {
    pub(super) pins: BTreeMap<u32, Vec<u32>>,
    pub(super) frozen: BTreeSet<u32>,
    /// Partitions that are frozen only if possible.
    pub(super) soft: BTreeSet<u32>,
}

impl Constraints {
    /// True if nothing is pinned or frozen. A soft freeze alone is no constraint: it becomes pins
    /// and frozen partitions before a search.
    pub(super) fn is_empty(&self) -> bool {
        self.pins.is_empty() && self.frozen.is_empty()
    }

    /// True if a replica of this partition has to stay on this leaf.
    #[inline]
    pub(super) fn holds(&self, partition: u32, leaf: u32) -> bool {
        !self.is_empty()
            && (self.frozen.contains(&partition)
                || self.pins.get(&partition).is_some_and(|pins| pins.contains(&leaf)))
    }

    pub(super) fn pins_of(&self, partition: u32) -> &[u32] {
        self.pins.get(&partition).map_or(&[], Vec::as_slice)
    }
}
