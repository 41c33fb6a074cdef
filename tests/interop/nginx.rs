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
        ("::1", "a host before the port"),
        ("a:+80", "a port in 1..=65535"),
        ("a:0", "a port in 1..=65535"),
        ("a:80-90", "a port in 1..=65535"),
        ("[::1]80", "`:` and a port after `]`"),
        ("a:80/", "a host and a port without a path"),
        ("http://a", "a host and a port without a path"),
        ("unix:", "a path after `unix:`"),
    ] {
        let error = nginx::consistent([server]).unwrap_err().to_string();
        assert_eq!(error, format!("nginx: expected {expected} in {server:?}, got {server:?}"));
    }
    let none = nginx::consistent([]).unwrap_err().to_string();
    assert_eq!(none, "nginx: expected at least one server, got none");
    // nginx does not allow them beside `hash`.
    for token in ["backup", "slow_start=3s", "weight=+3"] {
        let error = nginx::consistent([&*format!("a {token}")]).unwrap_err().to_string();
        assert!(error.ends_with(&format!("got {token:?}")), "{error}");
    }
}

/// One node with the points of its highest weight. The turns that nginx takes among its lines lead to
/// the same address, and to any of them while one is up.
#[test]
fn a_server_that_is_listed_again_is_one_node() {
    let again = nginx::consistent(["a", "b weight=2", "a weight=3", "b"]).unwrap();
    let once = nginx::consistent(["a weight=3", "b weight=2"]).unwrap();
    assert_eq!(again.diff(&once).unwrap().moved_fraction(), Some(0.0));
    assert_eq!(again.topology().len(), 2);

    let mut upstream = Upstream::consistent(["a", "b weight=2", "a weight=3 down", "b"]).unwrap();
    let key = (0..100_u8).find(|key| upstream.get(&[*key]) == Some(0)).unwrap();
    upstream.set_down(0, true).unwrap();
    assert!(matches!(upstream.get(&[key]), Some(1)));
    upstream.set_down(2, false).unwrap();
    assert_eq!(upstream.get(&[key]), Some(2));

    let modulo = Upstream::modulo(["a", "a", "b"]).unwrap();
    assert!((0..3).all(|place| (0..100_u8).any(|key| modulo.get(&[key]) == Some(place))));
}
