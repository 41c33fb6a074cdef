//! `--export kafka:TOPIC`: the reassignment that Kafka's tool reads, and nothing else.

use super::recount::tables;
use super::{dumped, file, run};
use serde_json::{Value, json};

/// Brokers 1 to n in racks.
fn brokers(count: u64) -> Value {
    (1..=count).map(|id| json!({"id": id.to_string(), "rack": format!("r{}", id % 3)})).collect()
}

fn scenario(steps: &[u64]) -> Value {
    let step =
        |(i, count): (usize, &u64)| json!({"label": format!("step {i}"), "nodes": brokers(*count)});
    let steps: Vec<Value> = steps.iter().enumerate().map(step).collect();
    json!({"levels": ["rack"], "max_per_domain": {"rack": 1}, "partitions": 24, "replicas": 2, "steps": steps})
}

/// The lines printed, each a reassignment of one topic.
fn lines(scenario: &Value, args: &[&str]) -> Vec<Vec<(usize, Vec<String>)>> {
    let ended =
        run(&[&["--export=kafka:orders.v1_2-x"], args].concat(), scenario.to_string().as_bytes());
    let said = ended.stderr.ends_with("nothing to reassign\n");
    assert_eq!((ended.status, said), (Some(0), ended.stdout.is_empty()), "{ended:?}");
    let reassignment = |line: &str| -> Vec<(usize, Vec<String>)> {
        let value: Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(
            (&value["version"], value.as_object().expect("an object").len()),
            (&json!(1), 2)
        );
        assert!(line.starts_with("{\"version\":1,\"partitions\":["), "{line}");
        let partition = |entry: &Value| {
            let fields: Vec<&String> = entry.as_object().expect("an object").keys().collect();
            assert_eq!(fields, ["partition", "replicas", "topic"]);
            assert_eq!(entry["topic"], "orders.v1_2-x");
            let replicas = entry["replicas"].as_array().expect("a list").iter();
            let ids = replicas.map(|id| id.as_u64().expect("a broker").to_string());
            (entry["partition"].as_u64().expect("a partition") as usize, ids.collect())
        };
        value["partitions"].as_array().expect("a list").iter().map(partition).collect()
    };
    ended.stdout.lines().map(reassignment).collect()
}

#[test]
fn the_last_step_from_the_one_before() {
    let scenario = scenario(&[6, 7, 9]);
    let all = tables(&dumped(&scenario, &[]).1);
    let (before, after) = (&all[1].1, &all[2].1);
    let [only] = &lines(&scenario, &[])[..] else { panic!("one line") };
    let changed: Vec<(usize, Vec<String>)> = (0..24)
        .filter(|partition| before[*partition] != after[*partition])
        .map(|partition| (partition, after[partition].clone()))
        .collect();
    assert!(!changed.is_empty() && changed.len() < 24);
    assert_eq!(*only, changed);
}

#[test]
fn a_fresh_table_is_exported_whole() {
    let scenario = scenario(&[6]);
    let all = tables(&dumped(&scenario, &[]).1);
    let whole: Vec<(usize, Vec<String>)> = all[0].1.iter().cloned().enumerate().collect();
    assert_eq!(lines(&scenario, &[]), [whole]);
}

/// A broker that is only the preferred leader no more is a change for Kafka.
#[test]
fn from_a_live_table_and_changes_of_order() {
    let scenario = scenario(&[6]);
    let (_, dump) = dumped(&scenario, &[]);
    let from = file("live", &dump);
    // Kafka's tool refuses a reassignment without partitions.
    let ended = run(&["--export=kafka:t", "--from", &from], scenario.to_string().as_bytes());
    assert_eq!((ended.status, &*ended.stdout), (Some(0), ""), "{ended:?}");
    assert!(ended.stderr.ends_with("nothing to reassign\n"), "{ended:?}");
    let swapped: String = dump
        .lines()
        .map(|line| match line.strip_prefix("3\t").and_then(|row| row.split_once(',')) {
            Some((first, second)) => format!("3\t{second},{first}\n"),
            None => format!("{line}\n"),
        })
        .collect();
    let from = file("swapped", &swapped);
    let (_, again) = dumped(&scenario, &["--from", &from]);
    let (old, new) = (&tables(&swapped)[0].1, &tables(&again)[0].1);
    let changed: Vec<(usize, Vec<String>)> =
        (0..24).filter(|p| old[*p] != new[*p]).map(|p| (p, new[p].clone())).collect();
    let expected: Vec<_> = std::iter::once(changed).filter(|line| !line.is_empty()).collect();
    assert_eq!(lines(&scenario, &["--from", &from]), expected);
}

