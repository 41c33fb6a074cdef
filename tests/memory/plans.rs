//! What planning takes in memory at most.

use crate::meter::most_held;
use apportion::partition::TableConfig;
use apportion::{Node, Planner, Topology};

fn nodes(count: u64) -> Topology<u64> {
    Topology::of((0..count).map(Node::new)).unwrap()
}

/// Bytes held at most while a node joins and the table is dispersed, for each replica of the old and
/// of the new table.
fn bytes_for_each((partitions, replicas): (u32, u32), ways: u32, fewer: u32) -> f64 {
    let (before, after) = (nodes(100), nodes(101));
    let config = TableConfig::new(partitions, replicas);
    let planner = Planner::new(before.members(), &config).unwrap();
    let old = planner.fresh().unwrap().into_table();
    let config = TableConfig::new(partitions * ways, fewer);
    let planner = Planner::new(after.members(), &config).unwrap();
    let (plan, bytes) = most_held(|| {
        let mut plan = planner.rebalance(&old, before.members()).unwrap();
        planner.disperse(&mut plan).unwrap();
        plan
    });
    assert!(planner.verify(&plan, Some((&old, before.members()))).unwrap().optimal());
    let places = partitions * (replicas + ways * fewer);
    println!("{partitions} x {replicas}, {ways} ways, {fewer} replicas: {bytes} bytes of {places}");
    bytes as f64 / f64::from(places)
}

/// A table is split and has fewer replicas: what the old holders would take under the new partitions
/// is 13 to 32 times the two tables.
#[test]
fn planning_takes_memory_in_proportion_to_the_two_tables() {
    for (size, ways, fewer) in
        [((1 << 10, 64), 16, 1), ((1 << 8, 64), 64, 1), ((1 << 9, 64), 64, 2), ((1 << 13, 3), 4, 3)]
    {
        let bytes = bytes_for_each(size, ways, fewer);
        assert!(bytes < 20.0, "{size:?}: {bytes} bytes for each replica");
    }
}
