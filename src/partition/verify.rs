//! An independent verifier of plans.

use super::affinity_classes::named;
use super::cells::{add, at};
use super::certificate::{Certificate, Dual};
use super::domain_counts::DomainCounts;
use super::plan::Plan;
use super::planner::Planner;
use super::problem::Problem;
use super::table::PartitionTable;
use super::tree::NONE;
use crate::error::{Error, Label, PartitionFault, VerifyFault};
use crate::node::NodeIdx;
use crate::topology::Members;
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

/// The result of verifying a table that keeps every rule: how much it moves, and how much every
/// balanced table must move. See [`Planner::verify`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Verified {
    /// The number of replicas that moved, counted anew. 0 without an old table.
    pub moved: u64,
    /// The number of replicas that must move in every balanced table under these rules, as far as
    /// the certificate proves it.
    ///
    /// With partitions [frozen if possible](Planner::frozen_if_possible): in every such table that
    /// keeps the holders which this table keeps of them. A table that gives up some of these holders
    /// may move fewer replicas.
    pub minimum: u64,
    /// The number of partitions with two or more moved replicas.
    pub partitions_moved_twice: u64,
}

impl Verified {
    /// True if the certificate proves that no balanced table moves less. With partitions frozen if
    /// possible: that none of the tables moves less which [`minimum`](Self::minimum) is about.
    #[must_use]
    pub fn optimal(&self) -> bool {
        self.moved == self.minimum
    }

    /// Rejects a plan's figures that are not those of its tables.
    pub(super) fn check(
        &self,
        moved: u64,
        moved_twice: u64,
        lower_bound: u64,
    ) -> Result<(), VerifyFault> {
        check_claims([
            ("replicas moved", moved, self.moved),
            ("partitions moved twice", moved_twice, self.partitions_moved_twice),
            ("replicas that have to move", lower_bound.max(self.moved), self.moved),
        ])
    }
}

/// The old table, with its nodes as leaves of the new tree.
struct OldTable<'a> {
    table: &'a PartitionTable,
    members: &'a Members,
    /// The leaf of each old slot; `NONE` if the node is gone or drained, so no replica may stay.
    leaves: Vec<u32>,
    /// New partitions per old one.
    ways: u32,
}

impl OldTable<'_> {
    fn read(&self, partition: u32, row: &mut Vec<u32>) {
        let leaf = |node: NodeIdx| self.leaves.get(node.index()).copied().unwrap_or(NONE);
        row.clear();
        row.extend(self.table.row(partition / self.ways).map(leaf));
    }
}

/// A row that keeps the rules, with what its partition could keep: its part of the bound.
pub(super) struct Part<'r> {
    pub(super) partition: u32,
    pub(super) row: &'r [u32],
    /// The old holders; none without an old table.
    pub(super) before: &'r [u32],
    pub(super) pins: &'r [u32],
    /// True if all holders are the old ones.
    pub(super) unchanged: bool,
    /// True if the partition is frozen.
    pub(super) fixed: bool,
}

/// What a table holds, and how much of its old one it keeps.
pub(super) struct Counted {
    /// Replicas of each leaf.
    pub(super) loads: Vec<u64>,
    /// How many replicas could stay if nothing but the numbers of replicas bound.
    pub(super) all_kept: u64,
    pub(super) moved: u64,
    pub(super) moved_twice: u64,
}

impl Counted {
    /// Adds a partition that could keep so many replicas, and keeps so many.
    fn add(&mut self, max_kept: usize, kept: usize) {
        let moved = max_kept.saturating_sub(kept) as u64;
        self.all_kept += max_kept as u64;
        self.moved += moved;
        self.moved_twice += u64::from(moved >= 2);
    }

    /// How many replicas must move if at most so many can stay.
    pub(super) fn minimum(&self, max_kept: i128) -> u64 {
        u64::try_from(i128::from(self.all_kept) - max_kept).unwrap_or(0)
    }
}

