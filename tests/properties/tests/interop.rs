//! What every preset of another system promises, for any text: an error that names a token of it, or
//! servers of the list for every key, the same each time.
#![cfg(feature = "interop")]

#[allow(dead_code)]
#[path = "../../support/presets.rs"]
mod presets;

use apportion::interop::cassandra::{self, Cluster, Order};
use apportion::interop::haproxy::HashType;
use apportion::interop::memcached::twemproxy;
use apportion::interop::{envoy, grpc, nginx, redis};
use apportion::{ErrorKind, Placement};
use presets::{PRESETS, names_a_token};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use std::collections::BTreeSet;

/// A server as some system writes it, or what looks like one.
fn server() -> impl Strategy<Value = String> {
    const KNOWN: &[&str] = &[
        "10.0.0.1:11211",
        "10.0.0.2",
        "[2001:db8::1]:80",
        "cache-1",
        "unix:/run/a.sock",
        ":80",
        "a:70000",
        "a:",
        "10.0.0.1:11211:1",
        "10.0.0.1:11211:0",
        "/run/a.sock:2",
        "n/10.0.0.1:11211",
        "0-16383",
        "é",
        "10.0.0.1:+80",
        "::1",
        "[",
        "]:1",
        "=",
        "weight=1",
    ];
    prop_oneof![
        6 => select(KNOWN).prop_map(String::from),
        3 => (0..9_u32, 1..3_u32).prop_map(|(host, port)| format!("10.0.1.{host}:{port}")),
        1 => "\\PC{0,8}",
    ]
}

/// An option, or what looks like one.
fn option() -> impl Strategy<Value = String> {
    const KNOWN: &[&str] = &[
        "weight=0",
        "weight=1",
        "weight=2",
        "weight=256",
        "weight=257",
        "weight=x",
        "weight=-1",
        "weight=",
        "weight=4294967295",
        "weight=2147483647",
        "down",
        "backup",
        "max_fails=3",
        "id=1",
        "id=7",
        "id=0",
        "addr=10.0.0.1:80",
        "addr=x",
        "hash-key=addr",
        "hash-key=id32",
        "hash-key=x",
        "locality=l0",
        "locality-weight=2",
        "locality-weight=0",
        "dc=dc1",
        "dc=dc2",
        "rack=r1",
        "rack=r2",
        "tokens=0",
        "tokens=1,2",
        "tokens=x",
        "tokens=-9223372036854775808",
        "name",
        "600",
        "0-5460",
        "5461-16383",
    ];
    prop_oneof![
        9 => select(KNOWN).prop_map(String::from),
        1 => "\\PC{0,8}",
    ]
}

fn line() -> impl Strategy<Value = String> {
    let options = prop::collection::vec(option(), 0..4);
    (server(), options).prop_map(|(server, options)| [vec![server], options].concat().join(" "))
}

