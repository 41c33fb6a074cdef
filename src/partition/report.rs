//! Quality figures of a table.

use super::cells::{add, at, put};
use super::domain_counts::DomainCounts;
use super::old_rows::PartitionsByLeaf;
use super::planner::Planner;
use super::table::PartitionTable;
use super::tree::NONE;
use crate::node::NodeIdx;
use crate::slips::OrSlip;
use alloc::vec;
use alloc::vec::Vec;

/// Quality figures of a table, measured against the nodes and rules of a planner. See
/// [`Planner::report`].
///
/// The *fair share* of a failure is defined for ordered pairs of nodes in different domains of the
/// outermost level, or for all pairs if there are no levels. If `a` with a load of l fails, the
/// l·(R − 1) other replicas of its partitions take over. Spread by quota over the nodes outside a's
/// domain, `b` would have l·(R − 1)·q_b / Σ q of them: that is its fair share.
#[derive(Clone, Copy, PartialEq, Debug)]
#[non_exhaustive]
pub struct TableReport {
    /// The maximum ratio of a node's load to its exact quota; infinite if a node with a quota of 0
    /// holds a replica.
    pub max_over_quota: f64,
    /// The minimum ratio of a node's load to its exact quota, without nodes whose quota is 0.
    pub min_over_quota: f64,
    /// The number of nodes and failure domains whose load is neither the floor nor the ceiling of
    /// their quota.
    pub outside_floor_ceil: u64,
    /// The number of rule violations: pairs of a partition and a failure domain that has more of
    /// its replicas than the limit, and pairs of a partition and a node that has two or more of
    /// them.
    pub domain_violations: u64,
    /// The number of replicas on slots for which the planner has no node. Other figures ignore
    /// them.
    pub unknown_holders: u64,
    /// The maximum ratio of the partitions that two nodes share to their fair share: how much of
    /// the work one node gets when another one fails. 0 if no such pair shares a partition,
    /// infinite if one of a pair that does has a quota of 0.
    pub worst_pair: f64,
    /// The number of partitions that the [worst pair](Self::worst_pair) shares. If several pairs
    /// have the same ratio in floating point, the maximum of these numbers.
    pub worst_pair_shared: u64,
    /// The maximum ratio of the number of partitions that a node leads, as their first holder, to
    /// its quota / R; infinite if a node with a quota of 0 leads a partition.
    pub max_led_over_quota: f64,
    /// The minimum ratio of the number of partitions that a node leads to its quota / R, without
    /// nodes whose quota is 0.
    pub min_led_over_quota: f64,
    /// The number of nodes that lead neither the floor nor the ceiling of their quota / R.
    pub led_outside_floor_ceil: u64,
    /// How many replicas the table is missing compared with the planner's configuration, over all
    /// partitions.
    pub missing_replicas: u64,
    /// The number of different holder sets, or copysets. Losing all nodes of one loses data.
    pub distinct_copysets: u64,
    /// The number of nodes that lead neither the floor nor the ceiling of their leader quota: that of
    /// the planner's [balanced leaders](Planner::balance_leaders), or of the default ones if it does
    /// not balance them. Where holders do not allow quota / R for all nodes, this is what they allow.
    pub leaders_outside_floor_ceil: u64,
    /// The maximum ratio of the number of partitions that a node leads to this quota; infinite if a
    /// node with a quota of 0 leads a partition.
    pub max_leaders_over_quota: f64,
    /// The maximum ratio of the partitions that one node takes over if another one fails, as their
    /// second holder, to its fair share: that of the failed node's partitions by leader weight over
    /// the nodes outside its outermost failure domain. 0 if no node takes over from another domain.
    pub worst_takeover: f64,
    /// The number of partitions in the [worst take-over](Self::worst_takeover). If several have the
    /// same ratio in floating point, the maximum of these numbers.
    pub worst_takeover_led: u64,
}

