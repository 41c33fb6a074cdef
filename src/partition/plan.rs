//! The result of planning.

use super::certificate::Certificate;
use super::constraints::Constraints;
use super::inputs::Inputs;
use super::leading::LeaderFigures;
use super::old_rows::OldRows;
use super::sizing::SizeFigures;
use super::table::PartitionTable;
use crate::topology::Members;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// A planned table, with the moves that lead to it and the proof that no fewer suffice. See
/// [`Planner`](crate::Planner).
///
/// Two plans are equal if planners with the same nodes, configuration, pins and frozen partitions
/// made the same table from the same old table, with the same certificate.
///
/// It prints as a [dry run](Self::dry_run); [`explain`](Self::explain) says why a partition moves.
#[derive(Clone, Debug)]
pub struct Plan {
    table: PartitionTable,
    moved: u64,
    lower_bound: u64,
    moved_twice: u64,
    certificate: Certificate,
    /// The old rows; empty for a fresh table.
    before: OldRows,
    /// [`Planner::identity`](crate::Planner) of the planner that made it.
    planner: u64,
    /// Soft-frozen partitions with a replica that moved.
    thawed: Vec<u32>,
    /// The constraints that keep everything a soft freeze kept.
    kept: Option<Constraints>,
    missing: u64,
    /// The proof of its leaders, if they are balanced.
    leaders: Option<LeaderFigures>,
    /// How evenly sizes are spread, if partitions have some.
    sizes: Option<SizeFigures>,
    inputs: Arc<Inputs>,
    /// True after [`Planner::disperse`](crate::Planner::disperse).
    dispersed: bool,
}

// The planner's identity and the old rows stand for the inputs, and a dispersion that changed nothing
// made no other plan.
impl PartialEq for Plan {
    fn eq(&self, other: &Self) -> bool {
        let Self { table, moved, lower_bound, moved_twice, certificate, .. } = self;
        let Self { before, planner, thawed, kept, missing, leaders, sizes, .. } = self;
        *table == other.table
            && [moved, lower_bound, moved_twice, missing, planner]
                == [
                    &other.moved,
                    &other.lower_bound,
                    &other.moved_twice,
                    &other.missing,
                    &other.planner,
                ]
            && *certificate == other.certificate
            && *before == other.before
            && *thawed == other.thawed
            && *kept == other.kept
            && (leaders, sizes) == (&other.leaders, &other.sizes)
    }
}

impl Eq for Plan {}

impl Plan {
    pub(super) fn new(
        table: PartitionTable,
        moved: u64,
        lower_bound: u64,
        moved_twice: u64,
        certificate: Certificate,
        planner: u64,
        inputs: Inputs,
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
            leaders: None,
            sizes: None,
            inputs: Arc::new(inputs),
            dispersed: false,
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

    pub(super) fn with_leaders(self, leaders: Option<LeaderFigures>) -> Self {
        Self { leaders, ..self }
    }

    pub(super) fn with_sizes(self, sizes: Option<SizeFigures>) -> Self {
        Self { sizes, ..self }
    }

    pub(super) fn leaders(&self) -> Option<&LeaderFigures> {
        self.leaders.as_ref()
    }

    pub(super) fn kept(&self) -> Option<&Constraints> {
        self.kept.as_ref()
    }

    pub(super) fn before(&self) -> &OldRows {
        &self.before
    }

    /// The nodes of the new table.
    pub(crate) fn members(&self) -> &Members {
        &self.inputs.members
    }

    /// The old table and its nodes; `None` for a fresh plan.
    pub(crate) fn old(&self) -> Option<(&PartitionTable, &Members)> {
        self.inputs.old.as_ref().map(|(table, members)| (table, members))
    }

    pub(super) fn inputs(&self) -> &Arc<Inputs> {
        &self.inputs
    }

    pub(super) fn dispersed(&self) -> bool {
        self.dispersed
    }

    #[cfg(feature = "serde")]
    pub(super) fn with_dispersed(self, dispersed: bool) -> Self {
        Self { dispersed, ..self }
    }

    pub(super) fn planner(&self) -> u64 {
        self.planner
    }

    /// The new table.
    #[must_use]
    pub fn table(&self) -> &PartitionTable {
        &self.table
    }

    /// The new table, without the rest of the plan.
    #[must_use]
    pub fn into_table(self) -> PartitionTable {
        self.table
    }

    /// Replaces the table by a dispersed one with the same movement.
    pub(super) fn replace(
        &mut self,
        table: PartitionTable,
        moved_twice: u64,
        (thawed, kept): (Vec<u32>, Option<Constraints>),
        leaders: Option<LeaderFigures>,
        sizes: Option<SizeFigures>,
    ) {
        self.table = table;
        self.moved_twice = moved_twice;
        self.thawed = thawed;
        self.kept = kept;
        self.leaders = leaders;
        self.sizes = sizes;
        self.dispersed = true;
    }

    /// The number of replicas that move from one node to another: the minimum for a balanced table.
    /// With partitions [frozen if possible](crate::Planner::frozen_if_possible) it is the minimum
    /// among the tables that keep the holders which this one keeps of them.
    #[must_use]
    pub fn moved(&self) -> u64 {
        self.moved
    }

    /// A lower bound on moves from the nodes' loads alone: the sum of what each node held above its
    /// quota, under the best rounding of the quotas. [`moved`](Self::moved) is almost always equal
    /// to it; where it is greater, the limits require more moves.
    #[must_use]
    pub fn lower_bound(&self) -> u64 {
        self.lower_bound
    }

    /// The number of partitions with two or more moved replicas.
    #[must_use]
    pub fn partitions_moved_twice(&self) -> u64 {
        self.moved_twice
    }

    /// How evenly the sizes of partitions are spread over the nodes, and how much of them moves; `None`
    /// unless the planner was given [sizes](crate::Planner::sizes).
    #[must_use]
    pub fn sizes(&self) -> Option<&SizeFigures> {
        self.sizes.as_ref()
    }

    /// The partitions that should be [frozen if possible](crate::Planner::frozen_if_possible) but
    /// have a moved replica, ascending.
    #[must_use]
    pub fn thawed(&self) -> &[u32] {
        &self.thawed
    }

    /// How many replicas the table is missing compared with its configuration, over all partitions.
    /// 0 unless [under-replication is
    /// allowed](crate::partition::TableConfig::allow_under_replicated).
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

#[cfg(test)]
impl Plan {
    /// The plan with another table, which may break every rule.
    pub(crate) fn with_table(self, table: PartitionTable) -> Self {
        Self { table, ..self }
    }
}
