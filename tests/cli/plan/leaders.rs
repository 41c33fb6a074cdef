//! The field `leaders`: the dumps, counted again, lead as the reports say.

use super::recount::{Row, tables};
use super::scenarios::{Cluster, step};
use super::{dumped, run};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn led(rows: &[Row]) -> BTreeMap<&str, u64> {
    let mut led = BTreeMap::new();
    rows.iter().for_each(|row| *led.entry(row[0].as_str()).or_insert(0) += 1);
    led
}

fn sorted(rows: &[Row]) -> Vec<Row> {
    let mut rows = rows.to_vec();
    rows.iter_mut().for_each(|row| row.sort());
    rows
}

/// Nine nodes in three zones of which n0 drains in the step before the last one.
fn scenario() -> Value {
    let mut cluster = Cluster::zoned(9, 3, |_| 1);
    let mut scenario = cluster.scenario(json!({"zone": 1}), 90, 3);
    step(&mut scenario, "plain", &cluster, json!({}));
    step(&mut scenario, "balanced", &cluster, json!({"leaders": true}));
    step(&mut scenario, "inherited", &cluster, json!({}));
    step(&mut scenario, "split", &cluster, json!({"partitions": 180}));
    step(&mut scenario, "weights", &cluster, json!({"leaders": {"weights": {"n1": 3, "n4": 0}}}));
    cluster.add("z0", 1);
    step(&mut scenario, "joined", &cluster, json!({}));
    cluster.times("n0", 0, 1);
    step(&mut scenario, "drained", &cluster, json!({"leaders": true}));
    step(&mut scenario, "off", &cluster, json!({"leaders": false}));
    scenario
}

#[test]
fn dumps_lead_as_reported() {
    for args in [&[][..], &["--no-disperse"]] {
        let (ended, dump) = dumped(&scenario(), args);
        let (reports, tables) = (ended.json()["steps"].clone(), tables(&dump));
        for (i, (label, rows)) in tables.iter().enumerate() {
            let report = &reports[i];
            if let Some((_, old)) = i.checked_sub(1).map(|before| &tables[before]) {
                let ways = rows.len() / old.len();
                let changed = (0..rows.len()).filter(|p| rows[*p][0] != old[p / ways][0]).count();
                assert_eq!(report["leaders_moved"], changed, "{label}");
                assert!(report["leaders_lower_bound"].as_u64() <= Some(changed as u64), "{label}");
            }
            if !["plain", "off"].contains(&label.as_str()) {
                assert_eq!(report["leaders_outside_floor_ceil"], 0, "{label}");
                assert!(report["max_leaders_over_quota"].as_f64() < Some(1.1), "{label}");
            }
        }
        let counts = |i: usize| led(&tables[i].1);
        assert!(counts(1).values().all(|led| *led == 10));
        assert_eq!(sorted(&tables[0].1), sorted(&tables[1].1));
        assert_eq!(tables[1].1, tables[2].1);
        assert!(counts(3).values().all(|led| *led == 20));
        // 180 by weights that sum up to 10: n1 has 3, n4 none, the others have their own.
        let weighted = counts(4);
        assert_eq!((weighted["n1"], weighted.get("n4"), weighted["n2"]), (54, None, 18));
        assert_eq!(reports[4]["moved"], 0);
        assert!(!counts(6).contains_key("n0"));
        assert_eq!(tables[6].1, tables[7].1);
    }
}

/// With bounded steps the last table is the planned one, in the order of its rows too.
#[test]
fn bounded_steps_end_with_the_planned_leaders() {
    let (ended, dump) = dumped(&scenario(), &["--steps", "7"]);
    let mut last: Option<(String, Vec<Row>)> = None;
    let mut compared = 0;
    for (label, rows) in tables(&dump) {
        if let Some((before, on_the_way)) = &last {
            if before.starts_with(&format!("{label} (")) {
                assert_eq!(*on_the_way, rows, "{label}");
                compared += 1;
            }
        }
        last = Some((label, rows));
    }
    assert!(compared >= 2, "{compared}: {ended:?}");
}

