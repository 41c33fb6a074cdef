//! Leaders in plans: planners that balance them, and what their plans say of it.

use super::super::cells::at;
use super::super::certificate::Certificate;
use super::super::old_rows::OldRows;
use super::super::plan::Plan;
use super::super::planner::Planner;
use super::super::problem::Problem;
use super::super::sizing::SizeFigures;
use super::super::table::PartitionTable;
use super::super::tree::NONE;
use super::super::work::Work;
use super::candidates::Candidates;
use super::certificate::LeaderCertificate;
use super::quotas::{self, LeaderQuotas, led};
use super::rows::HolderRows;
use super::rule::{LeaderFigures, LeaderRule};
use crate::error::{Error, PartitionFault};
use crate::node::NodeIdx;
use crate::topology::Members;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// How many partitions leaves should lead, before the last choice of what moves.
#[derive(Debug)]
pub(in super::super) struct LeaderTargets {
    quotas: LeaderQuotas,
    /// R times the targets: what a leaf would hold if it led a part in R of its load.
    pub(in super::super) loads: Vec<u64>,
}

impl LeaderTargets {
    /// Moves other replicas instead, if fewer leaders then have to change. Nothing more moves.
    pub(in super::super) fn settle(&self, work: &mut Work<'_>) {
        super::exchange::settle(work, &self.quotas);
    }
}

