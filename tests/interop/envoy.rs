//! Envoy and gRPC.

use crate::recorded::{expected, keys, recording, text, topologies};
use apportion::interop::envoy::{self, Hash, RingOptions};
use apportion::{KeyHash, Placement};
use serde_json::Value;

/// Hosts in their order, with the weights of their localities.
fn hosts(test: &Value) -> Vec<String> {
    let hosts = test["hosts"].as_array().unwrap();
    let localities = test["localities"].as_array();
    let line = |(i, host): (usize, &Value)| {
        let locality = localities.and_then(|localities| {
            let inside = |locality: &&Value| {
                let hosts = locality["hosts"].as_array().unwrap();
                hosts.iter().any(|host| host.as_u64() == Some(i as u64))
            };
            localities.iter().enumerate().find(|(_, locality)| inside(locality))
        });
        let locality = locality.map_or(String::new(), |(number, locality)| {
            format!(" locality=l{number} locality-weight={}", locality["weight"])
        });
        format!("{} weight={}{locality}", text(&host["hash_key"]), host["weight"])
    };
    hosts.iter().enumerate().map(line).collect()
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| text(value).parse().unwrap())
}

#[test]
fn ring_hash_as_in_envoys_tests() {
    let recording = recording!("envoy_ring_hash_unit_tests");
    let mut count = 0;
    for test in recording["tests"].as_array().unwrap() {
        let lines = hosts(test);
        let options = RingOptions {
            min_size: number(&test["minimum_ring_size"]),
            max_size: number(&test["maximum_ring_size"]),
            hash: if test["hash_function"] == "xxhash64" { Hash::Xx } else { Hash::Murmur2 },
        };
        let ring = envoy::ring_hash(lines.iter().map(String::as_str), options).unwrap();
        let name = &test["test"];
        let points: Vec<u64> = (0..ring.placement().slots() as u32)
            .map(|i| ring.placement().points_of(apportion::NodeIdx::new(i)))
            .collect();
        if let Some(size) = test["ring_size"].as_u64() {
            assert_eq!(points.iter().sum::<u64>(), size, "{name}");
        }
        let live = points.iter().zip(&lines).filter(|(_, line)| !line.ends_with("weight=0"));
        let live: Vec<u64> = live.map(|(points, _)| *points).collect();
        for (field, found) in
            [("min_hashes_per_host", live.iter().min()), ("max_hashes_per_host", live.iter().max())]
        {
            if let Some(wanted) = test[field].as_u64() {
                assert_eq!(found, Some(&wanted), "{name}, {field}");
            }
        }
        let owner = |hash: u64| ring.placement().locate(KeyHash::from_hash(hash)).unwrap().get();
        for lookup in test["lookups"].as_array().unwrap() {
            assert_eq!(u64::from(owner(number(&lookup[0]))), number(&lookup[1]), "{name}");
            count += 1;
        }
        for retry in test["retry_lookups"].as_array().unwrap() {
            let hash = KeyHash::from_hash(number(&retry[0]));
            let host = envoy::retry(&ring, hash, number(&retry[1]) as u32).unwrap().get();
            assert_eq!(u64::from(host), number(&retry[2]), "{name}");
            count += 1;
        }
        if let Some(points) = test["ring_points"].as_array() {
            for point in points {
                assert_eq!(u64::from(owner(number(&point[0]))), number(&point[1]), "{name}");
                count += 1;
            }
        }
        if let Some(samples) = test["histogram"]["samples"].as_u64() {
            let mut counts = vec![0_u64; points.len()];
            (0..samples).for_each(|i| counts[owner(i * (u64::MAX / samples)) as usize] += 1);
            let wanted: Vec<u64> =
                test["histogram"]["counts"].as_array().unwrap().iter().map(number).collect();
            assert_eq!(counts, wanted, "{name}");
            count += 1;
        }
    }
    assert!(count > 60, "{count}");
}

#[test]
fn maglev_as_in_envoys_tests() {
    let recording = recording!("envoy_maglev_unit_tests");
    for test in recording["tests"].as_array().unwrap() {
        let (lines, entries) = (hosts(test), number(&test["table_size"]) as u32);
        let table = envoy::maglev(lines.iter().map(String::as_str), entries).unwrap();
        let owner = |hash, attempt| {
            let key = envoy::maglev_key(hash, attempt, entries);
            u64::from(table.placement().locate(key).unwrap().get())
        };
        for (entry, host) in (0..).zip(test["table"].as_array().unwrap()) {
            assert_eq!(owner(entry, 0), number(host), "{}, entry {entry}", test["test"]);
        }
        for retry in test["retry_lookups"].as_array().unwrap() {
            let found = owner(number(&retry[0]), number(&retry[1]) as u32);
            assert_eq!(found, number(&retry[2]), "{}", test["test"]);
        }
    }
}

#[test]
fn grpc_as_recorded() {
    let recording = recording!("grpc_ring_hash");
    let keys = keys(&recording);
    for topology in topologies(&recording) {
        let names = topology["hash_keys"].as_array().unwrap();
        let weights = topology["weights"].as_array().unwrap();
        let line = |(name, weight): (&Value, &Value)| format!("{} weight={weight}", text(name));
        let lines: Vec<String> = names.iter().zip(weights).map(line).collect();
        let options = RingOptions {
            min_size: number(&topology["min_ring_size"]),
            max_size: number(&topology["max_ring_size"]),
            hash: Hash::Xx,
        };
        let ring = envoy::grpc_ring_hash(lines.iter().map(String::as_str), options).unwrap();
        assert_eq!(ring.placement().points() as u64, number(&topology["ring_entries"]));
        for (key, expected) in keys.iter().zip(expected(topology)) {
            let found = ring.locate(key.as_slice()).unwrap().get();
            assert_eq!(u64::from(found), expected, "{}", topology["name"]);
        }
    }
}

#[test]
fn wrong_sizes_are_refused() {
    let sizes = RingOptions { min_size: 0, ..RingOptions::default() };
    let error = envoy::ring_hash(["a:1"], sizes).unwrap_err().to_string();
    assert!(error.starts_with("envoy: expected a size in 1..=8388608"), "{error}");
    let error = envoy::maglev(["a:1"], 10).unwrap_err().to_string();
    assert!(error.contains("a prime number of entries"), "{error}");
}
