//! Clients and proxies of memcached.

use crate::recorded::{Place, expected, keys, recording, text, topologies};
use apportion::Placement;
use apportion::interop::NamedRing;
use apportion::interop::memcached::{
    dalli, libketama, libmemcached, npm_hashring, pymemcache, spymemcached, twemproxy, uhashring,
};
use serde_json::Value;

/// The lines of a topology's servers.
fn lines(topology: &Value, field: &str, line: impl Fn(&Value) -> String) -> Vec<String> {
    topology[field].as_array().unwrap().iter().map(line).collect()
}

fn host_port(server: &Value) -> String {
    format!("{}:{} weight={}", text(&server["host"]), server["port"], server["weight"])
}

fn name(server: &Value) -> String {
    format!("{} weight={}", text(&server["name"]), server["weight"])
}

/// Compares every answer of a recording; returns how many there are.
fn check(recording: &Value, place: impl Fn(&Value) -> Place) -> usize {
    let keys = keys(recording);
    let mut count = 0;
    for topology in topologies(recording) {
        let place = place(topology);
        for (key, expected) in keys.iter().zip(expected(topology)) {
            let name = &topology["name"];
            assert_eq!(place(key) as u64, expected, "{name}, {key:?}");
            count += 1;
        }
    }
    count
}

fn on(ring: NamedRing) -> Place {
    Box::new(move |key| ring.locate(key).unwrap().index())
}

fn texts(lines: &[String]) -> impl Iterator<Item = &str> {
    lines.iter().map(String::as_str)
}

fn libmemcached_ring(topology: &Value) -> NamedRing {
    let lines = lines(topology, "nodes", host_port);
    let mode = topology["mode"].as_str().unwrap();
    let hash =
        if mode.ends_with("md5") { libmemcached::Hash::Md5 } else { libmemcached::Hash::Default };
    match mode {
        "ketama_weighted" => libmemcached::weighted(texts(&lines)),
        "ketama" | "ketama_md5" => libmemcached::unweighted(texts(&lines), hash),
        "dist_spy" | "dist_spy_md5" => libmemcached::spy(texts(&lines), hash),
        _ => panic!("{mode}"),
    }
    .unwrap()
}

#[test]
fn libmemcached_weighted() {
    let recording = recording!("libmemcached_ketama_weighted");
    assert_eq!(check(&recording, |topology| on(libmemcached_ring(topology))), 12 * 218);
    let names: Vec<&str> =
        topologies(&recording).iter().map(|topology| topology["name"].as_str().unwrap()).collect();
    assert!(["float_round_25", "forty_nodes", "duplicate_host"].iter().all(|n| names.contains(n)));
}

#[test]
fn libmemcached_unweighted() {
    let recording = recording!("libmemcached_ketama_unweighted");
    assert_eq!(check(&recording, |topology| on(libmemcached_ring(topology))), 12 * 218);
}

/// Every hash that the library has, over every distribution: points and keys.
#[test]
fn libmemcached_hashes() {
    use libmemcached::{Hash, Modula};
    let recording = recording!("libmemcached_hashes");
    let mut hashes = std::collections::BTreeSet::new();
    let count = check(&recording, |topology| {
        let lines = lines(topology, "nodes", host_port);
        let (lines, name) = (texts(&lines), topology["hash"].as_str().unwrap());
        let hash = match name {
            "default" => Hash::Default,
            "md5" => Hash::Md5,
            "crc" => Hash::Crc,
            "fnv1_64" => Hash::Fnv64,
            "fnv1a_64" => Hash::Fnv1a64,
            "fnv1_32" => Hash::Fnv32,
            "fnv1a_32" => Hash::Fnv1a32,
            "murmur" => Hash::Murmur,
            "jenkins" => Hash::Jenkins,
            "murmur3" => Hash::Murmur3,
            other => panic!("{other}"),
        };
        match topology["mode"].as_str().unwrap() {
            "modula" => {
                let modula = Modula::new(lines, hash).unwrap();
                Box::new(move |key| modula.get(key))
            }
            "ketama" => on(libmemcached::unweighted(lines, hash).unwrap()),
            "ketama_weighted" => on(libmemcached::weighted(lines).unwrap()),
            "dist_spy" => on(libmemcached::spy(lines, hash).unwrap()),
            other => panic!("{other}"),
        }
    });
    for topology in topologies(&recording) {
        hashes.insert(text(&topology["hash"]));
    }
    assert_eq!((hashes.len(), count), (10, 58 * 2_000));
}

