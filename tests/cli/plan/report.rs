//! `--html`: the report says what `--json` and the files say, and no name breaks it.

use super::recount::tables;
use super::scenarios::{Cluster, history};
use super::{file, path, run, written};
use crate::html::{Bits, Page};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;

/// The report of a scenario that is planned, checked as every page is.
fn report(scenario: &Value, args: &[&str]) -> (Page, String) {
    let path = path("report.html");
    let file = path.to_str().expect("UTF-8");
    let ended = run(&[&["--html", file], args].concat(), scenario.to_string().as_bytes());
    assert_eq!((ended.status, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
    assert!(ended.stdout.contains("moved"), "the table is printed as well");
    let html = fs::read_to_string(&path).expect("a report");
    fs::remove_file(&path).expect("it is there");
    let page = Page::read(&html);
    page.check(&html);
    (page, html)
}

/// Nodes that join and leave, and a split.
fn changes() -> Value {
    let mut scenario = history(
        &Cluster::zoned(12, 4, |i| 1 + i as u64 % 2),
        96,
        &[&|c: &mut Cluster| c.add("z1", 2), &|c| c.remove("n3"), &|c| c.add("z4", 3)],
    );
    let mut last = scenario["steps"].as_array().and_then(|steps| steps.last()).expect("it").clone();
    last["label"] = "split".into();
    last["partitions"] = 192.into();
    scenario["steps"].as_array_mut().expect("a list").push(last);
    scenario
}

const SECTIONS: [&str; 10] = [
    "verdict", "checks", "table", "flows", "loads", "domains", "failures", "leaders", "schedule",
    "undo",
];

#[test]
fn every_step_has_its_sections() {
    let scenario = changes();
    let (page, html) = report(&scenario, &[]);
    for id in ["verdict", "checks", "parts", "explain", "ask", "answer", "downloads", "method"] {
        page.by_id(id);
    }
    for (i, step) in (1..).zip(scenario["steps"].as_array().expect("a list")) {
        let part = page.by_id(&format!("step-{i}"));
        assert!(part.text.contains(step["label"].as_str().expect("a label")));
        for section in SECTIONS {
            let id = format!("id=\"s{i}-{section}\"");
            let of_a_change = ["table", "flows", "schedule", "undo"].contains(&section);
            assert_eq!(html.contains(&id), i > 1 || !of_a_change, "{id}");
        }
    }
    let lines = page.by_id("method").text.lines().filter(|line| line.ends_with('.')).count();
    assert_eq!(lines, 4, "limits and method");
}

#[test]
fn the_figures_are_those_of_json() {
    let scenario = changes();
    let args = ["--nodes", "--schedule", "2,1"];
    let (page, _) = report(&scenario, &args);
    let (reports, ..) = written(&scenario, &args);
    let rows = page.table("Every step against the minimum that is proved for it");
    assert_eq!(rows.len(), reports.len());
    for (row, report) in rows.iter().zip(&reports) {
        assert_eq!(row[0], report["label"].as_str().expect("a label"));
        let shown = [(2, "moved"), (4, "transfers"), (5, "rounds"), (8, "domain_violations")];
        for (column, field) in shown {
            assert_eq!(row[column].replace(',', ""), report[field].to_string(), "{field}");
        }
        for (column, field) in [(6, "peak_over_quota"), (7, "max_over_quota")] {
            let figure = report[field].as_f64().expect("a number");
            assert_eq!(row[column], format!("{figure:.4}"), "{field}");
        }
        assert_eq!(row[1] == "no", report["optimal"] == false);
    }
    // The file of figures is the same object without what differs from run to run.
    let link = page.all("a").find(|a| a.get("download") == Some("plan.json")).expect("a file");
    let (_, coded) = link.get("href").and_then(|href| href.split_once("base64,")).expect("data");
    let figures: Value = serde_json::from_slice(&crate::html::unbase64(coded)).expect("JSON");
    for (step, report) in figures["steps"].as_array().expect("a list").iter().zip(&reports) {
        let mut report = report.clone();
        for field in ["plan_ms", "disperse_ms", "certificate_ms", "peak_bytes"] {
            report.as_object_mut().expect("an object").remove(field);
        }
        assert_eq!(*step, report);
    }
}

/// The tables that the script reads, with ids.
fn packed(data: &Value) -> Vec<Vec<Vec<String>>> {
    let name = |number: u64| data["nodes"][number as usize].as_str().expect("an id").to_owned();
    let mut all: Vec<Vec<Vec<String>>> = Vec::new();
    for table in data["tables"].as_array().expect("a list") {
        let mut bits = Bits::new(&table["bits"]);
        let partitions = table["partitions"].as_u64().expect("a number") as usize;
        let mut rows: Vec<Vec<String>> = Vec::new();
        if table["old"].is_null() {
            for _ in 0..partitions {
                let size = table["row"].as_u64().filter(|size| *size > 0);
                let size = size.unwrap_or_else(|| bits.next(&7.into()));
                rows.push((0..size).map(|_| name(bits.next(&table["node"]))).collect());
            }
        } else {
            let old = &all[table["old"].as_u64().expect("a number") as usize];
            rows = (0..partitions).map(|p| old[p * old.len() / partitions].clone()).collect();
            let mut at = 0;
            for _ in 0..table["changed"].as_u64().expect("a number") {
                at += bits.next(&table["gap"]) as usize;
                for id in &mut rows[at] {
                    if bits.next(&1.into()) == 1 {
                        *id = name(bits.next(&table["node"]));
                    }
                }
                at += 1;
            }
        }
        all.push(rows);
    }
    all
}

#[test]
fn the_data_are_the_tables_and_the_transfers() {
    for scenario in [changes(), copies()] {
        let (page, _) = report(&scenario, &[]);
        let data = page.data();
        let (reports, dump, schedule) = written(&scenario, &[]);
        let dumped: Vec<_> = tables(&dump).into_iter().map(|(_, rows)| rows).collect();
        assert_eq!(packed(&data), dumped);
        let mut lines = Vec::new();
        for (step, report) in data["steps"].as_array().expect("a list").iter().zip(&reports) {
            let transfers = &step["transfers"];
            let mut bits = Bits::new(&transfers["bits"]);
            let name = |number: u64| match number {
                0 => "-".to_owned(),
                n => data["nodes"][n as usize - 1].as_str().expect("an id").to_owned(),
            };
            let rounds = transfers["rounds"].as_array().expect("a list");
            assert_eq!(json!(rounds.len()), report["rounds"]);
            for (round, size) in (1..).zip(rounds) {
                for _ in 0..size.as_u64().expect("a number") {
                    let partition = bits.next(&transfers["unit"]);
                    let (from, to) = (bits.next(&transfers["node"]), bits.next(&transfers["node"]));
                    let label = step["label"].as_str().expect("a label");
                    lines.push(format!(
                        "{label}\t{round}\t{partition}\t{}\t{}",
                        name(from),
                        name(to)
                    ));
                }
            }
        }
        let written: BTreeSet<&str> = schedule.lines().collect();
        assert_eq!(lines.len(), written.len());
        assert_eq!(lines.iter().map(String::as_str).collect::<BTreeSet<_>>(), written);
    }
}

/// Partitions with different numbers of replicas.
fn copies() -> Value {
    let mut scenario = changes();
    scenario["steps"][1]["copies"] = json!([[5, 1], [6, 4]]);
    scenario
}

#[test]
fn reasons_of_partitions_that_move() {
    let scenario = changes();
    let (page, _) = report(&scenario, &[]);
    let data = page.data();
    let (partition, lines) = {
        let why = data["steps"][1]["tables"][0]["why"].as_object().expect("an object");
        let (partition, lines) = why.iter().next().expect("something moves");
        (partition.clone(), lines.clone())
    };
    let ended = run(&["--json", "--explain", &partition], scenario.to_string().as_bytes());
    let told = ended.json()["steps"][1]["explanation"].clone();
    assert_eq!(lines.as_array().expect("a list")[..], told.as_array().expect("a list")[1..]);
}

#[test]
fn hostile_names_stay_text() {
    let evil = "</script><script>alert('n')</script>\"&<b>";
    let mut scenario = changes();
    for step in scenario["steps"].as_array_mut().expect("a list") {
        let label = step["label"].as_str().expect("a label").to_owned();
        step["label"] = format!("{label} {evil}").into();
        for node in step["nodes"].as_array_mut().expect("a list") {
            let id = node["id"].as_str().expect("an id").to_owned();
            node["id"] = format!("{id}{evil}").into();
            let zone = node["zone"].as_str().expect("a zone").to_owned();
            node["zone"] = format!("{zone}{evil}").into();
        }
    }
    let (page, html) = report(&scenario, &[]);
    assert_eq!(page.all("script").count(), 2);
    assert!(!html.contains("<script>alert") && !html.contains("<b>"));
    assert!(page.data()["nodes"][0].as_str().is_some_and(|id| id.ends_with(evil)));
}

#[test]
fn the_same_bytes_twice() {
    let scenario = changes();
    let args = ["--steps", "7", "--dry-run"];
    assert_eq!(report(&scenario, &args).1, report(&scenario, &args).1);
}

#[test]
fn above_forty_nodes_pictures_are_by_zone() {
    let zones = Cluster::zoned(60, 4, |_| 1);
    let (page, _) = report(&history(&zones, 256, &[&|c: &mut Cluster| c.add("z4", 9)]), &[]);
    let rows = page.table("Copied replicas by zone: rows send, columns receive");
    let names: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(names, ["z0", "z1", "z2", "z3"]);
    // Without zones, by groups of nodes.
    let mut flat = Cluster::empty(&[]);
    (0..60).for_each(|_| flat.add("", 1));
    let mut scenario = flat.scenario(json!({}), 256, 2);
    super::scenarios::step(&mut scenario, "first", &flat, json!({}));
    flat.add("", 5);
    super::scenarios::step(&mut scenario, "second", &flat, json!({}));
    let (page, _) = report(&scenario, &[]);
    page.table("Copied replicas by group of 2 nodes: rows send, columns receive");
}

#[test]
fn a_live_table_lost_nodes_and_leaders() {
    let mut scenario = changes();
    let (_, dump, _) = written(&scenario, &[]);
    let first = dump.split("# ").nth(1).expect("a table");
    let from = file("live", &format!("# {first}"));
    let steps = scenario["steps"].as_array_mut().expect("a list");
    steps.remove(0);
    steps[0]["leaders"] = true.into();
    steps[0]["nodes"].as_array_mut().expect("a list").remove(0);
    let (page, _) = report(&scenario, &["--from", &from]);
    let data = page.data();
    assert_eq!(packed(&data).len(), scenario["steps"].as_array().expect("a list").len() + 1);
    assert_eq!(data["steps"][0]["tables"][0]["before"], 0);
    assert_eq!(data["steps"][0]["lost"].as_array().expect("a list").len(), 1);
    assert!(page.by_id("s1-undo").text.contains("on a node that is gone cannot come back"));
    assert!(page.by_id("s1-leaders").text.contains("leaders that change"));
}

#[test]
fn an_infeasible_step_leaves_the_steps_before() {
    let mut scenario = changes();
    scenario["steps"][2]["replicas"] = 6.into();
    let path = path("infeasible.html");
    let file = path.to_str().expect("UTF-8");
    let ended = run(&["--html", file], scenario.to_string().as_bytes());
    assert_eq!(ended.status, Some(3), "{ended:?}");
    let html = fs::read_to_string(&path).expect("a report");
    let page = Page::read(&html);
    page.check(&html);
    assert!(page.by_id("verdict").text.contains("FAIL"), "{}", page.by_id("verdict").text);
    assert!(html.contains("id=\"step-2\"") && !html.contains("id=\"step-3\""));
}

#[test]
fn wrong_places_are_one_line() {
    let text = changes().to_string();
    let scenario = file("scenario.json", &text);
    let other = path("other");
    let other = other.to_str().expect("UTF-8");
    let cases: [(&[&str], &str); 6] = [
        (&["--html"], "--html needs a value"),
        (&["--html", "a", "--html", "b"], "--html is given twice"),
        (&["--html", "/no/such/folder/report.html"], "--html \"/no/such/folder/report.html\": "),
        (&["--html", &scenario], "that is the scenario itself"),
        (&["--html", other, "--dump", other], "that is the file of --dump"),
        (&["--html", "."], "--html \".\": "),
    ];
    for (args, named) in cases {
        let ended = run(&[&[scenario.as_str()], args].concat(), b"");
        assert_eq!((ended.status, ended.stdout.as_str()), (Some(2), ""), "{args:?}: {ended:?}");
        assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
        assert!(ended.stderr.contains(named), "{args:?}: {ended:?}");
    }
    assert_eq!(fs::read_to_string(&scenario).expect("it is there"), text);
}

/// A report that fails halfway leaves what was there.
#[test]
fn the_file_is_left_alone() {
    let there = file("there.html", "before");
    let ended = run(&["--html", &there], b"{}");
    assert_eq!(ended.status, Some(2));
    assert_eq!(fs::read_to_string(there).expect("it is there"), "before");
}

/// Three tables over nodes of which one leaves and two join.
fn joint() -> Value {
    let node = |i: u32| json!({"id": format!("n{i}"), "zone": format!("z{}", i % 4)});
    let all = |ids: Vec<u32>| ids.into_iter().map(node).collect::<Vec<_>>();
    json!({
        "levels": ["zone"],
        "max_per_domain": {"zone": 1},
        "tables": [
            {"name": "orders", "partitions": 24, "replicas": 3},
            {"name": "=users", "partitions": 40, "replicas": 2},
            {"name": "<b>logs", "partitions": 8, "replicas": 1, "max_per_domain": {}},
        ],
        "steps": [
            {"label": "init", "nodes": all((0..10).collect()), "leaders": true},
            {"label": "change", "nodes": all((1..12).collect())},
        ],
    })
}

/// Several tables: what nodes hold and when it is copied is that of all, each table has its own
/// partitions.
#[test]
fn several_tables_are_one_page() {
    let scenario = joint();
    let (page, html) = report(&scenario, &[]);
    assert!(!html.contains("<b>"));
    let shared = ["verdict", "checks", "loads", "domains", "leaders"];
    for (step, own) in [(1, &["failures"][..]), (2, &["table", "flows", "failures"])] {
        shared.iter().for_each(|name| {
            page.by_id(&format!("s{step}-{name}"));
        });
        for (table, name) in (1..).zip(["orders", "=users", "<b>logs"]) {
            for section in own {
                let section = page.by_id(&format!("s{step}-t{table}-{section}"));
                assert!(section.text.starts_with(&format!("{name}: ")), "{section:?}");
            }
        }
    }
    page.by_id("s2-schedule");
    page.by_id("s2-undo");
    let json = run(&["--json", "--nodes"], scenario.to_string().as_bytes()).json();
    let step = &json["steps"][1];
    // The joint bars are the nodes of --json.
    let bars = page.table("Replicas by node, in replicas");
    assert_eq!(bars.len(), 10, "the first step");
    let second = html.find("id=\"s2-loads\"").expect("the second step");
    let html = format!("<!DOCTYPE html><main>{}</main>", section(&html[second - 9..]));
    let bars = Page::read(&html).table("Replicas by node, in replicas");
    let nodes = step["nodes"].as_array().expect("a list");
    assert_eq!(bars.len(), nodes.len());
    for node in nodes {
        let row = bars.iter().find(|row| node["id"] == row[0].as_str()).expect("a bar");
        assert_eq!([&row[2], &row[3]], [&node["peak"].to_string(), &node["load"].to_string()]);
    }
    // Transfers number the partitions of one table after those of the other.
    let data = page.data();
    let step = &data["steps"][1];
    let tables = packed(&data);
    let first = [0, 24, 64, 72];
    let mut copied = BTreeSet::new();
    let mut bits = Bits::new(&step["transfers"]["bits"]);
    for round in step["transfers"]["rounds"].as_array().expect("a list") {
        for _ in 0..round.as_u64().expect("a number") {
            let unit = bits.next(&step["transfers"]["unit"]) as usize;
            let _ = bits.next(&step["transfers"]["node"]);
            let to = bits.next(&step["transfers"]["node"]) as usize - 1;
            let table = first.iter().rposition(|first| *first <= unit).expect("a table");
            let of = &step["tables"][table];
            let at = |field: &str| of[field].as_u64().expect("a number") as usize;
            let to = data["nodes"][to].as_str().expect("an id").to_owned();
            let partition = unit - first[table];
            assert!(tables[at("table")][partition].contains(&to), "{unit} to {to}");
            assert!(!tables[at("before")][partition].contains(&to), "{unit} to {to}");
            assert!(copied.insert((unit, to)), "twice");
        }
    }
    assert_eq!(json["steps"][1]["transfers"], copied.len());
    assert!(copied.iter().any(|(unit, _)| *unit < 24) && copied.iter().any(|(unit, _)| *unit > 24));
    // Each table has its reasons.
    for table in step["tables"].as_array().expect("a list") {
        assert!(!table["why"].as_object().expect("an object").is_empty(), "{}", table["name"]);
    }
}

/// The first section of a text.
fn section(html: &str) -> &str {
    &html[..html.find("</section>").expect("its end") + 10]
}

/// The size that the report of a large table keeps to.
#[test]
fn a_large_table_stays_small() {
    let cluster = Cluster::zoned(1000, 10, |_| 100);
    let scenario = history(
        &cluster,
        1 << 18,
        &[&|c: &mut Cluster| {
            (0..100).for_each(|_| c.add("z10", 100));
        }],
    );
    let path = path("large.html");
    let file = path.to_str().expect("UTF-8");
    let ended = run(&["--html", file], scenario.to_string().as_bytes());
    assert_eq!(ended.status, Some(0), "{ended:?}");
    let size = fs::metadata(&path).expect("a report").len();
    assert!(size < 3_000_000, "{size} bytes");
}
