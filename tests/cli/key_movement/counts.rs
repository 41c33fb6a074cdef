//! The example `key_movement`, run as a program: what it counts is counted again here.

use super::recount::{self, Keys, Nodes};
use super::{command, file, finish, folder, run};
use apportion::{Algorithm, Placement};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// Keys with sizes, and the lines that list them.
fn sample(count: u64) -> (Vec<(Vec<u8>, u64)>, Vec<u8>) {
    let keys: Vec<_> =
        (0..count).map(|i| (format!("user:{i}").into_bytes(), i * i % 1000)).collect();
    let lines = keys
        .iter()
        .flat_map(|(key, size)| [key.as_slice(), format!("\t{size}\n").as_bytes()].concat());
    let lines = lines.collect();
    (keys, lines)
}

fn rows(report: &Value) -> &Vec<Value> {
    report["algorithms"].as_array().expect("a list")
}

fn names(report: &Value) -> Vec<&str> {
    rows(report).iter().filter_map(|row| row["name"].as_str()).collect()
}

/// Runs it and holds every number of the report to the recount.
fn checked(args: &[&str], before: Nodes, after: Nodes, replicas: usize) -> Value {
    let (keys, lines) = sample(3_000);
    let count = replicas.to_string();
    let fixed = ["--keys", "-", "--json", "--replicas", count.as_str()];
    let report = run(&[&fixed, args].concat(), &lines).json();
    compare(&report, before, after, replicas, &keys);
    report
}

fn compare(report: &Value, before: Nodes, after: Nodes, replicas: usize, keys: Keys) {
    let list = |nodes: Nodes| -> Value {
        nodes.iter().map(|(id, weight)| json!({"id": id, "weight": weight})).collect()
    };
    assert_eq!(report["keys"], keys.len());
    assert_eq!(report["bytes"], keys.iter().map(|(_, size)| size).sum::<u64>());
    assert_eq!(report["replicas"], replicas);
    assert_eq!((&report["before"], &report["after"]), (&list(before), &list(after)));
    for row in rows(report) {
        recount::check(row, before, after, replicas, keys);
    }
}

fn supported(report: &Value) -> Vec<&str> {
    let can = |row: &&Value| row["supported"] == true;
    rows(report).iter().filter(can).filter_map(|row| row["name"].as_str()).collect()
}

#[test]
fn the_report_of_a_node_that_joins_is_a_recount() {
    let before = [("n0", 1), ("n1", 1), ("n2", 1), ("n3", 1), ("n4", 1)];
    let after = [&before[..], &[("n5", 1)]].concat();
    for replicas in [1, 3] {
        let report = checked(&["--nodes", "5"], &before, &after, replicas);
        assert_eq!(names(&report), Algorithm::NAMES);
        assert_eq!(supported(&report), Algorithm::NAMES);
        for row in rows(&report) {
            let name = row["name"].as_str().expect("a name");
            let (old, _) = recount::sides(name, &before, &after).expect("supported");
            let promised = old.placement().guarantees();
            // The board of Asura stays.
            let minimal = promised.minimal_owner && promised.minimal_replicas;
            if minimal || name == "asura" {
                assert_eq!((&row["old_to_old"], &row["excess"]), (&json!(0), &json!(0.0)));
            }
            // Of all keys: 1/6 exactly where a formula says so, else near what was counted.
            let exact = row["exact_fraction"].as_f64();
            assert_eq!(
                exact.is_some(),
                replicas == 1 || ["ring", "maglev"].contains(&name),
                "{name}"
            );
            if let Some(exact) = exact {
                let counted = row["moved_fraction"].as_f64().expect("a fraction");
                let cut = name == "ring" || name == "maglev";
                let expected = if cut { counted } else { 1.0 / 6.0 };
                let most = if cut { 0.05 } else { 1e-12 };
                assert!((exact - expected).abs() < most, "{name}: {exact} {expected}");
            }
        }
    }
}

