//! Partition tables: 100 equal nodes in 5 zones, 2^14 partitions of three replicas, at most one a zone.

use crate::inputs::kept;
use apportion::partition::{Plan, TableConfig};
use apportion::{Node, Planner, Topology};
use gungraun::{library_benchmark, library_benchmark_group};
use std::hint::black_box;

const ZONES: u64 = 5;

type Nodes = &'static Topology<u64>;

fn nodes(n: u64) -> Nodes {
    let node = |i: u64| Node::new(i).domain("zone", &(i % ZONES).to_string());
    kept(Topology::of((0..n).map(node)).expect("distinct labels"))
}

fn planner(nodes: Nodes) -> Planner<'static> {
    let config = TableConfig::new(1 << 14, 3).max_per_domain("zone", 1);
    Planner::new(black_box(nodes).members(), &config).expect("a planner")
}

// A plan from nothing.
#[library_benchmark]
#[bench::a(nodes(100))]
fn fresh_plan(nodes: Nodes) -> Plan {
    planner(nodes).fresh().expect("a table")
}

/// The table before a node joins.
fn before(n: u64) -> (Nodes, &'static Plan) {
    let nodes = nodes(n);
    (nodes, kept(planner(nodes).fresh().expect("a table")))
}

// A plan after a node has joined.
#[library_benchmark]
#[bench::a_one_node_more(before(100), nodes(101))]
fn rebalanced_plan((old, plan): (Nodes, &'static Plan), new: Nodes) -> Plan {
    planner(new).rebalance(plan.table(), old.members()).expect("a table")
}

// The check of a plan's proof.
#[library_benchmark]
#[bench::a(before(100))]
fn verified_plan((nodes, plan): (Nodes, &'static Plan)) -> bool {
    planner(nodes).verify(plan, None).expect("a proof").optimal()
}

library_benchmark_group!(name = plans, benchmarks = [fresh_plan, rebalanced_plan, verified_plan]);