impl Planner<'_> {
    /// Balances leaders: the first holders of the partitions. Each node leads the floor or the
    /// ceiling of its leader quota, which is in proportion to its [replica quota](Self::quota) as far
    /// as the holders allow: where some nodes hold too few partitions, they lead what they can, and
    /// the rest is shared by the others, max-min fair.
    ///
    /// No replica moves for it: a plan has the same holders, or moves as few of them, as without.
    /// Among the leaders that these holders allow, the fewest change, which
    /// [`Plan::leader_certificate`] proves. A replica that stays keeps its place in the row, except
    /// that an old and a new leader exchange theirs, and an old and a new second holder.
    ///
    /// If a node fails, the second holders lead its partitions. For each node they are spread over the
    /// other holders of these partitions as leaders are: max-min fair by leader weight, rounded either
    /// way, and the fewest of them change.
    ///
    /// # Complexity
    /// O(P·R + n) for each search of the flows: one or a few if no holders bind, at most n if every
    /// node can lead another number of partitions for its weight; and as much again for second holders.
    ///
    /// # Example
    ///
    /// ```
    /// use apportion::{Planner, Topology};
    /// use apportion::partition::TableConfig;
    ///
    /// let four = Topology::new(["a", "b", "c", "d"])?;
    /// let config = TableConfig::new(100, 2);
    /// let old = Planner::new(four.members(), &config)?.fresh()?.into_table();
    ///
    /// let planner = Planner::new(four.members(), &config)?;
    /// let (a, d) = (four.find("a").ok_or("a")?, four.find("d").ok_or("d")?);
    /// let planner = planner.leader_weights([(a, 3), (d, 0)])?;
    /// let plan = planner.lead(&old, four.members())?;
    /// let led = |node| (0..100).filter(|p| plan.table().row(*p).next() == Some(node)).count();
    /// assert_eq!((plan.moved(), led(d)), (0, 0));
    /// assert!(led(a) > 25);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn balance_leaders(mut self) -> Self {
        self.leaders.get_or_insert_default();
        self
    }

    /// Balances leaders by these weights; a node without one here has its weight for replicas. A node
    /// of weight 0 leads only partitions none of whose holders has another weight. See
    /// [`balance_leaders`](Self::balance_leaders).
    ///
    /// # Errors
    /// A slot without a node, a weight for a drained node, a node that is given twice, and weights
    /// that leave no node to lead.
    pub fn leader_weights(
        mut self,
        weights: impl IntoIterator<Item = (NodeIdx, u64)>,
    ) -> Result<Self, Error> {
        let Problem { tree, members, .. } = &self.problem;
        let mut given = BTreeMap::new();
        for (node, weight) in weights {
            let Some(leaf) = tree.leaf_at(node) else {
                let what = "a leader weight";
                return Err(PartitionFault::Slot { what, slot: node.get() }.into());
            };
            let label = || members.shown(node);
            if weight > 0 && at(&tree.weights, leaf as usize) == 0 {
                return Err(PartitionFault::LeaderDrained { label: label(), weight }.into());
            }
            if given.insert(leaf, weight).is_some() {
                return Err(PartitionFault::LeaderTwice { label: label() }.into());
            }
        }
        let rule = LeaderRule::given(given);
        if rule.weights(&self.problem).iter().all(|weight| *weight == 0) {
            return Err(PartitionFault::NoLeader.into());
        }
        self.leaders = Some(rule);
        Ok(self)
    }

    /// True if its plans [balance leaders](Self::balance_leaders).
    #[must_use]
    pub fn balances_leaders(&self) -> bool {
        self.leaders.is_some()
    }

    /// Balances the leaders of a table without moving a replica: see
    /// [`balance_leaders`](Self::balance_leaders), which this does whether or not the planner was told
    /// to. `members` are the table's nodes; nodes are matched by label.
    ///
    /// The table may come from anywhere, be out of balance and break limits: its holders stay as they
    /// are. A drained node leads only what no other holder can.
    ///
    /// # Complexity
    /// As [`rebalance`](Self::rebalance).
    ///
    /// # Errors
    /// A table of another size, and a holder that is not among the planner's nodes.
    pub fn lead(&self, table: &PartitionTable, members: &Members) -> Result<Plan, Error> {
        let planner = self.clone().balance_leaders();
        let problem = &planner.problem;
        let (partitions, replicas) = (problem.config.partitions(), problem.config.max_replicas());
        if (table.partitions(), table.replication_factor()) != (partitions, replicas) {
            let found = (table.partitions(), table.replication_factor());
            return Err(PartitionFault::LeadSize { found, wanted: (partitions, replicas) }.into());
        }
        let other = |p: &u32| table.row(*p).len() != problem.sizes.of_partition(*p);
        if let Some(partition) = (0..partitions).find(other) {
            let (found, replicas) =
                (table.row(partition).len(), problem.config.replicas_of(partition));
            return Err(PartitionFault::Replicas { found, partition, replicas }.into());
        }
        let before = problem.rows_of(table, members)?;
        for partition in 0..partitions {
            let lost = before.row(partition).iter().position(|leaf| *leaf == NONE);
            if let Some(node) = lost.and_then(|place| table.row(partition).nth(place)) {
                let label = members.shown(node);
                return Err(PartitionFault::LeadLost { partition, label }.into());
            }
        }
        let rows = before.rows().to_vec();
        let mut work =
            Work::new(&problem.tree, &problem.constraints, partitions, &problem.sizes, before);
        work.adopt(rows);
        let figures = planner.choose_leaders(&mut work.rows, &work.before);
        let (certificate, identity) = (Certificate::fresh(), planner.identity());
        let inputs = planner.inputs(Some((table, members)));
        let plan = Plan::new(planner.table(&work.rows), 0, 0, 0, certificate, identity, inputs);
        let plan = plan.with_thawed(planner.thawed(&work)).with_leaders(figures);
        let sizes = planner.size_figures(&work.rows, &work.before);
        let plan = plan.with_sizes(sizes.map(SizeFigures::without_choice));
        Ok(plan.since(work.before).missing(planner.missing()))
    }

    pub(super) fn leader_rule(&self) -> LeaderRule {
        self.leaders.clone().unwrap_or_default()
    }

    /// The quotas of leaders for these rows, all of whose holders are known.
    pub(in super::super) fn leader_quotas(&self, rows: HolderRows<'_>) -> LeaderQuotas {
        let weights = self.leader_rule().weights(&self.problem);
        let first = rows.iter().map(|row| row.first().copied().unwrap_or(0));
        quotas::quotas(rows, &weights, &first.collect::<Vec<u32>>())
    }

    /// The number of partitions that each leaf should lead, R times, under these rows: between floor
    /// and ceiling. `None` if leaders are not balanced.
    pub(in super::super) fn leader_targets(&self, work: &Work<'_>) -> Option<LeaderTargets> {
        self.leaders.as_ref()?;
        let (all, partitions) = work.mean_size();
        let rules = &self.problem.constraints.rules;
        let candidates = Candidates::of(rules, &work.rows, &work.sizes);
        let quotas = self.leader_quotas(candidates.rows());
        let bounds = quotas.floors.iter().zip(&quotas.ceils);
        let loads = bounds.map(|(floor, ceil)| (floor + ceil) * all / (2 * partitions)).collect();
        Some(LeaderTargets { quotas, loads })
    }

    /// Chooses the leaders of ordered rows, if leaders are balanced, and brings each to the first
    /// place of its row.
    pub(in super::super) fn choose_leaders(
        &self,
        rows: &mut [u32],
        before: &OldRows,
    ) -> Option<LeaderFigures> {
        let rule = self.leaders.as_ref()?;
        let sizes = &self.problem.sizes;
        let weights = rule.weights(&self.problem);
        let old = old_leaders(before, self.problem.config.partitions());
        let candidates = Candidates::of(&self.problem.constraints.rules, rows, sizes);
        let held = old.as_ref().map(|old| {
            let holds = |(row, old): (&[u32], &u32)| if row.contains(old) { *old } else { NONE };
            candidates.rows().iter().zip(old).map(holds).collect::<Vec<u32>>()
        });
        let chosen = super::choose(candidates.rows(), &weights, held.as_deref());
        for (partition, leader) in (0..).zip(&chosen.leaders) {
            let Some(row) = rows.get_mut(sizes.places(partition)) else { continue };
            if let Some(place) = row.iter().position(|leaf| leaf == leader) {
                row.swap(0, place);
            }
        }
        super::takeover::spread(rows, sizes, before, &weights);
        let gone = held.iter().flatten().filter(|old| **old == NONE).count() as u64;
        let lower_bound = old.map_or(0, |old| lower_bound(&chosen.quotas, &old).max(gone));
        Some(LeaderFigures { certificate: chosen.certificate, lower_bound })
    }
}

