//! The exact planner.

use super::cells::at;
use super::certificate::Certificate;
use super::config::TableConfig;
use super::constraints::Constraints;
use super::construct;
use super::explain;
use super::flow::{self, staying, targets};
use super::leaders;
use super::old_rows::OldRows;
use super::places;
use super::plan::Plan;
use super::problem::Problem;
use super::table::PartitionTable;
use super::thaw;
use super::work::Work;
use crate::error::{Error, PartitionFault};
use crate::node::NodeIdx;
use crate::placement::FingerprintOf;
use crate::topology::Members;
use alloc::vec::Vec;

/// Plans tables for some nodes: exactly balanced, within the limits of every failure domain, and
/// from another table with the least movement there is.
///
/// What a [`Plan`] promises:
///
/// 1. **Balance.** Every node and every failure domain at any level holds the floor or the ceiling
///    of its quota. Quotas are max-min fair: each node's share by weight, and what a node or domain
///    cannot hold under the limits goes to the others by weight. No limit is exceeded.
/// 2. **Least movement.** No balanced table has more replicas where they were; a
///    [`Certificate`] proves it. Replicas that are new because there are more of each partition are
///    not moves.
/// 3. **One replica of a partition at a time.** Among those tables, partitions with two replicas
///    moved are avoided wherever others can move instead.
/// 4. **Dispersion**, as far as the moves leave a choice: see [`Planner::disperse`].
/// 5. **Determinism.** Integers only; slots and the order in which nodes were given do not matter.
///
/// The chapter [placing replicas](crate::docs::placing_replicas) has the limits of these, what they
/// cost, and what is not promised.
///
/// Weight 0 drains a node. The nodes' failure domains all have the same levels.
///
/// ```
/// use apportion::{Node, Planner, Topology};
/// use apportion::partition::TableConfig;
///
/// let node = |id: u32| Node::new(id).domain("zone", ["x", "y", "z"][id as usize % 3]);
/// let nine = Topology::of((0..9).map(node))?;
/// let config = TableConfig::new(1024, 3).max_per_domain("zone", 1);
/// let plan = Planner::new(nine.members(), &config)?.fresh()?;
///
/// let (ten, _) = nine.with_node(node(9))?;
/// let change = Planner::new(ten.members(), &config)?.rebalance(plan.table(), nine.members())?;
/// // Zone x has four nodes now for a third of the replicas: 1024 / 4 go to the new one.
/// assert_eq!((change.moved(), change.lower_bound()), (256, 256));
/// assert_eq!(change.partitions_moved_twice(), 0);
/// # Ok::<(), apportion::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Planner<'a> {
    /// What was asked for: more replicas than planned where the nodes do not admit as many.
    asked: TableConfig,
    pub(super) problem: Problem<'a>,
}

impl<'a> Planner<'a> {
    /// Prepares tables of this size and these rules. O(n log n).
    ///
    /// # Errors
    /// Sizes beyond the limits, a limit of 0 or of a level that no node has, nodes whose levels
    /// differ, and [`Infeasible`](crate::error::Infeasible) rules: [`Error::infeasible`] then names the node or domain that
    /// cannot hold its share.
    pub fn new(members: &'a Members, config: &TableConfig) -> Result<Self, Error> {
        Ok(Self { asked: config.clone(), problem: Problem::new(members, config)? })
    }

    /// Each of these partitions has to have a replica on this node.
    ///
    /// # Errors
    /// A partition or a slot that there is not, a pin given twice, more pins of a partition than
    /// it has replicas, and pins that break a limit together.
    pub fn pinned(mut self, pins: impl IntoIterator<Item = (u32, NodeIdx)>) -> Result<Self, Error> {
        for (partition, node) in pins {
            self.problem.pin(partition, node)?;
        }
        self.problem.check_pins()?;
        Ok(self)
    }

    /// Nothing moves in these partitions.
    ///
    /// # Errors
    /// A partition that there is not.
    pub fn frozen(mut self, partitions: impl IntoIterator<Item = u32>) -> Result<Self, Error> {
        for partition in partitions {
            self.problem.check_partition("the frozen", partition)?;
            self.problem.constraints.frozen.insert(partition);
        }
        Ok(self)
    }

