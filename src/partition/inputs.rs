//! What a plan was made from, kept so that the plan can be explained and tried.

use super::constraints::Constraints;
use super::leading::LeaderRule;
use super::sizing::PartitionSizes;
use super::table::PartitionTable;
use crate::error::Label;
use crate::node::NodeIdx;
use crate::topology::Members;

/// The nodes, pins and frozen partitions of a planner, and the table from which it started. Its size
/// and rules are in the new table's configuration.
///
/// The old table is shared with its other owners; nodes take O(n).
#[derive(Clone, Debug)]
pub(super) struct Inputs {
    pub(super) members: Members,
    pub(super) constraints: Constraints,
    /// How leaders are balanced; `None` if they are not.
    pub(super) leaders: Option<LeaderRule>,
    /// The sizes of partitions, if they are evened.
    pub(super) sizes: Option<PartitionSizes>,
    /// The old table and its nodes; `None` for a fresh plan.
    pub(super) old: Option<(PartitionTable, Members)>,
}

impl Inputs {
    /// The label of a node of the new table, as messages print it.
    pub(super) fn label(&self, node: NodeIdx) -> Label {
        self.members.shown(node)
    }

    /// The label of a node of the old table.
    pub(super) fn old_label(&self, node: NodeIdx) -> Label {
        self.old.as_ref().map(|(_, members)| members.shown(node)).unwrap_or_default()
    }

    /// How many partitions of the new table one of the old table became; 1 for a fresh plan.
    pub(super) fn ways(&self, table: &PartitionTable) -> u32 {
        self.old.as_ref().map_or(1, |(old, _)| table.partitions() / old.partitions().max(1)).max(1)
    }
}
