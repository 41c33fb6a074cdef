//! Balanced leaders: every node leads the floor or the ceiling of its quota, nothing moves for it, and
//! the fewest leaders change.

mod answers;
mod balanced;

use crate::zoned::{Listed, Nodes, equal, topology};
use apportion::partition::{Plan, TableConfig, VerifiedLeaders};
use apportion::{PartitionTable, Planner};

fn planner<'a>(nodes: &'a Nodes, config: &TableConfig) -> Planner<'a> {
    Planner::new(nodes.members(), config).unwrap().balance_leaders()
}

fn rows(table: &PartitionTable, nodes: &Nodes) -> Vec<Vec<u64>> {
    let row = |p| table.row(p).map(|node| *nodes.get(node).unwrap()).collect();
    (0..table.partitions()).map(row).collect()
}

fn sorted(mut rows: Vec<Vec<u64>>) -> Vec<Vec<u64>> {
    rows.iter_mut().for_each(|row| row.sort_unstable());
    rows
}

fn proved(
    planner: &Planner<'_>,
    plan: &Plan,
    old: Option<(&PartitionTable, &Nodes)>,
) -> VerifiedLeaders {
    let old = old.map(|(table, nodes)| (table, nodes.members()));
    let led =
        planner.verify_leaders(plan.table(), plan.leader_certificate().unwrap(), old).unwrap();
    assert!(led.optimal(), "{led:?}");
    assert_eq!((led.moved, led.lower_bound), (plan.leaders_moved(), plan.leaders_lower_bound()));
    assert!(led.lower_bound <= led.moved);
    assert_eq!(planner.report(plan.table()).leaders_outside_floor_ceil, 0);
    led
}

/// Leaders that differ, counted from the rows.
fn changed(old: &[Vec<u64>], new: &[Vec<u64>]) -> u64 {
    let ways = new.len() / old.len();
    (0..new.len()).filter(|p| old[p / ways][0] != new[*p][0]).count() as u64
}
