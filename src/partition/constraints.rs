//! What is fixed before planning: pins and frozen partitions, and what nodes may hold and take.

use super::affinity_bound::Bound;
use super::row_rules::RowRules;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

/// Pins, frozen partitions and the states of nodes, with nodes as leaves of the tree.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Constraints {
    pub(super) pins: BTreeMap<u32, Vec<u32>>,
    pub(super) frozen: BTreeSet<u32>,
    /// Partitions that are frozen only if possible.
    pub(super) soft: BTreeSet<u32>,
    /// How many replicas some leaves can hold at most.
    pub(super) slots: BTreeMap<u32, u64>,
    /// Leaves that take no partition which they did not hold before.
    pub(super) closed: BTreeSet<u32>,
    /// Leaves that hold as many replicas as they have slots, whatever their weights.
    pub(super) full: BTreeSet<u32>,
    /// Rules about the replicas and leaders of some partitions, as given.
    pub(super) affinities: Vec<Bound>,
    /// What the rows of some partitions must keep beside the limits.
    pub(super) rules: RowRules,
    /// The table is one of several over the same nodes: see [`joint`](super::joint). The domains'
    /// quotas are then those of all tables together.
    pub(super) shares_nodes: bool,
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

    /// True if the leaf takes nothing new.
    #[inline]
    pub(super) fn is_closed(&self, leaf: u32) -> bool {
        !self.closed.is_empty() && self.closed.contains(&leaf)
    }

    /// How many replicas each of so many leaves can hold, and whether it holds as many in any case.
    pub(super) fn rooms(&self, leaves: usize) -> Vec<(u64, bool)> {
        let room = |leaf: u32| {
            let slots = self.slots.get(&leaf).copied();
            (slots.unwrap_or(u64::MAX), self.full.contains(&leaf))
        };
        (0..leaves as u32).map(room).collect()
    }

    pub(super) fn pins_of(&self, partition: u32) -> &[u32] {
        self.pins.get(&partition).map_or(&[], Vec::as_slice)
    }
}
