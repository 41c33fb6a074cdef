//! An independent check of plans.

use super::cells::{add, at};
use super::certificate::{Certificate, Dual};
use super::domain_counts::DomainCounts;
use super::plan::Plan;
use super::planner::Planner;
use super::table::PartitionTable;
use super::tree::NONE;
use crate::error::{Error, Label, PartitionFault, VerifyFault};
use crate::node::NodeIdx;
use crate::topology::Members;
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

/// What a table that keeps every rule was found to move, and what any other would have to. See
/// [`Planner::verify`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Verified {
    /// Replicas that are no longer on a node they were on, counted anew. 0 without an old table.
    pub moved: u64,
    /// Replicas that move in every balanced table under these rules: what the certificate proves.
    ///
    /// With partitions [frozen if possible](Planner::frozen_if_possible): in every such table that
    /// keeps the holders which this table keeps of them. A table that gives up some of these holders
    /// may move fewer replicas.
    pub minimum: u64,
    /// Partitions of which two replicas or more moved.
    pub partitions_moved_twice: u64,
}

impl Verified {
    /// True if it is proved that no balanced table moves less. With partitions frozen if possible:
    /// that none of the tables moves less which [`minimum`](Self::minimum) is about.
    #[must_use]
    pub fn optimal(&self) -> bool {
        self.moved == self.minimum
    }
}

/// The rows before, as leaves of the tree now.
struct OldTable<'a> {
    table: &'a PartitionTable,
    members: &'a Members,
    /// Leaf of each slot before, `NONE` if the node is gone or drained: no replica may stay there.
    leaves: Vec<u32>,
    /// Partitions now for each one before.
    ways: u32,
}

impl OldTable<'_> {
    fn read(&self, partition: u32, row: &mut Vec<u32>) {
        let leaf = |node: NodeIdx| self.leaves.get(node.index()).copied().unwrap_or(NONE);
        row.clear();
        row.extend(self.table.row(partition / self.ways).map(leaf));
    }
}

