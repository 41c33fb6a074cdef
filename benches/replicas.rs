//! The holders of a key: three as an array, five as a slice, and the first three of the walk on which
//! filters run.

mod common;

use apportion::hash::KeyHasher;
use apportion::{Locator, NodeIdx, Placement, Xxh3};
use common::{All, CacheMiss, SIZES, dependent, each_locator, number, throughput};
use criterion::Criterion;
use std::hint::black_box;

fn replicas(c: &mut Criterion) {
    let ids = common::ids();
    let mut miss = CacheMiss::new();
    for n in SIZES {
        let all = All::over(black_box(n));

        let mut group = c.benchmark_group(format!("replicas/three/throughput/{n}"));
        each_locator!(all, |name, locator| {
            group.bench_function(name, |b| throughput(b, &ids, |key| three(locator, *key)))
        });
        // The black box hides the divisor: with a constant, the compiler would not divide.
        let divisor = black_box(n);
        let hash = |key: &u64| Xxh3.hash_key(key).get();
        group.bench_function("floor/hash-only", |b| throughput(b, &ids, |key| hash(key) as u32));
        group.bench_function("floor/modulo", |b| {
            throughput(b, &ids, |key| (0..3).map(|i| ((hash(key) + i) % divisor) as u32).sum());
        });
        group.bench_function("floor/cache-miss", |b| throughput(b, &ids, |_| miss.read()));
        group.finish();

        let mut group = c.benchmark_group(format!("replicas/three/dependent/{n}"));
        each_locator!(all, |name, locator| {
            group.bench_function(name, |b| dependent(b, &ids, |key| three(locator, *key)))
        });
        group.finish();

        let mut group = c.benchmark_group(format!("replicas/five-into/throughput/{n}"));
        each_locator!(all, |name, locator| {
            group.bench_function(name, |b| throughput(b, &ids, |key| five(locator, *key)))
        });
        group.finish();
    }
}

/// Under rendezvous a step of the walk takes O(n), so the sizes end earlier.
fn walk(c: &mut Criterion) {
    let ids = common::ids();
    for n in [10, 100, 1000] {
        let all = All::over(black_box(n));
        let mut group = c.benchmark_group(format!("replicas/candidates/throughput/{n}"));
        each_locator!(all, |name, locator| {
            group.bench_function(name, |b| throughput(b, &ids, |key| candidates(locator, *key)))
        });
        group.finish();
    }
}

/// All three answers are used: a compiler that sees one of them unused may leave work out.
fn three<P: Placement>(locator: &Locator<u64, P>, key: u64) -> u32 {
    let holders = locator.replicas::<3>(&key);
    black_box(holders.indices());
    number(holders.indices().last().copied())
}

fn five<P: Placement>(locator: &Locator<u64, P>, key: u64) -> u32 {
    let mut holders = [NodeIdx::default(); 5];
    let found = locator.replicas_into(&key, black_box(&mut holders));
    number(black_box(&holders).get(found.saturating_sub(1)).copied())
}

fn candidates<P: Placement>(locator: &Locator<u64, P>, key: u64) -> u32 {
    locator.candidates(&key).take(3).map(|(node, _)| node.get()).fold(0, u32::wrapping_add)
}

fn main() {
    common::run(&[replicas, walk]);
}
