//! Rules that no table keeps: exit status 3, the steps before, and what binds.

use crate::scenarios::{Cluster, step};
use crate::{dumped, recount, run};
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
fn nobody_there() {
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
