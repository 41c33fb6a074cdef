//! The corners of other systems by name, each against answers recorded from the real program, or
//! against a computation that stands here.

use crate::recorded::{expected, keys, recording, text, topologies};
use apportion::Placement;
use apportion::interop::haproxy::{self, HashType};
use apportion::interop::memcached::{libmemcached, npm_hashring};
use apportion::interop::nginx::Upstream;
use apportion::interop::{NamedRing, cassandra, grpc, redis};
use serde_json::Value;

/// The topologies of this name.
fn named<'a>(recording: &'a Value, name: &'a str) -> impl Iterator<Item = &'a Value> {
    let found: Vec<&Value> =
        topologies(recording).iter().filter(|topology| topology["name"] == name).collect();
    assert!(!found.is_empty(), "{name}");
    found.into_iter()
}

fn agree(recording: &Value, topology: &Value, place: impl Fn(&[u8]) -> Option<usize>) {
    let (keys, expected) = (keys(recording), expected(topology));
    assert!(keys.len() == expected.len() && keys.len() > 100);
    for (key, expected) in keys.iter().zip(expected) {
        let found = place(key).map(|place| place as u64);
        assert_eq!(found, Some(expected), "{}, {key:?}", topology["name"]);
    }
}

fn nginx(recording: &Value, name: &str, is_so: impl Fn(&str) -> bool) {
    for topology in named(recording, name) {
        let servers = topology["servers"].as_array().unwrap();
        assert!(servers.iter().any(|server| is_so(server["server"].as_str().unwrap())), "{name}");
        let line = |server: &Value| {
            let down = if server["down"] == true { " down" } else { "" };
            format!("{} weight={}{down}", text(&server["server"]), server["weight"])
        };
        let lines: Vec<String> = servers.iter().map(line).collect();
        let upstream = Upstream::consistent(lines.iter().map(String::as_str)).unwrap();
        agree(recording, topology, |key| upstream.get(key));
    }
}

#[test]
fn nginx_with_ipv6() {
    nginx(&recording!("nginx_hash_consistent"), "ipv6_ports", |server| {
        server.starts_with("[::1]:")
    });
}

#[test]
fn nginx_without_ports() {
    let bare = |server: &str| !server.contains(':');
    nginx(&recording!("nginx_hash_consistent"), "default_port", bare);
}

#[test]
fn nginx_with_names_of_hosts() {
    let upper = |server: &str| server.starts_with("CACHE-C.test");
    nginx(&recording!("nginx_hash_consistent"), "names", upper);
}

#[test]
fn nginx_with_unix_sockets() {
    let recording = recording!("nginx_unix_sockets");
    for name in ["unix_sockets", "unix_upper_case_and_addresses", "one_socket_down"] {
        nginx(&recording, name, |server| server.starts_with("unix:"));
    }
}

fn pool(topology: &Value) -> Vec<String> {
    let line = |server: &Value| {
        format!("{}:{} weight={}", text(&server["host"]), server["port"], server["weight"])
    };
    topology["nodes"].as_array().unwrap().iter().map(line).collect()
}

fn weighted_pool(recording: &Value, name: &str) -> Vec<NamedRing> {
    let ring = |topology: &Value| {
        let lines = pool(topology);
        let lines = lines.iter().map(String::as_str);
        let ring = match topology["mode"].as_str().unwrap() {
            "ketama_weighted" => libmemcached::weighted(lines),
            "ketama" => libmemcached::unweighted(lines, libmemcached::Hash::Default),
            "ketama_md5" => libmemcached::unweighted(lines, libmemcached::Hash::Md5),
            other => panic!("{other}"),
        };
        let ring = ring.unwrap();
        agree(recording, topology, |key| ring.locate(key).map(|node| node.index()));
        ring
    };
    named(recording, name).map(ring).collect()
}

/// 32-bit floating point gives each of 25 equal servers 156 points instead of 160.
#[test]
fn libmemcached_with_25_servers() {
    let recording = recording!("libmemcached_ketama_weighted");
    for ring in weighted_pool(&recording, "float_round_25") {
        assert_eq!(ring.placement().points(), 25 * 156);
    }
    let recording = recording!("libmemcached_hashes");
    weighted_pool(&recording, "twenty_five_of_weight_2");
    weighted_pool(&recording, "twenty_five_weights_1_2_3");
}

#[test]
fn libmemcached_with_40_servers() {
    for ring in weighted_pool(&recording!("libmemcached_ketama_weighted"), "forty_nodes") {
        assert_eq!(ring.placement().slots(), 40);
    }
    weighted_pool(&recording!("libmemcached_ketama_unweighted"), "forty_nodes");
    let recording = recording!("libmemcached_hashes");
    weighted_pool(&recording, "forty_of_weight_2");
    weighted_pool(&recording, "forty_weights_1_2_3");
}

/// A host that is listed again has the same points, of which the first one in the list is chosen.
#[test]
fn libmemcached_with_duplicated_hosts() {
    let recording = recording!("libmemcached_ketama_weighted");
    for topology in named(&recording, "duplicate_host") {
        assert!(expected(topology).iter().all(|place| *place != 2));
    }
    weighted_pool(&recording, "duplicate_host");
    weighted_pool(&recording!("libmemcached_hashes"), "duplicate_hosts_weighted");
}

