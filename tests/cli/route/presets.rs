//! `--preset`: every recorded answer of another system, through the program, by the options that
//! `tests/vectors/interop/README.md` states.
#![cfg(feature = "interop")]

use super::{file, run};
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
fn nginx() {
    let line = |server: &Value| {
        let down = if server["down"] == true { " down" } else { "" };
        format!("{} weight={}{down}", text(&server["server"]), server["weight"])
    };
    let made = |topology: &Value| nodes(topology, "servers", line);
    let consistent = topologies("nginx_hash_consistent", |t| ("nginx", made(t), vec![]));
    let modulo = topologies("nginx_hash_modulo", |t| ("nginx-modulo", made(t), vec![]));
    assert_eq!((consistent, modulo), (11 * 234, 11 * 234));
}

#[test]
fn libmemcached() {
    let made = |topology: &Value| {
        let mode = text(&topology["mode"]);
        let hash = if mode.ends_with("md5") { "md5" } else { "default" };
        let preset = match mode.as_str() {
            "ketama_weighted" => "libmemcached-weighted",
            "ketama" | "ketama_md5" => "libmemcached-ketama",
            "dist_spy" | "dist_spy_md5" => "libmemcached-spy",
            "modula" => "libmemcached-modula",
            other => panic!("{other}"),
        };
        let weighted = preset == "libmemcached-weighted";
        let options = if weighted { vec![] } else { vec![("hash", hash.to_owned())] };
        (preset, nodes(topology, "nodes", host_port), options)
    };
    let files = ["ketama_weighted", "ketama_unweighted", "ketama_autoflip", "ketama_spy", "modula"];
    let count: usize =
        files.iter().map(|file| topologies(&format!("libmemcached_{file}"), made)).sum();
    assert_eq!(count, (12 + 12 + 5 + 6 + 3) * 218);
}

#[test]
fn libmemcached_hashes() {
    let count = topologies("libmemcached_hashes", |topology| {
        let (mode, hash) = (text(&topology["mode"]), ("hash", text(&topology["hash"])));
        let (preset, options) = match mode.as_str() {
            "ketama" => ("libmemcached-ketama", vec![hash]),
            "dist_spy" => ("libmemcached-spy", vec![hash]),
            "modula" => ("libmemcached-modula", vec![hash]),
            "ketama_weighted" => ("libmemcached-weighted", vec![]),
            other => panic!("{other}"),
        };
        (preset, nodes(topology, "nodes", host_port), options)
    });
    assert_eq!(count, 58 * 2_000);
}

/// The recordings of corners.
#[test]
fn sockets_orders_and_sizes() {
    let count = topologies("nginx_unix_sockets", |topology| {
        let line = |server: &Value| {
            let down = if server["down"] == true { " down" } else { "" };
            format!("{} weight={}{down}", text(&server["server"]), server["weight"])
        };
        ("nginx", nodes(topology, "servers", line), vec![])
    });
    assert_eq!(count, 3 * 500);
    let count = topologies("twemproxy_order", |topology| {
        let options = ["distribution", "hash"].map(|field| (field, text(&topology[field])));
        ("twemproxy", nodes(topology, "servers", text), options.into())
    });
    assert_eq!(count, 6 * 500);
    let count = topologies("npm_hashring_sizes", |topology| {
        let ring = ("compatibility", "hash_ring".to_owned());
        let options = if topology["mode"] == "compat_hash_ring" { vec![ring] } else { vec![] };
        ("npm-hashring", nodes(topology, "nodes", named), options)
    });
    assert_eq!(count, 9 * 500);
}

#[test]
fn random_subsets_of_grpc() {
    let addresses: Vec<String> = (1..8).map(|i| format!("10.0.0.{i}:443")).collect();
    let options = [("subset-size", "3".to_owned()), flag("index")];
    let args = args("grpc-random-subset", &addresses, &options);
    let seeds = ["0", "1", "42", "18446744073709551615"].map(str::to_owned);
    let expected = ["1,4,0", "0,6,2", "3,4,2", "4,1,6"].map(str::to_owned);
    assert_eq!(check(&args, &seeds, &expected), 4);
}

