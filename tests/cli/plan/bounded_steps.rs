//! `--steps`: the tables on the way, counted again from the dump alone.

use super::recount::{Asked, Row, asked, quotas_of, tables};
use super::scenarios::{Cluster, history, random, step};
use super::{dumped, file, run, written};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Distance of all nodes and zones from their quotas.
fn distance(rows: &[Row], asked: &Asked, zones: &BTreeMap<String, String>) -> u64 {
    let quotas = quotas_of(asked);
    let mut held: BTreeMap<String, u64> = BTreeMap::new();
    for id in rows.iter().flatten() {
        *held.entry(format!("node {id}")).or_default() += 1;
        *held.entry(format!("zone {}", zones[id])).or_default() += 1;
    }
    let mut targets: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for (id, quota) in &quotas.nodes {
        targets.insert(format!("node {id}"), (quota.floor(), quota.ceil()));
    }
    for (zone, quota) in &quotas.zones {
        targets.insert(format!("zone {zone}"), (quota.floor(), quota.ceil()));
    }
    let off = |key: &String| {
        let (low, high) = targets.get(key).copied().unwrap_or((0, 0));
        let held = held.get(key).copied().unwrap_or(0);
        low.saturating_sub(held) + held.saturating_sub(high)
    };
    let keys: std::collections::BTreeSet<&String> = held.keys().chain(targets.keys()).collect();
    keys.into_iter().map(off).sum()
}

fn most_in_a_zone(row: &Row, zones: &BTreeMap<String, String>) -> u64 {
    let mut inside: BTreeMap<&String, u64> = BTreeMap::new();
    row.iter().for_each(|id| *inside.entry(&zones[id]).or_default() += 1);
    inside.into_values().max().unwrap_or(0)
}

/// Checks one step of a scenario: the old table, the tables on the way, and the planned one.
fn check(
    old: &[Row],
    way: &[(String, Vec<Row>)],
    planned: &[Row],
    (before, now): (&Asked, &Asked),
    max: usize,
    report: &Value,
) {
    let ways = planned.len() / old.len();
    let old: Vec<Row> = (0..planned.len()).map(|partition| old[partition / ways].clone()).collect();
    assert_eq!(report["bounded_steps"], way.len());
    for (i, (label, _)) in (1..).zip(way) {
        assert_eq!(*label, format!("{} ({i} of {})", now.label, way.len()));
    }
    // The newer zone counts; a node that is gone is in its old one.
    let mut zones: BTreeMap<String, String> = BTreeMap::new();
    before.nodes.keys().for_each(|id| drop(zones.insert(id.clone(), before.zone(id))));
    now.nodes.keys().for_each(|id| drop(zones.insert(id.clone(), now.zone(id))));
    let limit = now.limits.first().copied().unwrap_or(u64::MAX);
    let live = |row: &Row| row.iter().filter(|id| now.nodes.contains_key(*id)).count();
    let mut held: BTreeMap<&String, u64> = BTreeMap::new();
    old.iter().flatten().for_each(|id| *held.entry(id).or_default() += 1);
    let mut peaks = held.clone();
    let mut last = &old;
    let mut transfers = 0;
    for (label, rows) in way {
        assert_eq!(rows.len(), planned.len(), "{label}");
        let mut copied = 0;
        for (partition, row) in rows.iter().enumerate() {
            let mut ids = row.clone();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), row.len(), "{label}, partition {partition}");
            let arrived = row.iter().filter(|id| !last[partition].contains(id));
            for id in arrived {
                copied += 1;
                let held = held.entry(id).or_default();
                *held += 1;
                let peak = peaks.entry(id).or_default();
                *peak = (*peak).max(*held);
            }
            // Only what the plan has comes, and only what it has not goes.
            assert!(
                row.iter().all(|id| old[partition].contains(id) || planned[partition].contains(id))
            );
            assert!(
                planned[partition]
                    .iter()
                    .all(|id| !last[partition].contains(id) || row.contains(id))
            );
            let (a, b) = (&old[partition], &planned[partition]);
            assert!(row.len() >= a.len().min(b.len()), "{label}, partition {partition}");
            assert!(live(row) >= live(a).min(b.len()), "{label}, partition {partition}");
            let most = most_in_a_zone(row, &zones);
            assert!(most <= limit.max(most_in_a_zone(a, &zones)), "{label}, partition {partition}");
        }
        assert!(copied <= max, "{label} copies {copied}");
        transfers += copied;
        assert!(distance(rows, now, &zones) <= distance(last, now, &zones), "{label}");
        held.clear();
        rows.iter().flatten().for_each(|id| *held.entry(id).or_default() += 1);
        last = rows;
    }
    assert_eq!(report["transfers"], transfers);
    // Once more under its own label, and in the planned order of the holders.
    assert_eq!(*last, planned, "{}", now.label);
    let quotas = quotas_of(now);
    let over = |(id, quota): (&String, &super::quotas::Quota)| {
        (quota.value() > 0.0).then(|| peaks.get(id).copied().unwrap_or(0) as f64 / quota.value())
    };
    let peak = quotas.nodes.iter().filter_map(over).fold(0.0, f64::max);
    let said = report["peak_over_quota"].as_f64().expect("a number");
    assert!((said - peak).abs() < 1e-9, "{said}, counted {peak}");
}

