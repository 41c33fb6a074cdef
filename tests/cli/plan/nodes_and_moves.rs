//! `--nodes` and `--moves`, counted again from the tables.

use super::recount::{Row, asked, quotas_of, tables};
use super::scenarios::{Cluster, history, step};
use super::{run, transfers, written};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

fn scenario() -> Value {
    let mut scenario = history(
        &Cluster::zoned(12, 4, |i| 1 + (i % 2) as u64),
        48,
        &[&|c| c.add("z0", 2), &|c| c.remove("n3"), &|c| c.times("n4", 0, 1)],
    );
    let mut last = Cluster::zoned(12, 4, |i| 1 + (i % 2) as u64);
    last.remove("n3");
    last.times("n4", 0, 1);
    step(&mut scenario, "split", &last, json!({"partitions": 96}));
    scenario
}

fn number(node: &Value, field: &str) -> u64 {
    node[field].as_u64().unwrap_or_else(|| panic!("{field} of {node}"))
}

#[test]
fn nodes_are_counted_again() {
    let scenario = scenario();
    let (reports, dump, schedule) = written(&scenario, &["--nodes"]);
    let (asked, tables, listed) = (asked(&scenario), tables(&dump), transfers::read(&schedule));
    for (i, ((asked, report), (label, rows))) in asked.iter().zip(&reports).zip(&tables).enumerate()
    {
        let old: Vec<Row> = match i {
            0 => rows.clone(),
            _ => {
                let old = &tables[i - 1].1;
                (0..rows.len()).map(|p| old[p / (rows.len() / old.len())].clone()).collect()
            }
        };
        let (held, before) =
            (transfers::counts(rows.iter().flatten()), transfers::counts(old.iter().flatten()));
        let led = transfers::counts(rows.iter().map(|row| &row[0]));
        let came = transfers::counts(listed.get(label).into_iter().flatten().map(|t| &t.to));
        let quotas = quotas_of(asked);
        let nodes = report["nodes"].as_array().expect("a list");
        let gone: BTreeSet<&String> =
            before.keys().filter(|id| !asked.nodes.contains_key(**id)).copied().collect();
        let ids: Vec<&str> = nodes.iter().filter_map(|node| node["id"].as_str()).collect();
        let expected = asked.nodes.keys().chain(gone.iter().copied()).map(String::as_str);
        assert!(expected.eq(ids.iter().copied()), "{label}: {ids:?}");
        let mut peaks = 0.0_f64;
        for node in nodes {
            let id = node["id"].as_str().expect("an id").to_owned();
            let count = |counts: &BTreeMap<&String, u64>| counts.get(&id).copied().unwrap_or(0);
            let is =
                |field: &str, counted: u64| assert_eq!(node[field], counted, "{field} of {node}");
            is("load", count(&held));
            is("led", count(&led));
            is("moved_in", count(&came));
            is("moved_out", count(&before) + count(&came) - count(&held));
            is("peak", count(&before) + count(&came));
            let quota = quotas.nodes.get(&id).map_or(0.0, |quota| quota.value());
            let said = node["quota"].as_f64().expect("a number");
            assert!((said - quota).abs() < 1e-9, "{node}, counted {quota}");
            match asked.nodes.get(&id) {
                None => assert_eq!((&node["weight"], &node["domains"]), (&Value::Null, &json!({}))),
                Some((path, weight)) => {
                    is("weight", *weight);
                    assert_eq!(node["domains"], json!({"zone": path[0]}));
                }
            }
            if quota > 0.0 {
                let over = node["load_over_quota"].as_f64().expect("a number");
                assert!((over - count(&held) as f64 / quota).abs() < 1e-9, "{node}");
                peaks = peaks.max(number(node, "peak") as f64 / quota);
            } else {
                assert_eq!(node["load_over_quota"], Value::Null);
            }
        }
        let sum = |field: &str| nodes.iter().map(|node| number(node, field)).sum::<u64>();
        assert_eq!(
            (sum("moved_in"), sum("moved_out")),
            (number(report, "transfers"), number(report, "moved"))
        );
        let said = report["peak_over_quota"].as_f64().expect("a number");
        assert!((said - peaks).abs() < 1e-9, "{said}, counted {peaks}");
    }
    let gone = |report: &Value| {
        let nodes = report["nodes"].as_array().expect("a list");
        nodes.iter().any(|node| node["id"] == "n3" && node["weight"].is_null())
    };
    assert!(reports.iter().any(gone), "a node that is gone");
}

