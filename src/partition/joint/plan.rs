//! The result of planning several tables together.

use super::super::certificate::Certificate;
use super::super::plan::Plan;
use super::super::table::PartitionTable;
use crate::error::Count;
use alloc::vec::Vec;
use core::fmt;

/// Planned tables that share their nodes, with the moves that lead to them and the proof that no fewer
/// suffice. See [`JointPlanner`](crate::partition::JointPlanner).
///
/// Each table has a [`Plan`] of its own, by which it is explained, tried on paper and carried out: a
/// [`Migration`](crate::migration::Migration) is made from each. Such a plan may move more replicas
/// than its table would need alone, so its own certificate may prove fewer moves than it makes; the
/// joint [certificate](Self::certificate) proves the sum.
///
/// It prints as a line for each table and one for all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JointPlan {
    pub(super) plans: Vec<Plan>,
    pub(super) lower_bound: u64,
    pub(super) certificate: Certificate,
    /// The planner that made it: see [`JointPlanner`](super::planner::JointPlanner).
    pub(super) planner: u64,
}

impl JointPlan {
    /// The plans of the tables, in the order of their planners.
    #[must_use]
    pub fn plans(&self) -> &[Plan] {
        &self.plans
    }

    /// The new tables, in the order of their planners.
    pub fn tables(&self) -> impl ExactSizeIterator<Item = &PartitionTable> {
        self.plans.iter().map(Plan::table)
    }

    /// The new tables, without the rest of the plan.
    #[must_use]
    pub fn into_tables(self) -> Vec<PartitionTable> {
        self.plans.into_iter().map(Plan::into_table).collect()
    }

    /// The number of replicas of all tables that move from one node to another: the minimum for
    /// balanced tables. [`Plan::moved`] has those of one table.
    #[must_use]
    pub fn moved(&self) -> u64 {
        self.plans.iter().map(Plan::moved).sum()
    }

    /// A lower bound on moves from the loads of nodes and tables alone, as [`Plan::lower_bound`].
    #[must_use]
    pub fn lower_bound(&self) -> u64 {
        self.lower_bound
    }

    /// The number of partitions of all tables with two or more moved replicas.
    #[must_use]
    pub fn partitions_moved_twice(&self) -> u64 {
        self.plans.iter().map(Plan::partitions_moved_twice).sum()
    }

    /// How many replicas the tables are missing, as [`Plan::missing_replicas`].
    #[must_use]
    pub fn missing_replicas(&self) -> u64 {
        self.plans.iter().map(Plan::missing_replicas).sum()
    }

    /// The number of partitions of all tables that are led by another node than before.
    #[must_use]
    pub fn leaders_moved(&self) -> u64 {
        self.plans.iter().map(Plan::leaders_moved).sum()
    }

    /// A lower bound on [changed leaders](Self::leaders_moved) of tables with these holders.
    #[must_use]
    pub fn leaders_lower_bound(&self) -> u64 {
        self.plans.iter().map(Plan::leaders_lower_bound).sum()
    }

    /// The proof that [`moved`](Self::moved) is the minimum. Its potentials are first that of the
    /// whole cluster, then those of the failure domains, then those of the nodes, then those of each
    /// node's tables, which are sorted by name.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }
}

/// A line for each table, and one for all.
impl fmt::Display for JointPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for plan in &self.plans {
            let (table, moved) = (plan.table(), plan.moved());
            let partitions = Count(table.partitions(), "partition");
            let name = table.config().name();
            writeln!(f, "table {name:?} of {partitions}: {} to move", Count(moved, "replica"))?;
        }
        let tables = Count(self.plans.len() as u64, "table");
        let (moved, bound) = (Count(self.moved(), "replica"), self.lower_bound);
        write!(f, "{tables} together: {moved} to move, and no fewer than {bound}")
    }
}
