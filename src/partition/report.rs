//! How good a table is, in figures.

use super::cells::{add, at, put};
use super::domain_counts::DomainCounts;
use super::old_rows::PartitionsByLeaf;
use super::planner::Planner;
use super::table::PartitionTable;
use super::tree::NONE;
use crate::slips::OrSlip;
use alloc::vec;
use alloc::vec::Vec;

/// Figures of a table for the nodes and rules of a planner. See [`Planner::report`].
///
/// A *fair* share of a failure, for an ordered pair of nodes in different domains of the outermost
/// level (without levels: of any two nodes): if `a` fails, its held·(R − 1) other replicas would be
/// spread over the nodes outside its domain by quota, so `b` would have held·(R − 1)·q_b / Σ q of
/// them.
#[derive(Clone, Copy, PartialEq, Debug)]
#[non_exhaustive]
pub struct TableReport {
    /// The greatest ratio of what a node holds to its exact quota; infinite if a node holds
    /// something and has a quota of 0.
    pub max_over_quota: f64,
    /// The least such ratio; nodes with a quota of 0 are left out.
    pub min_over_quota: f64,
    /// Nodes and failure domains that hold neither the floor nor the ceiling of their quota.
    pub outside_floor_ceil: u64,
    /// Partitions times failure domains that have more replicas of the partition than their
    /// limit, and partitions times nodes that have two or more.
    pub domain_violations: u64,
    /// Replicas on slots where this planner has no node. Other figures leave them out.
    pub unknown_holders: u64,
    /// The greatest ratio of partitions that two nodes share to their fair share: how much of the
    /// work one node gets when another one fails. 0 if no such pair shares a partition, infinite if a
    /// node with a quota of 0 is of one.
    pub worst_pair: f64,
    /// The partitions shared by the pair of [`worst_pair`](Self::worst_pair); of pairs whose ratios
    /// are the same in floating point, the most.
    pub worst_pair_shared: u64,
    /// The greatest ratio of the partitions a node leads, whose first holder it is, to its quota / R;
    /// infinite if a node leads something and has a quota of 0.
    pub max_led_over_quota: f64,
    /// The least such ratio; nodes with a quota of 0 are left out.
    pub min_led_over_quota: f64,
    /// Nodes that lead neither the floor nor the ceiling of their quota / R.
    pub led_outside_floor_ceil: u64,
    /// Replicas that the table has fewer than the planner's configuration asks for, over all
    /// partitions.
    pub missing_replicas: u64,
    /// Different sets of holders. The loss of all nodes of such a set loses data.
    pub distinct_copysets: u64,
}

/// The rows as sorted sets of leaves, filled up with `NONE`.
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
    /// Figures of a table of this planner's sizes, from wherever it is: the balance, the rules, and
    /// what the failure of a node does to the others. Floating point, for people; nothing is
    /// decided by them. O(P·R² + P·R·log P), memory O(P·R + n).
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
        };
        let missing = self.config().replicas().saturating_sub(table.replication_factor());
        report.missing_replicas = u64::from(missing) * u64::from(table.partitions());
        let mut loads = vec![0_u64; self.problem.tree.leaves()];
        let sets = self.sets(table, &mut loads, &mut report);
        self.shares(&loads, &mut report);
        self.leads(table, &mut report);
        self.pairs(&sets, &loads, &mut report);
        report.distinct_copysets = sets.distinct();
        report
    }

    fn sets(&self, table: &PartitionTable, loads: &mut [u64], report: &mut TableReport) -> Sets {
        let each = table.replication_factor() as usize;
        let mut rows = Vec::with_capacity(table.partitions() as usize * each);
        let mut tally = DomainCounts::new(&self.problem.tree);
        let mut row: Vec<u32> = Vec::with_capacity(each);
        for partition in 0..table.partitions() {
            row.clear();
            row.extend(table.row(partition).filter_map(|node| self.problem.tree.leaf_at(node)));
            report.unknown_holders += (each - row.len().min(each)) as u64;
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
        for (vertex, held) in self.problem.tree.sums(loads).into_iter().enumerate().skip(1) {
            let (floor, ceil) =
                (at(&self.problem.quotas.floors, vertex), at(&self.problem.quotas.ceils, vertex));
            report.outside_floor_ceil += u64::from(!(floor..=ceil).contains(&held));
            if self.problem.tree.leaf(vertex).is_none() {
                continue;
            }
            let quota = at(&self.problem.quotas.exact, vertex);
            if quota > 0.0 {
                let ratio = held as f64 / quota;
                report.max_over_quota = report.max_over_quota.max(ratio);
                report.min_over_quota = report.min_over_quota.min(ratio);
            } else if held > 0 {
                report.max_over_quota = f64::INFINITY;
            }
        }
    }

    fn leads(&self, table: &PartitionTable, report: &mut TableReport) {
        let mut led = vec![0_u64; self.problem.tree.leaves()];
        for partition in 0..table.partitions() {
            let first = table.row(partition).next();
            if let Some(leaf) = first.and_then(|node| self.problem.tree.leaf_at(node)) {
                add(&mut led, leaf as usize, 1);
            }
        }
        let replicas = u64::from(self.problem.config.replicas());
        for (leaf, led) in (0..).zip(led) {
            let vertex = self.problem.tree.vertex(leaf);
            let (floor, ceil) =
                (at(&self.problem.quotas.floors, vertex), at(&self.problem.quotas.ceils, vertex));
            let within = floor / replicas..=ceil.div_ceil(replicas);
            report.led_outside_floor_ceil += u64::from(!within.contains(&led));
            let quota = at(&self.problem.quotas.exact, vertex) / replicas as f64;
            if quota > 0.0 {
                let ratio = led as f64 / quota;
                report.max_led_over_quota = report.max_led_over_quota.max(ratio);
                report.min_led_over_quota = report.min_led_over_quota.min(ratio);
            } else if led > 0 {
                report.max_led_over_quota = f64::INFINITY;
            }
        }
    }

    fn pairs(&self, sets: &Sets, loads: &[u64], report: &mut TableReport) {
        let tree = &self.problem.tree;
        // The outermost domain of a leaf; without levels, itself.
        let domain = |leaf: u32| match tree.depth {
            0 => tree.vertex(leaf),
            _ => tree.domain(leaf, 0) as usize,
        };
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
            let spread = at(loads, a as usize) as f64 * (sets.each - 1) as f64;
            for b in touched.drain(..) {
                let count = at(&shared, b as usize);
                put(&mut shared, b as usize, 0);
                let quota = at(&self.problem.quotas.exact, tree.vertex(b));
                let ratio = count as f64 * outside / (spread * quota);
                let ratio = if ratio.is_nan() { f64::INFINITY } else { ratio };
                let best = (report.worst_pair, report.worst_pair_shared);
                if (ratio, count) > best {
                    (report.worst_pair, report.worst_pair_shared) = (ratio, count);
                }
            }
        }
    }
}
