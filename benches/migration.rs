//! Migrations: sources, steps and schedules of a large change, and routing while keys move.

mod common;

use apportion::migration::{Limits, Migration, PartitionState, StepRules, Transition, Version};
use apportion::partition::TableConfig;
use apportion::{Locator, Node, Topology};
use common::{ids, slow, throughput, timed};
use criterion::Criterion;

/// Each has three replicas, at most one in a zone.
const PARTITIONS: u32 = 1 << 18;

/// Zones of 100 nodes each, by number.
fn nodes(zones: std::ops::Range<u64>) -> impl Iterator<Item = Node<u64>> {
    let node = |i: u64| Node::new(i).domain("zone", &(i / 100).to_string());
    (100 * zones.start..100 * zones.end).map(node)
}

fn migration(c: &mut Criterion) {
    // `cargo test --benches` checks a smaller change.
    let (zones, partitions) = if timed() { (9, PARTITIONS) } else { (3, 1 << 10) };
    let config = TableConfig::new(partitions, 3).max_per_domain("zone", 1);
    let old = Topology::of(nodes(0..zones)).expect("distinct labels");
    let old = Locator::table_of(old, config).expect("a table");
    let new = old.with_nodes(nodes(zones..zones + 1)).expect("a table");
    let diff = old.diff_replicas(&new, 3).expect("two tables");
    let migration = Migration::of(&diff);

    let mut group = c.benchmark_group(format!("migration/{}-transfers", migration.len()));
    slow(&mut group);
    group.bench_function("sources", |b| b.iter_with_large_drop(|| Migration::of(&diff)));
    let rules = StepRules::new(10_000).max_per_domain("zone", 1);
    group.bench_function("steps-of-10000", |b| {
        b.iter_with_large_drop(|| migration.steps(&rules).expect("steps"));
    });
    let limits = [
        ("schedule-1-1", Limits::each(1, 1)),
        ("schedule-8-4", Limits::each(8, 4)),
        ("schedule-joint-2", Limits::joint(2)),
        ("schedule-joint-3", Limits::joint(3)),
    ];
    for (name, limits) in limits {
        group.bench_function(name, |b| {
            b.iter_with_large_drop(|| migration.schedule(&limits).expect("limits"));
        });
    }
    group.finish();

    // Of the partitions that move, every fourth is settled at the new table, and every fourth is copying.
    let mut transition = Transition::<_, _, 3>::new(Version::of(&old), partitions).expect("R is 3");
    transition.change_to(Version::of(&new)).expect("the same hasher");
    let waits = |p: &u32| transition.state(*p) == Some(PartitionState::Waiting);
    let waiting: Vec<u32> = (0..partitions).filter(waits).collect();
    for (i, partition) in waiting.into_iter().enumerate().filter(|(i, _)| i % 2 == 0) {
        transition.begin(partition).expect("it waits");
        if i % 4 == 0 {
            transition.switch(partition).expect("it was copied");
            transition.complete(partition).expect("it has switched");
        }
    }
    let ids = ids();
    let mut group = c.benchmark_group("migration/sets");
    group.bench_function("replicas-of-the-table", |b| {
        throughput(b, &ids, |key| new.replicas::<3>(key).iter().map(|node| *node as u32).sum());
    });
    group.bench_function("read-set", |b| {
        throughput(b, &ids, |key| transition.read_set(key).iter().map(|node| *node as u32).sum());
    });
    group.bench_function("write-set", |b| {
        throughput(b, &ids, |key| transition.write_set(key).iter().map(|node| *node as u32).sum());
    });
    group.finish();
}

fn main() {
    common::run(&[migration]);
}
