//! Proxies, and the clients of RPC systems: nginx, HAProxy, Envoy, gRPC and rings of Go.

use super::super::run;
use super::{Options, args, check, flag, list, nodes, raw, recording, text, texts, topologies};
use serde_json::Value;

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
fn random_subsets_of_grpc() {
    let addresses: Vec<String> = (1..8).map(|i| format!("10.0.0.{i}:443")).collect();
    let options = [("subset-size", "3".to_owned()), flag("index")];
    let args = args("grpc-random-subset", &addresses, &options);
    let seeds = ["0", "1", "42", "18446744073709551615"].map(str::to_owned);
    let expected = ["1,4,0", "0,6,2", "3,4,2", "4,1,6"].map(str::to_owned);
    assert_eq!(check(&args, &seeds, &expected), 4);
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
