//! An independent verifier of joint plans.

use super::super::cells::{add, at};
use super::super::certificate::{Certificate, Dual};
use super::super::problem::Problem;
use super::super::table::PartitionTable;
use super::super::verify::{Counted, Part, Verified};
use super::plan::JointPlan;
use super::planner::JointPlanner;
use crate::error::{Error, PartitionFault};
use crate::topology::Members;
use alloc::vec;
use alloc::vec::Vec;

impl JointPlanner<'_> {
    /// Verifies a plan from the tables alone, and computes the bound that its certificate proves. `old`
    /// has for each table the one from which it started, with its nodes; `None` for a new one.
    ///
    /// It checks every rule of [`Planner::verify`](crate::Planner::verify) for each table, that every
    /// node holds the floor or the ceiling of its quota of each table, that every node and domain
    /// holds those of the sum, each table's leaders, and the plan's figures.
    ///
    /// # Complexity
    /// O(P·R·levels) and O(n · tables² + n · tables · log), memory O(n · tables).
    ///
    /// # Errors
    /// The first violation found, with its table, and a number of old tables other than that of the
    /// planners. Moving more than the minimum is not an error: see [`Verified::optimal`].
    pub fn verify(
        &self,
        plan: &JointPlan,
        old: &[Option<(&PartitionTable, &Members)>],
    ) -> Result<Verified, Error> {
        let tables: Vec<&PartitionTable> = plan.tables().collect();
        let verified = self.verify_tables(&tables, plan.certificate(), old)?;
        for ((planner, plan), old) in self.planners.iter().zip(plan.plans()).zip(old) {
            let led = planner.verify(plan, *old);
            led.map_err(|error| error.in_table(planner.config().name()))?;
        }
        verified.check(plan.moved(), plan.partitions_moved_twice(), plan.lower_bound())?;
        Ok(verified)
    }

    /// Verifies tables and a certificate of any origin, for example tables from files and an empty
    /// certificate, without leaders.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_tables(
        &self,
        tables: &[&PartitionTable],
        certificate: &Certificate,
        old: &[Option<(&PartitionTable, &Members)>],
    ) -> Result<Verified, Error> {
        self.check_count(old.len())?;
        self.check_count(tables.len())?;
        self.problem.check_potentials(certificate)?;
        let Problem { tree, quotas, constraints, config, .. } = &self.problem;
        let mut dual = Dual::new(tree, certificate, constraints, config.max_replicas());
        let mut loads = vec![0; tree.leaves()];
        let (mut before, mut pins) = (Vec::new(), Vec::new());
        let mut all = Counted { loads: Vec::new(), all_kept: 0, moved: 0, moved_twice: 0 };
        let each = self.planners.iter().zip(&self.layout.places).zip(tables.iter().zip(old));
        for ((planner, place), (table, old)) in each {
            let name = planner.config().name();
            planner.check_sizes(table).map_err(|error| error.in_table(name))?;
            let counted = planner.count(table, *old, |part| {
                let Part { partition, row, unchanged, fixed, .. } = part;
                before.clear();
                before.extend(part.before.iter().map(|leaf| place.leaf(*leaf)));
                if fixed {
                    return dual.frozen(&before);
                }
                pins.clear();
                pins.extend(part.pins.iter().map(|leaf| place.leaf(*leaf)));
                dual.free(place.first + partition, row.len(), (&before, &pins), unchanged);
            });
            let counted = counted.map_err(|error| error.in_table(name))?;
            for (leaf, load) in (0..).zip(&counted.loads) {
                add(&mut loads, place.leaf(leaf) as usize, *load);
            }
            all.all_kept += counted.all_kept;
            all.moved += counted.moved;
            all.moved_twice += counted.moved_twice;
        }
        self.problem.check_shares(&loads)?;
        let minimum = if old.iter().any(Option::is_some) {
            all.minimum(dual.max_kept(quotas, self.replicas()))
        } else {
            0
        };
        let Counted { moved, moved_twice, .. } = all;
        Ok(Verified { moved, minimum, partitions_moved_twice: moved_twice })
    }

    /// How many nodes hold neither the floor nor the ceiling of their quota of some table, each pair
    /// of a node and a table by itself, and how many nodes and failure domains hold neither of their
    /// quota of all. Replicas on slots without a node do not count. O(P·R + n · tables).
    ///
    /// [`Planner::report`](crate::Planner::report) of [`planners`](Self::planners) has the other figures
    /// of a table.
    #[must_use]
    pub fn outside_floor_ceil(&self, tables: &[&PartitionTable]) -> u64 {
        let Problem { tree, quotas, .. } = &self.problem;
        let mut loads = vec![0; tree.leaves()];
        for ((planner, place), table) in self.planners.iter().zip(&self.layout.places).zip(tables) {
            let known = table.holders().filter_map(|node| planner.problem.tree.leaf_at(node));
            known.for_each(|leaf| add(&mut loads, place.leaf(leaf) as usize, 1));
        }
        let outside = |(vertex, holds): &(usize, u64)| {
            !(at(&quotas.floors, *vertex)..=at(&quotas.ceils, *vertex)).contains(holds)
        };
        tree.sums(&loads).into_iter().enumerate().skip(1).filter(outside).count() as u64
    }

    /// The number of replicas of all tables.
    fn replicas(&self) -> u64 {
        self.planners.iter().map(|planner| planner.problem.config.total_replicas()).sum()
    }

    pub(super) fn check_count(&self, found: usize) -> Result<(), Error> {
        let wanted = self.planners.len();
        if found == wanted {
            return Ok(());
        }
        Err(PartitionFault::TableCount { found, wanted }.into())
    }
}

#[cfg(test)]
impl JointPlan {
    /// The plan with another table, which may break every rule.
    pub(crate) fn with_table(mut self, table: usize, changed: &PartitionTable) -> Self {
        self.plans = self
            .plans
            .into_iter()
            .enumerate()
            .map(|(i, plan)| if i == table { plan.with_table(changed.clone()) } else { plan })
            .collect();
        self
    }
}
