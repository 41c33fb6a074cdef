//! The migration that a plan asks for.

use super::transfers::Migration;
use crate::diff::{Extent, UnitHolders};
use crate::error::{Error, MigrationFault};
use crate::node::NodeIdx;
use crate::partition::{JointPlan, Plan};
use crate::topology::{Topology, Union};
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
        Self::of_plans(core::slice::from_ref(plan), before, after)
    }

    /// The migration that a joint plan of several tables asks for, as [`of_plan`](Self::of_plan). Its
    /// units are the partitions of all tables, numbered through: those of the first table, then those
    /// of the second and so on. Sources, rounds and limits are then those of all tables together; the
    /// migration of one table is that of its own [plan](JointPlan::plans).
    ///
    /// Old tables have the nodes `before`; the replicas of tables that are new have no source.
    ///
    /// # Errors
    /// As [`of_plan`](Self::of_plan).
    ///
    /// # Complexity
    /// As [`of_plan`](Self::of_plan).
    pub fn of_joint_plan(
        plan: &JointPlan,
        before: Option<&Topology<N>>,
        after: &Topology<N>,
    ) -> Result<Self, Error> {
        Self::of_plans(plan.plans(), before, after)
    }

    fn of_plans(
        plans: &[Plan],
        before: Option<&Topology<N>>,
        after: &Topology<N>,
    ) -> Result<Self, Error> {
        let nobody = Topology::default();
        let old = before.unwrap_or(&nobody);
        let other = |plan: &Plan| plan.old().is_some_and(|(_, members)| *members != *old.members());
        let changes = plans.iter().any(|plan| plan.old().is_some());
        if plans.iter().any(other) || before.is_some() != changes {
            return Err(MigrationFault::OtherNodes { before: true }.into());
        }
        if plans.iter().any(|plan| *plan.members() != *after.members()) {
            return Err(MigrationFault::OtherNodes { before: false }.into());
        }
        let union = Union::new(old.members(), after.members());
        let at = |places: &[u32], node: NodeIdx| places.get(node.index()).copied();
        let firsts = plans.iter().scan(0, |next, plan| {
            let first = *next;
            *next += plan.table().partitions();
            Some((first, plan))
        });
        let partitions = firsts.flat_map(|(first, plan)| {
            (0..plan.table().partitions()).map(move |partition| (first, plan, partition))
        });
        let units = partitions.map(|(first, plan, partition)| {
            let table = plan.table();
            let row = plan.old().map(|(old, _)| {
                let ways = table.partitions() / old.partitions().max(1);
                old.row(partition / ways.max(1))
            });
            let before = row.into_iter().flatten().filter_map(|node| at(&union.old, node));
            let after = table.row(partition).filter_map(|node| at(&union.new, node));
            let (before, after): (Vec<u32>, Vec<u32>) = (before.collect(), after.collect());
            UnitHolders { extent: Extent::Partition(first + partition), before, after }
        });
        Ok(Self::from_units((old, after), &union.nodes, units))
    }
}
