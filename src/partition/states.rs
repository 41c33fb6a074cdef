//! What nodes may hold and take: slots, cordoned nodes, nodes in maintenance.

use super::planner::Planner;
use super::table::PartitionTable;
use crate::error::Error;
use crate::node::NodeIdx;
use crate::topology::Members;

impl Planner<'_> {
    /// Sets how many replicas some nodes can hold at most. Quotas stay max-min fair: what a node cannot
    /// hold goes to the others by weight.
    ///
    /// ```
    /// use apportion::{Planner, Topology};
    /// use apportion::partition::TableConfig;
    ///
    /// let four = Topology::new(["a", "b", "c", "d"])?;
    /// let config = TableConfig::new(100, 2);
    /// let a = four.find("a").ok_or("a node")?;
    /// let planner = Planner::new(four.members(), &config)?.slots([(a, 20)])?;
    /// assert_eq!(planner.quota(a), Some((20, 20)));
    /// assert_eq!(four.find("b").and_then(|b| planner.quota(b)), Some((60, 60)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A slot number without a node, and slots that are too few for all replicas.
    pub fn slots(mut self, slots: impl IntoIterator<Item = (NodeIdx, u64)>) -> Result<Self, Error> {
        self.problem.set_slots(slots)?;
        Ok(self)
    }

    /// Cordons nodes: each keeps replicas that it has in `old`, whose nodes are `before`, and takes no
    /// others. It holds at most what it holds there, and less if its share is less. A node that holds
    /// nothing stays empty, for example in a new zone that is filled later.
    ///
    /// The plan is then made from the same old table: see [`rebalance`](Self::rebalance).
    ///
    /// # Errors
    /// A slot number without a node, an old table of other partitions, and the other nodes cannot hold
    /// all other replicas.
    pub fn cordoned(
        mut self,
        nodes: impl IntoIterator<Item = NodeIdx>,
        old: &PartitionTable,
        before: &Members,
    ) -> Result<Self, Error> {
        self.problem.close(nodes, (old, before), false)?;
        Ok(self)
    }

    /// Takes nodes for maintenance as they are: each keeps all replicas that it has in `old`, whose nodes
    /// are `before`, and takes no others. It counts as holding them, whatever its weight and its slots;
    /// the other nodes share the rest.
    ///
    /// # Errors
    /// As [`cordoned`](Self::cordoned); a node of weight 0, and replicas that break a limit where they
    /// are.
    pub fn in_maintenance(
        mut self,
        nodes: impl IntoIterator<Item = NodeIdx>,
        old: &PartitionTable,
        before: &Members,
    ) -> Result<Self, Error> {
        self.problem.close(nodes, (old, before), true)?;
        Ok(self)
    }
}
