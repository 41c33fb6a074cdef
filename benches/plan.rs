//! Partition tables: a fresh plan, plans after adding or removing one of each kind, the cost of
//! dispersion, and the check of a certificate.

mod common;

use apportion::partition::{Plan, TableConfig};
use apportion::{Node, PartitionTable, Planner, Topology};
use common::{slow, timed};
use criterion::{BatchSize, Criterion};
use std::hint::black_box;

/// Three replicas, at most one a zone.
struct Scenario {
    name: &'static str,
    nodes: u64,
    zones: u64,
    partitions: u32,
    /// Of each node.
    weight: fn(u64) -> u64,
    /// True if dispersion ends within seconds.
    disperse: bool,
}

/// Other systems were measured on the same cases except the last, which is the largest one requested.
const SCENARIOS: [Scenario; 4] = [
    Scenario {
        name: "a-100-equal",
        nodes: 100,
        zones: 5,
        partitions: 1 << 14,
        weight: |_| 1,
        disperse: true,
    },
    // Every zone's total is 110.
    Scenario {
        name: "b-100-unequal",
        nodes: 100,
        zones: 5,
        partitions: 1 << 14,
        weight: |i| i / 5 % 10 + 1,
        disperse: false,
    },
    Scenario {
        name: "g-1000-equal",
        nodes: 1000,
        zones: 10,
        partitions: 1 << 18,
        weight: |_| 1,
        disperse: true,
    },
    Scenario {
        name: "h-10000-equal",
        nodes: 10_000,
        zones: 10,
        partitions: 1 << 20,
        weight: |_| 1,
        disperse: false,
    },
];

/// A node: number, zone, weight.
type Entry = (u64, u64, u64);

impl Scenario {
    fn list(&self) -> Vec<Entry> {
        (0..self.nodes).map(|i| (i, i % self.zones, (self.weight)(i))).collect()
    }

    /// The changes of the nodes, each applied to the same initial state.
    fn changes(&self) -> [(&'static str, Vec<Entry>); 5] {
        let old = self.list();
        let with = |more: Vec<Entry>| [old.clone(), more].concat();
        let without = |gone: &dyn Fn(&Entry) -> bool| {
            old.iter().copied().filter(|entry| !gone(entry)).collect::<Vec<_>>()
        };
        let zone = (0..self.nodes / self.zones)
            .map(|i| (self.nodes + i, self.zones, (self.weight)(i * self.zones)));
        let doubled = old.iter().map(|(i, zone, weight)| (*i, *zone, weight << u64::from(*i == 7)));
        [
            ("one-node-more", with(vec![(self.nodes, 0, (self.weight)(0))])),
            ("one-node-less", without(&|entry| entry.0 == 7)),
            ("a-zone-more", with(zone.collect())),
            ("a-zone-less", without(&|entry| entry.1 == 0)),
            ("one-weight-doubled", doubled.collect()),
        ]
    }

    fn config(&self) -> TableConfig {
        TableConfig::new(self.partitions, 3).max_per_domain("zone", 1)
    }
}

fn topology(entries: &[Entry]) -> Topology<u64> {
    let node =
        |(i, zone, weight): &Entry| Node::new(*i).weight(*weight).domain("zone", &zone.to_string());
    Topology::of(entries.iter().map(node)).expect("distinct labels")
}

fn fresh(nodes: &Topology<u64>, config: &TableConfig) -> Plan {
    Planner::new(nodes.members(), config).and_then(|planner| planner.fresh()).expect("a table")
}

fn rebalance(
    nodes: &Topology<u64>,
    config: &TableConfig,
    (table, before): (&PartitionTable, &Topology<u64>),
) -> Plan {
    Planner::new(nodes.members(), config)
        .and_then(|planner| planner.rebalance(table, before.members()))
        .expect("a table")
}

fn plan(c: &mut Criterion) {
    for scenario in SCENARIOS {
        let large = scenario.partitions > 1 << 14;
        if large && !timed() {
            continue;
        }
        let mut group = c.benchmark_group(format!("plan/{}", scenario.name));
        if large {
            slow(&mut group);
        }
        let (nodes, config) = (topology(&scenario.list()), scenario.config());
        group.bench_function("fresh", |b| {
            b.iter_with_large_drop(|| fresh(black_box(&nodes), &config));
        });
        let planner = Planner::new(nodes.members(), &config).expect("a planner");
        let old = planner.fresh().expect("a table");
        if scenario.disperse {
            group.bench_function("disperse", |b| {
                let disperse = |mut plan| {
                    planner.disperse(&mut plan).expect("a plan of this planner");
                    plan
                };
                b.iter_batched(|| old.clone(), disperse, BatchSize::PerIteration);
            });
        }
        for (name, after) in scenario.changes() {
            let after = topology(&after);
            let before = (old.table(), &nodes);
            group.bench_function(name, |b| {
                b.iter_with_large_drop(|| rebalance(black_box(&after), &config, before));
            });
        }
        let (_, after) = &scenario.changes()[0];
        let after = topology(after);
        let change = rebalance(&after, &config, (old.table(), &nodes));
        let planner = Planner::new(after.members(), &config).expect("a planner");
        group.bench_function("verify", |b| {
            b.iter(|| planner.verify(black_box(&change), Some((old.table(), nodes.members()))));
        });
        group.finish();
    }
}

fn main() {
    common::run(&[plan]);
}