impl Planner<'_> {
    /// Checks a plan of this planner, or of one for the same nodes, rules, pins and frozen
    /// partitions, from the tables alone: that each partition has R different live nodes within every
    /// limit, the pins are held and frozen partitions have the holders they had, every node and
    /// domain holds floor or ceiling of its quota, and the plan's figures are true; and computes the
    /// bound that its [`Certificate`] proves. `old` is the table that the plan began from and its nodes,
    /// `None` for a fresh one.
    ///
    /// What it shares with the search is the statement of the problem (the tree of domains and the
    /// quotas), nothing else. O(P·R·levels + n log n), O(n) memory.
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
    /// The first thing that is not as it has to be, with the partition, node or domain and its
    /// numbers. A plan that moves more than it would have to is none: see [`Verified::optimal`].
    pub fn verify(
        &self,
        plan: &Plan,
        old: Option<(&PartitionTable, &Members)>,
    ) -> Result<Verified, Error> {
        let verified = self.verify_table(plan.table(), plan.certificate(), old)?;
        let claims = [
            ("replicas moved", plan.moved(), verified.moved),
            (
                "partitions moved twice",
                plan.partitions_moved_twice(),
                verified.partitions_moved_twice,
            ),
            ("replicas that have to move", plan.lower_bound().max(verified.moved), verified.moved),
        ];
        match claims.iter().find(|(_, claimed, found)| claimed != found) {
            Some(&(what, claimed, found)) => {
                Err(VerifyFault::Claim { what, claimed, found }.into())
            }
            None => Ok(verified),
        }
    }

    /// The same for a table and a certificate from anywhere, such as a file; the table's slots are
    /// those of this planner's nodes. Whatever the certificate, [`Verified::minimum`] is no more than
    /// the true minimum of the tables it is about, and so no more than what this table moves; the
    /// empty certificate proves what potentials of 0 do.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_table(
        &self,
        table: &PartitionTable,
        certificate: &Certificate,
        old: Option<(&PartitionTable, &Members)>,
    ) -> Result<Verified, Error> {
        self.check_sizes(table, certificate)?;
        let before = old.map(|(old, members)| self.before(old, members)).transpose()?;
        if let (None, Some(partition)) = (&before, self.problem.constraints.frozen.first()) {
            return Err(PartitionFault::FrozenFresh { partition: *partition }.into());
        }
        let (partitions, replicas) =
            (self.problem.config.partitions(), self.problem.config.replicas());
        let each = before.as_ref().map_or(0, |before| before.table.replication_factor());
        let max_kept = replicas.min(each) as usize;
        let mut dual = Dual::new(&self.problem.tree, certificate, replicas);
        let mut tally = DomainCounts::new(&self.problem.tree);
        let mut loads = vec![0; self.problem.tree.leaves()];
        let (mut row, mut was, mut held) = (Vec::new(), Vec::new(), Vec::new());
        let (mut moved, mut twice) = (0_u64, 0_u64);
        for partition in 0..partitions {
            self.read(table, partition, &mut row)?;
            self.check_row(partition, &row, &mut tally)?;
            for leaf in &row {
                add(&mut loads, *leaf as usize, 1);
            }
            let Some(before) = &before else { continue };
            before.read(partition, &mut was);
            let kept = row.iter().filter(|leaf| was.contains(leaf)).count();
            moved += max_kept.saturating_sub(kept) as u64;
            twice += u64::from(max_kept.saturating_sub(kept) >= 2);
            let unchanged = kept == was.len() && kept == row.len();
            if self.problem.constraints.frozen.contains(&partition) {
                self.check_frozen_row(partition, &row, before)?;
                dual.frozen(&was);
            } else if self.problem.constraints.soft.contains(&partition) {
                // Frozen are those holders that stayed.
                held.clear();
                held.extend_from_slice(self.problem.constraints.pins_of(partition));
                if max_kept == each as usize {
                    held.extend(row.iter().filter(|leaf| was.contains(leaf)));
                }
                held.sort_unstable();
                held.dedup();
                dual.free(&was, &held, unchanged);
            } else {
                dual.free(&was, self.problem.constraints.pins_of(partition), unchanged);
            }
        }
        self.check_shares(&loads)?;
        let least = if before.is_some() {
            let all = i128::from(partitions) * max_kept as i128;
            u64::try_from(all - dual.max_kept(&self.problem.quotas, partitions)).unwrap_or(0)
        } else {
            0
        };
        Ok(Verified { moved, minimum: least, partitions_moved_twice: twice })
    }

    /// A node's potential in a certificate: of two nodes, a replica is worth so much more on the one
    /// than on the other. `None` for a slot without a node, and in a certificate for other nodes.
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

    fn check_sizes(&self, table: &PartitionTable, certificate: &Certificate) -> Result<(), Error> {
        let sizes = [
            ("partitions", table.partitions(), self.problem.config.partitions()),
            ("replicas", table.replication_factor(), self.problem.config.replicas()),
        ];
        if let Some(&(what, found, wanted)) = sizes.iter().find(|(_, found, own)| found != own) {
            return Err(VerifyFault::Size { what, found, wanted }.into());
        }
        let (found, wanted) = (certificate.potentials().len(), self.problem.tree.vertices());
        if found != 0 && found != wanted {
            return Err(VerifyFault::Potentials { found, wanted }.into());
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

    /// The leaves of a row: different live nodes.
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
        match self.problem.constraints.pins_of(partition).iter().find(|leaf| !row.contains(leaf)) {
            Some(leaf) => Err(VerifyFault::Unpinned { partition, label: self.label(*leaf) }),
            None => Ok(()),
        }
    }

    /// A frozen partition's holders are those it had.
    fn check_frozen_row(
        &self,
        partition: u32,
        row: &[u32],
        before: &OldTable<'_>,
    ) -> Result<(), Error> {
        let (from, to) = (before.table.replication_factor(), self.problem.config.replicas());
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

    /// Every node and domain holds the floor or the ceiling of its quota.
    fn check_shares(&self, loads: &[u64]) -> Result<(), VerifyFault> {
        for (vertex, holds) in self.problem.tree.sums(loads).into_iter().enumerate() {
            let (floor, ceil) =
                (at(&self.problem.quotas.floors, vertex), at(&self.problem.quotas.ceils, vertex));
            if !(floor..=ceil).contains(&holds) {
                let name = self.problem.tree.name(vertex, self.problem.members);
                let node = self.problem.tree.leaf(vertex).is_some();
                return Err(VerifyFault::Share { name, node, holds, floor, ceil });
            }
        }
        Ok(())
    }

    fn label(&self, leaf: u32) -> Label {
        let slot = at(&self.problem.tree.slots, leaf as usize);
        self.problem.members.shown(slot)
    }
}
