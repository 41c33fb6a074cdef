//! Copies of partitions, slots and states of nodes, counted again from the dump.

use super::recount::tables;
use super::{dumped, file, run};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn nodes(slots: [Option<u64>; 6], states: [Option<&str>; 6]) -> Value {
    let node = |i: usize| {
        let mut node = json!({"id": format!("n{i}"), "zone": format!("z{}", i % 3)});
        if let Some(slots) = slots[i] {
            node["slots"] = slots.into();
        }
        if let Some(state) = states[i] {
            node["state"] = state.into();
        }
        node
    };
    (0..6).map(node).collect()
}

fn scenario(steps: Value) -> Value {
    json!({"levels": ["zone"], "max_per_domain": {"zone": 2}, "partitions": 24, "replicas": 2,
           "steps": steps})
}

fn held(rows: &[Vec<String>], id: &str) -> Vec<usize> {
    (0..rows.len()).filter(|p| rows[*p].iter().any(|holder| holder == id)).collect()
}

#[test]
fn rows_slots_and_states_are_as_asked() {
    let (none, open) = ([None; 6], [None; 6]);
    let bounded = [Some(4), None, None, None, None, None];
    let states = [None, Some("no_new"), Some("maintenance"), None, None, None];
    let fresh = json!([[0, 6], [1, 1], [5, 3]]);
    let scenario = scenario(json!([
        {"label": "init", "nodes": nodes(bounded, open), "copies": fresh},
        {"label": "states", "nodes": nodes(none, states), "replicas": 3},
        {"label": "open", "nodes": nodes(none, open)},
        {"label": "split", "nodes": nodes(none, open), "partitions": 48},
        {"label": "none", "nodes": nodes(none, open), "copies": [], "replicas": 2},
    ]));
    let (ended, dump) = dumped(&scenario, &[]);
    let (tables, reports) = (tables(&dump), ended.json());
    let sizes: Vec<BTreeMap<usize, usize>> =
        tables.iter().map(|(_, rows)| rows.iter().map(Vec::len).enumerate().collect()).collect();
    for (step, common, copies) in [
        (0, 2, vec![(0, 6), (1, 1), (5, 3)]),
        (1, 3, vec![(0, 6), (1, 1), (5, 3)]),
        (2, 3, vec![(0, 6), (1, 1), (5, 3)]),
        (3, 3, vec![(0, 6), (1, 6), (2, 1), (3, 1), (10, 3), (11, 3)]),
        (4, 2, vec![]),
    ] {
        let copies: BTreeMap<usize, usize> = copies.into_iter().collect();
        for (p, size) in &sizes[step] {
            assert_eq!(size, copies.get(p).unwrap_or(&common), "step {step}, partition {p}");
        }
        let report = &reports["steps"][step];
        assert_eq!(report["optimal"], true);
        // A split alone moves nothing, so it may miss the larger quotas.
        assert!(step == 3 || report["outside_floor_ceil"] == 0, "{report}");
    }
    assert_eq!(held(&tables[0].1, "n0").len(), 4);
    let (before, now) = (&tables[0].1, &tables[1].1);
    assert_eq!(held(now, "n2"), held(before, "n2"));
    assert!(held(now, "n1").iter().all(|p| held(before, "n1").contains(p)));
    assert!(held(&tables[2].1, "n2").len() > held(now, "n2").len());
}

/// A live table whose rows have different lengths: with copies none of them is missing.
#[test]
fn a_live_table_with_copies() {
    let from = file("table", "# live\n0\tn0,n1,n2\n1\tn3\n2\tn4,n5\n");
    let mut scenario = json!({"levels": [], "partitions": 3, "replicas": 2, "steps": [
        {"label": "same", "nodes": nodes([None; 6], [None; 6]), "copies": [[0, 3], [1, 1]]}]});
    let text = scenario.to_string().replace("\"zone\":\"z0\",", "");
    let text = (0..3).fold(text, |text, i| text.replace(&format!(",\"zone\":\"z{i}\""), ""));
    let report = &run(&["--json", "--from", &from], text.as_bytes()).json()["steps"][0];
    assert_eq!((&report["moved"], &report["transfers"]), (&json!(0), &json!(0)), "{report}");
    scenario["steps"][0]["copies"] = json!([]);
    let text = scenario.to_string();
    let text = (0..3).fold(text, |text, i| text.replace(&format!(",\"zone\":\"z{i}\""), ""));
    let report = &run(&["--json", "--from", &from], text.as_bytes()).json()["steps"][0];
    assert!(
        report["transfers"].as_u64() > Some(0),
        "without copies a replica is missing: {report}"
    );
}

#[test]
fn wrong_fields_are_named() {
    let refused = |scenario: &Value, named: &str| {
        let ended = run::<&str>(&[], scenario.to_string().as_bytes());
        assert_eq!((ended.status, &*ended.stdout), (Some(2), ""), "{ended:?}");
        assert!(ended.stderr.contains(named) && ended.stderr.lines().count() == 1, "{ended:?}");
    };
    let with = |copies: Value| {
        let nodes = nodes([None; 6], [None; 6]);
        scenario(json!([{"label": "a", "nodes": nodes, "copies": copies}]))
    };
    refused(&with(json!(5)), "step \"a\": copies 5: not a list");
    refused(&with(json!([[1]])), "copies: 1 values, not [partition, copies]");
    refused(&with(json!([[24, 1]])), "copies: partition 24: not a whole number from 0 to 23");
    refused(
        &with(json!([[1, 0]])),
        "copies: partition 1: copies 0: not a whole number from 1 to 64",
    );
    refused(&with(json!([[1, 2], [1, 3]])), "copies: partition 1 is given twice");
    let node = |field: &str, value: Value| {
        let mut scenario = with(json!([]));
        scenario["steps"][0]["nodes"][1][field] = value;
        scenario
    };
    let whole = "step \"a\": node \"n1\": slots -1: not a whole number from 0 to";
    refused(&node("slots", json!(-1)), whole);
    let state = "step \"a\": node \"n1\": state \"drain\": not \"no_new\" or \"maintenance\"";
    refused(&node("state", json!("drain")), state);
    let mut drained = node("state", json!("maintenance"));
    drained["steps"][0]["nodes"][1]["weight"] = json!(0);
    refused(&drained, "state \"maintenance\": the weight is 0");
    for level in ["slots", "state"] {
        let mut scenario = with(json!([]));
        scenario["levels"] = json!(["zone", level]);
        refused(&scenario, &format!("levels: \"{level}\" is another field of a node"));
    }
}

#[test]
fn too_few_slots_are_told_with_both_numbers() {
    let nodes = nodes([Some(7), Some(8), Some(8), Some(8), Some(8), Some(8)], [None; 6]);
    let scenario = scenario(json!([{"label": "a", "nodes": nodes}]));
    let ended = run(&["--json"], scenario.to_string().as_bytes());
    assert_eq!(ended.status, Some(3), "{ended:?}");
    let error: Value = serde_json::from_str(&ended.stdout).expect("JSON");
    let error = &error["error"];
    assert_eq!(
        (&error["kind"], &error["quota"], &error["limit"]),
        (&json!("slots"), &json!(48), &json!(47))
    );
    assert!(ended.stderr.contains("the nodes have slots for 47"), "{ended:?}");
}
