//! The field `affinity`: what it asks for, counted again from the dumps.

use super::recount::{Row, tables};
use super::scenarios::{Cluster, step};
use super::{dumped, run};
use serde_json::{Value, json};

/// The zone of each id: `Cluster` deals the nodes to its zones in turn.
fn in_zone(row: &Row, zone: usize) -> usize {
    let number = |id: &String| id.trim_start_matches('n').parse::<usize>().unwrap();
    row.iter().filter(|id| number(id) % 3 == zone).count()
}

/// Nine nodes in three zones.
fn scenario() -> Value {
    let cluster = Cluster::zoned(9, 3, |_| 1);
    let mut scenario = cluster.scenario(json!({"zone": 1}), 90, 2);
    let near = json!([
        {"partitions": [0, 30], "level": "zone", "domain": "z0", "at_least": 1},
        {"partitions": [30, 45], "level": "zone", "domain": "z0", "at_most": 0},
        {"partitions": [40, 50], "nodes": ["n1", "n4"], "at_least": 1, "at_most": 1},
    ]);
    step(&mut scenario, "plain", &cluster, json!({}));
    step(&mut scenario, "near", &cluster, json!({"affinity": near}));
    step(&mut scenario, "kept", &cluster, json!({}));
    step(&mut scenario, "split", &cluster, json!({"partitions": 180}));
    let leaders = json!([
        {"partitions": [0, 20], "level": "zone", "domain": "z1", "leader": true},
        {"level": "zone", "domain": "z2", "leader": false},
    ]);
    step(&mut scenario, "led", &cluster, json!({"leaders": true, "affinity": leaders}));
    step(&mut scenario, "led on", &cluster, json!({}));
    step(&mut scenario, "none", &cluster, json!({"affinity": []}));
    scenario
}

#[test]
fn replicas_and_leaders_are_where_they_are_asked_for() {
    for args in [&[][..], &["--no-disperse"]] {
        let (ended, dump) = dumped(&scenario(), args);
        let (reports, tables) = (ended.json()["steps"].clone(), tables(&dump));
        for (i, (label, rows)) in tables.iter().enumerate() {
            let near = ["near", "kept", "split"].contains(&label.as_str());
            let led = ["led", "led on"].contains(&label.as_str());
            let ways = rows.len() / 90;
            for (p, row) in rows.iter().enumerate() {
                let at = p / ways;
                assert!(!near || at >= 30 || in_zone(row, 0) == 1, "{label}: {p}: {row:?}");
                assert!(!near || !(30..45).contains(&at) || in_zone(row, 0) == 0, "{label}: {p}");
                let listed = row.iter().filter(|id| ["n1", "n4"].contains(&id.as_str())).count();
                assert!(!near || !(40..50).contains(&at) || listed == 1, "{label}: {p}: {row:?}");
                let leader = row[..1].to_vec();
                assert!(!led || p >= 20 || in_zone(&leader, 1) == 1, "{label}: {p}: {row:?}");
                assert!(!led || in_zone(&leader, 2) == 0, "{label}: {p}: {row:?}");
            }
            let report = &reports[i];
            assert_eq!(
                (&report["optimal"], &report["domain_violations"]),
                (&json!(true), &json!(0))
            );
            assert_eq!(report["outside_floor_ceil"], 0, "{label}");
            assert!(!led || report["leaders_outside_floor_ceil"] == 0, "{label}");
        }
        for (same, what) in [(2, "moved"), (3, "moved"), (5, "moved"), (5, "leaders_moved")] {
            assert_eq!(reports[same][what], 0, "{same}: {what}");
        }
        assert!(reports[1]["moved"].as_u64() > Some(0));
    }
}

