//! Counts again, from the scenario and the dump alone, what the report says.

use super::quotas::{Quotas, quotas};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) type Row = Vec<String>;

/// What the scenario says of a step.
pub(crate) struct Asked {
    pub(crate) label: String,
    /// Path of domains by id, and weight.
    pub(crate) nodes: BTreeMap<String, (Vec<String>, u64)>,
    pub(crate) limits: Vec<u64>,
    pub(crate) partitions: u64,
    /// As many as nodes and limits admit, if fewer are allowed.
    pub(crate) replicas: u64,
}

impl Asked {
    /// A node's outermost domain; itself without levels.
    pub(crate) fn zone(&self, id: &str) -> String {
        self.nodes[id].0.first().cloned().unwrap_or_else(|| id.to_owned())
    }
}

pub(crate) fn asked(scenario: &Value) -> Vec<Asked> {
    let levels: Vec<&str> =
        scenario["levels"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    let number = |value: &Value| value.as_u64().expect("a number");
    let limit = |level: &&str| scenario["max_per_domain"][*level].as_u64().unwrap_or(u64::MAX);
    let (mut p, mut r) = (number(&scenario["partitions"]), number(&scenario["replicas"]));
    let steps = scenario["steps"].as_array().expect("a list").iter();
    let step = |step: &Value| {
        p = step.get("partitions").map_or(p, number);
        r = step.get("replicas").map_or(r, number);
        let node = |node: &Value| {
            let names =
                levels.iter().map(|level| node[*level].as_str().expect("a name").to_owned());
            let weight = node.get("weight").map_or(1, number);
            (node["id"].as_str().expect("an id").to_owned(), (names.collect(), weight))
        };
        let mut asked = Asked {
            label: step["label"].as_str().expect("a label").to_owned(),
            nodes: step["nodes"].as_array().expect("a list").iter().map(node).collect(),
            limits: levels.iter().map(limit).collect(),
            partitions: p,
            replicas: r,
        };
        if scenario["allow_under_replicated"] == true {
            asked.replicas = r.min(admitted(&asked, &[]));
        }
        asked
    };
    steps.map(step).collect()
}

/// The most replicas of one partition in a domain.
fn admitted(asked: &Asked, domain: &[String]) -> u64 {
    let inside = |path: &[String]| path.starts_with(domain);
    let live = asked.nodes.values().filter(|(path, weight)| *weight > 0 && inside(path));
    let depth = domain.len();
    let below = if depth == asked.limits.len() {
        live.count() as u64
    } else {
        let domains: BTreeSet<&[String]> = live.map(|(path, _)| &path[..=depth]).collect();
        domains.into_iter().map(|domain| admitted(asked, domain)).sum()
    };
    let limit = depth.checked_sub(1).map_or(u64::MAX, |level| asked.limits[level]);
    below.min(limit)
}

/// Label and rows of each table.
pub(crate) fn tables(dump: &str) -> Vec<(String, Vec<Row>)> {
    let mut tables: Vec<(String, Vec<Row>)> = Vec::new();
    for line in dump.lines() {
        if let Some(label) = line.strip_prefix("# ") {
            tables.push((label.to_owned(), Vec::new()));
            continue;
        }
        let rows = &mut tables.last_mut().expect("a heading first").1;
        let (partition, holders) = line.split_once('\t').expect("a TAB");
        assert_eq!(partition, rows.len().to_string(), "sorted by partition, none left out");
        rows.push(holders.split(',').map(str::to_owned).collect());
    }
    tables
}

pub(crate) fn check(scenario: &Value, reports: &[Value], dump: &str) {
    let (asked, tables) = (asked(scenario), tables(dump));
    assert_eq!((reports.len(), tables.len()), (asked.len(), asked.len()));
    for (i, ((asked, report), (label, rows))) in asked.iter().zip(reports).zip(&tables).enumerate()
    {
        assert_eq!((label, &report["label"]), (&asked.label, &Value::from(asked.label.clone())));
        let is = |field: &str, counted: u64| {
            assert_eq!(report[field], counted, "{field} of {label}");
        };
        shape(asked, rows);
        is("domain_violations", violations(asked, rows));
        let sets: BTreeSet<BTreeSet<&String>> =
            rows.iter().map(|row| row.iter().collect()).collect();
        is("distinct_copysets", sets.len() as u64);
        let (moved, twice) = if i == 0 { (0, 0) } else { movement(&tables[i - 1].1, rows) };
        is("moved", moved);
        is("partitions_with_two_or_more_moved", twice);
        let bound = report["lower_bound"].as_u64().expect("a number");
        assert!(bound <= moved, "{label}: {bound} > {moved}");
        let peak = report["peak_bytes"].as_u64().expect("a number");
        // At least the table itself, two bytes a replica.
        assert!(peak >= 2 * asked.partitions * asked.replicas, "{peak} bytes");
        if asked.limits.len() < 2 {
            even(asked, rows, report);
        }
    }
}

/// P rows of R live nodes.
fn shape(asked: &Asked, rows: &[Row]) {
    assert_eq!(rows.len() as u64, asked.partitions);
    for row in rows {
        assert_eq!(row.iter().collect::<BTreeSet<_>>().len() as u64, asked.replicas, "{row:?}");
        assert_eq!(row.len() as u64, asked.replicas);
        assert!(row.iter().all(|id| asked.nodes.get(id).is_some_and(|node| node.1 > 0)), "{row:?}");
    }
}

/// Partitions times domains that hold too many of their replicas.
fn violations(asked: &Asked, rows: &[Row]) -> u64 {
    let mut violations = 0;
    for row in rows {
        for (depth, limit) in asked.limits.iter().enumerate() {
            let mut inside: BTreeMap<&[String], u64> = BTreeMap::new();
            for id in row {
                *inside.entry(&asked.nodes[id].0[..=depth]).or_default() += 1;
            }
            violations += inside.values().filter(|held| *held > limit).count() as u64;
        }
    }
    violations
}

/// Replicas that left a node for another, and partitions with two or more of them. Each old row
/// stands for so many new ones; replicas that are new, or no more, are not moves.
fn movement(old: &[Row], new: &[Row]) -> (u64, u64) {
    let ways = new.len() / old.len();
    assert_eq!(new.len() % old.len(), 0);
    let (mut moved, mut twice) = (0, 0);
    for (i, row) in new.iter().enumerate() {
        let before = &old[i / ways];
        let stays = row.iter().filter(|id| before.contains(id)).count();
        let moves = before.len().min(row.len()) - stays;
        moved += moves as u64;
        twice += u64::from(moves >= 2);
    }
    (moved, twice)
}

fn near(report: &Value, field: &str, counted: f64) {
    let said = report[field].as_f64().unwrap_or_else(|| panic!("{field} is {}", report[field]));
    assert!((said - counted).abs() <= 1e-9 * counted.abs(), "{field}: {said}, counted {counted}");
}

/// The quotas of a step, under one level of domains or none; without levels each node is its own.
pub(crate) fn quotas_of(asked: &Asked) -> Quotas {
    let all = asked.partitions * asked.replicas;
    let cap =
        asked.limits.first().map_or(all, |limit| limit.min(&asked.replicas) * asked.partitions);
    let nodes: Vec<_> =
        asked.nodes.iter().map(|(id, node)| (id.clone(), asked.zone(id), node.1)).collect();
    quotas(&nodes, asked.partitions, asked.replicas, cap)
}

/// Floors, ceilings and pairs, under one level of domains or none.
fn even(asked: &Asked, rows: &[Row], report: &Value) {
    let zone = |id: &String| asked.zone(id);
    let Quotas { nodes: quotas, zones } = quotas_of(asked);
    let (mut held, mut in_zone) = (BTreeMap::<&str, u64>::new(), BTreeMap::<String, u64>::new());
    for id in rows.iter().flatten() {
        *held.entry(id).or_default() += 1;
        *in_zone.entry(zone(id)).or_default() += 1;
    }
    let held = |id: &str| held.get(id).copied().unwrap_or(0);
    let mut outside = 0;
    let (mut most, mut least) = (0.0_f64, f64::INFINITY);
    for (id, quota) in &quotas {
        outside += u64::from(!(quota.floor()..=quota.ceil()).contains(&held(id)));
        let over = held(id) as f64 / quota.value();
        (most, least) = (most.max(over), least.min(over));
    }
    for (zone, quota) in zones.iter().filter(|_| !asked.limits.is_empty()) {
        let held = in_zone.get(zone).copied().unwrap_or(0);
        outside += u64::from(!(quota.floor()..=quota.ceil()).contains(&held));
    }
    assert_eq!(report["outside_floor_ceil"], outside, "of {}", asked.label);
    near(report, "max_over_quota", most);
    near(report, "min_over_quota", least);

    let mut pairs: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for row in rows {
        for a in row {
            for b in row.iter().filter(|b| zone(b) != zone(a)) {
                *pairs.entry((a, b)).or_default() += 1;
            }
        }
    }
    let total: f64 = quotas.values().map(|quota| quota.value()).sum();
    let mut worst: Option<(f64, u64)> = None;
    for ((a, b), shared) in pairs {
        let outside = total - zones[&zone(&a.to_owned())].value();
        let others = (asked.replicas - 1) as f64;
        let over = shared as f64 * outside / (held(a) as f64 * others * quotas[b].value());
        if worst.is_none_or(|(worst, _)| over > worst) {
            worst = Some((over, shared));
        }
    }
    match worst {
        None => assert_eq!(
            (&report["worst_pair"], &report["worst_pair_shared"]),
            (&Value::from(0.0), &Value::from(0))
        ),
        // Of pairs that are as bad, any.
        Some((over, _)) => near(report, "worst_pair", over),
    }
}
