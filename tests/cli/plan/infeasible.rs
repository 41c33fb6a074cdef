//! Rules that no table keeps: exit status 3, the steps before, and what binds.

use super::scenarios::{Cluster, step};
use super::{dumped, recount, run};
use serde_json::{Value, json};

/// Runs it both ways; the steps before are counted again. Returns the error.
fn infeasible(scenario: &Value, label: &str, before: usize) -> Value {
    let (ended, dump) = dumped(scenario, &[]);
    let context = format!("{ended:?}");
    assert_eq!(ended.status, Some(3), "{context}");
    let said: Value = serde_json::from_str(&ended.stdout).expect("one JSON value");
    let members: Vec<&String> = said.as_object().expect("an object").keys().collect();
    assert_eq!(members, ["error", "steps"], "{context}");
    assert!(ended.stdout.starts_with("{\"steps\":["), "{context}");
    let error = &said["error"];
    let members: Vec<&String> = error.as_object().expect("an object").keys().collect();
    assert_eq!(members, ["domain", "kind", "limit", "quota", "step"], "{context}");
    assert_eq!(error["step"], label, "{context}");
    let steps = said["steps"].as_array().expect("a list");
    let mut done = scenario.clone();
    done["steps"].as_array_mut().expect("a list").truncate(before);
    recount::check(&done, steps, &dump);

    let table = run::<&str>(&[], scenario.to_string().as_bytes());
    assert_eq!((table.status, &table.stderr), (Some(3), &ended.stderr));
    let named = format!("plan: step \"{label}\": ");
    assert!(ended.stderr.starts_with(&named) && ended.stderr.lines().count() == 1, "{context}");
    let rows = table.stdout.lines().filter(|line| line.contains(" × ")).count();
    assert_eq!(rows, if before == 0 { 0 } else { before + 1 }, "{}", table.stdout);
    error.clone()
}

/// So many steps of four zones of two, then another one.
fn then(cluster: &Cluster, before: usize, more: Value) -> Value {
    let good = Cluster::zoned(8, 4, |_| 1);
    let mut scenario = good.scenario(json!({"zone": 1}), 64, 3);
    (0..before).for_each(|i| step(&mut scenario, &format!("good {i}"), &good, json!({})));
    step(&mut scenario, "bad", cluster, more);
    scenario
}

#[test]
fn too_few_zones() {
    for before in 0..3 {
        let error =
            infeasible(&then(&Cluster::zoned(8, 2, |_| 1), before, json!({})), "bad", before);
        assert_eq!(error["kind"], "capacity");
        assert_eq!((&error["quota"], &error["limit"]), (&json!(96), &json!(64)));
        assert!(["z0", "z1"].contains(&error["domain"].as_str().expect("text")), "{error}");
    }
}

#[test]
fn more_replicas_than_zones_or_nodes() {
    let error =
        infeasible(&then(&Cluster::zoned(8, 4, |_| 1), 1, json!({"replicas": 5})), "bad", 1);
    assert_eq!((&error["kind"], &error["quota"]), (&json!("capacity"), &json!(80)));
    let mut two = Cluster::empty(&[]);
    (0..2).for_each(|_| two.add("", 1));
    let mut scenario = two.scenario(json!({}), 16, 3);
    step(&mut scenario, "few", &two, json!({}));
    let error = infeasible(&scenario, "few", 0);
    assert_eq!((&error["quota"], &error["limit"]), (&json!(24), &json!(16)));
    assert!(["n0", "n1"].contains(&error["domain"].as_str().expect("text")), "{error}");
}

#[test]
fn no_live_nodes() {
    for nobody in [Cluster::zoned(8, 4, |_| 0), Cluster::zoned(0, 4, |_| 1)] {
        for before in 0..2 {
            let error = infeasible(&then(&nobody, before, json!({})), "bad", before);
            let expected = json!({"kind": "no-live-node", "domain": "", "quota": 192, "limit": 0, "step": "bad"});
            assert_eq!(error, expected);
        }
    }
}

#[test]
fn pinned_to_one_node() {
    let pins: Vec<Value> = (0..64).map(|partition| json!([partition, "n0"])).collect();
    let error = infeasible(&then(&Cluster::zoned(8, 4, |_| 1), 1, json!({"pins": pins})), "bad", 1);
    assert_eq!((&error["kind"], &error["limit"]), (&json!("bound"), &json!(24)), "{error}");
    assert!(error["domain"].as_str().expect("text").starts_with("z0"), "{error}");
}

#[test]
fn a_domain_is_its_whole_path() {
    let mut cluster = Cluster::empty(&["zone", "rack"]);
    for path in ["z0/r0", "z0/r0", "z1/r0", "z1/r0"] {
        cluster.add(path, 1);
    }
    let mut scenario = cluster.scenario(json!({"rack": 1}), 16, 3);
    step(&mut scenario, "racks", &cluster, json!({}));
    let error = infeasible(&scenario, "racks", 0);
    assert_eq!((&error["quota"], &error["limit"]), (&json!(24), &json!(16)), "{error}");
}

/// Four zones of one node, then the step `bad` with these fields over the same nodes, and what the
/// error says.
fn impossible(change: impl Fn(&mut Value), more: Value) -> (Value, Value, Value) {
    let good = Cluster::zoned(4, 4, |_| 1);
    let mut scenario = good.scenario(json!({"zone": 1}), 16, 2);
    step(&mut scenario, "good", &good, json!({}));
    step(&mut scenario, "bad", &good, more);
    change(&mut scenario["steps"][1]);
    let error = infeasible(&scenario, "bad", 1);
    (error["kind"].clone(), error["quota"].clone(), error["limit"].clone())
}

#[test]
fn pins_that_cannot_all_hold() {
    let ids = ["n0", "n1", "n2"];
    let pins = json!([[3, ids[0]], [3, ids[1]], [3, ids[2]]]);
    assert_eq!(impossible(|_| (), json!({ "pins": pins })), (json!("pinned"), json!(3), json!(2)));
    let pins = json!([[3, ids[0]], [3, ids[1]]]);
    let one_zone = |step: &mut Value| step["nodes"][1]["zone"] = step["nodes"][0]["zone"].clone();
    let said = impossible(one_zone, json!({ "pins": pins }));
    assert_eq!(said, (json!("pinned"), json!(2), json!(1)));
    // More than the node's share of 8.
    let pins: Vec<Value> = (0..12).map(|p| json!([p, ids[0]])).collect();
    let said = impossible(|_| (), json!({ "pins": pins }));
    assert_eq!(said, (json!("bound"), json!(12), json!(8)));
}

#[test]
fn frozen_partitions_that_cannot_stay() {
    let all: Vec<u32> = (0..16).collect();
    let gone = |step: &mut Value| step["nodes"][0]["id"] = json!("another");
    let (kind, quota, limit) = impossible(gone, json!({ "frozen": all }));
    assert_eq!((kind, quota, limit), (json!("frozen"), json!(2), json!(1)));
    let said = impossible(|_| (), json!({ "frozen": [3], "replicas": 1 }));
    assert_eq!(said, (json!("frozen"), json!(1), json!(2)));
    // Everything stays, but a node should get more.
    let heavier = |step: &mut Value| step["nodes"][0]["weight"] = json!(2);
    let (kind, _, _) = impossible(heavier, json!({ "frozen": all }));
    assert_eq!(kind, json!("bound"));
}
