//! Systems in which a key has a number: slots, tokens, partitions, buckets.

use crate::recorded::{bytes, keys, recording, text, topologies};
use apportion::interop::cassandra::{self, Cluster, Order};
use apportion::interop::kafka::{self, Partitioner};
use apportion::interop::{guava, iceberg, redis, swift};
use serde_json::Value;

fn numbers(value: &Value) -> Vec<u64> {
    value.as_array().unwrap().iter().map(|number| number.as_u64().unwrap()).collect()
}

#[test]
fn redis_slots_as_recorded() {
    let recording = recording!("redis_cluster_slots");
    let (keys, expected) = (keys(&recording), numbers(&recording["expected"]));
    assert_eq!(keys.len(), expected.len());
    for (key, slot) in keys.iter().zip(expected) {
        assert_eq!(u64::from(redis::slot(key)), slot, "{key:?}");
    }
    // An empty tag ends the search: the whole key is hashed.
    assert_eq!(redis::tag(b"{}{tag}"), b"{}{tag}");
    assert_eq!(redis::tag(b"a{b}{c}"), b"b");
}

#[test]
fn redis_clusters_own_slots() {
    let cluster = redis::cluster(["a 0-5460", "b 5461-10922", "c 10923-16383"]).unwrap();
    for key in (0..10_000_u32).map(|i| i.to_le_bytes()) {
        let owner = match redis::slot(&key) {
            0..=5460 => "a",
            5461..=10922 => "b",
            _ => "c",
        };
        assert_eq!(cluster.get(&key).map(String::as_str), Some(owner));
    }
    let refused = |lines: &[&str]| redis::cluster(lines.iter().copied()).unwrap_err().to_string();
    assert!(refused(&["a 0-5", "b 5-9"]).contains("slots that no other node has"));
    assert!(refused(&["a 0-16384"]).contains("slots in 0..=16383"));
    assert!(refused(&["a 1-16383"]).contains("slot 0 has none"));
    assert!(refused(&["a x"]).contains("got \"x\""));
}

#[test]
fn kafka_as_recorded() {
    let recording = recording!("kafka_partitioners");
    let keys = keys(&recording);
    for (key, hash) in keys.iter().zip(numbers(&recording["murmur2_u32"])) {
        assert_eq!(u64::from(kafka::murmur2(key)), hash);
    }
    for result in recording["results"].as_array().unwrap() {
        let partitioner = match result["partitioner"].as_str().unwrap() {
            "consistent" => Partitioner::Consistent,
            "murmur2" => Partitioner::Murmur2,
            "fnv1a" => Partitioner::Fnv1a,
            other => panic!("{other}"),
        };
        let partitions = result["partitions"].as_u64().unwrap() as u32;
        for (key, expected) in keys.iter().zip(numbers(&result["expected"])) {
            let found = partitioner.partition(Some(key), partitions);
            assert_eq!(found.map(u64::from), Some(expected), "{partitioner:?}, {key:?}");
        }
    }
}

/// Which keys go to any partition differs between partitioners.
#[test]
fn kafka_keys_that_are_empty_or_missing() {
    assert_eq!(kafka::murmur2(b""), 275_646_681);
    for (partitioner, empty, missing) in [
        (Partitioner::Consistent, true, true),
        (Partitioner::ConsistentRandom, false, false),
        (Partitioner::Murmur2, true, true),
        (Partitioner::Murmur2Random, true, false),
        (Partitioner::Fnv1a, true, true),
        (Partitioner::Fnv1aRandom, true, false),
    ] {
        assert_eq!(partitioner.partition(Some(b""), 7).is_some(), empty, "{partitioner:?}");
        assert_eq!(partitioner.partition(None, 7).is_some(), missing, "{partitioner:?}");
        assert_eq!(partitioner.partition(Some(b"a"), 0), None);
    }
}

#[test]
fn cassandra_tokens_as_recorded() {
    let recording = recording!("cassandra_tokens");
    let keys = keys(&recording);
    assert!(keys.iter().any(|key| key.iter().any(|byte| *byte >= 0x80)));
    let (murmur3, md5) = (&recording["murmur3"], &recording["random_md5"]);
    for (i, key) in keys.iter().enumerate() {
        assert_eq!(cassandra::token(key).to_string(), text(&murmur3[i]), "{key:?}");
        assert_eq!(cassandra::random_token(key).to_string(), text(&md5[i]), "{key:?}");
    }
    for row in recording["composite"].as_array().unwrap() {
        let parts: Vec<Vec<u8>> =
            row["parts_hex"].as_array().unwrap().iter().map(|part| bytes(&text(part))).collect();
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        let key = cassandra::composite(&parts);
        assert_eq!(key, bytes(&text(&row["routing_key_hex"])));
        assert_eq!(cassandra::token(&key).to_string(), text(&row["token"]));
    }
    assert_eq!(cassandra::token(b""), 0);
}

