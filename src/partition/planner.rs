//! The exact planner.

use super::affinity_bound::Bound;
use super::cells::at;
use super::certificate::Certificate;
use super::config::TableConfig;
use super::constraints::Constraints;
use super::construct;
use super::explain;
use super::flow;
use super::inputs::Inputs;
use super::leaders;
use super::leading::LeaderRule;
use super::old_rows::OldRows;
use super::places;
use super::plan::Plan;
use super::problem::Problem;
use super::sizing::{self, PartitionSizes};
use super::table::PartitionTable;
use super::thaw;
use super::work::Work;
use crate::error::{Error, PartitionFault};
use crate::node::NodeIdx;
use crate::placement::FingerprintOf;
use crate::topology::Members;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

/// Plans partition tables: exactly balanced, within the limits of every failure domain, and with
/// the minimum movement from an existing table.
///
/// What a [`Plan`] promises:
///
/// 1. **Balance.** Every node and every failure domain at any level holds the floor or the ceiling
///    of its quota. Quotas are max-min fair: each node's share by weight, and what a node or domain
///    cannot hold under the limits goes to the others by weight. No limit is exceeded.
/// 2. **Minimum movement.** No balanced table keeps more replicas in place; a [`Certificate`]
///    proves it. Replicas that are added because R grew are not moves.
/// 3. **One move per partition.** Among the tables of minimum movement, the planner avoids
///    partitions with two or more moves wherever replicas of other partitions can move instead.
/// 4. **Dispersion**, as far as the moves leave a choice: see [`Planner::disperse`].
/// 5. **Determinism.** All decisions are made in integers; slots and the order in which nodes were
///    given do not matter.
/// 6. **Leaders**, if asked for: each node leads its share of the partitions, and the fewest leaders
///    change; see [`Planner::balance_leaders`].
/// 7. **Sizes**, if given: the size that each node holds is evened, as far as exchanges without a move
///    more get; see [`Planner::sizes`].
///
/// The chapter [placing replicas](crate::docs::placing_replicas) lists the limits of these
/// promises, what they cost, and what is not promised.
///
/// Weight 0 drains a node. The failure domains of all nodes must have the same levels.
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
/// // Zone x now has four nodes for a third of the replicas: 1024 / 4 move to the new one.
/// assert_eq!((change.moved(), change.lower_bound()), (256, 256));
/// assert_eq!(change.partitions_moved_twice(), 0);
/// # Ok::<(), apportion::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Planner<'a> {
    /// The requested configuration. It has more replicas than the problem's if the nodes do not
    /// admit as many.
    requested: TableConfig,
    pub(super) problem: Problem<'a>,
    /// How it balances leaders; `None` if it does not.
    pub(super) leaders: Option<LeaderRule>,
    /// The sizes of partitions; `None` if it does not even them.
    pub(super) sizes: Option<PartitionSizes>,
}

impl<'a> Planner<'a> {
    /// Prepares tables of this size under these rules. O(n log n).
    ///
    /// # Errors
    /// - sizes beyond the crate's limits
    /// - a limit of 0, or for a level that no node has
    /// - nodes whose failure domains have different levels
    /// - [infeasible](crate::error::Infeasible) rules; [`Error::infeasible`] names the node or
    ///   domain that cannot hold its share
    pub fn new(members: &'a Members, config: &TableConfig) -> Result<Self, Error> {
        let problem = Problem::new(members, config)?;
        Ok(Self { requested: config.clone(), problem, leaders: None, sizes: None })
    }

    /// Pins replicas: the partition of each pair must have a replica on the node.
    ///
    /// # Errors
    /// A partition out of range, a slot without a node, a pin that is given twice, more pins than
    /// replicas in a partition, and pins that exceed a limit together.
    pub fn pinned(mut self, pins: impl IntoIterator<Item = (u32, NodeIdx)>) -> Result<Self, Error> {
        for (partition, node) in pins {
            self.problem.pin(partition, node)?;
        }
        self.problem.check_pins()?;
        Ok(self)
    }

    /// Freezes these partitions: none of their replicas moves.
    ///
    /// # Errors
    /// A partition out of range.
    pub fn frozen(mut self, partitions: impl IntoIterator<Item = u32>) -> Result<Self, Error> {
        for partition in partitions {
            self.problem.check_partition("the frozen", partition)?;
            self.problem.constraints.frozen.insert(partition);
        }
        Ok(self)
    }