/// Listed nodes that are gone since do not count.
#[test]
fn rules_outlive_their_nodes() {
    let mut cluster = Cluster::zoned(6, 1, |_| 1);
    let mut scenario = cluster.scenario(json!({}), 30, 2);
    let rules = json!([{"partitions": [0, 4], "nodes": ["n0", "n1"], "at_least": 1}]);
    step(&mut scenario, "init", &cluster, json!({"affinity": rules}));
    cluster.remove("n0");
    step(&mut scenario, "gone", &cluster, json!({}));
    let (ended, dump) = dumped(&scenario, &[]);
    ended.json();
    assert!(tables(&dump)[1].1[..4].iter().all(|row| row.contains(&"n1".into())));
    step(&mut scenario, "given", &cluster, json!({"affinity": rules}));
    let ended = run::<&str>(&[], scenario.to_string().as_bytes());
    assert!(
        ended.stderr.contains("step \"given\": affinity: id \"n0\" is not a node"),
        "{ended:?}"
    );
}

#[test]
fn wrong_rules_are_named() {
    let cluster = Cluster::zoned(6, 3, |_| 1);
    for (rules, said) in [
        (json!({}), "affinity {…}: not a list"),
        (json!([1]), "affinity: rule 1: not an object"),
        (
            json!([{"at_least": 1}]),
            "affinity: rule 1: needs \"level\" and \"domain\", or \"nodes\"",
        ),
        (json!([{"level": "zone", "at_least": 1}]), "\"level\" and \"domain\" are given together"),
        (
            json!([{"level": "zone", "domain": "z0", "nodes": ["n1"], "at_least": 1}]),
            "\"nodes\" takes the place of a level and a domain",
        ),
        (json!([{"nodes": ["n1"]}]), "asks for nothing: needs \"at_least\", \"at_most\" or"),
        (json!([{"nodes": ["n1"], "at_least": 0}]), "asks for nothing"),
        (
            json!([{"nodes": ["n1"], "at_least": 65}]),
            "at_least 65: not a whole number from 0 to 64",
        ),
        (json!([{"nodes": ["n1"], "at_most": -1}]), "at_most -1: not a whole number from 0 to 64"),
        (json!([{"nodes": ["n1"], "leader": 1}]), "leader 1: not true or false"),
        (json!([{"nodes": [1], "at_least": 1}]), "nodes: id 1: not text"),
        (json!([{"nodes": ["n9"], "at_least": 1}]), "affinity: id \"n9\" is not a node"),
        (json!([{"nodes": ["n1"], "at_last": 1}]), "affinity: rule 1: unknown field \"at_last\""),
        (
            json!([{"nodes": ["n1"], "at_most": 1}, {"partitions": [3, 3], "nodes": ["n1"], "at_most": 1}]),
            "affinity: rule 2: partitions: to 3: not a whole number from 4 to 16",
        ),
        (
            json!([{"partitions": [0, 17], "nodes": ["n1"], "at_most": 1}]),
            "partitions: to 17: not a whole number from 1 to 16",
        ),
        (
            json!([{"partitions": [0], "nodes": [], "at_most": 1}]),
            "partitions: 1 values, not [from, to]",
        ),
        (
            json!([{"level": "rack", "domain": "r0", "at_most": 1}]),
            "affinity: level \"rack\" is not in levels",
        ),
        (
            json!([{"level": "zone", "domain": "z9", "at_most": 1}]),
            "affinity: an affinity: no node is in a failure domain \"z9\" of level \"zone\"",
        ),
        (
            json!([{"nodes": ["n1"], "leader": true}]),
            "affinity: a rule is about leaders, which are not balanced; set leaders",
        ),
        (
            json!([{"partitions": [2, 3], "level": "zone", "domain": "z0", "at_least": 2}]),
            "the affinities of partition 2 ask for 2 replicas in \"z0\", which can hold 1",
        ),
        (
            json!([{"partitions": [5, 9], "nodes": ["n1", "n2"], "at_least": 1}]),
            "the affinities of partition 5 ask about \"z1/n1\", \"z2/n2\" and \"z1\", which have some",
        ),
    ] {
        let mut scenario = cluster.scenario(json!({"zone": 1}), 16, 2);
        step(&mut scenario, "init", &cluster, json!({"affinity": rules}));
        let ended = run::<&str>(&[], scenario.to_string().as_bytes());
        assert!(ended.stderr.contains("step \"init\": "), "{ended:?}");
        assert!(ended.stderr.contains(said), "{said}: {ended:?}");
        assert!(ended.status != Some(0) && ended.stdout.is_empty(), "{ended:?}");
    }
}