fn cluster(topology: &Value) -> Cluster {
    let line = |host: &Value| {
        let ring = topology["ring"].as_array().unwrap().iter();
        let own = ring.filter(|point| point["host"] == host["name"]);
        let tokens: Vec<String> = own.map(|point| text(&point["token"])).collect();
        let [name, dc, rack] = ["name", "dc", "rack"].map(|field| text(&host[field]));
        format!("{name} dc={dc} rack={rack} tokens={}", tokens.join(","))
    };
    let lines: Vec<String> = topology["hosts"].as_array().unwrap().iter().map(line).collect();
    Cluster::new(lines.iter().map(String::as_str)).unwrap()
}

fn replicas(topology: &Value, cluster: &Cluster, token: i64, order: Order) -> Vec<String> {
    let replication = topology["replication"].as_object().unwrap();
    let places = if replication["class"] == "SimpleStrategy" {
        cluster.simple(token, text(&replication["replication_factor"]).parse().unwrap())
    } else {
        let factors = replication.iter().filter(|(name, _)| *name != "class");
        let factors: Vec<(&str, usize)> =
            factors.map(|(name, factor)| (name.as_str(), text(factor).parse().unwrap())).collect();
        cluster.network(token, &factors, order)
    };
    let host = |place: &usize| text(&topology["hosts"][*place]["name"]);
    places.iter().map(host).collect()
}

fn names(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(text).collect()
}

/// The Python driver has a, c, b, b here: it puts b aside twice, once for each token, until a replica is
/// in the other rack, and then takes it twice.
#[test]
fn cassandra_replicas_are_distinct_where_the_driver_repeats_one() {
    let cluster = Cluster::new([
        "a dc=dc1 rack=r1 tokens=-10",
        "b dc=dc1 rack=r1 tokens=0,10",
        "c dc=dc1 rack=r2 tokens=20",
        "d dc=dc1 rack=r1 tokens=30",
    ]);
    let cluster = cluster.unwrap();
    assert_eq!(cluster.network(-10, &[("dc1", 4)], Order::PythonDriver), [0, 2, 1, 3]);
    assert_eq!(cluster.network(-10, &[("dc1", 4)], Order::Server), [0, 1, 2, 3]);
}

#[test]
fn cassandra_replicas_as_recorded() {
    let recording = recording!("cassandra_replicas");
    let derived = recording!("cassandra_replicas_server_order_derived");
    let keys = keys(&recording);
    let mut in_server_order = 0;
    for topology in topologies(&recording) {
        let cluster = cluster(topology);
        for (key, expected) in keys.iter().zip(topology["expected"].as_array().unwrap()) {
            let token = cassandra::token(key);
            let found = replicas(topology, &cluster, token, Order::PythonDriver);
            assert_eq!(found, names(expected), "{}, {key:?}", topology["name"]);
            if topology["replication"]["class"] == "SimpleStrategy" {
                // The ring itself gives the same replicas.
                let on_ring = cluster.ring().replicas_vec(key.as_slice(), found.len());
                assert!(on_ring.into_iter().eq(&found));
            }
        }
        let probes = names(&topology["probe_tokens"]);
        for (token, expected) in probes.iter().zip(topology["probe_expected"].as_array().unwrap()) {
            let token = token.parse().unwrap();
            let found = replicas(topology, &cluster, token, Order::PythonDriver);
            assert_eq!(found, names(expected), "{}, token {token}", topology["name"]);
        }
        let same = derived["topologies"].as_array().unwrap().iter();
        for other in same.filter(|other| other["name"] == topology["name"]) {
            for (key, expected) in keys.iter().zip(other["expected"].as_array().unwrap()) {
                let token = cassandra::token(key);
                let found = replicas(topology, &cluster, token, Order::Server);
                assert_eq!(found, names(expected), "{}, {key:?}", topology["name"]);
                in_server_order += 1;
            }
        }
    }
    assert_eq!(in_server_order, 5 * 140);
}

#[test]
fn cassandra_hosts_are_read() {
    let refused = |line: &str| Cluster::new([line]).unwrap_err().to_string();
    assert_eq!(refused("a tokens=x"), "cassandra: expected a token in \"a\", got \"x\"");
    assert_eq!(refused("a"), "cassandra: expected a token in \"a\", got nothing");
    let twice = Cluster::new(["a tokens=1", "b tokens=1"]).unwrap_err().to_string();
    assert!(twice.contains("a token that no other host has"), "{twice}");
}

