//! Wrong configurations: every preset refuses them, and its error names the token.

use crate::presets::{PRESETS, Preset, ends_with_token};
use crate::wrong_lines::{right, wrong};
use apportion::interop::haproxy::HashType;
use apportion::interop::{envoy, go, grpc, nginx, swift};
use apportion::{Error, ErrorKind};

fn error(preset: &Preset, lines: &[&str]) -> Error {
    match (preset.read)(lines) {
        Ok(_) => panic!("{} {:?}: {lines:?} is accepted", preset.name, preset.options),
        Err(error) => error,
    }
}

/// The token is the last word of the message, and the line is in it.
fn check(preset: &Preset, error: &Error, line: &str, token: &str) {
    let (name, message) = (preset.name, error.to_string());
    assert_eq!(error.kind(), ErrorKind::InvalidConfiguration, "{name}, {line:?}: {message}");
    assert_eq!(message.lines().count(), 1, "{name}: {message}");
    if token.is_empty() {
        assert!(message.ends_with("got nothing"), "{name}, {line:?}: {message}");
    } else {
        assert!(ends_with_token(&message, token), "{name}, {line:?}: {message}");
    }
    assert!(message.contains(": expected "), "{name}, {line:?}: {message}");
}

#[test]
fn every_preset_names_the_wrong_token() {
    let mut count = 0;
    for preset in PRESETS {
        for (line, token) in wrong(preset.name) {
            // Alone, and behind a line that is right.
            let right = right(preset.name);
            check(preset, &error(preset, &[right, line]), line, token);
            if line != "a 50-16383" {
                check(preset, &error(preset, &[line]), line, token);
            }
            count += 1;
        }
    }
    assert!(count > 300, "{count}");
}

#[test]
fn every_preset_refuses_no_server() {
    for preset in PRESETS {
        let message = error(preset, &[]).to_string();
        let wanted = match preset.name {
            "redis-cluster" => "slot 0 has none in \"the nodes\", got nothing",
            _ => "expected at least one server, got none",
        };
        assert!(message.ends_with(wanted), "{}: {message}", preset.name);
    }
}

/// A name that is given twice is refused where the other system refuses it, or cannot be told apart.
#[test]
fn names_that_are_given_twice() {
    let mut refused = 0;
    for preset in PRESETS {
        let (lines, message): (&[&str], &str) = match (preset.name, preset.options) {
            ("twemproxy", _) => (
                &["a:1:1 x", "b:1:1 x"],
                "twemproxy: expected a name that no other server has in \"b:1:1 x\", got \"x\"",
            ),
            ("haproxy", _) => (
                &["a", "a weight=2"],
                "haproxy: expected a name that no other server without an id has in \"a\", got \"a\"",
            ),
            ("redis-cluster", _) => {
                (&["a 0-99", "a 100-16383"], "node \"a\" is given twice; list each node once")
            }
            ("cassandra-simple" | "cassandra-network", _) => {
                (&["a tokens=1", "a tokens=2"], "node \"a\" is given twice; list each node once")
            }
            _ => {
                // One continuum, or one table, of several servers of the same name.
                let right = right(preset.name);
                assert!((preset.read)(&[right, right]).is_ok(), "{}", preset.name);
                continue;
            }
        };
        assert_eq!(error(preset, lines).to_string(), message, "{}", preset.name);
        refused += 1;
    }
    assert!(refused >= 10, "{refused}");
    for (lines, token) in [(["a id=2", "b id=2"], "2"), (["a id=5", "a id=5"], "5")] {
        for preset in PRESETS.iter().filter(|preset| preset.name == "haproxy") {
            check(preset, &error(preset, &lines), lines[1], token);
        }
    }
    // Ids tell servers of the same name apart.
    for preset in PRESETS.iter().filter(|preset| preset.name == "haproxy") {
        assert!((preset.read)(&["a id=5", "a"]).is_ok());
    }
}