#[test]
fn clients_of_memcached() {
    let count = topologies("libketama_rj", |topology| {
        let line = |node: &Value| format!("{} {}", text(&node["addr"]), node["memory"]);
        ("libketama", nodes(topology, "nodes", line), vec![])
    });
    assert_eq!(count, 9 * 253);
    let count = topologies("twemproxy_ketama", |topology| {
        let line = |server: &Value| {
            let name = server["name"].as_str().map_or(String::new(), |name| format!(" {name}"));
            format!("{}:{}:{}{name}", text(&server["addr"]), server["port"], server["weight"])
        };
        let mut options: Options = vec![
            ("distribution", text(&topology["distribution"])),
            ("hash", text(&topology["hash"])),
        ];
        options.extend(topology["hash_tag"].as_str().map(|tag| ("hash-tag", tag.to_owned())));
        ("twemproxy", nodes(topology, "servers", line), options)
    });
    assert_eq!(count, 12 * 169);
    let count = topologies("spymemcached_ketama", |topology| {
        let line = |node: &Value| {
            let (host, port) = (text(&node["host"]), &node["port"]);
            let point = text(&node["point_key_0"]);
            // In the format of libmemcached, the name that Java found stands in the first point.
            let name = point.trim_end_matches("-0").split(':').next().unwrap_or("").to_owned();
            let address = match host.split_once('@') {
                Some((name, ip)) => format!("{name}/{ip}:{port}"),
                None if topology["format"] == "LIBMEMCACHED" && name != host => {
                    format!("{name}/{host}:{port}")
                }
                None => format!("{host}:{port}"),
            };
            format!("{address} weight={}", node["weight"])
        };
        let options = ["format", "hash", "weighted"].map(|field| (field, text(&topology[field])));
        ("spymemcached", nodes(topology, "nodes", line), options.into())
    });
    assert_eq!(count, 21 * 188);
    let count = topologies("uhashring", |topology| {
        let mode = if topology["mode"] == "ketama" { "ketama" } else { "default" };
        ("uhashring", nodes(topology, "nodes", named), vec![("mode", mode.to_owned())])
    });
    assert_eq!(count, 12 * 228);
    let count = topologies("npm_hashring", |topology| {
        let options: Options = match text(&topology["mode"]).as_str() {
            "default" => vec![],
            "default_port_11211" => vec![("default-port", "11211".to_owned())],
            "compat_hash_ring" => vec![("compatibility", "hash_ring".to_owned())],
            other => panic!("{other}"),
        };
        ("npm-hashring", nodes(topology, "nodes", named), options)
    });
    assert_eq!(count, 21 * 188);
    let count = topologies("dalli_ring", |t| ("dalli", nodes(t, "nodes", named), vec![]));
    assert_eq!(count, 9 * 218);
    let count = topologies("pymemcache_rendezvous", |topology| {
        ("pymemcache", texts(&topology["nodes"]), vec![("seed", text(&topology["seed"]))])
    });
    assert_eq!(count, 8 * 228);
}

#[test]
fn haproxy() {
    let made = |topology: &Value| {
        let words = text(&topology["hash_type"]);
        let (hash_type, key) = words.split_once("; hash-key ").unwrap_or((&words, ""));
        let hash_type = hash_type.strip_prefix("hash-type ").unwrap_or(hash_type);
        let line = |server: &Value| {
            let id = server["id"].as_u64().map_or(String::new(), |id| format!(" id={id}"));
            let addr = text(&server["addr"]);
            let addr = if addr.contains(':') { format!("[{addr}]") } else { addr };
            let key = match key {
                "" => String::new(),
                key => format!(" addr={addr}:{} hash-key={key}", server["port"]),
            };
            format!("{} weight={}{id}{key}", text(&server["name"]), server["weight"])
        };
        let options = vec![("hash-type", hash_type.to_owned())];
        ("haproxy", nodes(topology, "servers", line), options)
    };
    assert_eq!(topologies("haproxy_consistent", made), 32 * 124);
    assert_eq!(topologies("haproxy_hash_key_dev", made), 24 * 124);
}