fn checked(scenario: &Value, max: usize) -> Vec<Value> {
    let whole = tables(&dumped(scenario, &[]).1);
    let (reports, dump, _) = written(scenario, &[&format!("--steps={max}")]);
    let (asked, tables) = (asked(scenario), tables(&dump));
    assert_eq!((&tables[0], &reports[0]["bounded_steps"]), (&whole[0], &json!(0)));
    let mut rest = &tables[1..];
    for i in 1..asked.len() {
        let way = rest.iter().position(|(label, _)| *label == asked[i].label).expect("its table");
        assert_eq!(rest[way], whole[i], "the same plan as without bounded steps");
        let (old, new) = (&whole[i - 1].1, &whole[i].1);
        if way > 0 {
            check(old, &rest[..way], new, (&asked[i - 1], &asked[i]), max, &reports[i]);
        } else {
            assert_eq!(
                (&reports[i]["transfers"], &reports[i]["bounded_steps"]),
                (&json!(0), &json!(0))
            );
        }
        rest = &rest[way + 1..];
    }
    assert!(rest.is_empty());
    reports
}

#[test]
fn every_table_on_the_way_is_legal_and_no_worse() {
    let scenario = history(
        &Cluster::zoned(20, 4, |i| 1 + (i % 3) as u64),
        96,
        &[
            &|c| c.add("z0", 3),
            &|c| c.remove("n5"),
            &|c| (0..3).for_each(|_| c.add("z4", 2)),
            &|c| c.times("n8", 0, 1),
            &|c| ["n1", "n2", "n3"].iter().for_each(|id| c.remove(id)),
        ],
    );
    for max in [2, 7, 50, 100_000] {
        let reports = checked(&scenario, max);
        for report in &reports[1..] {
            let least = report["transfers"].as_u64().expect("a number").div_ceil(max as u64);
            assert!(report["bounded_steps"].as_u64() >= Some(least), "{report}");
        }
    }
}

#[test]
fn more_and_fewer_replicas_and_partitions() {
    let mut cluster = Cluster::zoned(12, 4, |_| 1);
    let mut scenario = cluster.scenario(json!({"zone": 1}), 24, 2);
    step(&mut scenario, "two", &cluster, json!({}));
    step(&mut scenario, "three", &cluster, json!({"replicas": 3}));
    step(&mut scenario, "split", &cluster, json!({"partitions": 48}));
    cluster.add("z1", 1);
    step(&mut scenario, "split, and a node", &cluster, json!({"partitions": 96}));
    step(&mut scenario, "one", &cluster, json!({"replicas": 1}));
    for max in [3, 20] {
        checked(&scenario, max);
    }
}

#[test]
fn random_changes() {
    for seed in 0..16 {
        checked(&random(seed), 2 + seed as usize % 7);
    }
}

/// Two replicas that change their nodes: one alone takes both nodes away from their quotas.
#[test]
fn steps_that_are_too_small() {
    let mut scenario = Cluster::zoned(2, 2, |_| 1).scenario(json!({}), 2, 1);
    step(
        &mut scenario,
        "swap",
        &Cluster::zoned(2, 2, |_| 1),
        json!({"pins": [[0, "n1"], [1, "n0"]]}),
    );
    let from = file("table", "# live\n0\tn0\n1\tn1\n");
    let run =
        |steps: &str| run(&["--json", "--from", &from, steps], scenario.to_string().as_bytes());
    let ended = run("--steps=1");
    assert_eq!((ended.status, &*ended.stdout), (Some(2), ""), "{ended:?}");
    let said = "plan: step \"swap\": --steps: found no order with at most 1 transfer in a step";
    assert!(ended.stderr.starts_with(said) && ended.stderr.lines().count() == 1, "{ended:?}");
    let report = &run("--steps=2").json()["steps"][0];
    assert_eq!((&report["bounded_steps"], &report["transfers"]), (&json!(1), &json!(2)));
    // Each node holds two replicas before it gives one up.
    assert_eq!(report["peak_over_quota"], 2.0);
}

/// Smaller steps, smaller peaks: a node that swaps its replicas need not hold both at once.
#[test]
fn peaks_are_those_of_the_steps() {
    let scenario = history(
        &Cluster::zoned(20, 5, |_| 1),
        256,
        &[&|c| (0..4).for_each(|_| c.add("z5", 1)), &|c| c.remove("n3")],
    );
    let peak = |report: &Value| report["peak_over_quota"].as_f64().expect("a number");
    let (whole, ..) = written(&scenario, &[]);
    let bounded = checked(&scenario, 10);
    for (whole, bounded) in whole.iter().zip(&bounded) {
        assert!(peak(bounded) <= peak(whole), "{bounded}");
        assert_eq!(whole["rounds"], bounded["rounds"]);
        assert!(whole.get("bounded_steps").is_none());
    }
}

#[test]
fn the_table_prints_steps() {
    let scenario = history(&Cluster::zoned(8, 4, |_| 1), 32, &[&|c| c.add("z0", 1)]).to_string();
    let text = run(&["--steps", "1000"], scenario.as_bytes()).stdout;
    let heading = "carried out in bounded steps of at most 1,000 transfers";
    assert!(text.contains(heading) && text.contains("peak/quota"), "{text}");
    let both = run(&["--steps", "1", "--schedule=1,1"], scenario.as_bytes());
    assert!(both.stdout.contains("1 transfer,") && both.stdout.contains("guarantee"), "{both:?}");
}