#[test]
fn one_line_for_each_bounded_step() {
    let scenario = scenario(&[6, 9]);
    let (_, dump) = dumped(&scenario, &["--steps=5"]);
    let all = tables(&dump);
    let exported = lines(&scenario, &["--steps=5"]);
    // The first table is fresh, the last one stands in the dump twice.
    assert_eq!(exported.len(), all.len() - 2);
    assert!(exported.len() > 1);
    for (pair, exported) in all.windows(2).zip(exported) {
        let (old, new) = (&pair[0].1, &pair[1].1);
        let changed: Vec<(usize, Vec<String>)> =
            (0..24).filter(|p| old[*p] != new[*p]).map(|p| (p, new[p].clone())).collect();
        assert_eq!(exported, changed);
    }
}

fn refused(args: &[&str], scenario: &Value, named: &str) {
    let ended = run(args, scenario.to_string().as_bytes());
    assert_eq!((ended.status, &*ended.stdout), (Some(2), ""), "{args:?}: {ended:?}");
    assert!(
        ended.stderr.lines().count() == 1 && ended.stderr.contains(named),
        "{named}: {ended:?}"
    );
}

#[test]
fn ids_that_are_no_brokers() {
    for id in ["n1", "07", "+7", "-7", " 7", "7.0", "2147483648", "99999999999999999999"] {
        let mut wrong = scenario(&[6, 7]);
        wrong["steps"][1]["nodes"][2]["id"] = json!(id);
        let named =
            format!("--export: id {id:?}: not the number of a broker, from 0 to 2147483647");
        refused(&["--export", "kafka:t"], &wrong, &named);
        // Nothing is written for it.
        let path = super::path("none");
        refused(&["--export=kafka:t", "--dump", path.to_str().expect("UTF-8")], &wrong, &named);
        assert!(!path.exists());
    }
    let mut right = scenario(&[6, 7]);
    for (at, id) in ["0", "2147483647"].iter().enumerate() {
        right["steps"][1]["nodes"][at]["id"] = json!(id);
    }
    assert!(!lines(&right, &[]).is_empty());
    // Ids of the steps before do not matter.
    let mut left = scenario(&[6, 7]);
    left["steps"][0]["nodes"][0]["id"] = json!("old");
    assert_eq!(lines(&left, &[]).len(), 1);
    assert!(lines(&left, &["--steps=2"]).len() > 1);
}

/// Kafka would wait for a broker that is gone for ever.
#[test]
fn lost_brokers_are_in_no_line() {
    let scenario = scenario(&[6]);
    let rows: String =
        (0..24).map(|p| format!("{p}\t{}\n", ["99,1", "98,99", "2,3", "4,gone"][p % 4])).collect();
    let from = file("lost", &format!("# live\n{rows}"));
    for args in [&["--from", &from][..], &["--from", &from, "--steps=2"]] {
        let (_, dump) = dumped(&scenario, args);
        let mut kafka = tables(&format!("# live\n{rows}"))[0].1.clone();
        for line in lines(&scenario, args) {
            assert!(!line.is_empty());
            for (partition, ids) in line {
                let there = |id: &String| (1..=6).any(|broker| *id == broker.to_string());
                assert!(!ids.is_empty() && ids.iter().all(there), "{partition}: {ids:?}");
                assert_ne!(kafka[partition], ids);
                kafka[partition] = ids;
            }
        }
        assert_eq!(kafka, tables(&dump).pop().expect("a table").1);
    }
}

#[test]
fn kafka_splits_no_partitions() {
    let mut wrong = scenario(&[6, 7]);
    wrong["steps"][1]["partitions"] = json!(48);
    refused(&["--export=kafka:t"], &wrong, "step \"step 1\": --export: 24 partitions become 48");
    wrong["steps"][1]["nodes"] = brokers(6);
    refused(&["--export=kafka:t"], &wrong, "--export: 24 partitions become 48");
}

#[test]
fn topics_and_other_formats() {
    let right = scenario(&[6]);
    let long = "x".repeat(250);
    for topic in ["", ".", "..", "a b", "a/b", "ä", "a\"b", &long] {
        let option = format!("--export=kafka:{topic}");
        refused(&[&option], &right, "a topic has 1 to 249 letters");
    }
    for format in ["kafka", "KAFKA:t", "redis:t", ":t"] {
        refused(&["--export", format], &right, &format!("--export {format:?}: not kafka:TOPIC"));
    }
    for other in ["--json", "--nodes", "--moves", "--dry-run", "--explain=1"] {
        let named = format!("leave out {}", other.trim_end_matches("=1"));
        refused(&["--export=kafka:t", other], &right, &named);
    }
}

#[test]
fn an_infeasible_step_exports_nothing() {
    let mut wrong = scenario(&[6, 7]);
    wrong["steps"][1]["replicas"] = json!(4);
    let ended = run(&["--export=kafka:t"], wrong.to_string().as_bytes());
    assert_eq!((ended.status, &*ended.stdout), (Some(3), ""), "{ended:?}");
}
