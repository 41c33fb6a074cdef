//! Several tables in one scenario, counted again from the dump.

use super::{dumped, run};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The holders of each partition, by table.
type Tables = BTreeMap<String, Vec<Vec<String>>>;

const TABLES: [(&str, u64, u64); 4] =
    [("orders", 30, 3), ("orders/archive", 7, 2), ("items", 11, 1), ("visits", 64, 2)];

fn nodes(ids: &[u32]) -> Value {
    let node = |id: &u32| {
        let weight = if *id == 4 { 3 } else { 1 };
        json!({"id": format!("n{id}"), "rack": format!("r{}", id % 4), "weight": weight})
    };
    ids.iter().map(node).collect()
}

fn scenario(steps: Value) -> Value {
    let table = |(name, partitions, replicas): &(&str, u64, u64)| {
        let mut table = json!({"name": name, "partitions": partitions, "replicas": replicas});
        if *name == "items" {
            table["max_per_domain"] = json!({});
        }
        table
    };
    let tables: Vec<Value> = TABLES.iter().map(table).collect();
    json!({"levels": ["rack"], "max_per_domain": {"rack": 2}, "tables": tables, "steps": steps})
}

fn read(dump: &str) -> Vec<(String, Tables)> {
    let mut steps: Vec<(String, Tables)> = Vec::new();
    for line in dump.lines() {
        if let Some(label) = line.strip_prefix("# ") {
            steps.push((label.to_owned(), Tables::new()));
            continue;
        }
        let (partition, ids) = line.split_once('\t').expect("a TAB");
        let (name, number) = partition.rsplit_once('/').expect("name/partition");
        let rows = steps.last_mut().expect("a heading").1.entry(name.to_owned()).or_default();
        assert_eq!(number.parse(), Ok(rows.len()), "{line}");
        rows.push(ids.split(',').map(str::to_owned).collect());
    }
    steps
}

fn held(rows: &[Vec<String>], id: &str) -> u64 {
    rows.iter().filter(|row| row.iter().any(|holder| holder == id)).count() as u64
}

/// Floors and ceilings of every table and of all, by weight: no limit binds.
fn check(step: &Value, tables: &Tables) {
    let nodes = step["nodes"].as_array().unwrap();
    let weight = |node: &Value| node["weight"].as_u64().unwrap();
    let all: u64 = nodes.iter().map(weight).sum();
    let within = |load: u64, replicas: u64, weight: u64, what: &str| {
        let (floor, ceil) = (replicas * weight / all, (replicas * weight).div_ceil(all));
        assert!((floor..=ceil).contains(&load), "{what} holds {load}, not {floor}..={ceil}");
    };
    assert_eq!(tables.len(), TABLES.len());
    let total: u64 = TABLES.iter().map(|(_, partitions, replicas)| partitions * replicas).sum();
    let mut racks: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for node in nodes {
        let (id, weight) = (node["id"].as_str().unwrap(), weight(node));
        let mut load = 0;
        for (name, partitions, replicas) in TABLES {
            let own = held(&tables[name], id);
            within(own, partitions * replicas, weight, &format!("{id} of {name}"));
            load += own;
        }
        within(load, total, weight, id);
        let rack = racks.entry(node["rack"].as_str().unwrap()).or_default();
        *rack = (rack.0 + load, rack.1 + weight);
    }
    for (rack, (load, weight)) in &racks {
        within(*load, total, *weight, rack);
    }
    let rack = |id: &String| nodes.iter().find(|node| node["id"] == **id).unwrap()["rack"].clone();
    for (name, partitions, replicas) in TABLES {
        assert_eq!(tables[name].len() as u64, partitions);
        for row in &tables[name] {
            assert_eq!(row.len() as u64, replicas);
            for id in row {
                let same = row.iter().filter(|other| rack(other) == rack(id)).count();
                assert!(same <= 2 && row.iter().filter(|other| *other == id).count() == 1);
            }
        }
    }
}

fn moved(before: &Tables, after: &Tables) -> (u64, u64) {
    let (mut moved, mut led) = (0, 0);
    for (name, rows) in after {
        for (old, new) in before[name].iter().zip(rows) {
            moved += new.iter().filter(|id| !old.contains(id)).count() as u64;
            led += u64::from(old[0] != new[0]);
        }
    }
    (moved, led)
}

