//! Forms whose fields do not fit together: the error names the value.

use super::samples;
use serde_json::{Value, json};

/// The error for a value with one piece of its text replaced.
fn alter(name: &str, from: &str, to: &str) -> String {
    let samples = samples::all();
    let sample = samples.iter().find(|sample| sample.name == name).unwrap();
    assert!(sample.json.contains(from), "{from} is not in {}", sample.json);
    let text = sample.json.replacen(from, to, 1);
    (sample.accepts)(&text).expect_err(&text)
}

#[test]
fn what_does_not_fit_together_is_named() {
    for (name, from, to, says) in [
        (
            "schedule-each",
            "\"bound\":2",
            "\"bound\":3",
            "the saved schedule is malformed: it has 2 rounds, and its bound is 3",
        ),
        ("schedule-each", "[0,0,1,1]", "[0,0,4,1]", "a transfer has round 4, and there are 4"),
        ("schedule-each", "[0,0,1,1]", "[0,0,2,2]", "round 1 of 3 has no transfer"),
        ("schedule-each", "null", "5", "it names unit 5 for extra rounds, and has none"),
        ("schedule-each", "\"optimal\"", "\"within-three\"", "it claims to be less than 3 times"),
        ("schedule-each", "[0,0,1,1]", "[0,1,2,3,4,5]", "it claims to be optimal, and has 6"),
        ("schedule-within-three-halves", "[0,1,2]", "[0,1,2,3]", "it claims to be at most 3/2"),
        // Only a few transfers are searched, so no more than 3/2 is known to be optimal.
        (
            "schedule-units",
            "[11,4,3,",
            "[22,14,15,16,17,18,19,20,21,",
            "it claims to be optimal, and has 23 rounds with a bound of 14",
        ),
        (
            "schedule-but-for-units",
            "\"extra_unit\":7",
            "\"extra_unit\":null",
            "it claims to be optimal but for units with several transfers, and names no unit",
        ),
        (
            "schedule-within-three-halves",
            "\"within-three-halves\"",
            "\"within-three\"",
            "it claims to be less than 3 times the bound, and has 3 rounds with a bound of 2",
        ),
        ("progress-midway", "\"replicas\":2", "\"replicas\":0", "expected at least 1 replica"),
        ("progress-midway", "[4,4,5,", "[4,7,5,", "the state 7 of partition 1 is unknown"),
        ("progress-midway", "[4,4,5,", "[4,9,5,", "the state 9 of partition 1 is unknown"),
        ("progress-midway", "[4,4,5,", "[4,12,5,", "the state 12 of partition 1 is unknown"),
        ("progress-begin", "[0,0,0]", "[]", "expected at least 1 partition, got 0"),
        (
            "progress-midway",
            "4,4,5,4,4,4,0,0,0,2,0,0",
            "4,4,5",
            "no partition is at placement 0, which is not the target",
        ),
        (
            "progress-midway",
            r#"[{"text":"b"}]"#,
            r#"[{"text":"b"},{"text":"a"},{"hex":"62"}]"#,
            r#"node "b" is lost twice"#,
        ),
        ("progress-midway", r#"{"text":"b"}"#, r#"{"hex":"6"}"#, "\"6\" is not hexadecimal"),
        ("table-report", "\"1.03125\"", "\"0.5\"", "min_over_quota is 0.97"),
        ("table-report", "\"1.03125\"", "\"-1\"", "a number of at least 0 as text, got \"-1\""),
        ("table-report", "\"1.03125\"", "\"NaN\"", "a number of at least 0 as text, got \"NaN\""),
        ("table-report", "_shared\":6", "_shared\":0", "worst_pair is 1.0"),
        ("table-report", "copysets\":21", "copysets\":0", "distinct_copysets is 0"),
        ("topology", "\"weight\":3", "\"weight\":4", "its fingerprint is 0x4fa07e307830c91b"),
        ("topology", "\"text\":\"n0\"", "\"text\":\"n2\"", "node \"n2\" is given twice"),
        ("migration-tables", "\"lost\":[3]", "\"lost\":[3,3]", "node 3 is lost twice"),
        ("migration-tables", "\"lost\":[3]", "\"lost\":[6]", "there is no node 6 to be lost"),
        ("migration-tables", "\"sizes\":[100,", "\"sizes\":[", "it has 31 sizes and 32 lists"),
        ("migration-tables", "[[4,2],", "[[4,4],", r#"unit 0 is twice on node "n4" before"#),
        ("migration-tables", "[[4,2],", "[[4,6],", "holder 6 before of unit 0 is no node"),
        ("migration-tables", "[[5,4,2],", "[[5,4,3],", "holder 3 after of unit 0 is no node"),
        ("migration-tables", "\"sources\":[2,", "\"sources\":[", "it has 56 sources for 57"),
        ("migration-tables", "\"sources\":[2,4,2,", "\"sources\":[2,4,1,", "comes from node 1,"),
        ("migration-tables", "\"sources\":[2,4,2,2,", "\"sources\":[2,4,2,3,", "from node 3,"),
        ("migration-tables", "\"sources\":[2,", "\"sources\":[null,", "comes from no node, which"),
        ("migration-rings", "[\"1443", "[\"2443", "the hashes of unit 1 end before they begin"),
        ("migration-rings", "\"ffffffffffffffff\"", "\"ff00000000000000\"", "from 0xff0000000000"),
        ("migration-rings", "[\"14432a837f7b2811\",", "[", "31 intervals of hashes and 32 units"),
        ("migration-numbers", "[[0],[1],", "[[0,1],[1],", "unit 0 is a pair of nodes, and has 2"),
        ("bounded-online", "\"063b", "\"963b", "keys have to ascend"),
        (
            "bounded-online",
            "\"holders\":[4,",
            "\"holders\":[",
            "expected 40 holders in mode online, got 39",
        ),
        ("bounded-online", "\"holders\":[4,", "\"holders\":[5,", "is on slot 5, which has no live"),
        (
            "bounded-canonical",
            "\"holders\":[",
            "\"holders\":[1",
            "expected 0 holders in mode canonical, got 1",
        ),
        ("bounded-online", "[4,1,4,4,2,2,2,2,0,2,0,", "[1,1,1,1,1,1,1,1,1,1,1,", "and its cap is"),
        ("bounded-online", "\"5/4\"", "\"4/5\"", "a load factor is at least 1, got 4/5"),
        ("bounded-online", "\"scale\":[100,9]", "\"scale\":[100,8]", "the saved value was altered"),
        ("plan-change", "\"moved\":45", "\"moved\":44", "44 replicas moved"),
        ("plan-change", "\"lower_bound\":44", "\"lower_bound\":43", "its lower_bound is 43, and"),
        ("plan-change", "moved_twice\":0", "moved_twice\":1", "1 partitions moved twice"),
        ("plan-change", "replicas\":0", "replicas\":64", "its missing_replicas is 64, and the"),
        (
            "plan-change",
            "\"thawed\":[0,1,40]",
            "\"thawed\":[0,40]",
            "thawed partitions is wrong at",
        ),
        (
            "plan-change",
            "\"holders\":[6,",
            "\"holders\":[9,",
            "partition 0 is on slot 9, which has",
        ),
        ("plan-change", "\"holders\":[6,5,", "\"holders\":[6,6,", "partition 0"),
        ("plan-change", "\"holders\":[6,", "\"holders\":[", "it has 191 holders, and its table"),
        (
            "plan-change",
            "\"certificate\":[0,",
            "\"certificate\":[",
            "expected a certificate of 0 or",
        ),
        (
            "plan-change",
            "\"planner\":\"29f58b2b3335ffe6\"",
            "\"planner\":\"29f58b2b3335ffe7\"",
            "planner with fingerprint 0x29f58b2b3335ffe7, and the given one has 0x29f58b2b3335ffe6",
        ),
        (
            "plan-change",
            "\"old\":\"5463c8b6566a27ce\"",
            "\"old\":null",
            "starts from no old table, and it is restored with an old table with fingerprint 0x5463",
        ),
        ("move-report", "\"placed\":[1000,", "\"placed\":[999,", "add up to 1000, and 999 were"),
        ("move-report", "\"260/1000\"", "\"1001/1000\"", "the minimum of 1001/1000 is above 1"),
        ("move-report", "\"260/1000\"", "\"a/b\"", "a saved ratio"),
        ("move-report", "unchanged\":0", "unchanged\":292", "292 replicas move between unchanged"),
        ("move-report", "\"from\":0", "\"from\":6", "it refers to node 6, and has 6"),
        ("move-report", "\"from\":0,\"to\":1", "\"from\":null,\"to\":null", "flow 0 has neither"),
        ("move-report", "\"keys\":7", "\"keys\":0", "flow 0 has 0 keys"),
        ("move-report", "\"keys\":7", "\"keys\":18446744073709551615", "more than 2^64 keys"),
        ("move-report", "\"slot\":1,", "\"slot\":0,", "slot 0 follows slot 0 before"),
        (
            "move-report",
            "\"111.1111111111111\"",
            "\"inf\"",
            "the node in slot 0 has a quota of inf",
        ),
    ] {
        let error = alter(name, from, to);
        assert!(error.contains(says), "{name}: {error}\nnot {says}");
    }
}

/// Two nodes could share the work of one.
#[test]
fn a_busiest_source_that_gives_too_much_is_named() {
    let samples = samples::all();
    let sample = samples.iter().find(|sample| sample.name == "migration-rings").unwrap();
    let (start, _) = sample.json.split_once("\"sources\":").unwrap();
    // The first holder gives each copy; there are 23.
    let migration: serde_json::Value = serde_json::from_str(&sample.json).unwrap();
    let units =
        migration["before"].as_array().unwrap().iter().zip(migration["after"].as_array().unwrap());
    let mut sources = Vec::new();
    for (before, after) in units {
        let [before, after] = [before, after].map(|list| list.as_array().unwrap());
        let copies = after.iter().filter(|node| !before.contains(node)).count();
        let lowest = before.iter().min_by_key(|node| node.as_u64()).unwrap();
        sources.extend(std::iter::repeat_n(lowest.to_string(), copies));
    }
    let text = format!("{start}\"sources\":[{}]}}", sources.join(","));
    let error = (sample.accepts)(&text).unwrap_err();
    assert!(error.contains("and the busiest source need not give more than 6"), "{error}");
    assert!(error.contains("node \"n0\" gives"), "{error}");
}

type Edit = (&'static str, fn(&mut Value), &'static str);

/// The error for each form with some of its values replaced.
fn edit(name: &str, edits: &[Edit]) {
    let samples = samples::all();
    let sample = samples.iter().find(|sample| sample.name == name).unwrap();
    let wrong: Vec<String> = edits
        .iter()
        .filter_map(|(what, edit, says)| {
            let mut form: Value = serde_json::from_str(&sample.json).unwrap();
            edit(&mut form);
            match (sample.accepts)(&form.to_string()) {
                Ok(()) => Some(format!("{what}: accepted")),
                Err(error) => (!error.contains(says)).then(|| format!("{what}: {error}")),
            }
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A report is that of one count of keys: loads, flows, quotas and the minimum belong together.
#[test]
fn the_figures_of_a_report_of_moves_fit_together() {
    edit(
        "move-report",
        &[
            (
                "loads beyond all numbers",
                |form| {
                    form["keys"] = u64::MAX.into();
                    form["placed"][0] = u64::MAX.into();
                    form["before"][0]["load"] = u64::MAX.into();
                    form["before"][1]["load"] = u64::MAX.into();
                },
                "the loads before add up to more than 2^64 replicas",
            ),
            (
                "a load above the keys",
                |form| form["before"][1]["load"] = 501.into(),
                "the node in slot 1 has 501 replicas of 500 keys before",
            ),
            ("no keys", |form| form["keys"] = 0.into(), "0 keys have 1494 bytes"),
            (
                "no loads",
                |form| form["before"] = json!([]),
                "the loads before add up to 0, and 1000 were placed",
            ),
            (
                "a great flow",
                |form| form["flows"][0]["keys"] = 18_000_000_000_000_000_000_u64.into(),
                "flow 0 has 18000000000000000000 keys of 16 bytes, and 500 of 1494",
            ),
            (
                "a flow of many bytes",
                |form| form["flows"][0]["bytes"] = 1495.into(),
                "flow 0 has 7 keys of 1495 bytes, and 500 of 1494",
            ),
            (
                "a flow from nowhere",
                |form| form["flows"][0]["from"] = Value::Null,
                "and by the flows 284 leave a node and 291 come to one",
            ),
            (
                "a flow to a node that is gone",
                |form| form["flows"][5]["to"] = 0.into(),
                "by the flows 16 replicas come to node 0, whose load after is 0",
            ),
            (
                "no flows",
                |form| {
                    form["flows"] = json!([]);
                    form["minimum"] = "1000/1000".into();
                },
                "its minimum is 1000/1000, and by its loads and flows it is between 0/1000 and 0/1000",
            ),
            (
                "a minimum below what moves",
                |form| form["minimum"] = "259/1000".into(),
                "its minimum is 259/1000, and by its loads and flows it is between 260/1000 and",
            ),
            (
                "a minimum of another whole",
                |form| form["minimum"] = "26/100".into(),
                "its minimum is 26/100, and by its loads and flows it is between 260/1000 and 291/1000",
            ),
            (
                "a tiny quota",
                |form| form["before"][0]["quota"] = "1e-300".into(),
                "the node in slot 0 has a quota of 1e-300, of 1000 replicas before",
            ),
            (
                "a great quota",
                |form| form["after"][0]["quota"] = "1001.0".into(),
                "the node in slot 0 has a quota of 1001.0, of 1000 replicas after",
            ),
            (
                "other quotas",
                |form| form["after"][0]["quota"] = "126.0".into(),
                "the quotas after add up to 1001.0, and 1000 were placed",
            ),
            ("an ideal", |form| form["ideal"] = "1.5".into(), "the ideal fraction is 1.5"),
            (
                "a node too many",
                |form| form["nodes"].as_array_mut().unwrap().push("n9".into()),
                "no flow and no load is that of node 6",
            ),
        ],
    );
}