impl Planner<'_> {
    /// Verifies a plan from the tables alone, and computes the bound that its [`Certificate`]
    /// proves. The plan is one of this planner, or of one with the same nodes, rules, pins and
    /// frozen partitions. `old` is the table from which it started, with its nodes; `None` for a
    /// fresh plan.
    ///
    /// It checks that
    ///
    /// - each partition has R different live nodes, within every limit
    /// - each partition keeps its affinities
    /// - every pin is kept, and frozen partitions have their old holders
    /// - nodes that take nothing have taken nothing
    /// - every node and domain holds the floor or the ceiling of its quota
    /// - each node leads the floor or the ceiling of its quota, if the plan
    ///   [balances leaders](Planner::balance_leaders)
    /// - the plan's figures are correct, those of [sizes](Planner::sizes) included
    ///
    /// The verifier is independent of the search: both share the problem (the tree of domains and
    /// the quotas) and nothing else.
    ///
    /// # Complexity
    /// O(P·R·levels + n log n), memory O(n).
    ///
    /// ```
    /// use apportion::{Planner, Topology};
    /// use apportion::partition::TableConfig;
    ///
    /// let five = Topology::new(["a", "b", "c", "d", "e"])?;
    /// let config = TableConfig::new(100, 2);
    /// let plan = Planner::new(five.members(), &config)?.fresh()?;
    ///
    /// let (four, _) = five.without("c")?;
    /// let planner = Planner::new(four.members(), &config)?;
    /// let change = planner.rebalance(plan.table(), five.members())?;
    /// let verified = planner.verify(&change, Some((plan.table(), five.members())))?;
    /// assert_eq!((verified.moved, verified.minimum), (40, 40));
    /// assert!(verified.optimal());
    /// # Ok::<(), apportion::Error>(())
    /// ```
    ///
    /// # Errors
    /// The first violation found, with its partition, node or domain and the numbers. Moving more
    /// than the minimum is not an error: see [`Verified::optimal`].
    pub fn verify(
        &self,
        plan: &Plan,
        old: Option<(&PartitionTable, &Members)>,
    ) -> Result<Verified, Error> {
        let verified = self.verify_table(plan.table(), plan.certificate(), old)?;
        verified.check(plan.moved(), plan.partitions_moved_twice(), plan.lower_bound())?;
        self.verify_led(plan, old)?;
        self.verify_sizes(plan, old)?;
        Ok(verified)
    }

    /// Verifies the leaders of a plan that balances them, and its figures.
    fn verify_led(
        &self,
        plan: &Plan,
        old: Option<(&PartitionTable, &Members)>,
    ) -> Result<(), Error> {
        let Some(figures) = plan.leaders() else { return Ok(()) };
        let led = self.verify_leaders(plan.table(), &figures.certificate, old)?;
        Ok(check_claims([
            ("leaders changed", plan.leaders_moved(), led.moved),
            ("leaders that have to change", figures.lower_bound, led.lower_bound),
        ])?)
    }

    /// Verifies a table and a certificate of any origin, for example from a file, as
    /// [`verify`](Self::verify) does. The table's slots must be those of this planner's nodes.
    ///
    /// [`Verified::minimum`] never exceeds the true minimum of the tables it is about, and so never
    /// what this table moves, whatever the certificate says. An empty certificate proves what
    /// potentials of 0 prove.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_table(
        &self,
        table: &PartitionTable,
        certificate: &Certificate,
        old: Option<(&PartitionTable, &Members)>,
    ) -> Result<Verified, Error> {
        self.check_sizes(table)?;
        self.problem.check_potentials(certificate)?;
        let Problem { tree, config, quotas, constraints, .. } = &self.problem;
        let mut dual = Dual::new(tree, certificate, constraints, config.max_replicas());
        let counted = self.count(table, old, |part| match part {
            Part { fixed: true, before, .. } => dual.frozen(before),
            Part { partition, row, before, pins, unchanged, .. } if old.is_some() => {
                dual.free(partition, row.len(), (before, pins), unchanged);
            }
            _ => {}
        })?;
        self.problem.check_shares(&counted.loads)?;
        let minimum = match old {
            Some(_) => counted.minimum(dual.max_kept(quotas, config.total_replicas())),
            None => 0,
        };
        let Counted { moved, moved_twice, .. } = counted;
        Ok(Verified { moved, minimum, partitions_moved_twice: moved_twice })
    }

    /// Checks every row of a table of this planner's size, without the quotas, and counts what it holds
    /// and keeps. `part` is called with each row.
    pub(super) fn count(
        &self,
        table: &PartitionTable,
        old: Option<(&PartitionTable, &Members)>,
        mut part: impl FnMut(Part<'_>),
    ) -> Result<Counted, Error> {
        let before = old.map(|(old, members)| self.before(old, members)).transpose()?;
        let Problem { tree, config, constraints, .. } = &self.problem;
        if let (None, Some(partition)) = (&before, constraints.frozen.first()) {
            return Err(PartitionFault::FrozenFresh { partition: *partition }.into());
        }
        let mut tally = DomainCounts::new(tree);
        let loads = vec![0; tree.leaves()];
        let mut counted = Counted { loads, all_kept: 0, moved: 0, moved_twice: 0 };
        let (mut row, mut old_row, mut pins) = (Vec::new(), Vec::new(), Vec::new());
        for partition in 0..config.partitions() {
            self.read(table, partition, &mut row)?;
            self.check_row(partition, &row, &mut tally)?;
            for leaf in &row {
                add(&mut counted.loads, *leaf as usize, 1);
            }
            pins.clear();
            pins.extend_from_slice(constraints.pins_of(partition));
            let Some(before) = &before else {
                let (row, before, pins) = (&*row, &[], &*pins);
                part(Part { partition, row, before, pins, unchanged: false, fixed: false });
                continue;
            };
            before.read(partition, &mut old_row);
            let is_taken = |leaf: &&u32| constraints.is_closed(**leaf) && !old_row.contains(leaf);
            if let Some(leaf) = row.iter().find(is_taken) {
                return Err(VerifyFault::Closed { partition, label: self.label(*leaf) }.into());
            }
            let kept = row.iter().filter(|leaf| old_row.contains(leaf)).count();
            let max_kept = row.len().min(old_row.len());
            counted.add(max_kept, kept);
            let fixed = constraints.frozen.contains(&partition);
            if fixed {
                self.check_frozen_row(partition, &row, before)?;
            } else if constraints.soft.contains(&partition) && max_kept == old_row.len() {
                // The holders that stayed count as pinned.
                pins.extend(row.iter().filter(|leaf| old_row.contains(leaf)));
                pins.sort_unstable();
                pins.dedup();
            }
            let unchanged = kept == old_row.len() && kept == row.len();
            let (row, before, pins) = (&*row, &*old_row, &*pins);
            part(Part { partition, row, before, pins, unchanged, fixed });
        }
        Ok(counted)
    }

    /// The potential of a node in a certificate: the difference between two nodes is how many moves
    /// a replica on the one is worth more than on the other. `None` for a slot without a node, and
    /// for a certificate of other nodes.
    #[must_use]
    pub fn potential(&self, certificate: &Certificate, node: NodeIdx) -> Option<i32> {
        let potentials = certificate.potentials();
        let vertex = self.problem.tree.vertex(self.problem.tree.leaf_at(node)?);
        match potentials.len() {
            0 => Some(0),
            found if found == self.problem.tree.vertices() => potentials.get(vertex).copied(),
            _ => None,
        }
    }

    pub(super) fn check_sizes(&self, table: &PartitionTable) -> Result<(), Error> {
        let sizes = [
            ("partitions", table.partitions(), self.problem.config.partitions()),
            ("replicas", table.replication_factor(), self.problem.config.max_replicas()),
        ];
        if let Some(&(what, found, wanted)) = sizes.iter().find(|(_, found, own)| found != own) {
            return Err(VerifyFault::Size { what, found, wanted }.into());
        }
        let config = &self.problem.config;
        let found = |p: u32| table.row(p).len() as u32;
        let other = |p: &u32| found(*p) != config.replicas_of(*p);
        if *table.sizes() != self.problem.sizes {
            if let Some(partition) = (0..config.partitions()).find(other) {
                let what = "replicas of a partition";
                let (found, wanted) = (found(partition), config.replicas_of(partition));
                return Err(VerifyFault::Size { what, found, wanted }.into());
            }
        }
        Ok(())
    }

    fn before<'a>(
        &self,
        table: &'a PartitionTable,
        members: &'a Members,
    ) -> Result<OldTable<'a>, Error> {
        let (from, to) = (table.partitions(), self.problem.config.partitions());
        if to % from != 0 {
            return Err(PartitionFault::NotAMultiple { from, to }.into());
        }
        let live = |leaf: u32| at(&self.problem.tree.weights, leaf as usize) > 0;
        let mut now: BTreeMap<&[u8], u32> = BTreeMap::new();
        for (leaf, slot) in (0..).zip(&self.problem.tree.slots).filter(|(leaf, _)| live(*leaf)) {
            crate::steps::count(1);
            now.extend(self.problem.members.label(*slot).map(|label| (label, leaf)));
        }
        let mut leaves = vec![NONE; members.slots()];
        for node in members.iter() {
            crate::steps::count(1);
            let same = members.label(node).and_then(|label| now.get(label));
            if let Some(leaf) = same {
                super::cells::put(&mut leaves, node.index(), *leaf);
            }
        }
        Ok(OldTable { table, members, leaves, ways: to / from })
    }

    /// Reads the leaves of a row, which must be live nodes.
    #[inline]
    fn read(
        &self,
        table: &PartitionTable,
        partition: u32,
        row: &mut Vec<u32>,
    ) -> Result<(), Error> {
        row.clear();
        for node in table.row(partition) {
            let Some(leaf) = self.problem.tree.leaf_at(node) else {
                return Err(VerifyFault::NoNode { partition, slot: node.get() }.into());
            };
            if at(&self.problem.tree.weights, leaf as usize) == 0 {
                return Err(VerifyFault::Drained { partition, label: self.label(leaf) }.into());
            }
            row.push(leaf);
        }
        Ok(())
    }

    #[inline]
    fn check_row(
        &self,
        partition: u32,
        row: &[u32],
        tally: &mut DomainCounts<'_>,
    ) -> Result<(), VerifyFault> {
        tally.clear();
        for leaf in row {
            tally.add(*leaf);
        }
        if let Some((vertex, holds, limit)) = tally.over().next() {
            return Err(if let Some(leaf) = self.problem.tree.leaf(vertex) {
                VerifyFault::Repeated { partition, label: self.label(leaf), holds }
            } else {
                let domain = self.problem.tree.name(vertex, self.problem.members);
                VerifyFault::Limit { partition, domain, holds, limit }
            });
        }
        self.check_class(partition, row)?;
        match self.problem.constraints.pins_of(partition).iter().find(|leaf| !row.contains(leaf)) {
            Some(leaf) => Err(VerifyFault::Unpinned { partition, label: self.label(*leaf) }),
            None => Ok(()),
        }
    }

    /// Checks the affinities of a row.
    fn check_class(&self, partition: u32, row: &[u32]) -> Result<(), VerifyFault> {
        let Some(class) = self.problem.constraints.rules.class_of(partition) else {
            return Ok(());
        };
        let Some((set, holds)) = class.broken(row) else { return Ok(()) };
        let set = set.and_then(|set| class.sets().get(set));
        let leaves = set.map_or(&class.excluded, |set| &set.leaves);
        let nodes = named(&self.problem.tree, leaves, self.problem.members);
        let (at_least, at_most) = set.map_or((0, 0), |set| (set.at_least, set.at_most));
        Err(VerifyFault::Affinity { partition, nodes, holds, at_least, at_most })
    }

    /// Checks that a frozen partition has its old holders.
    fn check_frozen_row(
        &self,
        partition: u32,
        row: &[u32],
        before: &OldTable<'_>,
    ) -> Result<(), Error> {
        let from = before.table.row(partition / before.ways).len() as u32;
        let to = self.problem.config.replicas_of(partition);
        if from != to {
            let what = "replicas of frozen partitions";
            return Err(VerifyFault::Size { what, found: from, wanted: to }.into());
        }
        for node in before.table.row(partition / before.ways) {
            let leaf = before.leaves.get(node.index()).copied().unwrap_or(NONE);
            if leaf == NONE || !row.contains(&leaf) {
                let label = before.members.shown(node);
                return Err(VerifyFault::Thawed { partition, label }.into());
            }
        }
        Ok(())
    }

    pub(super) fn label(&self, leaf: u32) -> Label {
        let slot = at(&self.problem.tree.slots, leaf as usize);
        self.problem.members.shown(slot)
    }
}

