//! The exact planner.

use super::bound::Bound;
use super::cells::at;
use super::certificate::Certificate;
use super::config::TableConfig;
use super::construct;
use super::plan::Plan;
use super::quota::Quotas;
use super::rebalance::{self, staying, targets};
use super::table::PartitionTable;
use super::tree::{NONE, Tree};
use super::work::Work;
use crate::error::{Error, Infeasible, InfeasibleKind, Label, PartitionFault};
use crate::node::NodeIdx;
use crate::topology::Members;
use alloc::string::String;
use alloc::vec;
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
/// use apportion::{Node, Planner, TableConfig, Topology};
///
/// let node = |id: u32| Node::new(id).domain("zone", ["x", "y", "z"][id as usize % 3]);
/// let nine = Topology::of((0..9).map(node))?;
/// let config = TableConfig::new(1024, 3).at_most("zone", 1);
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
    pub(super) members: &'a Members,
    pub(super) config: TableConfig,
    pub(super) tree: Tree,
    pub(super) quotas: Quotas,
    pub(super) bound: Bound,
}

impl<'a> Planner<'a> {
    /// Prepares tables of this size and these rules. O(n log n).
    ///
    /// # Errors
    /// Sizes beyond the limits, a limit of 0 or of a level that no node has, nodes whose levels
    /// differ, and [`Infeasible`] rules: [`Error::infeasible`] then names the node or domain that
    /// cannot hold its share.
    pub fn new(members: &'a Members, config: &TableConfig) -> Result<Self, Error> {
        config.checked()?;
        if members.live() == 0 {
            let quota = u64::from(config.partitions()) * u64::from(config.replicas());
            return Err(infeasible(InfeasibleKind::NoLiveNode, String::new(), quota, 0, None));
        }
        let tree = Tree::new(members, config)?;
        let quotas = Quotas::new(&tree, config.partitions()).map_err(|full| {
            let domain = tree.name(full.vertex, members);
            infeasible(InfeasibleKind::Capacity, domain, full.quota, full.limit, None)
        })?;
        Ok(Self { members, config: config.clone(), tree, quotas, bound: Bound::default() })
    }

    /// Each of these partitions has to have a replica on this node.
    ///
    /// # Errors
    /// A partition or a slot that there is not, a pin given twice, more pins of a partition than
    /// it has replicas, and pins that break a limit together.
    pub fn pinned(mut self, pins: impl IntoIterator<Item = (u32, NodeIdx)>) -> Result<Self, Error> {
        for (partition, node) in pins {
            self.known("the pinned", partition)?;
            let slot = node.get();
            let Some(leaf) = self.tree.leaf_at(node) else {
                return Err(PartitionFault::Slot { what: "a pin", slot }.into());
            };
            let label = || Label::new(self.members.label(node).unwrap_or_default());
            let pins = self.bound.pins.entry(partition).or_default();
            if pins.contains(&leaf) {
                return Err(PartitionFault::PinnedTwice { partition, label: label() }.into());
            }
            pins.push(leaf);
        }
        let replicas = self.config.replicas();
        for (partition, pins) in &self.bound.pins {
            let refused = |domain, quota: usize, limit: u32| {
                infeasible(
                    InfeasibleKind::Pinned,
                    domain,
                    quota as u64,
                    limit.into(),
                    Some(*partition),
                )
            };
            if pins.len() > replicas as usize {
                return Err(refused(String::new(), pins.len(), replicas));
            }
            if let Some((vertex, limit)) = self.tree.over_limit(pins) {
                let held = self.tree.within(pins, vertex);
                return Err(refused(self.tree.name(vertex, self.members), held, limit));
            }
        }
        Ok(self)
    }

    /// Nothing moves in these partitions.
    ///
    /// # Errors
    /// A partition that there is not.
    pub fn frozen(mut self, partitions: impl IntoIterator<Item = u32>) -> Result<Self, Error> {
        for partition in partitions {
            self.known("the frozen", partition)?;
            self.bound.frozen.insert(partition);
        }
        Ok(self)
    }

    fn known(&self, what: &'static str, partition: u32) -> Result<(), Error> {
        let partitions = self.config.partitions();
        if partition < partitions {
            return Ok(());
        }
        Err(PartitionFault::Partition { what, partition, partitions }.into())
    }

