//! How evenly leaders are spread, for any table.

use super::super::planner::Planner;
use super::super::report::TableReport;
use super::super::table::PartitionTable;
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
        let mut leaders = Vec::new();
        for partition in 0..table.partitions() {
            let mut row = table.row(partition);
            let Some(leader) = row.next().and_then(|node| tree.leaf_at(node)) else { continue };
            leaders.push(leader);
            holders.push(leader);
            holders.extend(row.filter_map(|node| tree.leaf_at(node)));
            starts.push(holders.len() as u32);
        }
        let quotas = self.leader_quotas(HolderRows::ragged(&holders, &starts));
        let led = led(&leaders, tree.leaves());
        to.leaders_outside_floor_ceil = quotas.outside(&led);
        for (led, quota) in led.iter().zip(&quotas.exact).filter(|(led, _)| **led > 0) {
            let ratio = if *quota > 0.0 { *led as f64 / quota } else { f64::INFINITY };
            to.max_leaders_over_quota = to.max_leaders_over_quota.max(ratio);
        }
    }
}