#[test]
fn libmemcached_with_weights_1_2_3() {
    weighted_pool(&recording!("libmemcached_ketama_weighted"), "weights_1_2_3");
}

/// Weights are relative where they count: all 2 are all 1. In an unweighted continuum, any weight above
/// 1 changes the points all the same.
#[test]
fn libmemcached_with_weights_all_2() {
    let recording = recording!("libmemcached_hashes");
    let rings = weighted_pool(&recording, "weights_all_2");
    assert_eq!(rings.len(), 2);
    for ring in rings {
        assert_eq!(ring.placement().points(), 3 * 160);
    }
}

#[test]
fn cassandra_keys_with_bytes_above_0x7f() {
    let recording = recording!("cassandra_tokens");
    let tokens = recording["murmur3"].as_array().unwrap();
    let is_high = |key: &[u8]| key.iter().any(|byte| *byte >= 0x80);
    let (mut high, mut differ) = (0, 0);
    for (key, token) in keys(&recording).iter().zip(tokens) {
        if is_high(key) {
            assert_eq!(cassandra::token(key).to_string(), text(token), "{key:?}");
            high += 1;
            // MurmurHash3 as published gives many of them another token.
            let (plain, _) = mur3::murmurhash3_x64_128(key, 0);
            differ += usize::from(plain as i64 != cassandra::token(key));
        }
    }
    assert!(high > 300 && differ > 300, "{high}, {differ}");
}

/// The bytes of a key whose slot the others share, and CRC-16 of them, bit by bit.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc: u16, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| {
            if crc & 0x8000 != 0 { (crc << 1) ^ 0x1021 } else { crc << 1 }
        })
    })
}

#[test]
fn redis_with_an_empty_tag() {
    for key in ["{}", "{}user", "a{}b", "{}{}", "a{}", "{{}}x"] {
        let hashed = if key == "{{}}x" { "{" } else { key };
        assert_eq!(redis::slot(key.as_bytes()), crc16(hashed.as_bytes()) % 16384, "{key}");
    }
    let recording = recording!("redis_cluster_slots");
    let expected = recording["expected"].as_array().unwrap();
    let mut found = 0;
    for (key, slot) in keys(&recording).iter().zip(expected) {
        let open = key.iter().position(|byte| *byte == b'{');
        if open.is_some_and(|open| key.get(open + 1) == Some(&b'}')) {
            assert_eq!(u64::from(crc16(key) % 16384), slot.as_u64().unwrap(), "{key:?}");
            assert_eq!(u64::from(redis::slot(key)), slot.as_u64().unwrap(), "{key:?}");
            found += 1;
        }
    }
    assert!(found > 0);
}

/// The empty tag ends the search: the tag behind it does not count.
#[test]
fn redis_with_a_tag_behind_an_empty_one() {
    for key in ["{}{tag}", "a{}b{tag}c", "{}{user1000}.following"] {
        assert_eq!(redis::slot(key.as_bytes()), crc16(key.as_bytes()) % 16384, "{key}");
    }
    assert_ne!(redis::slot(b"{}{tag}"), redis::slot(b"{tag}"));
}

fn mixed(word: u32) -> u32 {
    let mut a = u64::from(word);
    let wrap = |word: u64| word & 0xffff_ffff;
    a = wrap(a + 0x7ed5_5d16 + (a << 12));
    a = (a ^ 0xc761_c23c) ^ (a >> 19);
    a = wrap(a + 0x1656_67b1 + (a << 5));
    a = wrap((a + 0xd3a2_646c) ^ (a << 9));
    a = wrap(a + 0xfd70_46c5 + (a << 3));
    a = (a ^ 0xb55a_4f09) ^ (a >> 16);
    wrap(a * 3_221_225_473) as u32
}

/// The hash of a key by sdbm, djb2 or CRC-32, mixed or not, and the points of servers, from the text of
/// the specification.
fn on_circle(words: &str, key: &[u8]) -> u32 {
    let polynomial = |base: u32, factor: u32| {
        key.iter().fold(base, |h, b| h.wrapping_mul(factor).wrapping_add(u32::from(*b)))
    };
    let hash = if words.contains("djb2") {
        polynomial(5381, 33)
    } else if words.contains("crc32") {
        !key.iter().fold(!0, |crc: u32, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                if crc & 1 != 0 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 }
            })
        })
    } else {
        polynomial(0, 65_599)
    };
    let mixes = words.ends_with("avalanche") || words.ends_with("consistent");
    if mixes { mixed(hash) } else { hash }
}

fn points_of(servers: &[Value]) -> Vec<(u32, u64)> {
    let mut points: Vec<(u32, u64)> = Vec::new();
    for (place, server) in (0..).zip(servers) {
        let id = server["id"].as_u64().unwrap_or(place + 1) as u32;
        let count = 16 * server["weight"].as_u64().unwrap() as u32;
        points.extend((0..count).map(|j| (mixed(id.wrapping_mul(4096) + j), place)));
    }
    points.sort_unstable();
    points
}

