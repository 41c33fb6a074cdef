//! nginx 1.22.1.

use crate::recorded::{expected, keys, recording, text, topologies};
use apportion::Placement;
use apportion::interop::nginx::{self, Upstream};
use serde_json::Value;

fn lines(topology: &Value) -> Vec<String> {
    let line = |server: &Value| {
        let down = if server["down"] == true { " down" } else { "" };
        format!("{} weight={}{down}", text(&server["server"]), server["weight"])
    };
    topology["servers"].as_array().unwrap().iter().map(line).collect()
}

fn check(recording: &Value, upstream: impl Fn(&[String]) -> Upstream) -> usize {
    let keys = keys(recording);
    let mut count = 0;
    for topology in topologies(recording) {
        let lines = lines(topology);
        let upstream = upstream(&lines);
        for (key, expected) in keys.iter().zip(expected(topology)) {
            let got = upstream.get(key).map(|server| server as u64);
            assert_eq!(got, Some(expected), "{lines:?}, key {key:?}");
            count += 1;
        }
    }
    count
}

#[test]
fn consistent_as_recorded() {
    let recording = recording!("nginx_hash_consistent");
    let upstream =
        |lines: &[String]| Upstream::consistent(lines.iter().map(String::as_str)).unwrap();
    assert_eq!(check(&recording, upstream), 11 * 234);
}

#[test]
fn modulo_as_recorded() {
    let recording = recording!("nginx_hash_modulo");
    let upstream = |lines: &[String]| Upstream::modulo(lines.iter().map(String::as_str)).unwrap();
    assert_eq!(check(&recording, upstream), 11 * 234);
}

/// The ring is one of the crate's own, so what a new server changes is known exactly.
#[test]
fn a_server_that_is_added_moves_keys_only_to_itself() {
    let before = nginx::consistent(["10.0.0.1:80", "10.0.0.2:80 weight=2"]).unwrap();
    let after = nginx::consistent(["10.0.0.1:80", "10.0.0.2:80 weight=2", "[::1]:80"]).unwrap();
    let diff = before.diff(&after).unwrap();
    assert!(diff.moves().all(|change| change.to.is_some_and(|to| to == "[::1]:80")));
    let fraction = diff.moved_fraction().unwrap();
    assert!((0.2..0.3).contains(&fraction), "{fraction}");
    let guarantees = after.placement().guarantees();
    assert!(guarantees.minimal_owner && !guarantees.order_free);
}

#[test]
fn wrong_lines_are_refused() {
    for (line, message) in [
        ("", "nginx: expected a server in \"\", got nothing"),
        (
            "a weight=x",
            "nginx: expected a weight in 1..=2147483647 in \"a weight=x\", got \"weight=x\"",
        ),
        (
            "a weight=0",
            "nginx: expected a weight in 1..=2147483647 in \"a weight=0\", got \"weight=0\"",
        ),
    ] {
        assert_eq!(nginx::consistent([line]).unwrap_err().to_string(), message);
    }
    let error = nginx::consistent(["a wieght=1"]).unwrap_err().to_string();
    assert!(error.starts_with("nginx: expected one of weight=N, "), "{error}");
    for (server, expected) in [
        ("a:70000", "a port in 1..=65535"),
        ("a:", "a port in 1..=65535"),
        ("[::1]:x", "a port in 1..=65535"),
        (":80", "a host before the port"),
    ] {
        let error = nginx::consistent([server]).unwrap_err().to_string();
        assert_eq!(error, format!("nginx: expected {expected} in {server:?}, got {server:?}"));
    }
    let none = nginx::consistent([]).unwrap_err().to_string();
    assert_eq!(none, "nginx: expected at least one server, got none");
    let twice = nginx::consistent(["a", "a"]).unwrap_err().to_string();
    assert!(twice.starts_with("node \"a\" is given twice"), "{twice}");
}
