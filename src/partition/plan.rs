//! What a planner comes to.

use super::certificate::Certificate;
use super::table::PartitionTable;
use alloc::vec::Vec;

/// A table, and what it took to get there. See [`Planner`](crate::Planner).
#[derive(Clone, Debug)]
pub struct Plan {
    table: PartitionTable,
    moved: u64,
    lower_bound: u64,
    doubles: u64,
    certificate: Certificate,
    /// Rows of leaves that the table came from, none of a fresh one.
    before: Vec<u32>,
    replicas_before: u32,
}

impl Plan {
    pub(super) fn new(
        table: PartitionTable,
        moved: u64,
        lower_bound: u64,
        doubles: u64,
        certificate: Certificate,
    ) -> Self {
        let (before, replicas_before) = (Vec::new(), 0);
        Self { table, moved, lower_bound, doubles, certificate, before, replicas_before }
    }

    pub(super) fn since(self, before: Vec<u32>, replicas_before: u32) -> Self {
        Self { before, replicas_before, ..self }
    }

    pub(super) fn before(&self) -> &[u32] {
        &self.before
    }

    pub(super) fn replicas_before(&self) -> u32 {
        self.replicas_before
    }

    /// The new table.
    #[must_use]
    pub fn table(&self) -> &PartitionTable {
        &self.table
    }

    /// The new table alone.
    #[must_use]
    pub fn into_table(self) -> PartitionTable {
        self.table
    }

    /// Another table with the same movement.
    pub(super) fn replace(&mut self, table: PartitionTable, doubles: u64) {
        self.table = table;
        self.doubles = doubles;
    }

    /// Replicas that leave a node for another: the least there is.
    #[must_use]
    pub fn moved(&self) -> u64 {
        self.moved
    }

    /// Replicas that have to move whatever the partitions are: Σ over the nodes of what each held
    /// above its quota, under the best rounding of the quotas. [`moved`](Self::moved) is almost
    /// always the same; where it is more, the limits are in the way.
    #[must_use]
    pub fn lower_bound(&self) -> u64 {
        self.lower_bound
    }

    /// Partitions of which two replicas or more moved.
    #[must_use]
    pub fn partitions_moved_twice(&self) -> u64 {
        self.doubles
    }

    /// The proof that [`moved`](Self::moved) is the least.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }
}
