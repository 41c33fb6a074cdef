//! The planner of several tables.

use super::super::cells::{at, put};
use super::super::certificate::Certificate;
use super::super::construct;
use super::super::explain;
use super::super::flow;
use super::super::inputs::Inputs;
use super::super::old_rows::OldRows;
use super::super::plan::Plan;
use super::super::planner::Planner;
use super::super::problem::Problem;
use super::super::table::PartitionTable;
use super::super::thaw;
use super::super::tree::Tree;
use super::super::work::Work;
use super::evening::{self, Wanted};
use super::layout::{Layout, Place};
use super::plan::JointPlan;
use super::problem;
use crate::error::{Error, PartitionFault};
use crate::node::NodeIdx;
use crate::topology::Members;
use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

/// Plans several tables over the same nodes together: topics of a broker, key spaces of a store.
///
/// A hundred small tables that are planned one by one may each put their odd replica on the same
/// nodes. Planned together,
///
/// 1. every table has the floor or the ceiling of its own quota on every node, within its own limits,
///    pins and [other rules](Planner);
/// 2. all tables together have the floor or the ceiling of the sum of these quotas on every node and
///    in every failure domain at any level;
/// 3. no other such tables move fewer replicas in all; a [`Certificate`] proves it.
///
/// What one table has in a failure domain follows from what it has on the nodes there, and may be
/// neither floor nor ceiling of its quota of the domain: with bounds for these too there would be no
/// certificate, and there may be no such tables. Among the tables of minimum movement, exchanges bring
/// tables closer to these quotas as far as a local search gets.
///
/// The tables are made by a [`Planner`] each, which has their size, rules and leaders: slots, states of
/// nodes, pins, freezes and leader weights are those of one table.
///
/// Tables are saved each by itself; there is no saved form of a joint plan.
///
/// ```
/// use apportion::{Planner, Topology};
/// use apportion::partition::{JointPlanner, TableConfig};
///
/// // Ten tables of one partition each, over ten nodes: every node has one of them.
/// let names: Vec<String> = (0..10).map(|table| format!("table-{table}")).collect();
/// let configs: Vec<TableConfig> =
///     names.iter().map(|name| TableConfig::new(1, 1).named(name)).collect();
/// let nodes = Topology::new(0..10_u32)?;
/// let planners = configs.iter().map(|config| Planner::new(nodes.members(), config));
/// let joint = JointPlanner::new(planners.collect::<Result<Vec<_>, _>>()?)?;
/// let plan = joint.fresh()?;
/// for (node, _) in nodes.iter() {
///     let replicas = plan.tables().flat_map(|table| table.row(0)).filter(|holder| *holder == node);
///     assert_eq!(replicas.count(), 1);
/// }
///
/// // One node leaves, and its replica is all that moves.
/// let (nine, _) = nodes.without(&7_u32)?;
/// let planners = configs.iter().map(|config| Planner::new(nine.members(), config));
/// let joint = JointPlanner::new(planners.collect::<Result<Vec<_>, _>>()?)?;
/// let old: Vec<_> = plan.tables().map(|table| Some((table, nodes.members()))).collect();
/// let change = joint.rebalance(&old)?;
/// assert_eq!(change.moved(), 1);
/// assert!(joint.verify(&change, &old)?.optimal());
/// # Ok::<(), apportion::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct JointPlanner<'a> {
    pub(super) planners: Vec<Planner<'a>>,
    pub(super) layout: Layout,
    pub(super) problem: Problem<'a>,
    /// What tables should hold in domains, as far as nothing else binds.
    wanted: Wanted,
}

/// An old table and its nodes; `None` for a table that is new.
pub(super) type OldTable<'t> = Option<(&'t PartitionTable, &'t Members)>;

impl<'a> JointPlanner<'a> {
    /// Prepares to plan the tables of these planners together. O(P + n · tables · log n).
    ///
    /// # Errors
    /// - no planner
    /// - planners for different nodes
    /// - two tables of one [name](crate::partition::TableConfig::named): give each its own
    /// - sizes in all beyond the crate's limits for one table
    pub fn new(planners: impl IntoIterator<Item = Planner<'a>>) -> Result<Self, Error> {
        let mut planners: Vec<Planner<'a>> = planners.into_iter().collect();
        let members = planners.first().ok_or(PartitionFault::NoTables)?.members();
        let mut names = BTreeSet::new();
        for planner in &mut planners {
            let name = planner.config().name();
            if !names.insert(alloc::string::String::from(name)) {
                return Err(PartitionFault::TableTwice { name: name.into() }.into());
            }
            if !core::ptr::eq(planner.members(), members) && planner.members() != members {
                return Err(PartitionFault::TableNodes { name: name.into() }.into());
            }
            // It may be a planner of another joint one.
            planner.problem.constraints.shares_nodes = false;
            planner.problem.set_quotas()?;
        }
        let (layout, problem) = problem::problem(&planners, members)?;
        let mut wanted = Wanted::new(&problem.tree, planners.len());
        for (planner, place) in planners.iter_mut().zip(&layout.places) {
            let own = &planner.problem;
            let domains = domains_of(place, &own.tree, &problem.tree);
            wanted.set((&own.tree, &own.quotas), place.rank, &domains);
            planner.problem.constraints.shares_nodes = true;
            planner.problem.set_quotas()?;
        }
        Ok(Self { planners, layout, problem, wanted })
    }

