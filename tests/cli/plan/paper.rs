//! `--explain` and `--dry-run`: what they say of a step agrees with its table.

use super::recount::tables;
use super::scenarios::{Cluster, history, step};
use super::{dumped, file, run};
use serde_json::{Value, json};

fn scenario() -> Value {
    let cluster = Cluster::zoned(12, 4, |i| 1 + (i % 2) as u64);
    let mut scenario = history(&cluster, 48, &[&|c| c.add("z0", 2), &|c| c.remove("n3")]);
    let mut last = cluster;
    last.add("z0", 2);
    last.remove("n3");
    step(&mut scenario, "split", &last, json!({"partitions": 96}));
    scenario
}

#[test]
fn explanations_name_the_holders_before_and_after() {
    for partition in [0, 5, 47] {
        let option = format!("--explain={partition}");
        let (ended, dump) = dumped(&scenario(), &[&option]);
        let (report, tables) = (ended.json(), tables(&dump));
        for i in 0..3 {
            let lines = report["steps"][i]["explanation"].as_array().expect("a list");
            let lines: Vec<&str> = lines.iter().filter_map(Value::as_str).collect();
            assert_eq!(lines[0], format!("partition {partition}"));
            let row = &tables[i].1[partition];
            assert_eq!(lines.len(), 1 + row.len(), "{lines:?}");
            for id in row {
                let named = format!("\"{id}\"");
                assert!(lines[1..].iter().any(|line| line.contains(&named)), "{named}: {lines:?}");
            }
            let stays = lines.iter().filter(|line| line.starts_with("stays on ")).count();
            let old = if i == 0 { &[][..] } else { &tables[i - 1].1[partition][..] };
            assert_eq!(stays, row.iter().filter(|id| old.contains(id)).count(), "{lines:?}");
            for gone in old.iter().filter(|id| !row.contains(id)) {
                let named = format!("\"{gone}\"");
                let moved = |line: &&str| line.starts_with("moves from ") && line.contains(&named);
                assert!(lines.iter().any(moved), "{named}: {lines:?}");
            }
        }
        let split = report["steps"][3]["explanation"].as_array().expect("a list");
        let old = format!("one of 2 into which partition {} was split", partition / 2);
        assert!(split.len() == 1 && split[0].as_str().expect("text").contains(&old), "{split:?}");
        let text = run(&[&option], scenario().to_string().as_bytes()).stdout;
        assert_eq!(text.matches("\nexplanation of step \"").count(), 4, "{text}");
    }
    // Only the last step has this partition.
    let report = run(&["--json", "--explain", "95"], scenario().to_string().as_bytes()).json();
    let there: Vec<bool> =
        (0..4).map(|i| report["steps"][i].get("explanation").is_some()).collect();
    assert_eq!(there, [false, false, false, true]);
}

fn check<'a>(report: &'a Value, name: &str) -> &'a Value {
    let checks = report["dry_run"]["checks"].as_array().expect("a list");
    checks.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("{name}: {report}"))
}

#[test]
fn dry_runs_pass_warn_and_fail() {
    let report = run(&["--json", "--dry-run"], scenario().to_string().as_bytes()).json();
    let verdicts: Vec<&Value> = (0..4).map(|i| &report["steps"][i]["dry_run"]["verdict"]).collect();
    assert_eq!(verdicts, ["PASS", "PASS", "WARN", "PASS"]);
    assert_eq!(report["steps"][3]["dry_run"]["checks"], json!([]));
    for i in 0..3 {
        for name in ["limits", "quotas", "replicas", "pins", "peak", "movement"] {
            let check = check(&report["steps"][i], name);
            assert_eq!(check["verdict"], "PASS", "{check}");
            assert!(!check["finding"].as_str().expect("text").is_empty());
        }
    }
    let lost = check(&report["steps"][2], "nodes");
    assert_eq!(lost["verdict"], "WARN");
    assert!(lost["finding"].as_str().expect("text").contains("\"n3\""), "{lost}");

    // Nobody is left of a partition with one replica.
    let mut scenario = Cluster::zoned(3, 3, |_| 1).scenario(json!({}), 3, 1);
    step(&mut scenario, "now", &Cluster::zoned(3, 3, |_| 1), json!({}));
    let from = file("table", "# t\n0\tn0\n1\tn1\n2\tgone\n");
    let args = ["--json", "--dry-run", "--from", &from];
    let report = run(&args, scenario.to_string().as_bytes()).json();
    let lost = check(&report["steps"][0], "nodes");
    assert_eq!(lost["verdict"], "FAIL");
    assert!(lost["finding"].as_str().expect("text").contains("partition 2"), "{lost}");
}

#[test]
fn dry_runs_are_printed() {
    for columns in [60, 100] {
        let mut command = super::PLAN.command(&["--dry-run", "--explain=7", "--steps=5"]);
        command.env("COLUMNS", columns.to_string());
        let ended = super::finish(command, scenario().to_string().as_bytes());
        let text = String::from_utf8(ended.stdout).expect("UTF-8");
        assert_eq!(ended.status.code(), Some(0), "{text}");
        assert_eq!(text.matches("\ndry run of step \"").count(), 4, "{text}");
        assert!(text.contains("PASS  limits ") && text.contains("WARN  nodes "), "{text}");
        let wide = text.lines().find(|line| line.chars().count() > columns);
        assert_eq!(wide, None, "{columns} columns: {text}");
        assert!(text.lines().all(|line| line == line.trim_end()), "{text}");
    }
}

#[test]
fn neither_is_there_unasked() {
    let report = run(&["--json"], scenario().to_string().as_bytes()).json();
    for field in ["explanation", "dry_run"] {
        assert!((0..4).all(|i| report["steps"][i].get(field).is_none()), "{field}");
    }
}
