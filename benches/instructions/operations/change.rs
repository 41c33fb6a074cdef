//! Building, one node more or less, what moves then, and counting over keys.

use crate::inputs::{ids, kept, nodes, over};
use apportion::analysis::{Balance, count_moves};
use apportion::placement::Build;
use apportion::{Locator, Maglev, Ring, Topology};
use gungraun::{library_benchmark, library_benchmark_group};
use std::hint::black_box;

/// A ring has 160 points a node.
type Nodes<P> = &'static Locator<u64, P>;

// A locator over a list of nodes that is there.
#[library_benchmark]
#[bench::ring_10(nodes(10))]
#[bench::ring_1000(nodes(1000))]
fn build(nodes: &'static Topology<u64>) -> Locator<u64> {
    Locator::build(black_box(nodes).clone(), &Default::default()).expect("a ring")
}

// A new node joins.
#[library_benchmark]
#[bench::ring_1000(over::<Ring>(1000))]
#[bench::maglev_1000(over::<Maglev>(1000))]
fn one_node_more<P: Build>(nodes: Nodes<P>) -> Locator<u64, P> {
    nodes.with(black_box(1000)).expect("a new label")
}

// A node leaves.
#[library_benchmark]
#[bench::ring_1000(over::<Ring>(1000))]
#[bench::maglev_1000(over::<Maglev>(1000))]
fn one_node_less<P: Build>(nodes: Nodes<P>) -> Locator<u64, P> {
    nodes.without(black_box(&500)).expect("a node")
}

// The ranges of hashes that move when a node joins.
#[library_benchmark]
#[bench::ring_1000(over::<Ring>(1000), grown(1000))]
fn diff(old: Nodes<Ring>, new: Nodes<Ring>) -> usize {
    old.diff(black_box(new)).expect("two rings").moves().count()
}

fn grown(n: u64) -> Nodes<Ring> {
    kept(over::<Ring>(n).with(n).expect("a new label"))
}

// The load of each node by keys.
#[library_benchmark]
#[bench::ring_100(over::<Ring>(100), ids(10_000))]
fn balance_of_keys(nodes: Nodes<Ring>, ids: &'static [u64]) -> u64 {
    Balance::of_keys(nodes, 3, black_box(ids).iter().copied()).expect("three replicas").sum()
}

// The keys that move when a node joins.
#[library_benchmark]
#[bench::ring_100(over::<Ring>(100), grown(100), ids(10_000))]
fn moves_of_keys(old: Nodes<Ring>, new: Nodes<Ring>, ids: &'static [u64]) -> u64 {
    let keys = black_box(ids).iter().map(|id| (*id, 1));
    count_moves(old, new, 3, keys).expect("three replicas").moved()
}

library_benchmark_group!(
    name = changes,
    benchmarks = [build, one_node_more, one_node_less, diff, balance_of_keys, moves_of_keys]
);