#[test]
fn tables_and_their_sums_are_balanced() {
    let scenario = scenario(json!([
        {"label": "init", "nodes": nodes(&[0, 1, 2, 3, 5, 6, 7])},
        {"label": "add", "nodes": nodes(&[0, 1, 2, 3, 4, 5, 6, 7])},
        {"label": "lead", "nodes": nodes(&[0, 1, 2, 3, 4, 5, 6, 7]), "leaders": true},
        {"label": "drop", "nodes": nodes(&[0, 1, 2, 4, 5, 6, 7, 8])},
        {"label": "same", "nodes": nodes(&[0, 1, 2, 4, 5, 6, 7, 8])},
    ]));
    for options in [&["--no-disperse"][..], &["--nodes", "--schedule", "2,2"]] {
        let (ended, dump) = dumped(&scenario, options);
        let (steps, reports) = (read(&dump), ended.json());
        assert_eq!(steps.len(), 5);
        let mut before = None;
        for ((label, tables), (step, report)) in steps.iter().zip(
            scenario["steps"].as_array().unwrap().iter().zip(reports["steps"].as_array().unwrap()),
        ) {
            assert_eq!(report["label"], **label);
            check(step, tables);
            let (moves, led) = before.map_or((0, 0), |before| moved(before, tables));
            assert_eq!((&report["moved"], &report["leaders_moved"]), (&json!(moves), &json!(led)));
            assert_eq!(report["transfers"], moves);
            assert_eq!(
                (&report["optimal"], &report["outside_floor_ceil"]),
                (&json!(true), &json!(0))
            );
            assert_eq!(report["domain_violations"], 0);
            assert!(report["lower_bound"].as_u64().unwrap() <= moves);
            let quiet = ["lead", "same"].contains(&label.as_str());
            assert!(!quiet || moves == 0, "{label}: {moves}");
            if let Some(rows) = report["nodes"].as_array() {
                let loads = |row: &Value| {
                    tables.values().map(|t| held(t, row["id"].as_str().unwrap())).sum::<u64>()
                };
                assert!(rows.iter().all(|row| row["load"] == loads(row)), "{rows:?}");
            }
            // Each table balances its leaders from the third step on.
            if step["leaders"] == true || ["drop", "same"].contains(&label.as_str()) {
                assert_eq!(report["leaders_outside_floor_ceil"], 0, "{label}");
            }
            before = Some(tables);
        }
        assert_eq!(reports["steps"][4]["leaders_moved"], 0);
    }
}

#[test]
fn the_table_says_how_many_tables_there_are() {
    let scenario = scenario(json!([{"label": "init", "nodes": nodes(&[0, 1, 2, 3])}]));
    let ended = run::<&str>(&[], scenario.to_string().as_bytes());
    assert_eq!((ended.status, &*ended.stderr), (Some(0), ""));
    assert!(ended.stdout.contains("243, 4 tables"), "{}", ended.stdout);
}

#[test]
fn states_of_nodes_hold_for_every_table() {
    let with = |state: Option<&str>| {
        let mut nodes = nodes(&[0, 1, 2, 3, 5, 6, 7]);
        if let Some(state) = state {
            nodes[2]["state"] = state.into();
        }
        nodes
    };
    let scenario = scenario(json!([
        {"label": "init", "nodes": nodes(&[0, 1, 2, 3])},
        {"label": "kept", "nodes": with(Some("maintenance"))},
        {"label": "closed", "nodes": with(Some("no_new"))},
        {"label": "open", "nodes": with(None)},
    ]));
    let (ended, dump) = dumped(&scenario, &[]);
    let steps = read(&dump);
    let loads = |step: usize| -> Vec<u64> {
        TABLES.iter().map(|(name, ..)| held(&steps[step].1[*name], "n2")).collect()
    };
    assert_eq!(loads(0), loads(1));
    assert!(loads(2).iter().zip(loads(1)).all(|(now, before)| *now <= before));
    let reports = ended.json();
    assert!((0..4).all(|step| reports["steps"][step]["optimal"] == true));
}

