//! Clients of memcached.

use super::{Options, host_port, named, nodes, text, texts, topologies};
use serde_json::Value;

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
