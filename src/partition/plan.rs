//! What a planner comes to.

use super::certificate::Certificate;
use super::constraints::Constraints;
use super::old_rows::OldRows;
use super::table::PartitionTable;
use alloc::vec::Vec;

/// A table, and what it took to get there. See [`Planner`](crate::Planner).
///
/// Two plans are equal if planners of the same nodes and configuration made the same table from the
/// same one, under the same pins and frozen partitions, with the same certificate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    table: PartitionTable,
    moved: u64,
    lower_bound: u64,
    moved_twice: u64,
    certificate: Certificate,
    /// What the table came from, nothing of a fresh one.
    before: OldRows,
    /// [`Planner::identity`](crate::Planner) of who made it.
    planner: u64,
    /// Soft-frozen partitions of which a replica moved, and what is bound so that the others stay.
    thawed: Vec<u32>,
    kept: Option<Constraints>,
    missing: u64,
}

impl Plan {
    pub(super) fn new(
        table: PartitionTable,
        moved: u64,
        lower_bound: u64,
        moved_twice: u64,
        certificate: Certificate,
        planner: u64,
    ) -> Self {
        Self {
            table,
            moved,
            lower_bound,
            moved_twice,
            certificate,
            before: OldRows::default(),
            planner,
            thawed: Vec::new(),
            kept: None,
            missing: 0,
        }
    }

    pub(super) fn since(self, before: OldRows) -> Self {
        Self { before, ..self }
    }

    pub(super) fn with_thawed(self, (thawed, kept): (Vec<u32>, Option<Constraints>)) -> Self {
        Self { thawed, kept, ..self }
    }

    pub(super) fn missing(self, missing: u64) -> Self {
        Self { missing, ..self }
    }

    pub(super) fn kept(&self) -> Option<&Constraints> {
        self.kept.as_ref()
    }

    pub(super) fn before(&self) -> &OldRows {
        &self.before
    }

    pub(super) fn planner(&self) -> u64 {
        self.planner
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
    pub(super) fn replace(
        &mut self,
        table: PartitionTable,
        moved_twice: u64,
        (thawed, kept): (Vec<u32>, Option<Constraints>),
    ) {
        self.table = table;
        self.moved_twice = moved_twice;
        self.thawed = thawed;
        self.kept = kept;
    }

    /// Replicas that leave a node for another: the minimum. With partitions
    /// [frozen if possible](crate::Planner::frozen_if_possible) it is the minimum among the tables
    /// that keep the holders which this one keeps of them.
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
        self.moved_twice
    }

    /// Partitions that were to be [frozen if possible](crate::Planner::frozen_if_possible) and of which
    /// a replica moved, ascending.
    #[must_use]
    pub fn thawed(&self) -> &[u32] {
        &self.thawed
    }

    /// Replicas that the table has fewer than its configuration asks for, over all partitions: see
    /// [`TableConfig::allow_under_replicated`](crate::partition::TableConfig::allow_under_replicated).
    #[must_use]
    pub fn missing_replicas(&self) -> u64 {
        self.missing
    }

    /// The proof that [`moved`](Self::moved) is the minimum.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }
}
