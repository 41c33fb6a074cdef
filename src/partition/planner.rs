//! The exact planner.

use super::before::Before;
use super::bound::Bound;
use super::cells::at;
use super::certificate::Certificate;
use super::config::TableConfig;
use super::construct;
use super::explain;
use super::leaders;
use super::places;
use super::plan::Plan;
use super::quota::{Overfull, Quotas};
use super::rebalance::{self, staying, targets};
use super::table::PartitionTable;
use super::thaw;
use super::tree::{NONE, Tree};
use super::work::Work;
use crate::error::{Error, Infeasible, InfeasibleKind, PartitionFault};
use crate::node::NodeIdx;
use crate::placement::FingerprintOf;
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
    pub(super) members: &'a Members,
    /// What was asked for.
    asked: TableConfig,
    /// What is planned: with fewer replicas if the nodes do not admit as many and that is allowed.
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
        let (asked, mut config) = (config.clone(), config.clone());
        let mut tree = Tree::new(members, &config)?;
        let admitted = tree.admitted();
        if config.allows_under_replicated() && admitted < config.replicas() {
            config = config.sized(config.partitions(), admitted);
            tree = Tree::new(members, &config)?;
        }
        let quotas = Quotas::new(&tree, config.partitions())
            .map_err(|full| too_few(&tree, &config, members, &full))?;
        Ok(Self { members, asked, config, tree, quotas, bound: Bound::default() })
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
            let label = || self.members.shown(node);
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
    /// Holders that stay of partitions that cannot stay whole are not given up for that.
    ///
    /// # Errors
    /// A partition that there is not.
    pub fn frozen_if_possible(
        mut self,
        partitions: impl IntoIterator<Item = u32>,
    ) -> Result<Self, Error> {
        for partition in partitions {
            self.known("the frozen", partition)?;
            self.bound.soft.insert(partition);
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
        self.config.replicas()
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
        let missing = self.missing();
        let (partitions, replicas) = (self.config.partitions(), self.config.replicas());
        let rounded = &self.quotas.rounded;
        let mut rows = construct::wrapped(partitions, replicas, rounded);
        construct::mix(&self.tree, &mut rows, replicas);
        construct::lead(&mut rows, replicas, rounded);
        if !self.bound.is_empty() {
            let before = Before::new(rows, replicas, 1);
            let mut work = Work::new(&self.tree, &self.bound, partitions, replicas, before);
            if rebalance::rebalance(&mut work, &self.quotas).is_err() {
                return Err(PartitionFault::Infeasible(explain::bound(self, &work)).into());
            }
            rows = work.rows;
            construct::lead(&mut rows, replicas, rounded);
        }
        Ok(Plan::new(self.table(&rows), 0, 0, 0, Certificate::fresh(), self.identity())
            .missing(missing))
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
        let before = self.rows_of(old, before)?;
        self.check_frozen(&before)?;
        let mut held = counts(&self.tree, before.rows());
        for count in &mut held {
            *count *= u64::from(before.ways());
        }
        let stay = u64::from(partitions) * u64::from(replicas.min(old.replication_factor()));
        let best = targets(&self.tree, &self.quotas, &held);
        let lower_bound = stay - staying(&self.tree, &best, &held).min(stay);
        let mut search = Bound::clone(&self.bound);
        thaw::bind(self, &mut search, &before);
        let thaw::Planned { kept, settled, rows, before } = thaw::planned(self, search, before)?;
        let mut work = Work::new(&self.tree, &kept, partitions, replicas, before);
        work.adopt(rows);
        places::keep(&mut work);
        leaders::proportion(&mut work, &self.quotas);
        let certificate = Certificate::new(&self.tree, &settled.potentials);
        let (moved, doubles) = (work.all_moved(), work.doubles());
        let table = self.table(&work.rows);
        let plan = Plan::new(table, moved, lower_bound, doubles, certificate, self.identity());
        let plan = plan.with_thawed(self.thawed(&work));
        Ok(plan.since(work.before).missing(self.missing()))
    }

    /// Of rows in their final state the soft-frozen partitions that moved, and what is bound so that
    /// the others stay.
    pub(super) fn thawed(&self, work: &Work<'_>) -> (Vec<u32>, Option<Bound>) {
        let kept = (!self.bound.soft.is_empty()).then(|| thaw::kept(self, work));
        (thaw::moved(&self.bound, work), kept)
    }

    /// A hash of everything that decides its plans, besides the table they begin from; and of the slots
    /// of its nodes, in which tables are written. O(n log n).
    pub(super) fn identity(&self) -> u64 {
        let name = Members::identity_of(self.asked.name().as_bytes());
        let sizes = [&self.asked, &self.config].map(|config| u64::from(config.replicas()));
        let config = [name, self.config.partitions().into()].into_iter().chain(sizes);
        let limits = self
            .config
            .limits()
            .flat_map(|(level, limit)| [Members::identity_of(level.as_bytes()), limit.into()]);
        let slots = self.tree.slots.iter().map(|slot| slot.get().into());
        let pins = self.bound.pins.iter().flat_map(|(partition, leaves)| {
            let leaves = leaves.iter().map(|leaf| u64::from(*leaf));
            [u64::MAX, (*partition).into()].into_iter().chain(leaves)
        });
        let [frozen, soft] = [&self.bound.frozen, &self.bound.soft]
            .map(|set| set.iter().map(|partition| u64::from(*partition)));
        let state = config.chain(limits).chain([u64::MAX]).chain(slots);
        let state = state.chain(pins).chain([u64::MAX]).chain(frozen);
        let state = state.chain([u64::MAX]).chain(soft);
        FingerprintOf { algorithm: "planner", members: self.members }.with(state)
    }

    /// Replicas that its plans have fewer than was asked for.
    fn missing(&self) -> u64 {
        let missing = self.asked.replicas() - self.config.replicas();
        u64::from(missing) * u64::from(self.config.partitions())
    }

    /// The leaves of a plan's rows; `None` if it is not of such a table.
    pub(super) fn leaves_of(&self, plan: &Plan) -> Option<Vec<u32>> {
        let table = plan.table();
        let same = table.partitions() == self.config.partitions()
            && table.replication_factor() == self.config.replicas();
        let leaf = |place| self.tree.leaf_at(table.at(place));
        if same { (0..table.places()).map(leaf).collect() } else { None }
    }

    /// The leaves of another table's rows, under the partitions of this one.
    pub(super) fn rows_of(&self, old: &PartitionTable, before: &Members) -> Result<Before, Error> {
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
        let leaf = |place| leaves.get(old.at(place).index()).copied().unwrap_or(NONE);
        let rows = (0..old.places()).map(leaf).collect();
        Ok(Before::new(rows, old.replication_factor(), to / from))
    }

    /// Frozen partitions have as many holders as before, which are all there, with every pin among
    /// them and no limit broken.
    fn check_frozen(&self, before: &Before) -> Result<(), Error> {
        let replicas = self.config.replicas();
        for partition in self.bound.frozen.iter().copied() {
            let refused = |domain, quota: u64, limit: usize| {
                infeasible(InfeasibleKind::Frozen, domain, quota, limit as u64, Some(partition))
            };
            let row = before.row(partition);
            let there = row.iter().filter(|leaf| **leaf != NONE).count();
            if there != replicas as usize || before.replicas() != replicas as usize {
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
        let (config, replicas) = (self.asked.clone(), self.config.replicas());
        PartitionTable::of_slots(self.members, config, replicas, rows.iter().map(slot))
    }

    /// What an error begins with.
    pub(super) fn infeasible(&self, kind: InfeasibleKind) -> Infeasible {
        let replicas = self.config.replicas();
        Infeasible { kind, replicas, admitted: replicas, ..Infeasible::default() }
    }
}

/// Why R replicas of a partition are too many: what the nodes and limits admit.
#[cold]
fn too_few(tree: &Tree, config: &TableConfig, members: &Members, full: &Overfull) -> Error {
    let live = |leaf: &u32| at(&tree.weights, *leaf as usize) > 0;
    let leaves = (0..tree.leaves() as u32).filter(live);
    let levels: Vec<&str> = members
        .iter()
        .next()
        .and_then(|node| members.domain(node))
        .map_or_else(Vec::new, |domain| domain.path().map(|(level, _)| level).collect());
    let domains = tree.limits.iter().map(|(level, limit)| {
        let mut domains: Vec<u32> = leaves.clone().map(|leaf| tree.domain(leaf, *level)).collect();
        domains.dedup();
        (levels.get(*level).copied().unwrap_or_default().into(), domains.len() as u64, *limit)
    });
    PartitionFault::Infeasible(Infeasible {
        kind: InfeasibleKind::Capacity,
        domain: tree.name(full.vertex, members),
        quota: full.quota,
        limit: full.limit,
        replicas: config.replicas(),
        admitted: tree.admitted(),
        nodes: members.live() as u64,
        domains: domains.collect(),
        ..Infeasible::default()
    })
    .into()
}

#[cold]
fn infeasible(
    kind: InfeasibleKind,
    domain: String,
    quota: u64,
    limit: u64,
    partition: Option<u32>,
) -> Error {
    let rest = Infeasible::default();
    PartitionFault::Infeasible(Infeasible { kind, domain, quota, limit, partition, ..rest }).into()
}

/// Replicas of each leaf in some rows.
pub(super) fn counts(tree: &Tree, rows: &[u32]) -> Vec<u64> {
    let mut counts = vec![0; tree.leaves()];
    for leaf in rows.iter().filter(|leaf| **leaf != NONE) {
        super::cells::add(&mut counts, *leaf as usize, 1);
    }
    counts
}