#[test]
fn rings_of_go_and_grpc() {
    let weighted = |topology: &Value, field: &str| -> Vec<String> {
        let nodes = list(&topology[field]).iter().zip(list(&topology["weights"]));
        nodes.map(|(node, weight)| format!("{} weight={weight}", text(node))).collect()
    };
    let count = topologies("groupcache_consistenthash", |topology| {
        ("groupcache", texts(&topology["nodes"]), vec![("points", text(&topology["replicas"]))])
    });
    assert_eq!(count, 16 * 234);
    let count = topologies("serialx_hashring", |topology| {
        let hash = if topology["mode"] == "sha1_first16" { "sha1" } else { "md5" };
        ("serialx", weighted(topology, "nodes"), vec![("hash", hash.to_owned())])
    });
    assert_eq!(count, 2 * 11 * 234);
    let count = topologies("stathat_consistent", |topology| {
        let options =
            vec![("points", text(&topology["replicas"])), ("hash", text(&topology["mode"]))];
        ("stathat", texts(&topology["nodes"]), options)
    });
    assert_eq!(count, 2 * 11 * 234);
    let count = topologies("grpc_ring_hash", |topology| {
        let sizes = vec![
            ("min-size", text(&topology["min_ring_size"])),
            ("max-size", text(&topology["max_ring_size"])),
        ];
        ("grpc-ring-hash", weighted(topology, "hash_keys"), sizes)
    });
    assert_eq!(count, 18 * 218);
}

/// Hosts of Envoy's tests.
fn hosts(test: &Value) -> Vec<String> {
    let line = |(i, host): (usize, &Value)| {
        let inside = |locality: &&Value| list(&locality["hosts"]).iter().any(|own| *own == i);
        let mut localities = list(&test["localities"]).iter().enumerate();
        let locality = localities.find(|(_, locality)| inside(locality));
        let locality = locality.map_or(String::new(), |(number, locality)| {
            format!(" locality=l{number} locality-weight={}", locality["weight"])
        });
        format!("{} weight={}{locality}", text(&host["hash_key"]), host["weight"])
    };
    list(&test["hosts"]).iter().enumerate().map(line).collect()
}

#[test]
fn envoy() {
    let mut count = 0;
    for (name, preset) in [
        ("envoy_ring_hash_unit_tests", "envoy-ring-hash"),
        ("envoy_maglev_unit_tests", "envoy-maglev"),
    ] {
        for test in list(&recording(name)["tests"]) {
            let fields = [
                ("hash", "hash_function"),
                ("min-size", "minimum_ring_size"),
                ("max-size", "maximum_ring_size"),
                ("table-size", "table_size"),
            ];
            let given = fields.into_iter().filter(|(_, field)| !test[*field].is_null());
            let mut options: Options =
                given.map(|(option, field)| (option, text(&test[field]))).collect();
            options.extend([flag("raw"), flag("index")]);
            let args = |attempt: &Value| {
                let attempt = ("attempt", text(attempt));
                args(preset, &hosts(test), &[&options[..], &[attempt]].concat())
            };
            let lookups: Vec<&Value> =
                list(&test["lookups"]).iter().chain(list(&test["ring_points"])).collect();
            let keys: Vec<String> = lookups.iter().map(|row| raw(&row[0])).collect();
            let expected: Vec<String> = lookups.iter().map(|row| text(&row[1])).collect();
            count += check(&args(&Value::from(0)), &keys, &expected);
            for row in list(&test["retry_lookups"]) {
                count += check(&args(&row[1]), &[raw(&row[0])], &[text(&row[2])]);
            }
            let table = texts(&test["table"]);
            let entries: Vec<String> =
                (0..table.len()).map(|entry| format!("{entry:016x}")).collect();
            count += check(&args(&Value::from(0)), &entries, &table);
            if let Some(samples) = test["histogram"]["samples"].as_u64() {
                let hash = |i| format!("{:016x}\n", i * (u64::MAX / samples));
                let input: String = (0..samples).map(hash).collect();
                let args = args(&Value::from(0));
                let args: Vec<&str> = args.iter().map(String::as_str).collect();
                let found = String::from_utf8(run(&args, input.as_bytes()).stdout).unwrap();
                for (host, wanted) in list(&test["histogram"]["counts"]).iter().enumerate() {
                    let own = format!("\t{host}");
                    let counted = found.lines().filter(|line| line.ends_with(&own)).count();
                    assert_eq!(*wanted, counted, "{}", test["test"]);
                }
                count += 1;
            }
        }
    }
    assert!(count > 120, "{count}");
}

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