#[test]
fn libmemcached_flips_to_weighted() {
    let recording = recording!("libmemcached_ketama_autoflip");
    assert_eq!(check(&recording, |topology| on(libmemcached_ring(topology))), 5 * 218);
}

#[test]
fn libmemcached_spy() {
    let recording = recording!("libmemcached_ketama_spy");
    assert_eq!(check(&recording, |topology| on(libmemcached_ring(topology))), 6 * 218);
}

#[test]
fn libmemcached_modula() {
    let recording = recording!("libmemcached_modula");
    let count = check(&recording, |topology| {
        let lines = lines(topology, "nodes", host_port);
        let modula = libmemcached::Modula::new(texts(&lines), libmemcached::Hash::Default);
        let modula = modula.unwrap();
        Box::new(move |key| modula.get(key))
    });
    assert_eq!(count, 3 * 218);
}

/// Weights that are all 2 are weights that are all 1.
#[test]
fn libmemcached_weights_are_relative() {
    let one = libmemcached::weighted(["a:1", "b:1", "c:1"]).unwrap();
    let two = libmemcached::weighted(["a:1 weight=2", "b:1 weight=2", "c:1 weight=2"]).unwrap();
    assert!(one.placement().arcs().eq(two.placement().arcs()));
}

/// A new server takes points from the others, so keys move between servers that stay.
#[test]
fn a_weighted_pool_moves_keys_between_its_servers() {
    let servers = ["10.0.1.1:11211", "10.0.1.2:11211 weight=2", "10.0.1.3:11211 weight=3"];
    let before = libmemcached::weighted(servers).unwrap();
    let after = libmemcached::weighted([&servers[..], &["10.0.1.4:11211"]].concat()).unwrap();
    assert!(!after.placement().guarantees().minimal_owner);
    let diff = before.diff(&after).unwrap();
    let new = "10.0.1.4:11211";
    let (to_new, between): (Vec<_>, Vec<_>) =
        diff.moves().partition(|change| change.to.is_some_and(|to| to == new));
    assert!(!to_new.is_empty() && !between.is_empty());
    // With equal weights nothing moves between them.
    let before = libmemcached::weighted(["a", "b", "c"]).unwrap();
    let after = libmemcached::weighted(["a", "b", "c", "d"]).unwrap();
    let diff = before.diff(&after).unwrap();
    assert!(diff.moves().all(|change| change.to.is_some_and(|to| to == "d")));
}

#[test]
fn libketama_as_recorded() {
    let recording = recording!("libketama_rj");
    let count = check(&recording, |topology| {
        let line = |node: &Value| format!("{}\t{}", text(&node["addr"]), node["memory"]);
        on(libketama::ring(texts(&lines(topology, "nodes", line))).unwrap())
    });
    assert_eq!(count, 9 * 253);
}

#[test]
fn twemproxy_as_recorded() {
    let recording = recording!("twemproxy_ketama");
    let count = check(&recording, |topology| {
        let line = |server: &Value| {
            let name = server["name"].as_str().map_or(String::new(), |name| format!(" {name}"));
            format!("{}:{}:{}{name}", text(&server["addr"]), server["port"], server["weight"])
        };
        let lines = lines(topology, "servers", line);
        let hash = match topology["hash"].as_str().unwrap() {
            "md5" => twemproxy::Hash::Md5,
            "fnv1a_64" => twemproxy::Hash::Fnv1a64,
            "one_at_a_time" => twemproxy::Hash::OneAtATime,
            "crc32" => twemproxy::Hash::Crc32,
            "crc32a" => twemproxy::Hash::Crc32a,
            "murmur" => twemproxy::Hash::Murmur,
            other => panic!("{other}"),
        };
        if topology["distribution"] == "modula" {
            let modula = twemproxy::Modula::new(texts(&lines), hash).unwrap();
            return Box::new(move |key| modula.get(key));
        }
        let ring = twemproxy::ketama(texts(&lines), hash).unwrap();
        match topology["hash_tag"].as_str() {
            Some(tag) => {
                let tag: [u8; 2] = tag.as_bytes().try_into().unwrap();
                let place = on(ring);
                Box::new(move |key| place(twemproxy::tagged(key, tag)))
            }
            None => on(ring),
        }
    });
    assert_eq!(count, 12 * 169);
}