#[test]
fn guava_as_recorded() {
    let recording = recording!("guava_consistent_hash");
    let inputs = names(&recording["inputs_i64"]);
    for result in recording["results"].as_array().unwrap() {
        let buckets = result["buckets"].as_u64().unwrap() as u32;
        for (input, expected) in inputs.iter().zip(numbers(&result["expected"])) {
            let found = guava::consistent_hash(input.parse().unwrap(), buckets);
            assert_eq!(u64::from(found), expected, "{input}, {buckets}");
        }
    }
    // Hash codes: of four bytes, and of more than eight.
    let keys = keys(&recording);
    for result in recording["hashcode_results"].as_array().unwrap() {
        let buckets = result["buckets"].as_u64().unwrap() as u32;
        for (key, expected) in keys.iter().zip(numbers(&result["expected"])) {
            let code = match result["hash"].as_str().unwrap() {
                "murmur3_32_fixed" => mur3::murmurhash3_x86_32(key, 0).to_le_bytes().to_vec(),
                "murmur3_128" => {
                    let (first, second) = mur3::murmurhash3_x64_128(key, 0);
                    [first.to_le_bytes(), second.to_le_bytes()].concat()
                }
                _ => continue,
            };
            let found = guava::consistent_hash_code(&code, buckets);
            assert_eq!(u64::from(found), expected, "{key:?}");
        }
    }
}

#[test]
fn swift_as_recorded() {
    let recording = recording!("swift_ring");
    let paths = recording["paths"].as_array().unwrap();
    let ring = |row: &Value| {
        let power = row["part_power"].as_u64().unwrap() as u32;
        let [prefix, suffix] =
            ["hash_path_prefix_hex", "hash_path_suffix_hex"].map(|field| bytes(&text(&row[field])));
        swift::SwiftRing::new(power, &prefix, &suffix).unwrap()
    };
    let partition = |ring: &swift::SwiftRing, path: &Value| {
        ring.partition(path[0].as_str().unwrap(), path[1].as_str(), path[2].as_str())
    };
    let mut rows: std::collections::BTreeMap<String, Vec<Vec<u32>>> = Default::default();
    for row in recording["rings"].as_array().unwrap() {
        if let Some(devices) = row["replica2part2dev"].as_array() {
            let line = |row: &Value| numbers(row).into_iter().map(|device| device as u32).collect();
            rows.insert(text(&row["name"]), devices.iter().map(line).collect());
        }
        let devices = rows.get(&text(&row["name"])).cloned();
        let ring = ring(row).with_devices(devices.clone().unwrap_or_default());
        for (path, expected) in paths.iter().zip(row["expected"].as_array().unwrap()) {
            let partition = partition(&ring, path);
            assert_eq!(Some(u64::from(partition)), expected[0].as_u64(), "{path}");
            if devices.is_none() {
                // The rows of this ring were not recorded.
                continue;
            }
            let primaries: Vec<u64> =
                ring.primaries(partition).into_iter().map(u64::from).collect();
            assert_eq!(primaries, numbers(&expected[1]), "{path}");
        }
    }
    for row in recording["partitions_only"].as_array().unwrap() {
        let ring = ring(row);
        for (path, expected) in paths.iter().zip(numbers(&row["expected_part"])) {
            assert_eq!(u64::from(partition(&ring, path)), expected, "{path}");
        }
    }
    assert!(swift::SwiftRing::new(33, b"", b"").is_err());
}

#[test]
fn iceberg_as_recorded() {
    let recording = recording!("iceberg_bucket");
    for result in recording["results"].as_array().unwrap() {
        let buckets = result["buckets"].as_u64().unwrap() as u32;
        let values = result["values"].as_array().unwrap();
        for (value, expected) in values.iter().zip(numbers(&result["expected"])) {
            let value = text(value);
            let found = match result["type"].as_str().unwrap() {
                "string" => iceberg::bucket(value.as_bytes(), buckets),
                "binary" => iceberg::bucket(&bytes(&value), buckets),
                "uuid" => iceberg::bucket(&bytes(&value.replace('-', "")), buckets),
                "decimal(14, 2)" => {
                    iceberg::bucket_of_decimal(value.replace('.', "").parse().unwrap(), buckets)
                }
                _ => iceberg::bucket_of_integer(value.parse().unwrap(), buckets),
            };
            assert_eq!(u64::from(found), expected, "{} {value}", result["type"]);
        }
    }
    assert_eq!(iceberg::bucket(b"a", 0), 0);
}
