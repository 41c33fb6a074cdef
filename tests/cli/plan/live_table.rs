//! `--from`: the first step changes a table from a file.

use super::recount::{self, Row, asked, tables};
use super::scenarios::{Cluster, history, step};
use super::{Ended, dumped, file, run, transfers, written};
use serde_json::{Value, json};

fn scenario() -> Value {
    let changes: [&dyn Fn(&mut Cluster); 3] =
        [&|c| c.add("z0", 2), &|c| c.remove("n3"), &|c| c.times("n4", 3, 1)];
    history(&Cluster::zoned(12, 4, |i| 1 + (i % 2) as u64), 48, &changes)
}

/// The scenario from a step on.
fn later(scenario: &Value, first: usize) -> Value {
    let mut later = scenario.clone();
    drop(later["steps"].as_array_mut().expect("a list").drain(..first));
    later
}

/// The tables of a dump as text, each with its heading.
fn texts(dump: &str) -> Vec<String> {
    dump.split_inclusive('\n').fold(Vec::new(), |mut texts: Vec<String>, line| {
        match texts.last_mut().filter(|_| !line.starts_with('#')) {
            Some(text) => text.push_str(line),
            None => texts.push(line.to_owned()),
        }
        texts
    })
}

/// Figures that do not depend on the time and the memory of a run.
fn figures(report: &Value) -> Value {
    let mut report = report.clone();
    for field in ["plan_ms", "disperse_ms", "certificate_ms", "peak_bytes"] {
        report.as_object_mut().expect("an object").remove(field);
    }
    report
}

#[test]
fn a_dumped_table_goes_on_as_if_nothing_had_happened() {
    let (reports, dump, schedule) = written(&scenario(), &[]);
    let all = texts(&dump);
    for first in 1..all.len() {
        let rest = later(&scenario(), first);
        // A file of several tables: the last one counts.
        for start in [all[first - 1].clone(), all[..first].concat()] {
            let from = file("table", &start);
            let (again, dump, listed) = written(&rest, &["--from", &from]);
            assert_eq!(dump, all[first..].concat());
            let whole = reports[first..].iter().map(figures).collect::<Vec<_>>();
            assert_eq!(again.iter().map(figures).collect::<Vec<_>>(), whole);
            assert!(!listed.is_empty() && schedule.ends_with(&listed));
        }
    }
    // Lines in another order and with another ending are the same table.
    let mut lines: Vec<&str> = all[0].lines().collect();
    lines[1..].reverse();
    let from = file("reversed", &(lines.join("\r\n") + "\r\n"));
    let (_, dump, _) = written(&later(&scenario(), 1), &["--from", &from]);
    assert_eq!(dump, all[1..].concat());
}

#[test]
fn every_table_of_bounded_steps_can_be_the_start() {
    let (_, dump, _) = written(&scenario(), &["--steps=2"]);
    let tables = texts(&dump);
    let planned = tables.iter().filter(|text| text.starts_with("# change 2\n")).count();
    assert_eq!(planned, 1);
    let all = recount::tables(&dump);
    let last = all.iter().position(|(label, _)| label == "change 2").expect("its table");
    let mut begun = 0;
    for (at, text) in tables.iter().enumerate().filter(|(_, text)| text.starts_with("# change 2 ("))
    {
        let from = file("begun", text);
        let (reports, again, listed) =
            written(&later(&scenario(), 2), &["--from", &from, "--schedule=2,2"]);
        let asked = &asked(&scenario())[2];
        let new = &recount::tables(&again)[0].1;
        let listed = transfers::read(&listed);
        let listed = listed.get("change 2").map_or(&[][..], Vec::as_slice);
        transfers::check(listed, (&all[at].1, new), asked, &reports[0], (2, 2));
        // What is left of the change, and no more.
        let left = |rows: &[Row], planned: &[Row]| -> usize {
            let arrives = |(row, planned): (&Row, &Row)| {
                planned.iter().filter(|id| !row.contains(id)).count()
            };
            rows.iter().zip(planned).map(arrives).sum()
        };
        assert_eq!(listed.len(), left(&all[at].1, &all[last].1), "{text}");
        begun += 1;
    }
    assert!(begun > 3);
}