#[test]
fn options_that_are_no_lines() {
    let message = |error: Error| error.to_string();
    assert_eq!(
        message(envoy::maglev(["a"], 5_000_023).unwrap_err()),
        "envoy: expected a prime number of entries of at most 5000011 in \"the size of the table\", \
         got \"5000023\""
    );
    assert_eq!(
        message(go::groupcache(["a"], 0).unwrap_err()),
        "groupcache: expected at least 1 in \"the points of a node\", got \"0\""
    );
    assert_eq!(
        message(swift::SwiftRing::new(33, b"", b"").unwrap_err()),
        "swift: expected a power in 0..=32 in \"the power of the ring\", got \"33\""
    );
    assert_eq!(
        message(grpc::random_subset(["a"], 0, 1).unwrap_err()),
        "grpc: expected a subset_size of at least 1 in \"the size of the subset\", got \"0\""
    );
    assert_eq!(
        message(grpc::random_subset(["a", ""], 1, 1).unwrap_err()),
        "grpc: expected an address in \"endpoint 1\", got nothing"
    );
    assert_eq!(
        message(grpc::random_subset([], 1, 1).unwrap_err()),
        "grpc: expected at least one server, got none"
    );
    assert_eq!(
        message("consistent sdbm avalanche x".parse::<HashType>().unwrap_err()),
        "haproxy: expected the end of the line in \"consistent sdbm avalanche x\", got \"x\""
    );
}

/// Servers are there, but none of them has a weight.
#[test]
fn weights_that_are_all_0() {
    let preset = |name, option| {
        let named = |preset: &&Preset| preset.name == name && preset.options[0].contains(option);
        PRESETS.iter().find(named).unwrap()
    };
    let map = error(preset("haproxy", "map-based"), &["a weight=0", "b weight=0"]).to_string();
    assert_eq!(map, "haproxy: expected a weight above 0 among all servers, got none");
    let ring = (preset("haproxy", "=consistent").read)(&["a weight=0"]).unwrap();
    assert!((ring.places)(b"key").is_empty());
    let hosts = ["a locality=l0 locality-weight=0"];
    let hosts = error(preset("envoy-ring-hash", "size"), &hosts).to_string();
    assert_eq!(hosts, "envoy: expected a weight above 0 among all servers, got none");
}

/// More points than a ring may have are refused before any memory is taken for them.
#[test]
fn weights_that_need_too_many_points() {
    for (name, line, points) in [
        ("nginx", "a weight=2147483647", 160 * 2_147_483_647_u64),
        ("uhashring", "a weight=4294967295", 160 * 4_294_967_295),
        ("serialx", "a weight=4294967295", 4_294_967_295),
    ] {
        let counted =
            |preset: &&Preset| preset.name == name && !preset.options.contains(&"--mode=ketama");
        for preset in PRESETS.iter().filter(counted) {
            let error = error(preset, &[line]);
            assert_eq!(error.kind(), ErrorKind::OverLimit, "{name}");
            let message = format!(
                "1 node needs {points} points, over the ring's budget of 268435456; node \"a\" needs \
                 {points} of them: use lower weights or fewer nodes"
            );
            assert_eq!(error.to_string(), message);
        }
    }
    let error = go::groupcache(["a", "b"], u32::MAX).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OverLimit);
    // `hash KEY` without `consistent` has no points.
    assert!(nginx::Upstream::modulo(["a weight=2147483647", "b weight=2147483647"]).is_ok());
}

/// A line from a file of any size does not fill the message.
#[test]
fn messages_of_long_lines_are_short() {
    let line = format!("a weight={}", "9".repeat(100_000));
    for preset in PRESETS.iter().filter(|preset| preset.name != "pymemcache") {
        let message = error(preset, &[&line]).to_string();
        assert!(message.len() < 1_000, "{}: {}", preset.name, message.len());
    }
}