#[test]
fn moves_are_the_transfers_and_the_deletions() {
    let scenario = scenario();
    let (reports, dump, schedule) = written(&scenario, &["--moves"]);
    let (asked, tables, listed) = (asked(&scenario), tables(&dump), transfers::read(&schedule));
    assert_eq!((&reports[0]["moves"], &reports[0]["deletions"]), (&json!([]), &json!([])));
    for (i, report) in reports.iter().enumerate().skip(1) {
        let (label, rows) = &tables[i];
        let old = &tables[i - 1].1;
        let mut expected: Vec<Value> = listed
            .get(label)
            .into_iter()
            .flatten()
            .map(|t| json!({"partition": t.partition, "from": t.from, "to": t.to}))
            .collect();
        let key =
            |value: &Value| (value["partition"].as_u64(), value["to"].as_str().map(str::to_owned));
        expected.sort_by_key(key);
        assert_eq!(report["moves"], Value::from(expected), "{label}");
        let mut gone: Vec<Value> = Vec::new();
        for (partition, row) in rows.iter().enumerate() {
            let before = &old[partition / (rows.len() / old.len())];
            let mut dropped: Vec<&String> = before
                .iter()
                .filter(|id| !row.contains(id) && asked[i].nodes.contains_key(*id))
                .collect();
            dropped.sort_unstable();
            gone.extend(dropped.iter().map(|id| json!({"partition": partition, "node": id})));
        }
        let key = |value: &Value| {
            (value["partition"].as_u64(), value["node"].as_str().map(str::to_owned))
        };
        let mut said = report["deletions"].as_array().expect("a list").clone();
        said.sort_by_key(key);
        assert_eq!(said, gone, "{label}");
    }
}

#[test]
fn the_text_has_the_same_nodes_and_moves() {
    let scenario = scenario();
    let (reports, ..) = written(&scenario, &["--nodes", "--moves"]);
    let text = run(&["--nodes", "--moves"], scenario.to_string().as_bytes()).stdout;
    assert!(text.lines().all(|line| line == line.trim_end()));
    for report in &reports {
        let label = report["label"].as_str().expect("a label");
        let section = |heading: &str| -> Vec<Vec<&str>> {
            let (_, rest) = text.split_once(heading).unwrap_or_else(|| panic!("{heading}: {text}"));
            let lines = rest.lines().skip(1).take_while(|line| !line.is_empty());
            lines.map(|line| line.split_whitespace().collect()).collect()
        };
        let nodes = section(&format!("nodes of step {label:?}"));
        assert_eq!(nodes.len(), 1 + report["nodes"].as_array().expect("a list").len());
        for (row, node) in nodes[1..].iter().zip(report["nodes"].as_array().expect("a list")) {
            assert_eq!(row[0], node["id"]);
            assert_eq!(row.last().copied(), Some(&*node["peak"].to_string()));
        }
        let moves = section(&format!("moves of step {label:?}: "));
        let copies = moves.iter().filter(|row| row.get(1) == Some(&"copy"));
        assert_eq!(copies.count() as u64, number(report, "transfers"));
        let all = report["moves"].as_array().expect("a list").len()
            + report["deletions"].as_array().expect("a list").len();
        assert_eq!(moves.len().saturating_sub(1), all);
        assert!(
            moves
                .iter()
                .skip(1)
                .map(|row| row[0].parse::<u64>())
                .is_sorted_by_key(|p| p.expect("a number"))
        );
    }
}

/// Without the options nothing of it is there.
#[test]
fn neither_is_printed_unasked() {
    let scenario = scenario();
    let (reports, ..) = written(&scenario, &[]);
    for field in ["nodes", "moves", "deletions", "bounded_steps"] {
        assert!(reports.iter().all(|report| report.get(field).is_none()), "{field}");
    }
    let text = run::<&str>(&[], scenario.to_string().as_bytes()).stdout;
    for word in ["nodes of step", "moves of step", "carried out"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
}