fn started(
    scenario: &Value,
    table: &str,
    args: &[&str],
) -> (Vec<Value>, Vec<Row>, Vec<transfers::Transfer>) {
    let from = file("table", table);
    let (reports, dump, schedule) = written(scenario, &[&["--from", &from], args].concat());
    let label = scenario["steps"][0]["label"].as_str().expect("a label");
    let listed = transfers::read(&schedule).remove(label).unwrap_or_default();
    let rows = tables(&dump).remove(0).1;
    transfers::check(
        &listed,
        (&tables(table)[0].1, &rows),
        &asked(scenario)[0],
        &reports[0],
        (1, 1),
    );
    assert_eq!(
        (&reports[0]["optimal"], &reports[0]["domain_violations"]),
        (&json!(true), &json!(0))
    );
    assert_eq!(reports[0]["outside_floor_ceil"], 0);
    (reports, rows, listed)
}

fn one_step(cluster: &Cluster, partitions: u32, replicas: u32) -> Value {
    let mut scenario = cluster.scenario(json!({"zone": 1}), partitions, replicas);
    step(&mut scenario, "now", cluster, json!({}));
    scenario
}

#[test]
fn nodes_that_the_first_step_does_not_have_are_lost() {
    let scenario = one_step(&Cluster::zoned(4, 4, |_| 1), 8, 2);
    // n8 and n9 are gone; partition 0 has no other holder.
    let rows: Vec<String> =
        (0..8).map(|p| format!("{p}\t{}\n", ["n8,n9", "n0,n1", "n2,n3", "n8,n0"][p % 4])).collect();
    let table = format!("# live\n{}", rows.concat());
    let (reports, _, listed) = started(&scenario, &table, &["--nodes"]);
    assert_eq!(listed.iter().filter(|transfer| transfer.from.is_none()).count(), 4);
    assert!(listed.iter().all(|t| t.from.as_ref().is_none_or(|from| from != "n8" && from != "n9")));
    assert!(reports[0]["moved"].as_u64() >= Some(6), "{}", reports[0]);
    let nodes = reports[0]["nodes"].as_array().expect("a list");
    let ids: Vec<&str> = nodes.iter().filter_map(|node| node["id"].as_str()).collect();
    assert_eq!(ids, ["n0", "n1", "n2", "n3", "n8", "n9"]);
    assert_eq!((&nodes[4]["weight"], &nodes[4]["moved_out"]), (&Value::Null, &json!(4)));
}

#[test]
fn an_old_table_may_break_limits_and_have_other_sizes() {
    let cluster = Cluster::zoned(8, 4, |_| 1);
    // n0 and n4 are in one zone, and n1 holds nothing.
    let rows = |count: usize| -> String {
        (0..count).map(|p| format!("{p}\t{}\n", ["n0,n4", "n4,n0", "n2,n6"][p % 3])).collect()
    };
    for (partitions, replicas) in [(12, 2), (24, 2), (12, 3), (12, 1), (36, 4)] {
        started(&one_step(&cluster, partitions, replicas), &format!("# bad\n{}", rows(12)), &[]);
    }
    started(&one_step(&cluster, 12, 2), &format!("# bad\n{}", rows(1)), &[]);
    // A drained node gives its replicas, and may hold some to begin with.
    let mut drained = Cluster::zoned(8, 4, |_| 1);
    drained.times("n0", 0, 1);
    let (_, rows, listed) = started(&one_step(&drained, 12, 2), &format!("# t\n{}", rows(12)), &[]);
    assert!(rows.iter().flatten().all(|id| id != "n0"));
    assert!(listed.iter().any(|transfer| transfer.from.as_deref() == Some("n0")));
}