#[test]
fn explanations_name_the_leader() {
    let scenario = scenario();
    let ended = run(&["--json", "--explain", "0"], scenario.to_string().as_bytes());
    let explained = |i: usize| ended.json()["steps"][i]["explanation"].clone();
    let last = |i| explained(i).as_array().and_then(|lines| lines.last().cloned()).unwrap();
    assert!(last(1).as_str().unwrap().contains("is led by node"), "{}", last(1));
    assert!(!last(0).as_str().unwrap().contains("is led by node"), "{}", last(0));
}

/// Weights of a node that is gone are left out in later steps.
#[test]
fn weights_outlive_their_nodes() {
    let mut cluster = Cluster::zoned(4, 4, |_| 1);
    let mut scenario = cluster.scenario(json!({}), 16, 2);
    let weights = json!({"weights": {"n0": 3, "n1": 1}});
    step(&mut scenario, "init", &cluster, json!({"leaders": weights}));
    cluster.remove("n0");
    step(&mut scenario, "gone", &cluster, json!({}));
    let ended = run(&["--json"], scenario.to_string().as_bytes()).json();
    assert_eq!(ended["steps"][1]["leaders_outside_floor_ceil"], 0, "{ended}");
}

#[test]
fn wrong_leaders_are_refused() {
    let cluster = Cluster::zoned(3, 3, |i| u64::from(i > 0));
    for (leaders, named) in [
        (json!(1), "leaders 1: not true, false or an object"),
        (json!({}), "leaders: \"weights\" is missing"),
        (json!({"weights": {}, "more": 1}), "leaders: unknown field \"more\""),
        (json!({"weights": []}), "leaders: weights […]: not an object"),
        (json!({"weights": {"n1": -1}}), "leaders: weight of \"n1\" -1: not a whole number"),
        (json!({"weights": {"n9": 1}}), "leaders: id \"n9\" is not a node"),
        (json!({"weights": {"n0": 1}}), "leaders: node \"n0\" has weight 0"),
        (json!({"weights": {"n1": 0, "n2": 0}}), "leave no node to lead"),
    ] {
        let mut scenario = cluster.scenario(json!({}), 8, 2);
        step(&mut scenario, "init", &cluster, json!({"leaders": leaders}));
        let ended = run::<&str>(&[], scenario.to_string().as_bytes());
        assert_eq!((ended.status, &*ended.stdout), (Some(2), ""), "{ended:?}");
        assert!(ended.stderr.contains("step \"init\": "), "{ended:?}");
        assert!(ended.stderr.contains(named), "{ended:?} does not say {named}");
    }
}

/// When the last weighted node is gone, every node counts with its weight for replicas. That is not the
/// balance of `true`, where a limit keeps the heavy node n1 below its weight.
#[test]
fn weights_whose_nodes_are_all_gone_are_weights_still() {
    let led_with = |leaders: Value| {
        let mut cluster = Cluster::zoned(6, 3, |i| if i == 1 { 8 } else { 1 });
        let mut scenario = cluster.scenario(json!({"zone": 1}), 60, 2);
        step(&mut scenario, "weights", &cluster, json!({"leaders": {"weights": {"n0": 2}}}));
        cluster.remove("n0");
        step(&mut scenario, "gone", &cluster, leaders);
        let (ended, dump) = dumped(&scenario, &[]);
        let tables = tables(&dump);
        assert_eq!(tables.len(), 2, "{ended:?}");
        led(&tables[1].1).into_iter().map(|(id, led)| (id.to_owned(), led)).collect::<Vec<_>>()
    };
    let carried = led_with(json!({}));
    assert_eq!(carried, led_with(json!({"leaders": {"weights": {}}})));
    assert_ne!(carried, led_with(json!({"leaders": true})));
}
