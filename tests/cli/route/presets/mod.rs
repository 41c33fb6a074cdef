//! `--preset`: every recorded answer of another system, through the program, by the options that
//! `tests/vectors/interop/README.md` states.
#![cfg(feature = "interop")]

mod memcached;
mod proxies;
mod stores;

use super::run;
use serde_json::Value;
use std::fs;

/// A field as text, without quotes.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn recording(name: &str) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/interop/");
    let content = fs::read_to_string(format!("{folder}{name}.json")).expect("a recording");
    serde_json::from_str(&content).expect("JSON")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The keys in hexadecimal.
fn keys(recording: &Value) -> Vec<String> {
    match list(&recording["keys_hex"]) {
        [] => list(&recording["keys_utf8"]).iter().map(|key| hex(text(key).as_bytes())).collect(),
        keys => keys.iter().map(text).collect(),
    }
}

fn texts(value: &Value) -> Vec<String> {
    list(value).iter().map(text).collect()
}

/// Lists of places or names as they are printed.
fn joined(value: &Value) -> Vec<String> {
    list(value).iter().map(|row| texts(row).join(",")).collect()
}

/// 16 hexadecimal digits of a decimal number.
fn raw(value: &Value) -> String {
    let number: i128 = text(value).parse().expect("a number");
    format!("{:016x}", number as u64)
}

/// Options are given as one text, `name=value` with a line each.
fn args(preset: &str, nodes: &[String], options: &[(&str, String)]) -> Vec<String> {
    let mut args = vec![format!("--preset={preset}")];
    args.extend(nodes.iter().map(|node| format!("--node={node}")));
    for (name, value) in options {
        args.push(if value.is_empty() { format!("--{name}") } else { format!("--{name}={value}") });
    }
    args
}

/// Compares every line with what is expected; returns how many there are.
fn check(args: &[String], keys: &[String], expected: &[String]) -> usize {
    assert_eq!(keys.len(), expected.len(), "{args:?}");
    let given: Vec<&str> = args.iter().map(String::as_str).collect();
    let input: String = keys.iter().map(|key| format!("{key}\n")).collect();
    let ended = run(&given, input.as_bytes());
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!((ended.status.code(), &*said), (Some(0), ""), "{args:?}");
    let wanted: String =
        keys.iter().zip(expected).map(|(key, answer)| format!("{key}\t{answer}\n")).collect();
    let found = String::from_utf8(ended.stdout).expect("UTF-8");
    for (found, wanted) in found.lines().zip(wanted.lines()) {
        assert_eq!(found, wanted, "{args:?}");
    }
    assert_eq!(found.len(), wanted.len(), "{args:?}");
    keys.len()
}

fn flag(name: &str) -> (&str, String) {
    (name, String::new())
}

type Options = Vec<(&'static str, String)>;

/// Every topology of a file: its preset, its nodes and its options are made of its fields.
fn topologies(name: &str, made: impl Fn(&Value) -> (&'static str, Vec<String>, Options)) -> usize {
    let recording = recording(name);
    let keys = keys(&recording);
    let mut count = 0;
    for topology in list(&recording["topologies"]) {
        let (preset, nodes, mut options) = made(topology);
        options.extend([flag("hex"), flag("index")]);
        count += check(&args(preset, &nodes, &options), &keys, &texts(&topology["expected"]));
        if !list(&topology["expected_n"]).is_empty() {
            options.push(("replicas", "3".to_owned()));
            let args = args(preset, &nodes, &options);
            count += check(&args, &keys, &joined(&topology["expected_n"]));
        }
    }
    count
}

fn nodes(topology: &Value, field: &str, line: impl Fn(&Value) -> String) -> Vec<String> {
    list(&topology[field]).iter().map(line).collect()
}

fn named(server: &Value) -> String {
    format!("{} weight={}", text(&server["name"]), server["weight"])
}

fn host_port(server: &Value) -> String {
    format!("{}:{} weight={}", text(&server["host"]), server["port"], server["weight"])
}

#[test]
fn every_preset_has_a_line() {
    let ended = run(&["--presets"], b"");
    let said = String::from_utf8(ended.stdout).expect("UTF-8");
    for name in ["nginx", "haproxy", "redis-cluster", "kafka-fnv1a", "cassandra-network", "guava"] {
        assert!(said.lines().any(|line| line.split('\t').next() == Some(name)), "{name}");
    }
    assert!(said.lines().all(|line| line.split('\t').count() == 3), "{said}");
}

#[test]
fn wrong_configurations_are_refused() {
    for (args, message) in [
        (&["--preset=nginx", "--node=a weight=x"][..], "\"weight=x\""),
        (&["--preset=libmemcached-weighted", "--node=a:70000"], "70000"),
        (&["--preset=libmemcached-weighted", "--node=:11211"], "a host before the port"),
        (&["--preset=nginx"], "no nodes to place keys on"),
        (&["--preset=nginx", "--node=a", "--partitions=3"], "--partitions \"3\": not with"),
        (&["--preset=ngnix", "--node=a"], "did you mean nginx?"),
        (&["--preset=nothing-like-it"], "--presets lists them"),
        (&["--preset=kafka-murmur2"], "needs --partitions"),
        (&["--preset=kafka-murmur2", "--partitions=0"], "--partitions \"0\": expected"),
        (&["--preset=haproxy", "--node=a", "--hash-type=consistent x"], "\"x\""),
        (&["--preset=redis-cluster", "--raw"], "--raw: not with"),
        (&["--preset=redis-cluster", "--index"], "answers with numbers"),
    ] {
        let ended = run(args, b"");
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains(message) && said.lines().count() == 1, "{args:?}: {said}");
    }
}
