//! Building every algorithm over an existing topology, and building the topology itself.

mod common;

use apportion::placement::Build;
use apportion::ring::RingConfig;
use apportion::{Locator, Topology};
use common::{SIZES, slow, topology};
use criterion::Criterion;
use std::hint::black_box;

fn build(c: &mut Criterion) {
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
        for points in [40, 160, 640] {
            if n * points > 1 << 24 {
                continue;
            }
            let config = RingConfig::default().points_per_node(points as u32);
            let name = if points == 160 { "ring".into() } else { format!("ring-{points}") };
            group.bench_function(name, |b| {
                b.iter_with_large_drop(|| {
                    Locator::ring_of(black_box(&nodes).clone(), config.clone())
                });
            });
        }
        one::<apportion::bucket::Numbered<apportion::bucket::Jump>>(&mut group, "jump", &nodes);
        one::<apportion::bucket::Numbered<apportion::bucket::JumpGuava>>(
            &mut group,
            "jump-guava",
            &nodes,
        );
        one::<apportion::bucket::Numbered<apportion::JumpBack>>(&mut group, "jump-back", &nodes);
        one::<apportion::Rendezvous>(&mut group, "rendezvous", &nodes);
        one::<apportion::WeightedRendezvous>(&mut group, "weighted-rendezvous", &nodes);
        group.finish();
    }
}

fn one<P: Build>(
    group: &mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>,
    name: &str,
    nodes: &Topology<u64>,
) {
    let config = P::Config::default();
    group.bench_function(name, |b| {
        b.iter_with_large_drop(|| Locator::<_, P>::build(black_box(nodes).clone(), &config));
    });
}

fn main() {
    common::run(&[build]);
}