/// A key exactly between two points belongs to the one before it. HAProxy was asked for two such keys.
#[test]
fn haproxy_with_ties() {
    let recording = recording!("haproxy_consistent");
    let mut ties = 0;
    for topology in topologies(&recording) {
        let words = text(&topology["hash_type"]);
        let hash_type: HashType = words.parse().unwrap();
        if !hash_type.consistent || words.contains("wt6") {
            continue;
        }
        let servers = topology["servers"].as_array().unwrap();
        let points = points_of(servers);
        let line = |server: &Value| {
            let id = server["id"].as_u64().map_or(String::new(), |id| format!(" id={id}"));
            format!("{} weight={}{id}", text(&server["name"]), server["weight"])
        };
        let lines: Vec<String> = servers.iter().map(line).collect();
        let ring = haproxy::consistent(lines.iter().map(String::as_str), hash_type).unwrap();
        for (key, expected) in keys(&recording).iter().zip(expected(topology)) {
            let hash = on_circle(&words, key);
            let next = points.partition_point(|(point, _)| *point < hash);
            let (after, other) = points[next % points.len()];
            let (before, place) = points[(next + points.len() - 1) % points.len()];
            let (back, on) = (hash.wrapping_sub(before), after.wrapping_sub(hash));
            let nearest = if back <= on { place } else { other };
            assert_eq!(expected, nearest, "{words}, {key:?}");
            assert_eq!(ring.locate(key.as_slice()).unwrap().index() as u64, nearest);
            ties += usize::from(back == on && place != other);
        }
    }
    assert_eq!(ties, 2);
}

/// Floating point gives each of 7, 14 or 28 equal servers 39 groups of points instead of 40.
#[test]
fn npm_hashring_with_7_14_and_28_servers() {
    let recording = recording!("npm_hashring_sizes");
    for topology in topologies(&recording) {
        let nodes = topology["nodes"].as_array().unwrap();
        let line = |node: &Value| format!("{} weight={}", text(&node["name"]), node["weight"]);
        let lines: Vec<String> = nodes.iter().map(line).collect();
        let hash_ring = topology["mode"] == "compat_hash_ring";
        let options = npm_hashring::Options { hash_ring, ..Default::default() };
        let ring = npm_hashring::ring(lines.iter().map(String::as_str), options).unwrap();
        agree(&recording, topology, |key| ring.locate(key).map(|node| node.index()));
        let points: u64 = (0..nodes.len() as u32)
            .map(|node| ring.placement().points_of(apportion::NodeIdx::new(node)))
            .sum();
        assert_eq!(points, topology["points"].as_u64().unwrap(), "{}", topology["name"]);
        if text(&topology["name"]).starts_with("equal") {
            let words = if options.hash_ring { 3 } else { 4 };
            assert_eq!(points, nodes.len() as u64 * 39 * words);
        }
    }
    assert_eq!(topologies(&recording).len(), 9);
}

/// By XXH64 of the address with the seed, as Python's `xxhash` computes it.
#[test]
fn grpc_random_subsets() {
    let endpoints: Vec<String> = (1..8).map(|i| format!("10.0.0.{i}:443")).collect();
    let subset =
        |size, seed| grpc::random_subset(endpoints.iter().map(String::as_str), size, seed).unwrap();
    for (seed, order) in [
        (0, [1, 4, 0, 6, 5, 3, 2]),
        (1, [0, 6, 2, 4, 5, 3, 1]),
        (42, [3, 4, 2, 0, 1, 6, 5]),
        (u64::MAX, [4, 1, 6, 3, 0, 2, 5]),
    ] {
        for size in 1..7 {
            assert_eq!(subset(size, seed), order[..size as usize], "seed {seed}");
        }
        // A list that is not longer than the subset stays as it is.
        for size in [7, 8, u32::MAX] {
            assert_eq!(subset(size, seed), [0, 1, 2, 3, 4, 5, 6]);
        }
    }
}

/// An endpoint that leaves is replaced by one other; the rest stay.
#[test]
fn grpc_random_subsets_change_by_one() {
    let endpoints: Vec<String> = (0..40).map(|i| format!("10.1.0.{i}:443")).collect();
    for seed in 0..200_u64 {
        let all = |without: usize| {
            let kept = endpoints.iter().enumerate().filter(|(at, _)| *at != without);
            kept.map(|(_, endpoint)| endpoint.as_str()).collect::<Vec<&str>>()
        };
        let names = |list: &[&str]| -> Vec<String> {
            let subset = grpc::random_subset(list.iter().copied(), 5, seed).unwrap();
            subset.into_iter().map(|place| list[place].to_owned()).collect()
        };
        let before = names(&all(usize::MAX));
        let gone = endpoints.iter().position(|endpoint| *endpoint == before[2]).unwrap();
        let after = names(&all(gone));
        let stay = before.iter().filter(|name| after.contains(name)).count();
        assert_eq!(stay, 4, "seed {seed}");
    }
}