    /// The planners of the tables, in the order given. They plan as one of several: a table's quotas
    /// hold on nodes, and not in failure domains.
    #[must_use]
    pub fn planners(&self) -> &[Planner<'a>] {
        &self.planners
    }

    /// The nodes for which this plans.
    #[must_use]
    pub fn members(&self) -> &'a Members {
        self.problem.members
    }

    /// The floor and ceiling of what a node holds of all tables; `None` for a slot without a node.
    /// [`Planner::quota`] of [`planners`](Self::planners) has those of a table.
    #[must_use]
    pub fn quota(&self, node: NodeIdx) -> Option<(u64, u64)> {
        let vertex = self.node(node)?;
        let quotas = &self.problem.quotas;
        Some((at(&quotas.floors, vertex), at(&quotas.ceils, vertex)))
    }

    /// What a node should hold of all tables before rounding, in floating point for people to read.
    /// `None` for a slot without a node.
    #[must_use]
    pub fn exact_quota(&self, node: NodeIdx) -> Option<f64> {
        Some(at(&self.problem.quotas.exact, self.node(node)?))
    }

    /// The vertex of a node.
    pub(super) fn node(&self, node: NodeIdx) -> Option<usize> {
        let tree = &self.problem.tree;
        tree.parent(tree.vertex(tree.leaf_at(node)?))
    }

    /// Plans fresh tables, in which nothing counts as moved.
    ///
    /// # Errors
    /// As [`Planner::fresh`]: frozen partitions, which need an old table, and pins under which no
    /// tables are balanced.
    pub fn fresh(&self) -> Result<JointPlan, Error> {
        let mut tables = Vec::new();
        for planner in &self.planners {
            let name = planner.config().name();
            planner.check_fresh().map_err(|error| error.in_table(name))?;
            let rows = planner.fresh_rows().map_err(|error| error.in_table(name))?;
            tables.push(OldRows::new(rows, planner.problem.sizes.clone(), 1));
        }
        // Each table begins as it would be alone, and gives up what the others need.
        let Problem { config, tree, quotas, constraints, sizes, .. } = &self.problem;
        let before = self.layout.joined(&tables);
        let mut work = Work::new(tree, constraints, config.partitions(), sizes, before);
        if flow::rebalance(&mut work, quotas).is_err() {
            return Err(
                PartitionFault::Infeasible(explain::infeasible(&self.problem, &work)).into()
            );
        }
        let mut even = Work::new(tree, constraints, config.partitions(), sizes, OldRows::default());
        even.adopt(work.rows);
        evening::even(&mut even, quotas, &self.wanted, &self.layout);
        let tables = self.planners.iter().enumerate().map(|(table, planner)| {
            new_table(planner, self.layout.rows_of(table, &planner.problem.sizes, &even.rows))
        });
        let (plans, certificate) = (tables.collect(), Certificate::fresh());
        Ok(JointPlan { plans, lower_bound: 0, certificate, planner: self.identity() })
    }

    /// Plans the tables with the minimum movement from old ones. `old` has an old table with its nodes
    /// for each planner, in their order, or `None` for a table that is new. Nodes are matched by label.
    ///
    /// As for [one table](Planner::rebalance), an old table may have any number of replicas, and its
    /// number of partitions may be a divisor of the new one.
    ///
    /// # Complexity
    /// As [`Planner::rebalance`] for a table with all partitions and as many nodes as there are pairs
    /// of a node and a table; then at most 64 steps for each replica and each such pair, in which tables are
    /// evened within failure domains.
    ///
    /// # Errors
    /// Another number of old tables than planners, and as [`Planner::rebalance`].
    pub fn rebalance(
        &self,
        old: &[Option<(&PartitionTable, &Members)>],
    ) -> Result<JointPlan, Error> {
        self.check_count(old.len())?;
        if old.iter().all(Option::is_none) {
            return self.fresh();
        }
        let mut tables = Vec::new();
        for (planner, old) in self.planners.iter().zip(old) {
            let rows = before(planner, *old);
            tables.push(rows.map_err(|error| error.in_table(planner.config().name()))?);
        }
        let problem = &self.problem;
        let joined = self.layout.joined(&tables);
        let lower_bound = problem.lower_bound(&joined);
        let mut search = problem.constraints.clone();
        thaw::bind_soft(problem, &mut search, &joined);
        let thaw::Planned { kept, settled, rows, before } = thaw::planned(problem, search, joined)?;
        let Problem { tree, config, sizes, .. } = problem;
        let mut work = Work::new(tree, &kept, config.partitions(), sizes, before);
        work.adopt(rows);
        evening::even(&mut work, &problem.quotas, &self.wanted, &self.layout);
        let potentials = &settled.potentials;
        let tables = self.planners.iter().zip(old.iter().zip(tables)).enumerate();
        let plans = tables.map(|(table, (planner, (old, before)))| {
            let rows = self.layout.rows_of(table, &planner.problem.sizes, &work.rows);
            if before.is_empty() {
                return new_table(planner, rows);
            }
            let certificate =
                self.layout.places.get(table).map_or_else(Certificate::fresh, |place| {
                    let own = self.potentials_of(place, &planner.problem.tree, potentials);
                    Certificate::new(&planner.problem.tree, &own)
                });
            changed(planner, rows, before, certificate, planner.inputs(*old))
        });
        let plans = plans.collect();
        let certificate = Certificate::new(&problem.tree, potentials);
        Ok(JointPlan { plans, lower_bound, certificate, planner: self.identity() })
    }

    /// Spreads the partitions that nodes share, table by table: see [`Planner::disperse`]. What each
    /// node holds of each table stays as it is.
    ///
    /// # Errors
    /// If the plan is from another planner.
    pub fn disperse(&self, plan: &mut JointPlan) -> Result<(), Error> {
        if plan.planner != self.identity() || plan.plans.len() != self.planners.len() {
            return Err(PartitionFault::OtherPlanner.into());
        }
        self.planners.iter().zip(&mut plan.plans).try_for_each(|(own, plan)| own.disperse(plan))
    }

    /// The joint potentials of a table's own vertices.
    fn potentials_of(&self, place: &Place, own: &Tree, joint: &[i32]) -> Vec<i32> {
        let tree = &self.problem.tree;
        let domains = domains_of(place, own, tree).into_iter().map(|domain| domain as usize);
        let leaves = (0..own.leaves() as u32).map(|leaf| tree.vertex(place.leaf(leaf)));
        domains.chain(leaves).map(|vertex| at(joint, vertex)).collect()
    }

    /// A hash of everything besides the old tables that decides its plans.
    pub(super) fn identity(&self) -> u64 {
        let tables = self.planners.iter().map(Planner::identity);
        let bytes: Vec<u8> = tables.flat_map(u64::to_le_bytes).collect();
        Members::identity_of(&bytes)
    }
}