impl Problem<'_> {
    /// Checks that a certificate has as many potentials as there are vertices, or none.
    pub(super) fn check_potentials(&self, certificate: &Certificate) -> Result<(), VerifyFault> {
        let (found, wanted) = (certificate.potentials().len(), self.tree.vertices());
        if found != 0 && found != wanted {
            return Err(VerifyFault::Potentials { found, wanted });
        }
        Ok(())
    }

    /// Checks that every node and domain holds the floor or the ceiling of its quota.
    pub(super) fn check_shares(&self, loads: &[u64]) -> Result<(), VerifyFault> {
        for (vertex, holds) in self.tree.sums(loads).into_iter().enumerate() {
            let (floor, ceil) = (at(&self.quotas.floors, vertex), at(&self.quotas.ceils, vertex));
            if !(floor..=ceil).contains(&holds) {
                let name = self.tree.name(vertex, self.members);
                let node = self.tree.is_node(vertex);
                return Err(VerifyFault::Share { name, node, holds, floor, ceil });
            }
        }
        Ok(())
    }
}

/// Rejects the first figure that is claimed and was not found: its name, then both.
pub(super) fn check_claims<const N: usize>(
    claims: [(&'static str, u64, u64); N],
) -> Result<(), VerifyFault> {
    match claims.into_iter().find(|(_, claimed, found)| claimed != found) {
        Some((what, claimed, found)) => Err(VerifyFault::Claim { what, claimed, found }),
        None => Ok(()),
    }
}
