//! Replicas from which a search reached nothing, remembered by the kind of their row.
//!
//! Where there are few nodes, thousands of partitions on a leaf have the same holders now and before.
//! If one of them leads to no further leaf, the others do not either until the search reaches one.

use crate::partition::row_kinds::RowKinds;
use crate::partition::work::Work;
use alloc::vec::Vec;

/// The kinds of rows from whose replica on a leaf nothing was reached in this round; a round ends when
/// the search reaches something or goes on to another leaf.
#[derive(Debug, Default)]
pub(super) struct Fruitless {
    /// `None` if rows are not told apart by kinds.
    kinds: Option<RowKinds>,
    /// For each kind the last such round, and what the search cost.
    rounds: Vec<(u64, u64)>,
    round: u64,
}

impl Fruitless {
    /// Tells all rows apart anew. Rules may treat rows of one kind differently.
    pub(super) fn list(&mut self, work: &Work<'_>) {
        self.kinds = if work.is_plain() { RowKinds::new(work) } else { None };
        self.rounds.clear();
        self.round = 1;
    }

    /// Notes that a row changed.
    pub(super) fn note_change(&mut self, work: &Work<'_>, partition: u32) {
        if self.kinds.as_mut().is_some_and(|kinds| !kinds.update(work, partition)) {
            self.kinds = None;
        }
    }

    /// Begins a round.
    pub(super) fn begin(&mut self) {
        self.round += 1;
    }

    /// True if a partition has a replica on this leaf.
    pub(super) fn is_on(&self, work: &Work<'_>, partition: u32, leaf: u32) -> bool {
        let read = || work.is_on(partition, leaf);
        self.kinds.as_ref().map_or_else(read, |kinds| kinds.is_on(partition, leaf))
    }

    /// The cost of the search that reached nothing from the same kind of row in this round.
    pub(super) fn cost(&self, partition: u32) -> Option<u64> {
        let kind = self.kinds.as_ref()?.number(partition);
        let (round, cost) = self.rounds.get(kind).copied().unwrap_or_default();
        (round == self.round).then_some(cost)
    }

    /// Remembers that a search from this row reached nothing, at this cost.
    pub(super) fn note(&mut self, partition: u32, cost: u64) {
        let Some(kinds) = &self.kinds else { return };
        let kind = kinds.number(partition);
        if self.rounds.len() <= kind {
            self.rounds.resize(kinds.len().max(kind + 1), (0, 0));
        }
        if let Some(entry) = self.rounds.get_mut(kind) {
            *entry = (self.round, cost);
        }
    }
}
