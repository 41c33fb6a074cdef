//! Tests of the documented complexities, in counted steps.

use crate::partition::{Planner, TableConfig};
use crate::steps::{assert_growth, during};
use crate::{Node, NodeIdx, PartitionTable, Topology};
use alloc::format;
use std::prelude::rust_2024::*;

fn nodes(count: usize) -> Topology<u64> {
    let node = |id| Node::new(id).domain("zone", &format!("z{}", id % 4));
    Topology::of((0..count as u64).map(node)).expect("nodes")
}

fn table(nodes: &Topology<u64>, size: (usize, u32)) -> (TableConfig, PartitionTable) {
    let config = TableConfig::new(size.0 as u32, size.1).max_per_domain("zone", 1);
    let planner = Planner::new(nodes.members(), &config).expect("a planner");
    let table = planner.fresh().expect("a plan").into_table();
    (config, table)
}

/// Steps to balance the leaders of a fresh table, by default or with every third node leading less.
fn leading(count: usize, size: (usize, u32), weighted: bool) -> u64 {
    let nodes = nodes(count);
    let (config, table) = table(&nodes, size);
    let planner = Planner::new(nodes.members(), &config).expect("a planner");
    let weights = (0..count as u32).map(|node| (NodeIdx::new(node), 1 + u64::from(node % 3)));
    let planner = if weighted { planner.leader_weights(weights) } else { Ok(planner) };
    let planner = planner.expect("weights");
    let (plan, steps) = during(|| planner.lead(&table, nodes.members()));
    assert!(plan.is_ok());
    steps
}

#[test]
fn leaders_are_by_the_size_of_the_table() {
    for weighted in [false, true] {
        // With two replicas there is no choice of second holders, each of which is a flow of its own.
        // The number of searches varies by one or two; quadratic growth would be 4.
        assert_growth("leaders", 1 << 13, 3.0, |p| leading(40, (p, 2), weighted));
    }
}

#[test]
fn leaders_take_a_few_looks_at_each_replica() {
    for (count, partitions) in [(12, 1 << 10), (40, 1 << 12), (200, 1 << 14)] {
        for weighted in [false, true] {
            let steps = leading(count, (partitions, 3), weighted);
            let max = 100 * 3 * partitions as u64;
            assert!(steps <= max, "{count} nodes, {partitions}: {steps} steps, at most {max}");
        }
    }
}

/// Blocks are divided many times if every node can lead another number of partitions.
#[test]
fn blocks_are_divided_all_at_once() {
    let steps = |count: usize| {
        // Of 2^k partitions with one holder each, half are on node 0, a quarter on node 1 and so on.
        let nodes = Topology::of((0..count as u64).map(Node::new)).expect("nodes");
        let partitions = 1_u32 << 12;
        let rows = (0..partitions).map(|p| NodeIdx::new((p + 1).trailing_zeros() % count as u32));
        let rows: Vec<NodeIdx> = rows.collect();
        let table = PartitionTable::from_rows(nodes.members(), partitions, 1, &rows).expect("rows");
        let config = TableConfig::new(partitions, 1);
        let planner = Planner::new(nodes.members(), &config).expect("a planner");
        let (plan, steps) = during(|| planner.lead(&table, nodes.members()));
        assert_eq!(plan.expect("a plan").leaders_moved(), 0);
        steps
    };
    // A look at every partition for each division, of which there are at most n.
    for count in [4, 8, 12] {
        let steps = steps(count);
        assert!(steps <= 2 * (1 << 12) * count as u64, "{count} nodes: {steps}");
    }
}
