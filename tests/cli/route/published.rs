//! Every row of the published tables, in as many runs as there are numbers of buckets.

use super::{file, text};
use std::collections::BTreeMap;
use std::fmt::Write;

fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect())
}

fn check_buckets(algorithm: &str, table: &str, expected_rows: usize) {
    let mut runs: BTreeMap<&str, (String, String, usize)> = BTreeMap::new();
    for row in rows(table) {
        let (input, output, count) = runs.entry(row[1]).or_default();
        writeln!(input, "{}", row[0]).unwrap();
        writeln!(output, "{}\t{}", row[0], row[2]).unwrap();
        *count += 1;
    }
    for (n, (input, output, _)) in &runs {
        let args = ["--raw", "--algorithm", algorithm, "--buckets", n];
        assert_eq!(text(&args, input.as_bytes()), *output, "{algorithm} of {n} buckets");
    }
    assert_eq!(runs.values().map(|(_, _, count)| count).sum::<usize>(), expected_rows);
}

#[test]
fn jump_as_in_go_and_python() {
    check_buckets("jump", include_str!("../../vectors/jump_lamping_veach.tsv"), 1086);
}

#[test]
fn jump_as_in_guava() {
    check_buckets("jump-guava", include_str!("../../vectors/jump_guava_overflow.tsv"), 1027);
    check_buckets("jump-guava", include_str!("../../vectors/guava_consistent_hash.tsv"), 2500);
}

#[test]
fn jump_back_as_in_hash4j() {
    check_buckets("jump-back", include_str!("../../vectors/jumpback_hash4j.tsv"), 1007);
}

#[test]
fn flip_as_published() {
    let mut runs: BTreeMap<(&str, &str), (String, String)> = BTreeMap::new();
    let mut count = 0;
    for row in rows(include_str!("../../vectors/fliphash_datadog.tsv")) {
        let (input, output) = runs.entry((row[1], row[2])).or_default();
        writeln!(input, "{}", row[0]).unwrap();
        writeln!(output, "{}\t{}", row[0], row[3]).unwrap();
        count += 1;
    }
    for ((seed, end), (input, output)) in &runs {
        let args = ["--raw", "--algorithm", "flip", "--seed", seed, "--end", end];
        assert_eq!(text(&args, input.as_bytes()), *output, "seed {seed}, end {end}");
    }
    assert_eq!(count, 1000);
}

#[test]
fn weighted_rendezvous_in_integers() {
    let mut rows = rows(include_str!("../../vectors/weighted_rendezvous.tsv"));
    let mut weights = Vec::new();
    for (i, node) in rows.next().unwrap()[1].split(' ').enumerate() {
        let (slot, weight) = node.split_once('=').unwrap();
        assert_eq!(slot, i.to_string());
        weights.push(weight);
    }
    let (mut input, mut owners, mut five) = (String::new(), String::new(), String::new());
    for row in rows {
        let slots: Vec<&str> = row[1].split(' ').collect();
        writeln!(input, "{}", row[0]).unwrap();
        writeln!(owners, "{}\t{}", row[0], slots[0]).unwrap();
        writeln!(five, "{}\t{}", row[0], slots.join(",")).unwrap();
    }
    assert_eq!(input.lines().count(), 200);
    let endings = [("unix", "\n", "\n"), ("dos", "\r\n", "\r\n"), ("unended", "\n", "")];
    for (name, between, end) in endings {
        let path = file(&format!("weights_{name}"), &(weights.join(between) + end));
        let args = ["--raw", "--algorithm", "weighted-rendezvous", "--weights", path.as_str()];
        assert_eq!(text(&args, input.as_bytes()), owners, "{name}");
        let args = [&args[..], &["--replicas", "5"]].concat();
        assert_eq!(text(&args, input.as_bytes()), five, "{name}");
    }
}