#[test]
fn the_report_of_a_node_that_leaves_is_a_recount() {
    let before = [("n0", 1), ("n1", 1), ("n2", 1), ("n3", 1)];
    let last = [("n0", 1), ("n1", 1), ("n2", 1)];
    let report = checked(&["--nodes", "4", "--remove", "n3"], &before, &last, 3);
    assert_eq!(supported(&report), Algorithm::NAMES);

    let middle = [("n0", 1), ("n2", 1), ("n3", 1)];
    for replicas in [1, 3] {
        let report = checked(&["--nodes", "4", "--remove", "n1"], &before, &middle, replicas);
        let (jumps, others): (Vec<&Value>, Vec<&Value>) = rows(&report).iter().partition(|row| {
            let name = row["name"].as_str().expect("a name");
            (name.starts_with("jump") && name != "jump-back-anchor") || name == "flip"
        });
        assert_eq!(jumps.len(), 4);
        for row in jumps {
            assert!(row["reason"].as_str().is_some_and(|why| why.contains("\"n1\"")), "{row}");
        }
        assert!(others.iter().all(|row| row["supported"] == true));
        let least = others.iter().filter(|row| row["name"] != "maglev");
        assert!(least.into_iter().all(|row| row["old_to_old"] == 0));
    }
}

#[test]
fn weights_and_reweighting_are_recounted() {
    let args = ["--node", "a=3", "--node", "b=1", "--node", "c=2", "--add", "d=4"];
    let args = [&args[..], &["--reweight", "a=1", "--remove", "c"]].concat();
    let (before, after) = ([("a", 3), ("b", 1), ("c", 2)], [("a", 1), ("b", 1), ("d", 4)]);
    for replicas in [1, 2] {
        let report = checked(&args, &before, &after, replicas);
        let can = supported(&report);
        assert!(can.contains(&"ring") && can.contains(&"weighted-rendezvous"));
        let cannot = rows(&report).iter().find(|row| row["name"] == "rendezvous").expect("a row");
        assert!(cannot["reason"].as_str().is_some_and(|why| why.contains("weight")), "{cannot}");
    }
    // All weights from 1 to 2: one change, in which nothing has to move.
    let args = ["--node", "a", "--node", "b", "--reweight", "a=2", "--reweight", "b=2"];
    let report = checked(&args, &[("a", 1), ("b", 1)], &[("a", 2), ("b", 2)], 1);
    let jump = rows(&report).iter().find(|row| row["name"] == "jump").expect("a row");
    assert_eq!((&jump["moved_keys"], &jump["excess"]), (&json!(0), &json!(0.0)));
}

#[test]
fn replicas_appear_and_vanish() {
    let (two, four) = ([("a", 1), ("b", 1)], [("a", 1), ("b", 1), ("c", 1), ("d", 1)]);
    checked(&["--node", "a", "--node", "b", "--add", "c", "--add", "d"], &two, &four, 3);
    let all = ["--node", "a", "--node", "b", "--node", "c", "--node", "d"];
    checked(&[&all[..], &["--remove", "c", "--remove", "d"]].concat(), &four, &two, 3);
    let drained = [("a", 1), ("b", 1), ("c", 0)];
    let args = ["--node", "a", "--node", "b", "--node", "c=0", "--reweight", "c=1"];
    checked(&args, &drained, &[("a", 1), ("b", 1), ("c", 1)], 2);
}

#[test]
fn names_are_taken_literally_and_a_node_joins_by_default() {
    let before = [("=", 1), ("a=b", 7), ("n3\n", 9), ("zwölf", 0)];
    let args = ["--node", "==1", "--node", "a=b=7", "--node", "n3\n=9", "--node", "zwölf=0"];
    checked(&args, &before, &[&before[..], &[("n4", 9)]].concat(), 1);
    let before = [("n1", 1), ("n2", 1)];
    let after = [("n1", 1), ("n2", 1), ("n3", 1)];
    checked(&["--node=n1", "--node=n2"], &before, &after, 1);
    checked(&["--node=-n=x=1"], &[("-n=x", 1)], &[("-n=x", 1), ("n1", 1)], 1);
}