#[test]
fn rows_that_lack_replicas_get_them() {
    let scenario = one_step(&Cluster::zoned(6, 3, |_| 1), 6, 3);
    let table = "# t\n0\tn0,n1,n2\n1\tn0\n2\tn3,n1\n3\tn3,n4,n5\n4\tn4\n5\tn5,n0,n1\n";
    let (reports, _, _) = started(&scenario, table, &["--nodes", "--moves"]);
    assert!(reports[0]["transfers"].as_u64() >= Some(5), "{}", reports[0]);
    let nodes = reports[0]["nodes"].as_array().expect("a list");
    assert_eq!(nodes.len(), 6, "{nodes:?}");
    let from = file("table", table);
    let (_, dump) = dumped(&scenario, &["--from", &from, "--steps=2"]);
    assert!(tables(&dump).len() > 2);
    for partition in 0..6 {
        let explain = format!("--explain={partition}");
        for replicas in [1, 3] {
            let scenario = one_step(&Cluster::zoned(6, 3, |_| 1), 6, replicas).to_string();
            for form in ["--moves", "--json"] {
                let args = ["--from", &from, "--dry-run", &explain, "--nodes", form];
                let ended = run(&args, scenario.as_bytes());
                assert_eq!((ended.status, &*ended.stderr), (Some(0), ""), "{ended:?}");
                assert!(!ended.stdout.contains("(missing"), "{ended:?}");
                let words: Vec<&str> = ended.stdout.split_whitespace().collect();
                assert!(words.join(" ").contains("5 replicas were missing before"), "{ended:?}");
            }
        }
    }
    let args = ["--from", &from, "--dry-run", "--explain=4", "--json"];
    let step = &run(&args, scenario.to_string().as_bytes()).json()["steps"][0];
    let lines = step["explanation"].as_array().expect("a list");
    let placed = |line: &&Value| {
        let line = line.as_str().expect("text");
        line.starts_with("is placed on node ") && line.contains(": a replica was missing")
    };
    assert_eq!(lines.iter().filter(placed).count(), 2, "{lines:?}");
    let ids = |row: &Row| row.iter().all(|id| id.starts_with('n'));
    assert!(tables(&dump).iter().all(|(_, rows)| rows.iter().all(ids)), "{dump}");
}

#[test]
fn the_first_step_may_freeze() {
    let mut scenario = one_step(&Cluster::zoned(8, 4, |_| 1), 8, 2);
    let (_, dump, _) = written(&scenario, &[]);
    let mut more = Cluster::zoned(8, 4, |_| 1);
    more.add("z1", 1);
    scenario["steps"][0]["nodes"] = more.json();
    scenario["steps"][0]["frozen"] = json!([0, 1, 2]);
    let (_, rows, listed) = started(&scenario, &dump, &[]);
    assert!(rows[..3].iter().zip(&tables(&dump)[0].1).all(|(row, old)| {
        let set = |row: &Row| row.iter().cloned().collect::<std::collections::BTreeSet<_>>();
        set(row) == set(old)
    }));
    assert!(!listed.is_empty() && listed.iter().all(|transfer| transfer.partition > 2));
}

fn refused(ended: &Ended, named: &str) {
    assert_eq!((ended.status, &*ended.stdout), (Some(2), ""), "{ended:?}");
    let said = &ended.stderr;
    assert!(said.starts_with("plan: --from \"") && said.lines().count() == 1, "{said}");
    assert!(said.contains(named), "{said} does not say {named}");
}

