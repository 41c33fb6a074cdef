//! The migration that a plan asks for.

use super::transfers::Migration;
use crate::diff::{Extent, UnitHolders};
use crate::error::{Error, MigrationFault};
use crate::node::NodeIdx;
use crate::partition::Plan;
use crate::topology::{Members, Topology, Union};
use alloc::vec::Vec;

impl<N> Migration<N> {
    /// The migration that a planner's plan asks for, partition by partition. `before` are the nodes of
    /// the table from which the plan started, `after` those of the planner.
    ///
    /// A fresh plan started from no table: every replica of it is a transfer, and none has a source.
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
    /// let planner = Planner::new(four.members(), &config)?;
    /// let plan = planner.rebalance(plan.table(), three.members())?;
    /// let migration = Migration::of_plan(&plan, Some(&three), &four)?;
    /// assert_eq!(migration.len() as u64, plan.moved());
    /// # Ok::<(), apportion::Error>(())
    /// ```
    ///
    /// # Errors
    /// Other nodes than those of the plan: they differ in their slots, labels, weights or failure
    /// domains. Nodes before a fresh plan, and none before another one.
    ///
    /// # Complexity
    /// O(partitions · R²), and O(n log n) for n nodes; for the sources see
    /// [`busiest_source`](Self::busiest_source).
    pub fn of_plan(
        plan: &Plan,
        before: Option<&Topology<N>>,
        after: &Topology<N>,
    ) -> Result<Self, Error> {
        let nobody = Topology::default();
        let (table, old) = (plan.table(), before.unwrap_or(&nobody));
        let no_members = Members::default();
        let members = plan.old().map_or(&no_members, |(_, members)| members);
        if *members != *old.members() || before.is_some() != plan.old().is_some() {
            return Err(MigrationFault::OtherNodes { before: true }.into());
        }
        if *plan.members() != *after.members() {
            return Err(MigrationFault::OtherNodes { before: false }.into());
        }
        let union = Union::new(old.members(), after.members());
        let at = |places: &[u32], node: NodeIdx| places.get(node.index()).copied();
        let units = (0..table.partitions()).map(|partition| {
            let row = plan.old().map(|(old, _)| {
                let ways = table.partitions() / old.partitions().max(1);
                old.row(partition / ways.max(1))
            });
            let before = row.into_iter().flatten().filter_map(|node| at(&union.old, node));
            let after = table.row(partition).filter_map(|node| at(&union.new, node));
            let (before, after): (Vec<u32>, Vec<u32>) = (before.collect(), after.collect());
            UnitHolders { extent: Extent::Partition(partition), before, after }
        });
        Ok(Self::from_units((old, after), &union.nodes, units))
    }
}
