//! The field `sizes`: the dumps, counted again, hold what the reports say.

use super::recount::{Row, tables};
use super::scenarios::{Cluster, step};
use super::{dumped, run};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn sizes(partitions: u64, more: u64) -> Value {
    (0..partitions).map(|p| json!([p, 100 + (p * p * 37 + p * more) % 5000])).collect()
}

fn by_partition(sizes: &Value, partitions: usize) -> Vec<u64> {
    let mut list = vec![0; partitions];
    for pair in sizes.as_array().unwrap() {
        list[pair[0].as_u64().unwrap() as usize] = pair[1].as_u64().unwrap();
    }
    list
}

/// The maximum of size over fair size, for nodes of equal weight without limits that bind.
fn max_over_fair(rows: &[Row], sizes: &[u64], nodes: usize) -> f64 {
    let mut held: BTreeMap<&str, u64> = BTreeMap::new();
    for (row, size) in rows.iter().zip(sizes) {
        row.iter().for_each(|id| *held.entry(id).or_default() += size);
    }
    let total: u64 = held.values().sum();
    held.values().map(|held| *held as f64 * nodes as f64 / total as f64).fold(0.0, f64::max)
}

fn moved(old: &[Row], new: &[Row], sizes: &[u64]) -> u64 {
    let ways = new.len() / old.len();
    let moved = |p: usize| new[p].iter().filter(|id| !old[p / ways].contains(id)).count() as u64;
    (0..new.len()).map(|p| moved(p) * sizes[p]).sum()
}

#[test]
fn dumps_hold_what_is_reported() {
    let mut cluster = Cluster::zoned(8, 4, |_| 1);
    let mut scenario = cluster.scenario(json!({"zone": 1}), 96, 3);
    let (first, second) = (sizes(96, 0), sizes(96, 11));
    step(&mut scenario, "plain", &cluster, json!({}));
    step(&mut scenario, "sized", &cluster, json!({"sizes": first}));
    for zone in ["z0", "z1", "z2", "z3"] {
        cluster.add(zone, 1);
    }
    step(&mut scenario, "inherited", &cluster, json!({}));
    step(&mut scenario, "same", &cluster, json!({}));
    step(&mut scenario, "split", &cluster, json!({"partitions": 192}));
    step(&mut scenario, "led", &cluster, json!({"leaders": true, "sizes": second}));
    step(&mut scenario, "off", &cluster, json!({"sizes": []}));
    let first = by_partition(&first, 96);
    let halves = |p: usize| first[p / 2] / 2 + u64::from(p % 2 == 0) * (first[p / 2] % 2);
    let split: Vec<u64> = (0..192).map(halves).collect();
    let expected = [
        (1, first.clone(), 8),
        (2, first.clone(), 12),
        (3, first.clone(), 12),
        (4, split, 12),
        (5, by_partition(&second, 192), 12),
    ];
    for args in [&[][..], &["--no-disperse"], &["--steps", "9"]] {
        let (ended, dump) = dumped(&scenario, args);
        let report = ended.json()["steps"].clone();
        // Tables on the way are named `label (1 of 2)`.
        let tables = tables(&dump);
        let table = |i: usize| {
            let label = report[i]["label"].as_str().unwrap();
            &tables.iter().find(|(other, _)| other == label).unwrap().1
        };
        for (i, sizes, nodes) in &expected {
            let report = &report[*i];
            let ratio = report["size_max_over_fair"].as_f64().unwrap();
            let counted = max_over_fair(table(*i), sizes, *nodes);
            assert!((ratio - counted).abs() < 1e-6, "{report}: {counted}");
            let bound = report["size_lower_bound"].as_f64().unwrap();
            let gap = report["size_gap"].as_f64().unwrap();
            assert!(bound > 0.9999 && bound < ratio + 1e-9, "{report}");
            assert!((ratio - bound - gap).abs() < 1e-9, "{report}");
            assert_eq!(report["size_moved"], moved(table(i - 1), table(*i), sizes), "{report}");
            assert_eq!(report["optimal"], true, "{report}");
        }
        assert!(report[2]["size_max_over_fair"].as_f64() < Some(1.05), "{report}");
        for i in [1, 3, 4] {
            assert_eq!((&report[i]["moved"], &report[i]["size_moved"]), (&json!(0), &json!(0)));
            assert_eq!(report[i]["size_gap"], 0.0, "{report}");
        }
        for i in [0, 6] {
            assert!(report[i].get("size_gap").is_none(), "{report}");
        }
    }
}

#[test]
fn sizes_are_printed() {
    let cluster = Cluster::zoned(4, 4, |_| 1);
    let mut scenario = cluster.scenario(json!({}), 16, 2);
    step(&mut scenario, "init", &cluster, json!({"sizes": [[0, 5], [3, 5]]}));
    let ended = run::<&str>(&[], scenario.to_string().as_bytes());
    assert_eq!(ended.status, Some(0), "{ended:?}");
    // Two partitions of two replicas: one on each node.
    let line = ended.stdout.lines().find(|line| line.ends_with("size moved")).unwrap_or_default();
    assert!(line.starts_with("step"), "{}", ended.stdout);
    let line = ended.stdout.lines().last().unwrap_or_default();
    assert_eq!(
        line.split_whitespace().collect::<Vec<_>>(),
        ["init", "1.0000", "1.0000", "0.0000", "0"]
    );
}

#[test]
fn wrong_sizes_are_refused() {
    let cluster = Cluster::zoned(3, 3, |_| 1);
    for (sizes, named) in [
        (json!(1), "sizes 1: not a list"),
        (json!([1]), "sizes 1: not a list"),
        (json!([[1]]), "sizes: 1 values, not [partition, bytes]"),
        (json!([[8, 1]]), "sizes: partition 8: not a whole number from 0 to 7"),
        (json!([[1, -1]]), "sizes: partition 1: bytes -1: not a whole number from 0 to"),
        (json!([[1, 1.5]]), "sizes: partition 1: bytes 1.5: not a whole number"),
        (json!([[1, 2], [1, 2]]), "sizes: partition 1 is given twice"),
        (
            json!([[1, u64::MAX]]),
            "which 2 replicas of size 18446744073709551615 of partition 1 exceed",
        ),
    ] {
        let mut scenario = cluster.scenario(json!({}), 8, 2);
        step(&mut scenario, "init", &cluster, json!({"sizes": sizes}));
        let ended = run::<&str>(&[], scenario.to_string().as_bytes());
        assert_eq!((ended.status, &*ended.stdout), (Some(2), ""), "{ended:?}");
        assert!(ended.stderr.contains("step \"init\": sizes"), "{ended:?}");
        assert!(ended.stderr.contains(named), "{ended:?} does not say {named}");
    }
}
