//! How evenly leaders are spread, for any table.

use super::super::cells::at;
use super::super::planner::Planner;
use super::super::report::TableReport;
use super::super::table::PartitionTable;
use super::candidates::push;
use super::quotas::led;
use super::rows::HolderRows;
use alloc::vec;
use alloc::vec::Vec;

impl Planner<'_> {
    /// Measures the leaders of a table against their quotas. Partitions whose first holder is unknown
    /// do not count.
    pub(in super::super) fn report_leaders(&self, table: &PartitionTable, to: &mut TableReport) {
        let tree = &self.problem.tree;
        let (mut holders, mut starts): (Vec<u32>, Vec<u32>) = (Vec::new(), vec![0]);
        let (mut leaders, mut known) = (Vec::new(), Vec::new());
        for partition in 0..table.partitions() {
            let mut row = table.row(partition);
            let Some(leader) = row.next().and_then(|node| tree.leaf_at(node)) else { continue };
            leaders.push(leader);
            known.clear();
            known.push(leader);
            known.extend(row.filter_map(|node| tree.leaf_at(node)));
            push(&self.problem.constraints.rules, partition, &known, &mut holders);
            starts.push(holders.len() as u32);
        }
        let quotas = self.leader_quotas(HolderRows::ragged(&holders, &starts));
        let led = led(&leaders, tree.leaves());
        to.leaders_outside_floor_ceil = quotas.outside(&led);
        for (led, quota) in led.iter().zip(&quotas.exact).filter(|(led, _)| **led > 0) {
            let ratio = if *quota > 0.0 { *led as f64 / quota } else { f64::INFINITY };
            to.max_leaders_over_quota = to.max_leaders_over_quota.max(ratio);
        }
        self.report_takeover(table, &led, to);
    }

    fn report_takeover(&self, table: &PartitionTable, led: &[u64], to: &mut TableReport) {
        let tree = &self.problem.tree;
        let weights = self.leader_rule().weights(&self.problem);
        let weights: Vec<f64> = weights.into_iter().map(|weight| weight as f64).collect();
        let mut domains = vec![0.0; tree.vertices()];
        for (leaf, weight) in (0..).zip(&weights) {
            if let Some(sum) = domains.get_mut(tree.outermost(leaf)) {
                *sum += weight;
            }
        }
        let all: f64 = weights.iter().sum();
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        for partition in 0..table.partitions() {
            let mut row = table.row(partition).map(|node| tree.leaf_at(node));
            let (Some(a), Some(b)) = (row.next().flatten(), row.next().flatten()) else { continue };
            if tree.outermost(a) != tree.outermost(b) {
                pairs.push((a, b));
            }
        }
        pairs.sort_unstable();
        for run in pairs.chunk_by(|a, b| a == b) {
            let Some((a, b)) = run.first().copied() else { continue };
            let outside = all - at(&domains, tree.outermost(a));
            let fair = at(led, a as usize) as f64 * at(&weights, b as usize) / outside;
            let count = run.len() as u64;
            let ratio = if fair > 0.0 { count as f64 / fair } else { f64::INFINITY };
            if (ratio, count) > (to.worst_takeover, to.worst_takeover_led) {
                (to.worst_takeover, to.worst_takeover_led) = (ratio, count);
            }
        }
    }
}