/// Lines that a preset accepts more often than not: all in one notation.
fn lines() -> impl Strategy<Value = Vec<String>> {
    let nodes = |line: fn(usize, u64) -> String| {
        prop::collection::vec(1..4_u64, 1..12)
            .prop_map(move |weights| (1..).zip(weights).map(|(i, w)| line(i, w)).collect())
    };
    prop_oneof![
        2 => prop::collection::vec(line(), 0..6),
        2 => nodes(|i, weight| format!("10.0.0.{i}:11211 weight={weight}")),
        1 => nodes(|i, _| format!("10.0.0.{i}:11211")),
        1 => nodes(|i, weight| format!("10.0.0.{i}:11211 {weight}")),
        1 => nodes(|i, weight| format!("10.0.0.{i}:11211:{weight}")),
        1 => nodes(|i, weight| format!("h{i} dc=dc{} rack=r{weight} tokens={i}", i % 2 + 1)),
        1 => Just(vec!["a 0-5460".into(), "b 5461-10922".into(), "c 10923-16383".into()]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn configurations_are_refused_or_answer_with_their_servers(
        lines in lines(),
        keys in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..20),
    ) {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        for preset in PRESETS {
            match ((preset.read)(&lines), (preset.read)(&lines)) {
                (Ok(first), Ok(second)) => for key in &keys {
                    let places = (first.places)(key);
                    prop_assert_eq!(&places, &(second.places)(key));
                    prop_assert!(first.none || !places.is_empty(), "{}", preset.name);
                    prop_assert!(places.iter().all(|place| *place < lines.len()));
                },
                (Err(first), Err(second)) => {
                    let message = first.to_string();
                    prop_assert_eq!(&message, &second.to_string());
                    prop_assert!(names_a_token(&message, &lines), "{}: {}", preset.name, message);
                    prop_assert_eq!(message.lines().count(), 1);
                    let kinds = [
                        ErrorKind::InvalidConfiguration, ErrorKind::DuplicateLabel, ErrorKind::OverLimit,
                    ];
                    prop_assert!(kinds.contains(&first.kind()), "{}: {}", preset.name, message);
                }
                _ => prop_assert!(false, "{}: {:?}", preset.name, lines),
            }
        }
    }

    #[test]
    fn hash_types_are_read_or_name_a_word(words in prop::collection::vec(
        prop_oneof![
            select(&["hash-type", "consistent", "map-based", "sdbm", "djb2", "wt6", "crc32", "avalanche"][..])
                .prop_map(String::from),
            "\\PC{0,6}",
        ],
        0..5,
    )) {
        let text = words.join(" ");
        match text.parse::<HashType>() {
            Ok(hash_type) => {
                prop_assert_eq!(hash_type.consistent, text.contains("consistent"));
                prop_assert!(hash_type.avalanche || !text.contains("avalanche"));
            }
            Err(error) => prop_assert!(names_a_token(&error.to_string(), &[&text]), "{}", error),
        }
    }

    /// A tag is a part of its key, and hashed alone it gives the key's slot.
    #[test]
    fn tags_are_parts_of_their_keys(key in "[a{}]{0,12}") {
        let key = key.as_bytes();
        let tag = redis::tag(key);
        prop_assert!(key.is_empty() || key.windows(tag.len()).any(|part| part == tag));
        prop_assert_eq!(twemproxy::tagged(key, *b"{}"), tag);
        if tag.len() < key.len() {
            let closes = tag.contains(&b'}');
            prop_assert!(!tag.is_empty() && !closes);
            prop_assert_eq!(redis::slot(key), redis::slot(tag));
        }
    }

    /// Servers that are down answer nothing, and what they do not hold stays where it is.
    #[test]
    fn nginx_moves_only_keys_of_servers_that_are_down(
        weights in prop::collection::vec(1..4_u64, 2..8),
        down in any::<u8>(),
        keys in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..20), 1..40),
    ) {
        let lines: Vec<String> =
            (1..).zip(&weights).map(|(i, w)| format!("10.0.0.{i}:80 weight={w}")).collect();
        let whole = nginx::Upstream::consistent(lines.iter().map(String::as_str)).unwrap();
        let is_down = |server: usize| (down >> server) & 1 == 1;
        let mut part = whole.clone();
        (0..lines.len()).for_each(|server| part.set_down(server, is_down(server)).unwrap());
        for key in &keys {
            let (before, after) = (whole.get(key).unwrap(), part.get(key));
            prop_assert!(after.is_none_or(|server| !is_down(server)));
            prop_assert!(is_down(before) || after == Some(before));
        }
    }

    /// Replicas are distinct hosts, in each data center as many as asked for, one a rack as far as
    /// there are racks; the server and the driver agree on the set.
    #[test]
    fn cassandra_spreads_replicas_over_racks(
        hosts in prop::collection::vec((1..3_u8, 1..4_u8), 1..14),
        factors in (0..4_usize, 0..4_usize),
        key in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let line = |(i, (dc, rack)): (usize, &(u8, u8))| {
            let token = |n: u64| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15)) as i64;
            let n = 2 * i as u64 + 1;
            format!("h{i} dc=dc{dc} rack=r{rack} tokens={},{}", token(n), token(n + 1))
        };
        let lines: Vec<String> = hosts.iter().enumerate().map(line).collect();
        let cluster = Cluster::new(lines.iter().map(String::as_str)).unwrap();
        let token = cassandra::token(&key);
        let asked = [("dc1", factors.0), ("dc2", factors.1)];
        let server = cluster.network(token, &asked, Order::Server);
        let driver = cluster.network(token, &asked, Order::PythonDriver);
        let set = |places: &[usize]| places.iter().copied().collect::<BTreeSet<usize>>();
        prop_assert_eq!(set(&server), set(&driver));
        prop_assert_eq!(set(&server).len(), server.len());
        for (dc, factor) in [(1, factors.0), (2, factors.1)] {
            let inside: Vec<usize> = (0..hosts.len()).filter(|host| hosts[*host].0 == dc).collect();
            let racks = |places: &[usize]| -> BTreeSet<u8> {
                places.iter().map(|host| hosts[*host].1).collect()
            };
            let own: Vec<usize> =
                server.iter().copied().filter(|host| hosts[*host].0 == dc).collect();
            prop_assert_eq!(own.len(), factor.min(inside.len()));
            prop_assert_eq!(racks(&own).len(), own.len().min(racks(&inside).len()));
        }
    }

    /// Every host of a Maglev table has about its share, and a table is full.
    #[test]
    fn maglev_tables_are_full_and_fair(hosts in 1..20_usize) {
        let lines: Vec<String> = (0..hosts).map(|i| format!("10.0.0.{i}:80")).collect();
        let table = envoy::maglev(lines.iter().map(String::as_str), 1021).unwrap();
        let mut counts = vec![0_usize; hosts];
        for entry in 0..1021 {
            let key = envoy::maglev_key(entry, 0, 1021);
            counts[table.placement().locate(key).unwrap().index()] += 1;
        }
        prop_assert!(counts.iter().all(|count| count.abs_diff(1021 / hosts) <= 1), "{:?}", counts);
    }

    /// A subset is a smaller one and the next endpoints; without one of the others it is the same.
    #[test]
    fn random_subsets_do_not_depend_on_the_rest(
        places in subsequence((0..30_usize).collect::<Vec<_>>(), 6..30),
        seed in any::<u64>(),
    ) {
        let names: Vec<String> = places.iter().map(|i| format!("10.0.0.{i}:443")).collect();
        let subset = |names: &[String], size| -> Vec<String> {
            let found = grpc::random_subset(names.iter().map(String::as_str), size, seed).unwrap();
            found.into_iter().map(|place| names[place].clone()).collect()
        };
        let five = subset(&names, 5);
        prop_assert_eq!(&subset(&names, 3), &five[..3]);
        let other = names.iter().position(|name| !five.contains(name)).unwrap();
        let fewer = [&names[..other], &names[other + 1..]].concat();
        if fewer.len() > 5 {
            prop_assert_eq!(subset(&fewer, 5), five);
        }
    }
}