    /// Nothing moves in these partitions as far as that is possible: say because copies are under way,
    /// or because they moved lately.
    ///
    /// A replica moves all the same if its node is gone or drained, if the new limits or the pins are
    /// against it, or if the other partitions cannot give enough for the balance. The other replicas of
    /// that partition then stay where possible, [`Plan::thawed`] lists it, and the plan's movement is
    /// the minimum for what stays. With fewer replicas than before any of them may be dropped, and that
    /// is no move; if others move then, these do only where no single other partition can instead. Of
    /// a fresh table nothing is frozen.
    ///
    /// Partitions are thawed only where no plan was found otherwise, first as many as are missing
    /// for the balance. Then thawed ones are frozen again: one beside all that stayed, and two in
    /// place of one, as far as plans of 2^20 and of 2^18 replicas in all go. This does not
    /// guarantee the minimum, and no bound is known for how many more may thaw. Of 1,500 random
    /// small changes with as many replicas as before, compared with an exhaustive search, 12 plans
    /// thawed one partition more than the minimum. Changes to fewer replicas were not compared.
    ///
    /// The movement is the minimum among the tables that keep the holders which the plan keeps of
    /// these partitions, and [`Verified::optimal`](crate::partition::Verified::optimal) proves exactly
    /// this. A table that gives up some of these holders, while it keeps the same partitions whole,
    /// may move fewer replicas: in 23 of 1,000 random changes one did, 32 fewer of 14,266 in all. The
    /// planner does not choose it: of these partitions, what can stay stays.
    /// [`Plan::lower_bound`] counts such tables, so it may be below [`Plan::moved`].
    ///
    /// # Errors
    /// A partition that there is not.
    pub fn frozen_if_possible(
        mut self,
        partitions: impl IntoIterator<Item = u32>,
    ) -> Result<Self, Error> {
        for partition in partitions {
            self.problem.check_partition("the frozen", partition)?;
            self.problem.constraints.soft.insert(partition);
        }
        Ok(self)
    }

