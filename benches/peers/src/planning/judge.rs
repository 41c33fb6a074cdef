//! Judges the tables of all systems by the same measures.

use super::scenario::{Change, Member, REPLICAS, Scenario, config, topology};
use apportion::partition::{Plan, TableReport};
use apportion::{NodeIdx, PartitionTable, Planner, Topology};
use std::collections::HashMap;

/// Converts holders into a table of this crate.
///
/// # Panics
/// If a partition does not have three existing nodes in distinct zones.
fn table(members: &[Member], nodes: &Topology<u32>, holders: &[u32]) -> PartitionTable {
    let place = |(slot, id): (NodeIdx, &u32)| (*id, (slot, members[slot.index()].zone));
    let places: HashMap<u32, (NodeIdx, u32)> = nodes.iter().map(place).collect();
    let rows: Vec<(NodeIdx, u32)> = holders.iter().map(|id| places[id]).collect();
    for row in rows.chunks(REPLICAS as usize) {
        let apart = row.iter().enumerate().all(|(i, a)| row[..i].iter().all(|b| a.1 != b.1));
        assert!(apart, "two replicas in a zone: {row:?}");
    }
    let slots: Vec<NodeIdx> = rows.into_iter().map(|(slot, _)| slot).collect();
    let partitions = holders.len() as u32 / REPLICAS;
    PartitionTable::from_rows(nodes.members(), partitions, REPLICAS, &slots).expect("a table")
}

/// Checks a table, given as ids of holders, as [`table`] does.
pub fn check(members: &[Member], holders: &[u32]) {
    let _ = table(members, &topology(members), holders);
}

/// The quality figures of a table, given as ids of holders.
pub fn report(members: &[Member], holders: &[u32]) -> TableReport {
    let nodes = topology(members);
    let table = table(members, &nodes, holders);
    let config = config(table.partitions());
    Planner::new(nodes.members(), &config).expect("a planner").report(&table)
}

/// The number of replicas on nodes that did not hold their partition before.
pub fn moved(before: &[u32], after: &[u32]) -> u64 {
    assert_eq!(before.len(), after.len(), "as many replicas as before");
    let rows = before.chunks(REPLICAS as usize).zip(after.chunks(REPLICAS as usize));
    rows.map(|(old, new)| new.iter().filter(|id| !old.contains(id)).count() as u64).sum()
}

/// A balanced table, to compute the minimum movement from it.
pub struct Least {
    scenario: Scenario,
    nodes: Topology<u32>,
    plan: Plan,
}

impl Least {
    /// Plans one with this many partitions.
    pub fn new(scenario: Scenario, partitions: u32) -> Self {
        let nodes = topology(&scenario.members());
        let planner = Planner::new(nodes.members(), &config(partitions));
        let plan = planner.and_then(|planner| planner.fresh()).expect("a table");
        Self { scenario, nodes, plan }
    }

    /// The minimum that a change moves for a balanced table.
    pub fn moves(&self, change: Change) -> u64 {
        let (old, after) = (self.plan.table(), topology(&self.scenario.after(change)));
        let planner = Planner::new(after.members(), old.config()).expect("a planner");
        let plan = planner.rebalance(old, self.nodes.members()).expect("a table");
        plan.lower_bound()
    }
}