/// The old leader of each partition, `NONE` if it is not among the nodes; `None` without an old
/// table.
fn old_leaders(before: &OldRows, partitions: u32) -> Option<Vec<u32>> {
    let leader = |partition| before.row(partition).first().copied().unwrap_or(NONE);
    (!before.is_empty()).then(|| (0..partitions).map(leader).collect())
}

fn lower_bound(quotas: &LeaderQuotas, old: &[u32]) -> u64 {
    let lost = old.iter().filter(|leader| **leader == NONE).count() as u64;
    quotas.lower_bound(&led(old, quotas.floors.len()), lost)
}

impl Plan {
    /// The number of partitions that are led by another node than before. In a fresh table 0. Of
    /// partitions that were split, each counts.
    ///
    /// With [balanced leaders](Planner::balance_leaders) it is the minimum for the holders of this
    /// plan. O(P + n log n).
    #[must_use]
    pub fn leaders_moved(&self) -> u64 {
        let moved = |(partition, leader): &(u32, Option<NodeIdx>)| {
            leader.is_none() || self.table().row(*partition).next() != *leader
        };
        self.old_leaders().filter(moved).count() as u64
    }

    /// A lower bound on [changed leaders](Self::leaders_moved) of every table with these holders: the
    /// partitions whose old leader holds them no more. With [balanced
    /// leaders](Planner::balance_leaders), if it is more, what nodes led above the ceilings of their
    /// quotas, or what they lacked to the floors. 0 for a fresh table. O(P·R + n log n).
    #[must_use]
    pub fn leaders_lower_bound(&self) -> u64 {
        if let Some(figures) = self.leaders() {
            return figures.lower_bound;
        }
        let gone = |(partition, leader): (u32, Option<NodeIdx>)| {
            leader.is_none_or(|leader| self.table().row(partition).all(|node| node != leader))
        };
        self.old_leaders().filter(|old| gone(*old)).count() as u64
    }

    /// Each partition with its old leader, by its slot in the new table; none for a fresh table.
    fn old_leaders(&self) -> impl Iterator<Item = (u32, Option<NodeIdx>)> {
        let (now, ways) = (self.members(), self.inputs().ways(self.table()));
        let slots = self.old().map(|(_, before)| {
            let mut slots = alloc::vec![None; before.slots()];
            for node in before.iter() {
                if let Some(slot) = slots.get_mut(node.index()) {
                    *slot = before.label(node).and_then(|label| now.find(label));
                }
            }
            slots
        });
        let partitions = if slots.is_some() { self.table().partitions() } else { 0 };
        (0..partitions).map(move |partition| {
            let (old, _) = self.old().unzip();
            let leader = old.and_then(|old| old.row(partition / ways).next());
            let slot = leader.zip(slots.as_ref()).and_then(|(node, slots)| slots.get(node.index()));
            (partition, slot.copied().flatten())
        })
    }

    /// The proof that the fewest leaders change, under [balanced leaders](Planner::balance_leaders).
    #[must_use]
    pub fn leader_certificate(&self) -> Option<&LeaderCertificate> {
        self.leaders().map(|figures| &figures.certificate)
    }
}