/// The rows as sorted sets of leaves, padded with `NONE`.
struct Sets {
    rows: Vec<u32>,
    each: usize,
}

impl Sets {
    fn iter(&self) -> impl Iterator<Item = &[u32]> {
        self.rows.chunks_exact(self.each)
    }

    fn row(&self, partition: u32) -> &[u32] {
        let first = partition as usize * self.each;
        self.rows.get(first..first + self.each).or_slip()
    }

    fn distinct(&self) -> u64 {
        let mut rows: Vec<&[u32]> = self.iter().collect();
        rows.sort_unstable();
        rows.dedup();
        rows.len() as u64
    }
}

impl Planner<'_> {
    /// Measures a table of any origin, with this planner's number of partitions and replicas: its
    /// balance, its rule violations, and how the failure of a node loads the others. The figures
    /// are in floating point, for people to read; they decide nothing.
    ///
    /// # Complexity
    /// O(P·R² + P·R·log P), memory O(P·R + n).
    #[must_use]
    pub fn report(&self, table: &PartitionTable) -> TableReport {
        let mut report = TableReport {
            max_over_quota: 0.0,
            min_over_quota: f64::INFINITY,
            outside_floor_ceil: 0,
            domain_violations: 0,
            unknown_holders: 0,
            worst_pair: 0.0,
            worst_pair_shared: 0,
            max_led_over_quota: 0.0,
            min_led_over_quota: f64::INFINITY,
            led_outside_floor_ceil: 0,
            missing_replicas: 0,
            distinct_copysets: 0,
            leaders_outside_floor_ceil: 0,
            max_leaders_over_quota: 0.0,
            worst_takeover: 0.0,
            worst_takeover_led: 0,
        };
        let missing = |partition| {
            let wanted = self.config().replicas_of(partition);
            u64::from(wanted.saturating_sub(table.row(partition).len() as u32))
        };
        report.missing_replicas = (0..table.partitions()).map(missing).sum();
        let mut loads = vec![0_u64; self.problem.tree.leaves()];
        let sets = self.sets(table, &mut loads, &mut report);
        self.shares(&loads, &mut report);
        self.leaders(table, &mut report);
        self.report_leaders(table, &mut report);
        self.pairs(table, &sets, &loads, &mut report);
        report.distinct_copysets = sets.distinct();
        report
    }

    /// A node's quota before rounding, in floating point for people to read: it decides nothing.
    /// `None` for a slot without a node. [`quota`](Self::quota) has its floor and ceiling.
    #[must_use]
    pub fn exact_quota(&self, node: NodeIdx) -> Option<f64> {
        let vertex = self.problem.tree.vertex(self.problem.tree.leaf_at(node)?);
        Some(at(&self.problem.quotas.exact, vertex))
    }

    fn sets(&self, table: &PartitionTable, loads: &mut [u64], report: &mut TableReport) -> Sets {
        let each = table.replication_factor() as usize;
        let mut rows = Vec::with_capacity(table.partitions() as usize * each);
        let mut tally = DomainCounts::new(&self.problem.tree);
        let mut row: Vec<u32> = Vec::with_capacity(each);
        for partition in 0..table.partitions() {
            row.clear();
            row.extend(table.row(partition).filter_map(|node| self.problem.tree.leaf_at(node)));
            report.unknown_holders += (table.row(partition).len() - row.len()) as u64;
            tally.clear();
            for leaf in &row {
                tally.add(*leaf);
                add(loads, *leaf as usize, 1);
            }
            report.domain_violations += tally.over().count() as u64;
            row.sort_unstable();
            row.dedup();
            row.resize(each, NONE);
            rows.extend_from_slice(&row);
        }
        Sets { rows, each: each.max(1) }
    }

    fn shares(&self, loads: &[u64], report: &mut TableReport) {
        for (vertex, load) in self.problem.tree.sums(loads).into_iter().enumerate().skip(1) {
            let (floor, ceil) =
                (at(&self.problem.quotas.floors, vertex), at(&self.problem.quotas.ceils, vertex));
            report.outside_floor_ceil += u64::from(!(floor..=ceil).contains(&load));
            if self.problem.tree.leaf(vertex).is_none() {
                continue;
            }
            let quota = at(&self.problem.quotas.exact, vertex);
            if quota > 0.0 {
                let ratio = load as f64 / quota;
                report.max_over_quota = report.max_over_quota.max(ratio);
                report.min_over_quota = report.min_over_quota.min(ratio);
            } else if load > 0 {
                report.max_over_quota = f64::INFINITY;
            }
        }
    }

    fn leaders(&self, table: &PartitionTable, report: &mut TableReport) {
        let mut led = vec![0_u64; self.problem.tree.leaves()];
        for partition in 0..table.partitions() {
            let first = table.row(partition).next();
            if let Some(leaf) = first.and_then(|node| self.problem.tree.leaf_at(node)) {
                add(&mut led, leaf as usize, 1);
            }
        }
        let config = &self.problem.config;
        let (all, partitions) = (config.total_replicas(), u64::from(config.partitions()));
        let led_by = |replicas: u64| u128::from(replicas) * u128::from(partitions);
        for (leaf, led) in (0..).zip(led) {
            let vertex = self.problem.tree.vertex(leaf);
            let (floor, ceil) =
                (at(&self.problem.quotas.floors, vertex), at(&self.problem.quotas.ceils, vertex));
            let within = led_by(floor) / u128::from(all)..=led_by(ceil).div_ceil(all.into());
            report.led_outside_floor_ceil += u64::from(!within.contains(&led.into()));
            let mean = all as f64 / partitions as f64;
            let quota = at(&self.problem.quotas.exact, vertex) / mean;
            if quota > 0.0 {
                let ratio = led as f64 / quota;
                report.max_led_over_quota = report.max_led_over_quota.max(ratio);
                report.min_led_over_quota = report.min_led_over_quota.min(ratio);
            } else if led > 0 {
                report.max_led_over_quota = f64::INFINITY;
            }
        }
    }

    fn pairs(&self, table: &PartitionTable, sets: &Sets, loads: &[u64], report: &mut TableReport) {
        let tree = &self.problem.tree;
        let domain = |leaf: u32| tree.outermost(leaf);
        let all = at(&self.problem.quotas.exact, 0);
        let by_leaf = PartitionsByLeaf::new(tree.leaves(), &sets.rows, sets.each);
        let mut shared = vec![0_u64; tree.leaves()];
        let mut touched: Vec<u32> = Vec::new();
        for a in 0..tree.leaves() as u32 {
            for partition in by_leaf.of(a).iter() {
                let others = sets.row(partition).iter().filter(|leaf| **leaf != NONE);
                for b in others.filter(|b| domain(**b) != domain(a)) {
                    if at(&shared, *b as usize) == 0 {
                        touched.push(*b);
                    }
                    add(&mut shared, *b as usize, 1);
                }
            }
            let outside = all - at(&self.problem.quotas.exact, domain(a));
            let others = match (table.sizes().is_uniform(), at(loads, a as usize)) {
                (true, load) => load as f64 * (sets.each - 1) as f64,
                (false, _) => by_leaf.of(a).iter().map(|p| table.row(p).len() as f64 - 1.0).sum(),
            };
            for b in touched.drain(..) {
                let count = at(&shared, b as usize);
                put(&mut shared, b as usize, 0);
                let quota = at(&self.problem.quotas.exact, tree.vertex(b));
                let ratio = count as f64 * outside / (others * quota);
                let ratio = if ratio.is_nan() { f64::INFINITY } else { ratio };
                let worst = (report.worst_pair, report.worst_pair_shared);
                if (ratio, count) > worst {
                    (report.worst_pair, report.worst_pair_shared) = (ratio, count);
                }
            }
        }
    }
}
