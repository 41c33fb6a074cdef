//! The drivers for Rust and for Python beside the preset. No server is needed: tokens and replicas are
//! the client's own work.

use apportion::interop::cassandra::{Order, composite, token};
use apportion_cassandra::{Host, batches, cluster};
use scylla::routing::partitioner::{Murmur3Partitioner, Partitioner, PartitionerHasher};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};

const KEYS: usize = 10_000;

/// A fixed sequence of numbers (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// Half of the keys are text, half bytes of every value, of every length from 1 to 48.
fn keys() -> Vec<Vec<u8>> {
    let mut numbers = Numbers(1);
    let key = |i: usize| {
        if i.is_multiple_of(2) {
            return format!("user:{i}").into_bytes();
        }
        (0..=i / 2 % 48).map(|_| numbers.next() as u8).collect()
    };
    (0..KEYS).map(key).collect()
}

/// One topology: hosts, the factor of a `SimpleStrategy` and those of a `NetworkTopologyStrategy`.
struct Case {
    name: &'static str,
    hosts: Vec<Host>,
    simple: usize,
    factors: Vec<(&'static str, usize)>,
}

/// Hosts by data center and rack, with so many tokens each.
fn hosts(racks: &[(&str, &str, usize)], tokens: usize) -> Vec<Host> {
    let mut numbers = Numbers(racks.len() as u64 * 1000 + tokens as u64);
    let mut hosts = Vec::new();
    for (data_center, rack, count) in racks {
        for _ in 0..*count {
            let i = hosts.len();
            hosts.push(Host {
                address: format!("10.0.{}.{}", i / 250, 1 + i % 250),
                data_center: (*data_center).to_owned(),
                rack: (*rack).to_owned(),
                tokens: (0..tokens).map(|_| numbers.next() as i64).collect(),
            });
        }
    }
    hosts
}

fn cases() -> Vec<Case> {
    let even = [("dc1", "r1", 2), ("dc1", "r2", 2), ("dc1", "r3", 2)];
    let two =
        [("dc1", "r1", 3), ("dc1", "r2", 3), ("dc2", "r1", 2), ("dc2", "r2", 2), ("dc2", "r3", 1)];
    let uneven = [("dc1", "r1", 7), ("dc1", "r2", 1), ("dc2", "r1", 4)];
    let many = [
        ("eu", "a", 20),
        ("eu", "b", 20),
        ("eu", "c", 20),
        ("us", "a", 15),
        ("us", "b", 15),
        ("ap", "a", 5),
    ];
    vec![
        Case {
            name: "one host",
            hosts: hosts(&even[..1], 1)[..1].to_vec(),
            simple: 3,
            factors: vec![("dc1", 3)],
        },
        Case {
            name: "three racks, one token",
            hosts: hosts(&even, 1),
            simple: 3,
            factors: vec![("dc1", 3)],
        },
        Case {
            name: "three racks, 256 tokens",
            hosts: hosts(&even, 256),
            simple: 2,
            factors: vec![("dc1", 5)],
        },
        Case {
            name: "two data centers, 16 tokens",
            hosts: hosts(&two, 16),
            simple: 4,
            factors: vec![("dc1", 3), ("dc2", 3)],
        },
        Case {
            name: "a rack of one host",
            hosts: hosts(&uneven, 16),
            simple: 3,
            factors: vec![("dc1", 3), ("dc2", 2)],
        },
        Case {
            name: "more replicas than hosts",
            hosts: hosts(&uneven, 4),
            simple: 20,
            factors: vec![("dc1", 9), ("dc2", 5)],
        },
        Case {
            name: "a data center without replicas",
            hosts: hosts(&two, 8),
            simple: 1,
            factors: vec![("dc2", 2)],
        },
        Case {
            name: "95 hosts, 16 tokens",
            hosts: hosts(&many, 16),
            simple: 3,
            factors: vec![("eu", 3), ("us", 3), ("ap", 2)],
        },
    ]
}

#[test]
fn tokens_of_the_driver_for_rust() {
    let keys = keys();
    for key in &keys {
        assert_eq!(token(key), Murmur3Partitioner.hash_one(key).value(), "{key:?}");
    }
    // The driver hashes a key of several columns piece by piece.
    for columns in keys.chunks_exact(3) {
        let columns: Vec<&[u8]> = columns.iter().map(Vec::as_slice).collect();
        let mut hasher = Murmur3Partitioner.build_hasher();
        for column in &columns {
            hasher.write(&(column.len() as u16).to_be_bytes());
            hasher.write(column);
            hasher.write(&[0]);
        }
        assert_eq!(token(&composite(&columns)), hasher.finish().value());
    }
    println!("scylla for Rust: {KEYS} tokens and {} of three columns are equal", KEYS / 3);
}

/// The answers of the Python driver; `None` if it is not installed.
fn python(input: &Value) -> Option<Value> {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| String::from("python3"));
    let has = Command::new(&python).args(["-c", "import cassandra.metadata"]).output();
    if !has.as_ref().is_ok_and(|output| output.status.success()) {
        let required = std::env::var("APPORTION_REQUIRE_SERVERS").is_ok_and(|value| value == "1");
        let what = format!(
            "no cassandra-driver for {python}: pip install cassandra-driver, or set PYTHON"
        );
        assert!(!required, "{what}: {has:?}");
        println!("skipped: {what}");
        return None;
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/driver.py");
    let mut child = Command::new(&python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python");
    // The script reads all of it before it writes.
    child.stdin.take().unwrap().write_all(input.to_string().as_bytes()).expect("a pipe");
    let output = child.wait_with_output().expect("an end");
    assert!(output.status.success());
    Some(serde_json::from_slice(&output.stdout).expect("JSON"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn tokens_and_replicas_of_the_driver_for_python() {
    let (keys, cases) = (keys(), cases());
    let host = |host: &Host| {
        let Host { address, data_center, rack, tokens } = host;
        json!({ "address": address, "data_center": data_center, "rack": rack, "tokens": tokens })
    };
    let topology = |case: &Case| {
        let hosts: Vec<Value> = case.hosts.iter().map(host).collect();
        json!({ "hosts": hosts, "simple": case.simple, "factors": case.factors })
    };
    let composites: Vec<Vec<String>> =
        keys.chunks_exact(3).map(|columns| columns.iter().map(|key| hex(key)).collect()).collect();
    let input = json!({
        "keys": keys.iter().map(|key| hex(key)).collect::<Vec<_>>(),
        "composites": composites,
        "topologies": cases.iter().map(topology).collect::<Vec<_>>(),
    });
    let Some(theirs) = python(&input) else { return };

    let tokens: Vec<i64> = keys.iter().map(|key| token(key)).collect();
    assert_eq!(json!(tokens), theirs["tokens"]);
    let columns = |columns: &[Vec<u8>]| {
        hex(&composite(&columns.iter().map(Vec::as_slice).collect::<Vec<_>>()))
    };
    let routing_keys: Vec<String> = keys.chunks_exact(3).map(columns).collect();
    assert_eq!(json!(routing_keys), theirs["routing_keys"]);
    let version = theirs["version"].as_str().unwrap();
    println!(
        "cassandra-driver {version} for Python: {KEYS} tokens and {} routing keys are equal",
        KEYS / 3
    );

    for (case, theirs) in cases.iter().zip(theirs["replicas"].as_array().unwrap()) {
        let ours = cluster(&case.hosts).unwrap();
        let names = |places: Vec<usize>| -> Vec<&str> {
            places.into_iter().map(|place| case.hosts[place].address.as_str()).collect()
        };
        let mut twice = 0;
        for (at, token) in tokens.iter().enumerate() {
            let theirs = |strategy: &str| -> Vec<&str> {
                let list = theirs[strategy][at].as_array().unwrap();
                list.iter().map(|name| name.as_str().unwrap()).collect()
            };
            assert_eq!(names(ours.simple(*token, case.simple)), theirs("simple"), "{}", case.name);
            let network = |order| names(ours.network(*token, &case.factors, order));
            let (ours, theirs) = (network(Order::PythonDriver), theirs("network"));
            let distinct = |names: &[&str]| {
                names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>()
            };
            if distinct(&theirs).len() == theirs.len() {
                assert_eq!(ours, theirs, "{}", case.name);
            } else {
                twice += 1;
                assert_shortened(case, &ours, &theirs);
            }
            // The server lists the same replicas along the ring.
            assert_eq!(distinct(&network(Order::Server)), distinct(&ours), "{}", case.name);
        }
        let (hosts, equal) = (case.hosts.len(), KEYS - twice);
        println!(
            "{}: {hosts} hosts, equal replicas of {equal} keys; of {twice} keys the driver lists a host twice",
            case.name
        );
    }
}

/// Where the driver lists a host twice, it leaves others out. It puts hosts aside whose rack has a
/// replica already and takes them once every rack has one; a host that it met at two of its tokens is
/// then taken twice. Its list without repeats is the beginning of ours in each data center.
fn assert_shortened(case: &Case, ours: &[&str], theirs: &[&str]) {
    for (data_center, factor) in &case.factors {
        let inside = |name: &&&str| {
            case.hosts.iter().any(|host| host.address == **name && host.data_center == *data_center)
        };
        let ours: Vec<&str> = ours.iter().filter(inside).copied().collect();
        let mut without_repeats: Vec<&str> = Vec::new();
        for name in theirs.iter().filter(inside) {
            if !without_repeats.contains(name) {
                without_repeats.push(name);
            }
        }
        assert!(ours.starts_with(&without_repeats), "{}: {ours:?} {theirs:?}", case.name);
        // Only with more replicas than racks.
        let racks: BTreeSet<&str> = case
            .hosts
            .iter()
            .filter(|host| host.data_center == *data_center)
            .map(|host| host.rack.as_str())
            .collect();
        assert!(without_repeats.len() == ours.len() || *factor > racks.len(), "{}", case.name);
    }
}

#[test]
fn batches_go_to_a_replica_nearby() {
    let case = &cases()[7];
    let ring = cluster(&case.hosts).unwrap();
    let keys = keys();
    let batches = batches(&case.hosts, &ring, &case.factors, "us", keys.iter().map(Vec::as_slice));
    for (host, batch) in &batches {
        let host = host.expect("every key has a replica in us");
        assert_eq!(case.hosts[host].data_center, "us");
        for key in batch {
            assert!(ring.network(token(key), &case.factors, Order::Server).contains(&host));
        }
    }
    assert_eq!(batches.values().map(Vec::len).sum::<usize>(), KEYS);
    println!("{KEYS} keys in {} batches, one for each host of the own data center", batches.len());

    // The ring is a locator: what a new host takes is known before it joins.
    let mut joined = case.hosts.clone();
    let mut tokens = Numbers(7);
    let tokens = (0..16).map(|_| tokens.next() as i64).collect();
    joined.push(Host {
        address: String::from("10.0.9.9"),
        rack: String::from("b"),
        tokens,
        ..case.hosts[0].clone()
    });
    let joined = cluster(&joined).unwrap();
    let diff = ring.ring().diff(joined.ring()).unwrap();
    let moved = diff.moved_fraction().unwrap();
    assert!(diff.moves().all(|range| range.to.is_some_and(|to| to == "10.0.9.9")));
    let of = |key: &&Vec<u8>| diff.of(ring.ring().hash(key.as_slice())).is_some();
    let counted = keys.iter().filter(of).count();
    println!(
        "a host joins with 16 tokens: {:.2} % of the token range, {counted} of {KEYS} keys",
        100.0 * moved
    );
    assert!((moved - counted as f64 / KEYS as f64).abs() < 0.01);
}
