//! Stores, logs and tables: Redis, Kafka, Cassandra, Swift, Iceberg and Guava.

use super::super::file;
use super::{
    Options, args, check, flag, hex, joined, keys, list, nodes, raw, recording, text, texts,
};
use serde_json::Value;

/// A preset without nodes, over keys in hexadecimal.
fn hexadecimal(preset: &str, options: &[(&str, String)]) -> Vec<String> {
    args(preset, &[], &[options, &[flag("hex")]].concat())
}

#[test]
fn redis_and_kafka() {
    let redis = recording("redis_cluster_slots");
    check(&hexadecimal("redis-cluster", &[]), &keys(&redis), &texts(&redis["expected"]));
    let kafka = recording("kafka_partitioners");
    let keys = keys(&kafka);
    check(&hexadecimal("kafka-murmur2-hash", &[]), &keys, &texts(&kafka["murmur2_u32"]));
    for result in list(&kafka["results"]) {
        let preset = format!("kafka-{}", text(&result["partitioner"]));
        let partitions = [("partitions", text(&result["partitions"]))];
        check(&hexadecimal(&preset, &partitions), &keys, &texts(&result["expected"]));
    }
}

#[test]
fn cassandra() {
    let tokens = recording("cassandra_tokens");
    check(&hexadecimal("cassandra-token", &[]), &keys(&tokens), &texts(&tokens["murmur3"]));
    check(
        &hexadecimal("cassandra-random-token", &[]),
        &keys(&tokens),
        &texts(&tokens["random_md5"]),
    );
    let composite = list(&tokens["composite"]).iter();
    let (routing, token): (Vec<String>, Vec<String>) =
        composite.map(|row| (text(&row["routing_key_hex"]), text(&row["token"]))).unzip();
    check(&hexadecimal("cassandra-token", &[]), &routing, &token);
    let recorded = recording("cassandra_replicas");
    let derived = recording("cassandra_replicas_server_order_derived");
    let keys = keys(&recorded);
    for topology in list(&recorded["topologies"]) {
        let line = |host: &Value| {
            let own = list(&topology["ring"]).iter().filter(|point| point["host"] == host["name"]);
            let tokens: Vec<String> = own.map(|point| text(&point["token"])).collect();
            let [name, dc, rack] = ["name", "dc", "rack"].map(|field| text(&host[field]));
            format!("{name} dc={dc} rack={rack} tokens={}", tokens.join(","))
        };
        let hosts = nodes(topology, "hosts", line);
        let replication = topology["replication"].as_object().expect("replication");
        let made = |order: &str, form: &'static str| {
            if replication["class"] == "SimpleStrategy" {
                let replicas = ("replicas", text(&replication["replication_factor"]));
                return args("cassandra-simple", &hosts, &[replicas, flag(form)]);
            }
            let factors = replication.iter().filter(|(name, _)| *name != "class");
            let factors: Vec<String> =
                factors.map(|(dc, factor)| format!("{dc}={}", text(factor))).collect();
            let options =
                [("replication", factors.join(",")), ("order", order.to_owned()), flag(form)];
            args("cassandra-network", &hosts, &options)
        };
        check(&made("python-driver", "hex"), &keys, &joined(&topology["expected"]));
        let probes: Vec<String> = list(&topology["probe_tokens"]).iter().map(raw).collect();
        check(&made("python-driver", "raw"), &probes, &joined(&topology["probe_expected"]));
        let same = list(&derived["topologies"]).iter();
        for other in same.filter(|other| other["name"] == topology["name"]) {
            check(&made("server", "hex"), &keys, &joined(&other["expected"]));
        }
    }
}

#[test]
fn swift() {
    let recording = recording("swift_ring");
    let path = |path: &Value| {
        let parts: Vec<&str> = list(path).iter().filter_map(Value::as_str).collect();
        hex(parts.join("/").as_bytes())
    };
    let paths: Vec<String> = list(&recording["paths"]).iter().map(path).collect();
    let made = |row: &Value, devices: Option<&String>| {
        let mut options: Options = vec![("part-power", text(&row["part_power"])), flag("hex")];
        for (option, field) in
            [("prefix-hex", "hash_path_prefix_hex"), ("suffix-hex", "hash_path_suffix_hex")]
        {
            let value = text(&row[field]);
            options.extend((!value.is_empty()).then_some((option, value)));
        }
        options.extend(devices.map(|devices| ("devices", devices.clone())));
        args("swift", &[], &options)
    };
    let mut devices = std::collections::BTreeMap::new();
    for row in list(&recording["rings"]) {
        let name = text(&row["name"]);
        if let Some(rows) = row["replica2part2dev"].as_array() {
            let rows: String = rows.iter().map(|row| texts(row).join(" ") + "\n").collect();
            devices.insert(name.clone(), file(&format!("swift-{name}.txt"), &rows));
        }
        let column = |i: usize| list(&row["expected"]).iter().map(move |row| row[i].clone());
        let partitions: Vec<String> = column(0).map(|partition| text(&partition)).collect();
        check(&made(row, None), &paths, &partitions);
        // The rows of one ring were not recorded.
        if let Some(devices) = devices.get(&name) {
            let primaries: Vec<Value> = column(1).collect();
            check(&made(row, Some(devices)), &paths, &joined(&Value::from(primaries)));
        }
    }
    for row in list(&recording["partitions_only"]) {
        check(&made(row, None), &paths, &texts(&row["expected_part"]));
    }
}

#[test]
fn iceberg() {
    for result in list(&recording("iceberg_bucket")["results"]) {
        let kind = text(&result["type"]);
        let kind = if kind.starts_with("decimal") { "decimal" } else { &*kind };
        let values = texts(&result["values"]).into_iter();
        let values: Vec<String> = match kind {
            "binary" => values.collect(),
            _ => values.map(|value| hex(value.as_bytes())).collect(),
        };
        let options =
            [("type", kind.to_owned()), ("buckets", text(&result["buckets"])), flag("hex")];
        check(&args("iceberg", &[], &options), &values, &texts(&result["expected"]));
    }
}

#[test]
fn guava() {
    let recording = recording("guava_consistent_hash");
    let inputs: Vec<String> = list(&recording["inputs_i64"]).iter().map(raw).collect();
    for result in list(&recording["results"]) {
        let options = [("buckets", text(&result["buckets"])), flag("raw")];
        check(&args("guava", &[], &options), &inputs, &texts(&result["expected"]));
    }
    for result in list(&recording["hashcode_results"]) {
        let hash = text(&result["hash"]);
        if hash == "sha256" {
            // The digest would be the key, and nothing here computes it.
            continue;
        }
        let options = [("buckets", text(&result["buckets"])), ("hash", hash), flag("hex")];
        check(&args("guava", &[], &options), &keys(&recording), &texts(&result["expected"]));
    }
}
