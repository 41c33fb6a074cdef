//! The migration that a plan asks for.

use super::transfers::Migration;
use crate::diff::{Extent, UnitHolders};
use crate::error::{Error, PartitionFault};
use crate::node::NodeIdx;
use crate::partition::{PartitionTable, Plan};
use crate::topology::{Topology, Union};
use alloc::vec::Vec;

impl<N> Migration<N> {
    /// The migration that a planner's plan asks for, partition by partition. `before` is the table
    /// from which the plan started, with its nodes; `after` are the nodes of the planner.
    ///
    /// A fresh plan has no table before: every replica of it is a transfer, and none has a source.
    ///
    /// ```
    /// use apportion::migration::Migration;
    /// use apportion::partition::TableConfig;
    /// use apportion::{Planner, Topology};
    ///
    /// let config = TableConfig::new(64, 2);
    /// let three = Topology::new(["a", "b", "c"])?;
    /// let plan = Planner::new(three.members(), &config)?.fresh()?;
    /// assert_eq!(Migration::of_plan(&plan, None, &three)?.without_source(), 128);
    ///
    /// let (four, _) = three.with("d")?;
    /// let old = plan.into_table();
    /// let plan = Planner::new(four.members(), &config)?.rebalance(&old, three.members())?;
    /// let migration = Migration::of_plan(&plan, Some((&old, &three)), &four)?;
    /// assert_eq!(migration.len() as u64, plan.moved());
    /// # Ok::<(), apportion::Error>(())
    /// ```
    ///
    /// # Errors
    /// A table with a holder that its nodes do not have, and an old table of which the new one is not
    /// a split: then the plan started from another table.
    ///
    /// # Complexity
    /// O(partitions · R²), and O(n log n) for n nodes; for the sources see
    /// [`busiest_source`](Self::busiest_source).
    pub fn of_plan(
        plan: &Plan,
        before: Option<(&PartitionTable, &Topology<N>)>,
        after: &Topology<N>,
    ) -> Result<Self, Error> {
        let nobody = Topology::default();
        let (table, new) = (plan.table(), plan.table().partitions());
        let (old, ways) = match before {
            None => (&nobody, 1),
            Some((table, nodes)) => {
                let from = table.partitions();
                if new % from != 0 {
                    return Err(PartitionFault::NotAMultiple { from, to: new }.into());
                }
                known(table, nodes)?;
                (nodes, new / from)
            }
        };
        known(table, after)?;
        let union = Union::new(old.members(), after.members());
        let at = |places: &[u32], node: NodeIdx| places.get(node.index()).copied();
        let units = (0..new).map(|partition| {
            let row = before.map(|(table, _)| table.row(partition / ways));
            let before = row.into_iter().flatten().filter_map(|node| at(&union.old, node));
            let after = table.row(partition).filter_map(|node| at(&union.new, node));
            let (before, after): (Vec<u32>, Vec<u32>) = (before.collect(), after.collect());
            UnitHolders { extent: Extent::Partition(partition), before, after }
        });
        Ok(Self::from_units((old, after), &union.nodes, units))
    }
}

/// Refuses a table with a holder that is not among the nodes.
fn known<N>(table: &PartitionTable, nodes: &Topology<N>) -> Result<(), Error> {
    let rows = (0..table.partitions()).flat_map(|partition| table.row(partition));
    match rows.into_iter().find(|node| nodes.get(*node).is_none()) {
        None => Ok(()),
        Some(node) => {
            Err(PartitionFault::Slot { what: "a partition's row", slot: node.get() }.into())
        }
    }
}