    /// Freezes these partitions as far as possible: for example because they are being copied, or
    /// because they moved recently.
    ///
    /// A replica moves nevertheless if its node is gone or drained, if the new limits or the pins
    /// exclude it, or if the other partitions cannot give enough for the balance. [`Plan::thawed`]
    /// lists such partitions; their other replicas stay where possible, and the plan moves the
    /// minimum beside everything that stays.
    ///
    /// If R shrinks, any of these replicas may be dropped, which is not a move. Replicas of these
    /// partitions then move only where no single other partition can move instead. In a fresh table
    /// nothing is frozen.
    ///
    /// # How many partitions thaw
    /// The planner thaws partitions only if it finds no plan otherwise, first as many as are
    /// missing for the balance. Then it freezes thawed ones again: one in addition to all that
    /// stayed, or two in place of one. Plans of 2^20 replicas in all are tried for the former and
    /// of 2^18 for the latter.
    ///
    /// This does not guarantee the minimum, and no bound is known for how many more may thaw. 1,500
    /// random small changes with the same R as before were compared with an exhaustive search: 12
    /// plans thawed one partition more than the minimum. Changes to a smaller R were not compared.
    ///
    /// # What is minimal
    /// If a partition cannot stay as a whole, its remaining holders still stay. The movement is the
    /// minimum among the tables that keep the holders which the plan keeps of these partitions, and
    /// [`Verified::optimal`](crate::partition::Verified::optimal) proves exactly this. A table that
    /// gives up some of these holders may move fewer replicas: in 23 of 1,000 random changes one
    /// did, 32 fewer of 14,266 in all. [`Plan::lower_bound`] includes such tables, so it may be below
    /// [`Plan::moved`].
    ///
    /// # Errors
    /// A partition out of range.
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