#[test]
fn wrong_tables() {
    let scenario = one_step(&Cluster::zoned(4, 4, |_| 1), 4, 2).to_string();
    let wrong = |table: &[u8], named: &str| {
        let path = super::path("wrong");
        std::fs::write(&path, table).expect("a file");
        let from = path.to_str().expect("UTF-8");
        refused(&run(&["--from", from], scenario.as_bytes()), &format!("{from}\": {named}"));
    };
    wrong(b"", "there is no table; one begins with a line `# label`");
    wrong(b"# a\n", "line 1: the table has no partitions");
    wrong(b"# a\n0\tn0,n1\n# b\n", "line 3: the table has no partitions");
    wrong(b"0\tn0,n1\n", "line 1: a table begins with a line `# label`");
    wrong(b"# a\n0 n0,n1\n", "line 2: \"0 n0,n1\": expected a partition, a TAB and ids");
    wrong(b"# a\n\n", "line 2: \"\": expected a partition");
    wrong(b"# a\n0\tn0,\xff\n", "line 2: ");
    for partition in ["", "x", "-1", "+1", "1.0", "16777216", "99999999999999999999"] {
        let named =
            format!("line 3: partition {partition:?}: not a whole number from 0 to 16777215");
        wrong(format!("# a\n0\tn0\n{partition}\tn0\n").as_bytes(), &named);
    }
    wrong(b"# a\n0\t\n", "line 2: id \"\": not a name");
    wrong(b"# a\n0\tn0,,n1\n", "line 2: id \"\": not a name");
    wrong(b"# a\n0\tn0,n\x01\n", "line 2: id \"n\\u{1}\": not a name");
    wrong(b"# a\n0\tn0\tn1\n", "line 2: id \"n0\\tn1\": not a name");
    wrong(b"# a\n0\tn0,n1,n0\n", "line 2: partition 0 has the id \"n0\" twice");
    wrong(b"# a\n0\tn0\n1\tn1\n0\tn2\n", "line 4: partition 0 is given twice, first on line 2");
    wrong(
        b"# a\n0\tn0\n3\tn1\n",
        "partition 1 is missing in the table of line 1, which goes on with partition 3",
    );
    wrong(b"# a\n1\tn0\n", "partition 0 is missing");
    wrong(
        b"# a\n0\tn0\n1\tn0\n2\tn0\n",
        "the table of line 1 has 3 partitions, and the first step has 4: not a multiple",
    );
    // A last line that was cut looks whole.
    let cut = "the last line does not end with a newline; the file seems to be cut off";
    wrong(b"# a\n0\tn0,n1\n1\tn0,n1\n2\tn0,n1\n3\tn0", &format!("line 5: {cut}"));
    wrong(b"# a\n0\tn0\n# b", &format!("line 3: {cut}"));
    // Of several tables each has to be one.
    wrong(b"# a\n0\tn0,n0\n# b\n0\tn0\n", "line 2: partition 0 has the id \"n0\" twice");
    let many: Vec<String> = (0..65).map(|i| format!("m{i}")).collect();
    wrong(format!("# a\n0\t{}\n", many.join(",")).as_bytes(), "line 2: 65 ids, more than 64");
    let long = format!("# a\n0\t{}\n", "x".repeat(70_000));
    wrong(long.as_bytes(), "a label has at most 65535 bytes, got 70000");

    refused(&run(&["--from", "no-such-file"], scenario.as_bytes()), "--from \"no-such-file\": ");
    refused(&run(&["--from", "."], scenario.as_bytes()), "--from \".\": ");
}

/// The table is wrong only together with the scenario.
#[test]
fn tables_that_do_not_fit() {
    let mut scenario = one_step(&Cluster::zoned(4, 4, |_| 1), 4, 2);
    let from = file("table", "# a\n0\tn0,n0x\n1\tn1,n2\n2\tn2,n3\n3\tn0,n1\n");
    scenario["steps"][0]["frozen"] = json!([0]);
    let ended = run(&["--from", &from], scenario.to_string().as_bytes());
    assert_eq!(ended.status, Some(3), "{ended:?}");
    assert!(
        ended.stderr.contains("step \"now\": ") && ended.stderr.contains("frozen"),
        "{ended:?}"
    );
}
