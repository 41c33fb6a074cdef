//! The same eye on every system's table.

use super::scenario::{Change, Member, REPLICAS, Scenario, config, topology};
use apportion::{NodeIdx, PartitionTable, Planner, TableReport};
use std::collections::BTreeMap;

/// Figures of a table, given as ids of holders.
///
/// # Panics
/// If a partition has not three nodes in distinct zones, of those there are: that is no table.
pub fn report(members: &[Member], partitions: u32, holders: &[u32], system: &str) -> TableReport {
    let nodes = topology(members);
    let slots: BTreeMap<u32, NodeIdx> = nodes.iter().map(|(slot, id)| (*id, slot)).collect();
    let rows: Vec<NodeIdx> = holders.iter().map(|id| slots[id]).collect();
    let table = PartitionTable::from_rows(nodes.members(), partitions, REPLICAS, &rows);
    let table = table.unwrap_or_else(|error| panic!("{system}: {error}"));
    let planner = Planner::new(nodes.members(), &config(partitions)).expect("a planner");
    let report = planner.report(&table);
    assert_eq!(report.domain_violations, 0, "{system}: two replicas in a zone");
    assert_eq!(report.unknown_holders, 0, "{system}: holders that are none");
    report
}

/// Replicas that are where none of their partition was.
pub fn moved(before: &[u32], after: &[u32]) -> u64 {
    assert_eq!(before.len(), after.len(), "as many replicas as before");
    let rows = before.chunks(REPLICAS as usize).zip(after.chunks(REPLICAS as usize));
    rows.map(|(old, new)| new.iter().filter(|id| !old.contains(id)).count() as u64).sum()
}

/// What has to move at least from one balanced table to another.
pub fn least(scenario: &Scenario, partitions: u32, change: Change) -> u64 {
    let (before, after) = (topology(&scenario.members()), topology(&scenario.after(change)));
    let config = config(partitions);
    let old = Planner::new(before.members(), &config).and_then(|planner| planner.fresh());
    let old = old.expect("a table");
    let planner = Planner::new(after.members(), &config).expect("a planner");
    let plan = planner.rebalance(old.table(), before.members()).expect("a table");
    plan.lower_bound()
}