/// Servers that are not in the order of their names, and unix sockets.
#[test]
fn twemproxy_order_as_recorded() {
    let recording = recording!("twemproxy_order");
    let count = check(&recording, |topology| {
        let lines = lines(topology, "servers", text);
        let hash = match topology["hash"].as_str().unwrap() {
            "md5" => twemproxy::Hash::Md5,
            "fnv1a_64" => twemproxy::Hash::Fnv1a64,
            "one_at_a_time" => twemproxy::Hash::OneAtATime,
            "murmur" => twemproxy::Hash::Murmur,
            other => panic!("{other}"),
        };
        if topology["distribution"] == "modula" {
            let modula = twemproxy::Modula::new(texts(&lines), hash).unwrap();
            return Box::new(move |key| modula.get(key));
        }
        on(twemproxy::ketama(texts(&lines), hash).unwrap())
    });
    assert_eq!(count, 6 * 500);
}

#[test]
fn spymemcached_as_recorded() {
    let recording = recording!("spymemcached_ketama");
    let count = check(&recording, |topology| {
        let libmemcached = topology["format"] == "LIBMEMCACHED";
        let line = |node: &Value| {
            // The name that Java found stands in the text of the first point.
            let point = text(&node["point_key_0"]);
            let point = point.strip_suffix("-0").unwrap();
            let (host, port) = (text(&node["host"]), &node["port"]);
            let address = match host.split_once('@') {
                Some((name, ip)) => format!("{name}/{ip}:{port}"),
                None => format!("{host}:{port}"),
            };
            let named = libmemcached && !address.contains('/') && !point.starts_with(&host);
            let name = point.split(':').next().unwrap();
            let address = if named { format!("{name}/{address}") } else { address };
            format!("{address} weight={}", node["weight"])
        };
        let format =
            if libmemcached { spymemcached::Format::Libmemcached } else { Default::default() };
        let hash = match topology["hash"].as_str().unwrap() {
            "KETAMA_HASH" => spymemcached::Hash::Ketama,
            "FNV1A_64_HASH" => spymemcached::Hash::Fnv1a64,
            other => panic!("{other}"),
        };
        let weighted = topology["weighted"] == true;
        let lines = lines(topology, "nodes", line);
        on(spymemcached::ketama(texts(&lines), format, hash, weighted).unwrap())
    });
    assert_eq!(count, 21 * 188);
}

#[test]
fn uhashring_as_recorded() {
    let recording = recording!("uhashring");
    let count = check(&recording, |topology| {
        let lines = lines(topology, "nodes", name);
        let ring = match topology["mode"].as_str().unwrap() {
            "ketama" => uhashring::ketama(texts(&lines)),
            "default_md5_int" => uhashring::default(texts(&lines)),
            other => panic!("{other}"),
        };
        on(ring.unwrap())
    });
    assert_eq!(count, 12 * 228);
}

#[test]
fn npm_hashring_as_recorded() {
    let recording = recording!("npm_hashring");
    let count = check(&recording, |topology| {
        let lines = lines(topology, "nodes", name);
        let mut options = npm_hashring::Options::default();
        match topology["mode"].as_str().unwrap() {
            "default" => {}
            "default_port_11211" => options.default_port = Some(11211),
            "compat_hash_ring" => options.hash_ring = true,
            other => panic!("{other}"),
        }
        let ring = npm_hashring::ring(texts(&lines), options).unwrap();
        if let Some(points) = topology["points"].as_u64() {
            let slots = ring.placement().slots() as u32;
            let counted =
                (0..slots).map(|i| ring.placement().points_of(apportion::NodeIdx::new(i)));
            assert_eq!(counted.sum::<u64>(), points, "{}", topology["name"]);
        }
        on(ring)
    });
    assert_eq!(count, 21 * 188);
}

#[test]
fn dalli_as_recorded() {
    let recording = recording!("dalli_ring");
    let count = check(&recording, |topology| {
        on(dalli::ring(texts(&lines(topology, "nodes", name))).unwrap())
    });
    assert_eq!(count, 9 * 218);
}

#[test]
fn pymemcache_as_recorded() {
    let recording = recording!("pymemcache_rendezvous");
    let count = check(&recording, |topology| {
        let nodes = lines(topology, "nodes", text);
        let seed = topology["seed"].as_u64().unwrap() as u32;
        let nodes = pymemcache::Rendezvous::new(texts(&nodes), seed).unwrap();
        Box::new(move |key| nodes.get(std::str::from_utf8(key).unwrap()))
    });
    assert_eq!(count, 8 * 228);
}