#[test]
fn what_is_for_one_table_is_refused() {
    let right = scenario(json!([{"label": "init", "nodes": nodes(&[0, 1, 2])}]));
    let refused = |scenario: &Value, args: &[&str], says: &str| {
        let ended = run(args, scenario.to_string().as_bytes());
        assert_eq!((ended.status, &*ended.stdout), (Some(2), ""), "{ended:?}");
        assert_eq!(ended.stderr.lines().count(), 1);
        assert!(ended.stderr.contains(says), "{} does not say {says}", ended.stderr);
    };
    let with = |change: &dyn Fn(&mut Value)| {
        let mut scenario = right.clone();
        change(&mut scenario);
        scenario
    };
    for field in ["partitions", "replicas", "name"] {
        let scenario = with(&|scenario| scenario[field] = json!(3));
        refused(&scenario, &[], &format!("tables and {field}: give one of them"));
    }
    for field in [
        "partitions",
        "replicas",
        "copies",
        "pins",
        "frozen",
        "frozen_if_possible",
        "sizes",
        "affinity",
    ] {
        let scenario = with(&|scenario| scenario["steps"][0][field] = json!([]));
        refused(&scenario, &[], &format!("step \"init\": {field}: for one table"));
    }
    let slots = with(&|scenario| scenario["steps"][0]["nodes"][1]["slots"] = json!(3));
    refused(&slots, &[], "node \"n1\": slots: for one table");
    for (value, says) in [
        (json!([]), "tables []: needs at least one table"),
        (json!(3), "tables 3: not a list"),
        (json!([3]), "table 1 of the list 3: not an object"),
        (json!([{"partitions": 1, "replicas": 1}]), "table 1 of the list: \"name\" is missing"),
        (json!([{"name": "", "partitions": 1, "replicas": 1}]), "name \"\": not a name"),
        (json!([{"name": "#a", "partitions": 1, "replicas": 1}]), "name \"#a\": not a name"),
        (json!([{"name": "a\t", "partitions": 1, "replicas": 1}]), "not a name"),
        (json!([{"name": "a", "replicas": 1}]), "tables: \"a\": \"partitions\" is missing"),
        (json!([{"name": "a", "partitions": 0, "replicas": 1}]), "partitions 0: not a whole"),
        (
            json!([{"name": "a", "partitions": 1, "replicas": 1, "copies": []}]),
            "unknown field \"copies\"",
        ),
        (
            json!([{"name": "a", "partitions": 1, "replicas": 1, "max_per_domain": {"zone": 1}}]),
            "tables: \"a\": max_per_domain: \"zone\" is not in levels",
        ),
        (
            json!([
                {"name": "a", "partitions": 1, "replicas": 1},
                {"name": "a", "partitions": 2, "replicas": 1},
            ]),
            "tables: \"a\" is given twice",
        ),
    ] {
        refused(&with(&|scenario| scenario["tables"] = value.clone()), &[], says);
    }
    for (args, option) in [
        (&["--explain", "0"][..], "--explain"),
        (&["--dry-run"], "--dry-run"),
        (&["--moves"], "--moves"),
        (&["--steps", "3"], "--steps"),
        (&["--dump-schedule", "/dev/null"], "--dump-schedule"),
        (&["--from", "/dev/null"], "--from"),
        (&["--export", "kafka:a"], "--export"),
    ] {
        refused(&right, args, &format!("{option}: for one table"));
    }
}

#[test]
fn an_infeasible_table_is_named() {
    let mut scenario = scenario(json!([
        {"label": "init", "nodes": nodes(&[0, 1, 2])},
        {"label": "few", "nodes": nodes(&[0, 1])},
    ]));
    scenario["max_per_domain"]["rack"] = json!(1);
    let ended = run(&["--json"], scenario.to_string().as_bytes());
    assert_eq!(ended.status, Some(3), "{ended:?}");
    assert!(
        ended.stderr.contains("step \"few\": table \"orders\": each partition is to have 3"),
        "{ended:?}"
    );
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(report["steps"].as_array().unwrap().len(), 1);
    assert_eq!(report["error"]["kind"], "capacity");
}
