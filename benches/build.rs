//! Building every algorithm over an existing topology, and building the topology itself.

mod common;

use apportion::placement::Build;
use apportion::ring::RingConfig;
use apportion::{Locator, Topology};
use common::{SIZES, build, each_placement, slow, topology};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion};
use std::hint::black_box;

fn builds(c: &mut Criterion) {
    for n in SIZES {
        let nodes = topology(n);
        let mut group = c.benchmark_group(format!("build/{n}"));
        if n >= 10_000 {
            slow(&mut group);
        }
        // The lower bound: labels, identities and values, which every algorithm needs first.
        group.bench_function("topology", |b| {
            b.iter_with_large_drop(|| topology(black_box(n)));
        });
        // Rings also with a quarter and with four times the points, because build time grows with
        // them. The last one does not fit the budget at 100,000 nodes.
        for points in [40, 640] {
            if n * points > 1 << 24 {
                continue;
            }
            let config = RingConfig::default().points_per_node(points as u32);
            group.bench_function(format!("ring-{points}"), |b| {
                b.iter_with_large_drop(|| {
                    Locator::ring_of(black_box(&nodes).clone(), config.clone())
                });
            });
        }
        each_placement!(|name, P| one::<P>(&mut group, name, &nodes));
        group.finish();
    }
}

fn one<P: Build>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, nodes: &Topology<u64>) {
    // Not where it would be refused.
    if build::<P>(nodes).is_none() {
        return;
    }
    group.bench_function(name, |b| {
        b.iter_with_large_drop(|| build::<P>(black_box(nodes)));
    });
}

fn main() {
    common::run(&[builds]);
}
