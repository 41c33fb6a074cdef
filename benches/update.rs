//! Deriving a new value from an old one: adding, removing and reweighting a node, replacing the list.

mod common;

use apportion::placement::Build;
use apportion::{Locator, Node, Placement};
use common::{All, SIZES, each_locator, slow, topology};
use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, Criterion};
use std::hint::black_box;

/// How many different nodes join or leave in turn. If the same node did so every time, the positions of
/// its points would be in the caches.
const TURNS: u64 = 64;

type Group<'a> = BenchmarkGroup<'a, WallTime>;

fn update(c: &mut Criterion) {
    for n in SIZES {
        let all = All::over(black_box(n));
        let nodes = topology(n);

        let mut group = open(c, "add", n);
        // The lower bound: changing the topology alone.
        turns(&mut group, "topology", |i| nodes.with_node(Node::new(n + i)));
        each_locator!(all, |name, locator| add(&mut group, name, locator, n));
        group.finish();

        let mut group = open(c, "remove", n);
        turns(&mut group, "topology", |i| nodes.without(&(i * 37 % n)));
        each_locator!(all, |name, locator| remove(&mut group, name, locator, n));
        group.finish();

        let mut group = open(c, "reweight", n);
        each_locator!(all, |name, locator| {
            if locator.placement().guarantees().weights {
                reweight(&mut group, name, locator, n);
            }
        });
        group.finish();

        let mut group = open(c, "replace-a-tenth", n);
        each_locator!(all, |name, locator| replace(&mut group, name, locator, n));
        group.finish();
    }
}

fn open<'a>(c: &'a mut Criterion, what: &str, n: u64) -> Group<'a> {
    let mut group = c.benchmark_group(format!("update/{what}/{n}"));
    if n >= 10_000 {
        slow(&mut group);
    }
    group
}

/// Times a change that depends on the iteration; its result is dropped outside the timed section.
fn turns<T>(group: &mut Group<'_>, name: &str, mut change: impl FnMut(u64) -> T) {
    let mut turn = 0;
    group.bench_function(name, |b| {
        b.iter_with_large_drop(|| {
            turn = (turn + 1) % TURNS;
            change(black_box(turn))
        });
    });
}

fn add<P: Build>(group: &mut Group<'_>, name: &str, locator: &Locator<u64, P>, n: u64) {
    turns(group, name, |i| locator.with(n + i).expect("a new label"));
}

fn remove<P: Build>(group: &mut Group<'_>, name: &str, locator: &Locator<u64, P>, n: u64) {
    // Bucket functions can only lose their last node.
    let any = locator.placement().guarantees().any_removal;
    let node = |i| if any { i * 37 % n } else { n - 1 };
    turns(group, name, |i| locator.without(&node(i)).expect("a node that may leave"));
}

fn reweight<P: Build>(group: &mut Group<'_>, name: &str, locator: &Locator<u64, P>, n: u64) {
    turns(group, name, |i| locator.reweighted(&(i * 37 % n), 2).expect("a weight"));
}

/// Replaces the list in one step; the last tenth of the nodes has new names.
fn replace<P: Build>(group: &mut Group<'_>, name: &str, locator: &Locator<u64, P>, n: u64) {
    let stay = n - n / 10;
    group.bench_function(name, |b| {
        b.iter_batched(
            || (0..stay).chain(n..n + n / 10).map(Node::new).collect::<Vec<_>>(),
            |nodes| locator.replaced_by(nodes).expect("distinct labels"),
            BatchSize::PerIteration,
        );
    });
}

fn main() {
    common::run(&[update]);
}