#[test]
fn lines_of_every_kind() {
    let mut keys = Vec::new();
    let mut lines = Vec::new();
    // More than one chunk, and every kind of line on both sides of its end.
    for i in 0..9_001_u64 {
        let (line, key, size) = match i % 6 {
            0 => (format!("k{i}\n"), format!("k{i}"), 0),
            1 => (format!("k{i}\r\n"), format!("k{i}"), 0),
            2 => (format!("k{i}\t{i}\r\n"), format!("k{i}"), i),
            3 => (format!("k\t{i}\t007\n"), format!("k\t{i}"), 7),
            4 => (if i % 4 == 0 { "\n" } else { "\r\n" }.to_owned(), String::new(), 0),
            _ => (format!("\t{i}\n"), String::new(), i),
        };
        lines.extend_from_slice(line.as_bytes());
        keys.push((key.into_bytes(), size));
    }
    for (line, key, size) in [
        (&b"\xff\xfe\x00\t1\n"[..], &b"\xff\xfe\x00"[..], 1),
        (b"inner\rkept\r\r\n", b"inner\rkept\r", 0),
        (b"last\t5\r", b"last", 5),
    ] {
        lines.extend_from_slice(line);
        keys.push((key.to_vec(), size));
    }
    let path = folder("lines").join("keys.txt");
    fs::write(&path, &lines).expect("a file");
    let (before, after) = ([("n0", 1), ("n1", 1)], [("n0", 1), ("n1", 1), ("n2", 1)]);
    let piped = run(&["--keys", "-", "--nodes", "2", "--json"], &lines).json();
    let path = path.to_str().expect("UTF-8");
    let read = run(&["--keys", path, "--nodes", "2", "--json"], b"").json();
    compare(&piped, &before, &after, 1, &keys);
    compare(&read, &before, &after, 1, &keys);
}

#[cfg(unix)]
#[test]
fn files_of_the_machine() {
    use std::os::unix::fs::symlink;
    let home = folder("cargo_home");
    let sources = home.join("registry").join("src");
    for (name, bytes) in [("index/one-1.0/src/lib.rs", 20), ("index/one-1.0/Cargo.toml", 10)] {
        file(&sources, name, bytes);
    }
    file(&home, "outside/never.rs", 1_000_000);
    symlink(home.join("outside/never.rs"), sources.join("link.rs")).expect("a link");
    symlink(home.join("outside"), sources.join("index/folder")).expect("a link");
    let nodes: Vec<String> = (0..11).map(|i| format!("n{i}")).collect();
    let nodes: Vec<(&str, u64)> = nodes.iter().map(|name| (name.as_str(), 1)).collect();
    let list = |keys: &[(&str, u64)]| -> Vec<(Vec<u8>, u64)> {
        keys.iter().map(|(key, size)| (key.as_bytes().to_vec(), *size)).collect()
    };
    let keys = list(&[("index/one-1.0/Cargo.toml", 10), ("index/one-1.0/src/lib.rs", 20)]);
    let found = |variable: &str, value: &Path, args: &[&str], keys: Keys| {
        let mut command = command(&[&["--json"], args].concat());
        command.env(variable, value).current_dir(home.join("outside"));
        compare(&finish(command, b"").json(), &nodes[..10], &nodes, 1, keys);
    };
    found("CARGO_HOME", &home, &[], &keys);
    fs::rename(home.join("registry"), home.join(".cargo")).expect("a folder moves");
    fs::create_dir(home.join(".cargo/registry")).expect("a folder");
    fs::rename(home.join(".cargo/src"), home.join(".cargo/registry/src")).expect("it moves");
    found("HOME", &home, &[], &keys);
    // No crate sources: the current folder.
    found("CARGO_HOME", &home.join("outside"), &[], &list(&[("never.rs", 1_000_000)]));
    found(
        "HOME",
        &home,
        &["--dir", "../.cargo/registry/src/index/one-1.0/src"],
        &list(&[("lib.rs", 20)]),
    );
}