    /// The nodes planned for.
    #[must_use]
    pub fn members(&self) -> &'a Members {
        self.members
    }

    /// Size and rules.
    #[must_use]
    pub fn config(&self) -> &TableConfig {
        &self.config
    }

    /// Floor and ceiling of a node's quota; `None` for a slot without a node.
    #[must_use]
    pub fn quota(&self, node: NodeIdx) -> Option<(u64, u64)> {
        let vertex = self.tree.vertex(self.tree.leaf_at(node)?);
        Some((at(&self.quotas.floors, vertex), at(&self.quotas.ceils, vertex)))
    }

    /// A table from nothing; nothing counts as moved. O(P·R + n) without pins.
    ///
    /// # Errors
    /// Frozen partitions, and pins under which no table is balanced.
    pub fn fresh(&self) -> Result<Plan, Error> {
        if let Some(partition) = self.bound.frozen.first() {
            return Err(PartitionFault::FrozenFresh { partition: *partition }.into());
        }
        let (partitions, replicas) = (self.config.partitions(), self.config.replicas());
        let rounded = &self.quotas.rounded;
        let mut rows = construct::wrapped(partitions, replicas, rounded);
        construct::mix(&self.tree, &mut rows, replicas);
        construct::lead(&mut rows, replicas, rounded);
        if !self.bound.is_empty() {
            let mut work = Work::new(&self.tree, &self.bound, partitions, replicas, rows, replicas);
            rebalance::rebalance(&mut work, &self.quotas).map_err(|stuck| self.bound_by(stuck))?;
            rows = work.rows;
        }
        Ok(Plan::new(self.table(&rows), 0, 0, 0, Certificate::fresh()))
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
        let (partitions, replicas) = (self.config.partitions(), self.config.replicas());
        let rows = self.rows_of(old, before)?;
        self.check_frozen(&rows, old.replicas_each())?;
        let held = counts(&self.tree, &rows);
        let stay = u64::from(partitions) * u64::from(replicas.min(old.replicas_each()));
        let best = targets(&self.tree, &self.quotas, &held);
        let lower_bound = stay - staying(&self.tree, &best, &held).min(stay);
        let mut work =
            Work::new(&self.tree, &self.bound, partitions, replicas, rows, old.replicas_each());
        let settled =
            rebalance::rebalance(&mut work, &self.quotas).map_err(|stuck| self.bound_by(stuck))?;
        let certificate = Certificate::new(&self.tree, &settled.potentials);
        let (moved, doubles) = (work.all_moved(), work.doubles());
        let table = self.table(&work.rows);
        let plan = Plan::new(table, moved, lower_bound, doubles, certificate);
        Ok(plan.since(work.old, old.replicas_each()))
    }

    /// The leaves of a plan's rows; `None` if it is not of such a table.
    pub(super) fn leaves_of(&self, plan: &Plan) -> Option<Vec<u32>> {
        let table = plan.table();
        let same = table.partitions() == self.config.partitions()
            && table.replicas_each() == self.config.replicas();
        let leaf = |place| self.tree.leaf_at(table.at(place));
        if same { (0..table.places()).map(leaf).collect() } else { None }
    }

    /// The leaves of another table's rows, under the partitions of this one.
    pub(super) fn rows_of(
        &self,
        old: &PartitionTable,
        before: &Members,
    ) -> Result<Vec<u32>, Error> {
        let (from, to) = (old.partitions(), self.config.partitions());
        if to % from != 0 {
            return Err(PartitionFault::NotAMultiple { from, to }.into());
        }
        let mut known: Vec<(&[u8], u32)> = (0..)
            .zip(&self.tree.slots)
            .filter_map(|(leaf, slot)| Some((self.members.label(*slot)?, leaf)))
            .collect();
        known.sort_unstable();
        let mut leaves = vec![NONE; before.slots()];
        for node in before.iter() {
            let Some(label) = before.label(node) else { continue };
            if let Ok(place) = known.binary_search_by(|(known, _)| (*known).cmp(label)) {
                let leaf = known.get(place).map_or(NONE, |(_, leaf)| *leaf);
                super::cells::put(&mut leaves, node.index(), leaf);
            }
        }
        let ways = (to / from) as usize;
        let each = old.replicas_each() as usize;
        let mut rows = Vec::with_capacity(old.places() * ways);
        for partition in 0..from as usize {
            for _ in 0..ways {
                let row = (partition * each..(partition + 1) * each).map(|place| old.at(place));
                rows.extend(row.map(|node| leaves.get(node.index()).copied().unwrap_or(NONE)));
            }
        }
        Ok(rows)
    }

    /// Frozen partitions have as many holders as before, which are all there, with every pin among
    /// them and no limit broken.
    fn check_frozen(&self, rows: &[u32], before: u32) -> Result<(), Error> {
        let replicas = self.config.replicas();
        for partition in self.bound.frozen.iter().copied() {
            let refused = |domain, quota: u64, limit: usize| {
                infeasible(InfeasibleKind::Frozen, domain, quota, limit as u64, Some(partition))
            };
            let first = partition as usize * before as usize;
            let row = rows.get(first..first + before as usize).unwrap_or_default();
            let there = row.iter().filter(|leaf| **leaf != NONE).count();
            if there != replicas as usize || before != replicas {
                return Err(refused(String::new(), replicas.into(), there));
            }
            let pins = self.bound.pins_of(partition);
            if let Some(leaf) = pins.iter().find(|leaf| !row.contains(leaf)) {
                let node = self.tree.name(self.tree.vertex(*leaf), self.members);
                return Err(refused(node, 1, 0));
            }
            if let Some((vertex, limit)) = self.tree.over_limit(row) {
                let held = self.tree.within(row, vertex) as u64;
                return Err(refused(self.tree.name(vertex, self.members), held, limit as usize));
            }
        }
        Ok(())
    }

    pub(super) fn table(&self, rows: &[u32]) -> PartitionTable {
        let slot = |leaf: &u32| at(&self.tree.slots, *leaf as usize);
        PartitionTable::of_slots(self.members, self.config.clone(), rows.iter().map(slot))
    }

    fn bound_by(&self, stuck: rebalance::Stuck) -> Error {
        let domain = self.tree.name(stuck.vertex, self.members);
        infeasible(InfeasibleKind::Bound, domain, stuck.quota, stuck.limit, None)
    }
}

#[cold]
fn infeasible(
    kind: InfeasibleKind,
    domain: String,
    quota: u64,
    limit: u64,
    partition: Option<u32>,
) -> Error {
    PartitionFault::Infeasible(Infeasible { kind, domain, quota, limit, partition }).into()
}

/// Replicas of each leaf in some rows.
pub(super) fn counts(tree: &Tree, rows: &[u32]) -> Vec<u64> {
    let mut counts = vec![0; tree.leaves()];
    for leaf in rows.iter().filter(|leaf| **leaf != NONE) {
        super::cells::add(&mut counts, *leaf as usize, 1);
    }
    counts
}