    /// The nodes planned for.
    #[must_use]
    pub fn members(&self) -> &'a Members {
        self.problem.members
    }

    /// Name, size and rules, as asked for.
    #[must_use]
    #[allow(clippy::misnamed_getters)] // with the replicas asked for, which may be more than planned
    pub fn config(&self) -> &TableConfig {
        &self.asked
    }

    /// Replicas of each partition in its plans: fewer than [`config`](Self::config) asks for if the
    /// nodes and limits do not admit as many and
    /// [that is allowed](TableConfig::allow_under_replicated).
    #[must_use]
    pub fn replication_factor(&self) -> u32 {
        self.problem.config.replicas()
    }

    /// Floor and ceiling of a node's quota; `None` for a slot without a node.
    #[must_use]
    pub fn quota(&self, node: NodeIdx) -> Option<(u64, u64)> {
        let vertex = self.problem.tree.vertex(self.problem.tree.leaf_at(node)?);
        Some((at(&self.problem.quotas.floors, vertex), at(&self.problem.quotas.ceils, vertex)))
    }

    /// A table from nothing; nothing counts as moved. O(P·R + n) without pins.
    ///
    /// # Errors
    /// Frozen partitions, and pins under which no table is balanced.
    pub fn fresh(&self) -> Result<Plan, Error> {
        if let Some(partition) = self.problem.constraints.frozen.first() {
            return Err(PartitionFault::FrozenFresh { partition: *partition }.into());
        }
        let Problem { config, tree, quotas, constraints, .. } = &self.problem;
        let (partitions, replicas) = (config.partitions(), config.replicas());
        let rounded = &quotas.rounded;
        let mut rows = construct::wrapped(partitions, replicas, rounded);
        construct::shuffle(tree, &mut rows, replicas);
        construct::assign_leaders(&mut rows, replicas, rounded);
        if !constraints.is_empty() {
            let before = OldRows::new(rows, replicas, 1);
            let mut work = Work::new(tree, constraints, partitions, replicas, before);
            if flow::rebalance(&mut work, quotas).is_err() {
                return Err(
                    PartitionFault::Infeasible(explain::infeasible(&self.problem, &work)).into()
                );
            }
            rows = work.rows;
            construct::assign_leaders(&mut rows, replicas, rounded);
        }
        Ok(Plan::new(self.table(&rows), 0, 0, 0, Certificate::fresh(), self.identity())
            .missing(self.missing()))
    }

    /// The table with the least movement from another one, over the same nodes or others: nodes are
    /// the same if their labels are. `old` may have any number of replicas, and as many partitions or
    /// a divisor of theirs; then it is [split](PartitionTable::split) first, which moves nothing.
    ///
    /// O(P·R + n), O(1) for each move that needs no detour, which are nearly all, and a search of
    /// O(P·R + n) for all detours of one length.
    ///
    /// # Errors
    /// Partitions that are no multiple of the old ones, frozen partitions that cannot stay as they
    /// are, and pins and frozen partitions under which no table is balanced.
    pub fn rebalance(&self, old: &PartitionTable, before: &Members) -> Result<Plan, Error> {
        let problem = &self.problem;
        let Problem { config, tree, quotas, constraints, .. } = problem;
        let (partitions, replicas) = (config.partitions(), config.replicas());
        let before = problem.rows_of(old, before)?;
        problem.check_frozen(&before)?;
        let mut held = tree.counts(before.rows());
        for count in &mut held {
            *count *= u64::from(before.ways());
        }
        let max_kept = u64::from(partitions) * u64::from(replicas.min(old.replication_factor()));
        let best = targets(tree, quotas, &held);
        let lower_bound = max_kept - staying(tree, &best, &held).min(max_kept);
        let mut search = constraints.clone();
        thaw::bind_soft(problem, &mut search, &before);
        let thaw::Planned { kept, settled, rows, before } = thaw::planned(problem, search, before)?;
        let mut work = Work::new(tree, &kept, partitions, replicas, before);
        work.adopt(rows);
        places::keep(&mut work);
        leaders::proportion(&mut work, quotas);
        let certificate = Certificate::new(tree, &settled.potentials);
        let (moved, moved_twice) = (work.all_moved(), work.moved_twice());
        let table = self.table(&work.rows);
        let plan = Plan::new(table, moved, lower_bound, moved_twice, certificate, self.identity());
        let plan = plan.with_thawed(self.thawed(&work));
        Ok(plan.since(work.before).missing(self.missing()))
    }

    /// Of rows in their final state the soft-frozen partitions that moved, and what is bound so that
    /// the others stay.
    pub(super) fn thawed(&self, work: &Work<'_>) -> (Vec<u32>, Option<Constraints>) {
        let problem = &self.problem;
        let kept =
            (!problem.constraints.soft.is_empty()).then(|| thaw::constraints_after(problem, work));
        (thaw::moved(&problem.constraints, work), kept)
    }

    /// A hash of everything that decides its plans, besides the table they begin from; and of the slots
    /// of its nodes, in which tables are written. O(n log n).
    pub(super) fn identity(&self) -> u64 {
        let Problem { members, config: planned, tree, constraints, .. } = &self.problem;
        let name = Members::identity_of(self.asked.name().as_bytes());
        let sizes = [&self.asked, planned].map(|config| u64::from(config.replicas()));
        let config = [name, planned.partitions().into()].into_iter().chain(sizes);
        let limits = planned
            .limits()
            .flat_map(|(level, limit)| [Members::identity_of(level.as_bytes()), limit.into()]);
        let slots = tree.slots.iter().map(|slot| slot.get().into());
        let pins = constraints.pins.iter().flat_map(|(partition, leaves)| {
            let leaves = leaves.iter().map(|leaf| u64::from(*leaf));
            [u64::MAX, (*partition).into()].into_iter().chain(leaves)
        });
        let [frozen, soft] = [&constraints.frozen, &constraints.soft]
            .map(|set| set.iter().map(|partition| u64::from(*partition)));
        let state = config.chain(limits).chain([u64::MAX]).chain(slots);
        let state = state.chain(pins).chain([u64::MAX]).chain(frozen);
        let state = state.chain([u64::MAX]).chain(soft);
        FingerprintOf { algorithm: "planner", members }.with(state)
    }

    /// Replicas that its plans have fewer than was asked for.
    fn missing(&self) -> u64 {
        let missing = self.asked.replicas() - self.problem.config.replicas();
        u64::from(missing) * u64::from(self.problem.config.partitions())
    }

    pub(super) fn table(&self, rows: &[u32]) -> PartitionTable {
        let slot = |leaf: &u32| at(&self.problem.tree.slots, *leaf as usize);
        let (config, replicas) = (self.asked.clone(), self.problem.config.replicas());
        PartitionTable::of_slots(self.problem.members, config, replicas, rows.iter().map(slot))
    }
}