#[test]
fn json_keeps_its_order_and_the_table_its_columns() {
    let (_, lines) = sample(500);
    let ended = run(&["--keys", "-", "--json", "--algorithm", "ring", "--algorithm=ring"], &lines);
    assert_eq!(names(&ended.json()), ["ring"]);
    let members = ["keys", "bytes", "replicas", "before", "id", "weight", "after", "algorithms"];
    let row = ["name", "supported", "reason", "moved_keys", "moved_bytes", "moved_fraction"];
    let row = [&row[..], &["ideal_fraction", "minimum_fraction", "excess", "old_to_old"]].concat();
    let rest = ["balance_before", "max_over_mean", "min_over_mean", "chi_squared", "statistic"];
    let rest =
        [&rest[..], &["degrees_of_freedom", "probability", "balance_after", "flows"]].concat();
    let rest =
        [&rest[..], &["from", "to", "keys", "bytes", "lookup_ns", "exact_fraction"]].concat();
    let mut text = ended.stdout.as_str();
    for member in [&members[..], &row, &rest].concat() {
        let (_, after) = text.split_once(&format!("\"{member}\":")).expect(member);
        text = after;
    }

    let table = run(&["--keys", "-", "--remove", "n3", "--replicas", "2"], &lines);
    assert_eq!((table.status, table.stderr.as_str()), (Some(0), ""));
    for name in Algorithm::NAMES {
        assert!(table.stdout.lines().any(|line| line.starts_with(name)), "{}", table.stdout);
    }
    for text in
        ["500 keys", "between unchanged", "load/quota max", "… and", "not possible: jump can only"]
    {
        assert!(table.stdout.contains(text), "{text}: {}", table.stdout);
    }
    let fits = |line: &str| line == line.trim_end() && line.chars().count() <= 80;
    assert!(table.stdout.lines().all(fits), "{}", table.stdout);
    assert!(
        !table.stdout.contains("chance"),
        "the column chance must be requested: {}",
        table.stdout
    );
    let wide = run(&["--keys", "-", "--replicas", "2", "--chance", "--wide"], &lines);
    assert_eq!((wide.status, wide.stderr.as_str()), (Some(0), ""));
    let head = wide.stdout.lines().find(|line| line.starts_with("algorithm")).expect("a head");
    assert!(head.contains("moved %") && head.ends_with("chance"), "{head}");
    assert!(wide.stdout.contains("– → –"), "{}", wide.stdout);
}

#[test]
fn help_and_a_closed_pipe() {
    let help = run(&["--help"], b"");
    assert_eq!((help.status, help.stderr.as_str()), (Some(0), ""));
    for option in ["keys", "dir", "nodes", "node", "add", "remove", "reweight", "replicas", "json"]
    {
        assert!(help.stdout.contains(&format!("--{option}")), "{option}");
    }
    assert!(Algorithm::NAMES.iter().all(|name| help.stdout.contains(name)));
    let fits = |line: &str| line == line.trim_end() && line.chars().count() <= 80;
    assert!(help.stdout.lines().all(fits), "{}", help.stdout);

    let (_, lines) = sample(2_000);
    let path = folder("pipe").join("keys.txt");
    fs::write(&path, lines).expect("a file");
    let path = path.to_str().expect("UTF-8");
    let mut command = command(&["--keys", path, "--nodes", "200", "--json"]);
    let pipes = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = pipes.spawn().expect("the example starts");
    drop(child.stdout.take());
    let ended = child.wait_with_output().expect("the example ends");
    assert_eq!((ended.status.code(), ended.stderr.as_slice()), (Some(0), &b""[..]));
}