    /// The nodes for which this plans.
    #[must_use]
    pub fn members(&self) -> &'a Members {
        self.problem.members
    }

    /// The requested name, size and rules.
    #[must_use]
    #[allow(clippy::misnamed_getters)] // the requested number of replicas may exceed the planned one
    pub fn config(&self) -> &TableConfig {
        &self.requested
    }

    /// The number of replicas of each partition in its plans, or of the one that has the most
    /// [copies](TableConfig::copies). This is less than
    /// [`config`](Self::config) requests if the nodes and limits do not admit as many and
    /// [under-replication is allowed](TableConfig::allow_under_replicated).
    #[must_use]
    pub fn replication_factor(&self) -> u32 {
        self.problem.config.max_replicas()
    }

    /// Floors and ceilings of the quotas of a node and of its failure domains, the innermost first;
    /// none for a slot without a node.
    pub(crate) fn quotas_of(&self, node: NodeIdx) -> impl Iterator<Item = (u64, u64)> {
        let Problem { tree, quotas, .. } = &self.problem;
        let leaf = tree.leaf_at(node).map(|leaf| tree.vertex(leaf));
        let above = |vertex: &usize| tree.parent(*vertex);
        let chain = core::iter::successors(leaf, above).filter(|vertex| *vertex > 0);
        chain.map(|vertex| (at(&quotas.floors, vertex), at(&quotas.ceils, vertex)))
    }

    /// The floor and ceiling of a node's quota; `None` for a slot without a node.
    #[must_use]
    pub fn quota(&self, node: NodeIdx) -> Option<(u64, u64)> {
        let vertex = self.problem.tree.vertex(self.problem.tree.leaf_at(node)?);
        Some((at(&self.problem.quotas.floors, vertex), at(&self.problem.quotas.ceils, vertex)))
    }

    /// Plans a fresh table, in which nothing counts as moved. O(P·R + n) without pins.
    ///
    /// # Errors
    /// Frozen partitions, which need an old table, and pins under which no table is balanced.
    pub fn fresh(&self) -> Result<Plan, Error> {
        self.check_fresh()?;
        Ok(self.fresh_plan(self.fresh_rows()?))
    }

    /// Rejects what a fresh plan cannot have: frozen partitions need an old table.
    pub(super) fn check_fresh(&self) -> Result<(), Error> {
        self.check_led_affinities()?;
        self.problem.check_pins_of_closed(&OldRows::default())?;
        match self.problem.constraints.frozen.first() {
            Some(partition) => Err(PartitionFault::FrozenFresh { partition: *partition }.into()),
            None => Ok(()),
        }
    }

    /// The rows of a fresh table, with leaders in proportion to loads.
    pub(super) fn fresh_rows(&self) -> Result<Vec<u32>, Error> {
        let Problem { config, tree, quotas, constraints, sizes, .. } = &self.problem;
        let partitions = config.partitions();
        let rounded = &quotas.rounded;
        let (mut rows, mut before) = (Vec::new(), OldRows::default());
        if sizes.is_uniform() {
            rows = construct::wrapped(partitions, config.max_replicas(), rounded);
            construct::shuffle(tree, &mut rows, config.max_replicas());
            construct::assign_leaders(&mut rows, sizes, rounded);
        }
        if !constraints.is_empty() || !constraints.rules.is_empty() || !sizes.is_uniform() {
            // Rows of different lengths are placed by the flow, from none.
            if sizes.is_uniform() {
                before = OldRows::new(rows, sizes.clone(), 1);
            }
            let mut work = Work::new(tree, constraints, partitions, sizes, before);
            if flow::rebalance(&mut work, quotas).is_err() {
                return Err(
                    PartitionFault::Infeasible(explain::infeasible(&self.problem, &work)).into()
                );
            }
            rows = work.rows;
            let loads = tree.counts(&rows);
            let loads = if sizes.is_uniform() { rounded } else { &loads };
            construct::assign_leaders(&mut rows, sizes, loads);
        }
        if let Some(given) = &self.sizes {
            let mut work = Work::new(tree, constraints, partitions, sizes, OldRows::default());
            work.adopt(rows);
            sizing::even(&self.problem, given, &mut work);
            rows = work.rows;
            construct::assign_leaders(&mut rows, sizes, &work.loads);
        }
        Ok(rows)
    }

    /// The plan of a fresh table with these rows.
    pub(super) fn fresh_plan(&self, mut rows: Vec<u32>) -> Plan {
        let leaders = self.choose_leaders(&mut rows, &OldRows::default());
        let (table, certificate) = (self.table(&rows), Certificate::fresh());
        let plan = Plan::new(table, 0, 0, 0, certificate, self.identity(), self.inputs(None));
        let plan = plan.with_sizes(self.size_figures(&rows, &OldRows::default()));
        plan.with_leaders(leaders).missing(self.missing())
    }

    /// Plans the table with the minimum movement from `old`, whose nodes are `before`. Nodes are
    /// matched by label.
    ///
    /// `old` may have any number of replicas. Its number of partitions must be the planner's or a
    /// divisor of it; the old table is then [split](PartitionTable::split) first, which moves
    /// nothing.
    ///
    /// # Complexity
    /// O(P·R + n), plus O(1) for each move without a detour, which nearly all are, plus a search of
    /// O(P·R + n) for all detours of one length.
    ///
    /// # Errors
    /// - a number of partitions that is not a multiple of the old one
    /// - frozen partitions that cannot stay as they are
    /// - pins and frozen partitions under which no table is balanced
    pub fn rebalance(&self, old: &PartitionTable, before: &Members) -> Result<Plan, Error> {
        self.check_led_affinities()?;
        let inputs = self.inputs(Some((old, before)));
        let problem = &self.problem;
        let before = problem.rows_of(old, before)?;
        problem.check_frozen(&before)?;
        problem.check_pins_of_closed(&before)?;
        let lower_bound = problem.lower_bound(&before);
        let mut search = problem.constraints.clone();
        thaw::bind_soft(problem, &mut search, &before);
        let thaw::Planned { kept, settled, rows, before } = thaw::planned(problem, search, before)?;
        let certificate = Certificate::new(&problem.tree, &settled.potentials);
        Ok(self.changed_plan((&kept, rows, before), lower_bound, certificate, inputs))
    }

    /// The plan of a table with these rows, from these old rows: places and leaders are chosen, and
    /// what moves of several choices. `kept` is what must stay.
    pub(super) fn changed_plan(
        &self,
        (kept, rows, before): (&Constraints, Vec<u32>, OldRows),
        lower_bound: u64,
        certificate: Certificate,
        inputs: Inputs,
    ) -> Plan {
        let Problem { config, tree, quotas, sizes, .. } = &self.problem;
        let mut work = Work::new(tree, kept, config.partitions(), sizes, before);
        work.adopt(rows);
        if let Some(given) = &self.sizes {
            sizing::even(&self.problem, given, &mut work);
        }
        places::keep(&mut work);
        let targets = self.leader_targets(&work);
        let loads = targets.as_ref().map(|targets| &*targets.loads);
        leaders::proportion(&mut work, quotas, loads);
        if let Some(targets) = &targets {
            targets.settle(&mut work);
        }
        let leaders = self.choose_leaders(&mut work.rows, &work.before);
        let (moved, moved_twice) = (work.all_moved(), work.moved_twice());
        let (table, identity) = (self.table(&work.rows), self.identity());
        let plan = Plan::new(table, moved, lower_bound, moved_twice, certificate, identity, inputs);
        let plan = plan.with_thawed(self.thawed(&work)).with_leaders(leaders);
        let plan = plan.with_sizes(self.size_figures(&work.rows, &work.before));
        plan.since(work.before).missing(self.missing())
    }

    /// Rejects affinities of leaders where leaders are not balanced.
    pub(super) fn check_led_affinities(&self) -> Result<(), Error> {
        let affinities = &self.problem.constraints.affinities;
        let leads = affinities.iter().find(|bound| bound.demand.leads.is_some());
        match leads.filter(|_| self.leaders.is_none()) {
            Some(Bound { start, .. }) => {
                Err(PartitionFault::AffinityUnbalanced { partition: *start }.into())
            }
            None => Ok(()),
        }
    }

    /// The soft-frozen partitions that moved in the final rows, and the constraints that keep the
    /// others.
    pub(super) fn thawed(&self, work: &Work<'_>) -> (Vec<u32>, Option<Constraints>) {
        let problem = &self.problem;
        let kept =
            (!problem.constraints.soft.is_empty()).then(|| thaw::constraints_after(problem, work));
        (thaw::moved(&problem.constraints, work), kept)
    }

    /// A hash of everything besides the old table that decides its plans, and of the nodes' slots,
    /// by which tables store holders. O(n log n).
    pub(super) fn identity(&self) -> u64 {
        let Problem { members, config: planned, tree, constraints, .. } = &self.problem;
        let name = Members::identity_of(self.requested.name().as_bytes());
        let sizes = [&self.requested, planned].map(|config| u64::from(config.replicas()));
        let copies = self.requested.copies_of_partitions();
        let copies = copies.flat_map(|(partition, n)| [u64::from(partition), n.into()]);
        let any = (self.requested.copies_of_partitions().len() > 0).then_some(u64::MAX);
        let config = [name, planned.partitions().into()].into_iter().chain(sizes);
        let config = config.chain(any).chain(copies);
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
        let Constraints { slots, closed, full, .. } = constraints;
        let any = (!slots.is_empty()).then_some(u64::MAX);
        let slots = slots.iter().flat_map(|(leaf, slots)| [u64::from(*leaf), *slots]);
        let states = [closed, full].into_iter().filter(|set| !set.is_empty());
        let states =
            states.flat_map(|set| [u64::MAX].into_iter().chain(set.iter().map(|l| (*l).into())));
        let bounds = &constraints.affinities;
        let any_bound = (!bounds.is_empty()).then_some(u64::MAX);
        let bounds = any_bound.into_iter().chain(bounds.iter().flat_map(Bound::identity));
        let state = state.chain([u64::MAX]).chain(soft).chain(any).chain(slots).chain(states);
        let state = state.chain(constraints.shares_nodes.then_some(u64::MAX - 1));
        let state = state.chain(bounds);
        let state = state.chain(self.leaders.iter().flat_map(LeaderRule::identity));
        let state = state.chain(self.sizes.iter().flat_map(PartitionSizes::identity));
        FingerprintOf { algorithm: "planner", members }.with(state)
    }

    /// The planner that made a plan, again.
    pub(crate) fn of_plan(plan: &'a Plan) -> Result<Self, Error> {
        let inputs = plan.inputs();
        let mut planner = Self::new(&inputs.members, plan.table().config())?;
        planner.problem.constraints = inputs.constraints.clone();
        planner.problem.set_quotas()?;
        planner.leaders.clone_from(&inputs.leaders);
        planner.sizes.clone_from(&inputs.sizes);
        Ok(planner)
    }

    /// Its pins: partitions and nodes. What nodes in maintenance keep is not among them.
    pub(crate) fn pins(&self) -> impl Iterator<Item = (u32, NodeIdx)> {
        let Problem { tree, constraints, .. } = &self.problem;
        let pins = constraints.pins.iter().flat_map(|(p, pins)| pins.iter().map(|pin| (*p, *pin)));
        let pins = pins.filter(|(_, leaf)| !constraints.full.contains(leaf));
        pins.map(|(partition, leaf)| (partition, at(&tree.slots, leaf as usize)))
    }

    /// Its frozen partitions, and those that it freezes if possible.
    pub(crate) fn frozen_partitions(&self) -> (&BTreeSet<u32>, &BTreeSet<u32>) {
        (&self.problem.constraints.frozen, &self.problem.constraints.soft)
    }

    /// What its plan from this old table is made from.
    pub(super) fn inputs(&self, old: Option<(&PartitionTable, &Members)>) -> Inputs {
        let Problem { members, constraints, .. } = &self.problem;
        let old = old.map(|(table, members)| (table.clone(), members.clone()));
        let (leaders, sizes) = (self.leaders.clone(), self.sizes.clone());
        Inputs {
            members: (*members).clone(),
            constraints: constraints.clone(),
            leaders,
            sizes,
            old,
        }
    }

    /// How many replicas its plans are missing compared with the requested configuration.
    pub(super) fn missing(&self) -> u64 {
        self.requested.total_replicas() - self.problem.config.total_replicas()
    }

    pub(super) fn table(&self, rows: &[u32]) -> PartitionTable {
        let slots = &self.problem.tree.slots;
        let slot = |leaf: &u32| slots.get(*leaf as usize).copied().unwrap_or(NodeIdx::NONE);
        let (config, sizes) = (self.requested.clone(), self.problem.sizes.clone());
        PartitionTable::of_places(self.problem.members, config, sizes, rows.iter().map(slot))
    }
}