/// The joint number of each domain of a table's own tree. The order of siblings may differ.
fn domains_of(place: &Place, own: &Tree, joint: &Tree) -> Vec<u32> {
    let mut domains = vec![0; own.domains()];
    for leaf in 0..own.leaves() as u32 {
        for level in 0..own.depth {
            let (here, there) = (own.domain(leaf, level), joint.domain(place.leaf(leaf), level));
            put(&mut domains, here as usize, there);
        }
    }
    domains
}

/// The old rows of a table, none if it is new. Checks what is frozen.
fn before(planner: &Planner<'_>, old: OldTable<'_>) -> Result<OldRows, Error> {
    let Some((table, members)) = old else {
        return planner.check_fresh().map(|()| OldRows::default());
    };
    planner.check_led_affinities()?;
    let before = planner.problem.rows_of(table, members)?;
    planner.problem.check_frozen(&before)?;
    planner.problem.check_pins_of_closed(&before)?;
    Ok(before)
}

/// The plan of a table that is new.
fn new_table(planner: &Planner<'_>, mut rows: Vec<u32>) -> Plan {
    let Problem { tree, sizes, .. } = &planner.problem;
    let loads = tree.counts(&rows);
    construct::assign_leaders(&mut rows, sizes, &loads);
    planner.fresh_plan(rows)
}

/// The plan of a table that changes.
fn changed(
    planner: &Planner<'_>,
    rows: Vec<u32>,
    before: OldRows,
    certificate: Certificate,
    inputs: Inputs,
) -> Plan {
    let problem = &planner.problem;
    let Problem { tree, config, sizes, constraints, .. } = problem;
    let lower_bound = problem.lower_bound(&before);
    let mut work = Work::new(tree, constraints, config.partitions(), sizes, before);
    work.adopt(rows);
    // What a soft freeze kept in all tables together stays.
    let kept = if constraints.soft.is_empty() {
        constraints.clone()
    } else {
        thaw::constraints_after(problem, &work)
    };
    let Work { rows, before, .. } = work;
    planner.changed_plan((&kept, rows, before), lower_bound, certificate, inputs)
}
