//! Rings of other programs, by their points and their rule: answers that were recorded from them.

use apportion::ring::{GivenPoints, GivenPointsConfig, LabelPointsConfig, Rule};
use apportion::{KeyHash, Locator, Node, NodeIdx, Placement, Ring, Topology};

type Given = Locator<String, Ring<GivenPoints>>;

/// The rows of a file: the first column says what a row is.
fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect())
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = |i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap();
    (0..hex.len() / 2).map(digits).collect()
}

fn given(config: &GivenPointsConfig, nodes: &[String]) -> Given {
    Locator::given_points_of(Topology::new(nodes.to_vec()).unwrap(), config.clone()).unwrap()
}

/// The holders' places in the list of nodes, which are their slots.
fn holders(placement: &impl Placement, hash: u64, k: usize) -> Vec<u32> {
    let mut out = vec![NodeIdx::default(); k];
    let found = placement.replicas(KeyHash::from_hash(hash), &mut out);
    assert_eq!(placement.locate(KeyHash::from_hash(hash)), out[..found].first().copied());
    out[..found].iter().map(|slot| slot.get()).collect()
}

/// CRC-32/ISO-HDLC, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| (crc >> 1) ^ (0xEDB8_8320 & 0_u32.wrapping_sub(crc & 1));
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |c, _| step(c)))
}

fn high(hash: u32) -> u64 {
    u64::from(hash) << 32
}

/// Tokens are signed: with the sign bit flipped they are in the order of u64.
fn token(text: &str) -> u64 {
    (text.parse::<i64>().unwrap() as u64) ^ (1 << 63)
}

#[test]
fn cassandra_tokens_and_replicas_as_recorded() {
    let (mut config, mut nodes) = (GivenPointsConfig::default(), Vec::<String>::new());
    let (mut factor, mut ring, mut count) = (0, None, 0);
    for row in rows(include_str!("../vectors/cassandra_simple.tsv")) {
        match row[..] {
            ["ring", replicas] => {
                (config, nodes) = (GivenPointsConfig::default(), Vec::new());
                (factor, ring) = (replicas.parse().unwrap(), None);
            }
            ["point", point, host] => {
                config = config.points(host, [token(point)]);
                if !nodes.contains(&host.to_string()) {
                    nodes.push(host.into());
                }
            }
            ["key", hash, hosts] => {
                let ring = ring.get_or_insert_with(|| given(&config, &nodes));
                let found = holders(ring.placement(), token(hash), factor);
                let found: Vec<&str> = found.iter().map(|at| &*nodes[*at as usize]).collect();
                assert_eq!(found.join(" "), hosts, "token {hash}");
                count += 1;
            }
            _ => panic!("{row:?}"),
        }
    }
    assert_eq!(count, 475);
}

/// The first point *after* the hash, and two more nodes.
#[test]
fn stathat_consistent_as_recorded() {
    fn point(label: &[u8], replica: u32) -> u32 {
        crc32(&[replica.to_string().as_bytes(), label].concat())
    }
    let config = LabelPointsConfig::per_node_32(20, point);
    let ring = |nodes: &[&str], rule| {
        let topology = Topology::new(nodes.iter().map(ToString::to_string)).unwrap();
        Locator::label_points_of(topology, config.clone().rule(rule)).unwrap()
    };
    let (mut after, mut at) = (ring(&[], Rule::FirstAfter), ring(&[], Rule::default()));
    let (mut count, mut on_points) = (0, 0);
    for row in rows(include_str!("../vectors/stathat_consistent.tsv")) {
        match row[..] {
            ["ring", nodes] => {
                let nodes: Vec<&str> = nodes.split(' ').collect();
                (after, at) = (ring(&nodes, Rule::FirstAfter), ring(&nodes, Rule::FirstAtOrAfter));
            }
            ["key", key, expected] => {
                let hash = high(crc32(&bytes(key)));
                let text = |found: Vec<u32>| {
                    found.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
                };
                assert_eq!(text(holders(after.placement(), hash, 3)), expected, "key {key}");
                on_points += u32::from(text(holders(at.placement(), hash, 3)) != expected);
                count += 1;
            }
            _ => panic!("{row:?}"),
        }
    }
    assert_eq!(count, 928);
    assert!(on_points > 5, "{on_points}: no key tells the two rules apart");
}

/// The last point at or before the hash, with as many points to a node as its weight gave it.
#[test]
#[cfg(feature = "sha1")]
fn dalli_ring_as_recorded() {
    use apportion::hash::{BytesHasher, Sha1};
    fn point(label: &[u8], replica: u32) -> u32 {
        let text = [label, b":", replica.to_string().as_bytes()].concat();
        let digest = Sha1.hash_bytes(&text).get().to_le_bytes();
        u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
    }
    let (mut ring, mut plain) = (None, None);
    let (mut count, mut others) = (0, 0);
    for row in rows(include_str!("../vectors/dalli_ring.tsv")) {
        match row[..] {
            ["ring", nodes] => {
                let mut config = GivenPointsConfig::default().rule(Rule::LastAtOrBefore);
                let mut names = Vec::new();
                for (name, points) in nodes.split(' ').map(|node| node.split_once('=').unwrap()) {
                    let points = 0..points.parse().unwrap();
                    config = config.points_32(name, points.map(|i| point(name.as_bytes(), i)));
                    names.push(name.to_string());
                }
                ring = Some(given(&config, &names));
                // Where all have 160, the function alone says the same.
                let function =
                    LabelPointsConfig::per_node_32(160, point).rule(Rule::LastAtOrBefore);
                let topology = Topology::new(names.clone()).unwrap();
                let alike = nodes.split(' ').all(|node| node.ends_with("=160"));
                let by_label = || Locator::label_points_of(topology, function).unwrap();
                plain = alike.then(by_label);
            }
            ["key", key, expected] => {
                let (ring, hash) = (ring.as_ref().unwrap(), high(crc32(&bytes(key))));
                let expected: u32 = expected.parse().unwrap();
                assert_eq!(holders(ring.placement(), hash, 1), [expected], "key {key}");
                if let Some(plain) = &plain {
                    assert_eq!(
                        holders(plain.placement(), hash, 2),
                        holders(ring.placement(), hash, 2)
                    );
                }
                let forward = ring.placement().config().clone().rule(Rule::FirstAtOrAfter);
                if count % 10 == 0 {
                    let names: Vec<String> =
                        ring.topology().iter().map(|(_, n)| n.clone()).collect();
                    others += u32::from(
                        holders(given(&forward, &names).placement(), hash, 1) != [expected],
                    );
                }
                count += 1;
            }
            _ => panic!("{row:?}"),
        }
    }
    assert_eq!(count, 651);
    assert!(others > 10, "no key tells the rules apart");
}

/// HAProxy's full_hash().
fn full(mut a: u32) -> u32 {
    a = a.wrapping_add(0x7ED5_5D16).wrapping_add(a << 12);
    a = (a ^ 0xC761_C23C) ^ (a >> 19);
    a = a.wrapping_add(0x1656_67B1).wrapping_add(a << 5);
    a = a.wrapping_add(0xD3A2_646C) ^ (a << 9);
    a = a.wrapping_add(0xFD70_46C5).wrapping_add(a << 3);
    a = (a ^ 0xB55A_4F09) ^ (a >> 16);
    a.wrapping_mul(3_221_225_473)
}

fn sdbm(key: &[u8]) -> u32 {
    key.iter().fold(0, |h, c| {
        let (left, lefter) = (h << 6, h << 16);
        u32::from(*c).wrapping_add(left).wrapping_add(lefter).wrapping_sub(h)
    })
}

/// The nearest point in either direction; keys halfway between two are among those recorded.
#[test]
fn haproxy_consistent_as_recorded() {
    let (mut ring, mut hash_type, mut count, mut otherwise) = (None, "", 0, 0);
    for row in rows(include_str!("../vectors/haproxy_consistent.tsv")) {
        match row[..] {
            ["ring", kind, servers] => {
                let mut config = GivenPointsConfig::default().rule(Rule::Nearest);
                let mut nodes = Vec::new();
                for server in servers.split(' ') {
                    let [name, id, weight] = server.split(':').collect::<Vec<_>>()[..] else {
                        panic!("{server}")
                    };
                    let (id, weight): (u32, u32) = (id.parse().unwrap(), weight.parse().unwrap());
                    let points = (0..16 * weight).map(|i| full(id * 4096 + i));
                    config = config.points_32(name, points);
                    // Points follow the weights, so ours are 1 or 0.
                    nodes.push(Node::new(name.to_string()).weight(weight.min(1).into()));
                }
                let topology = Topology::of(nodes).unwrap();
                let build = |rule| {
                    Locator::given_points_of(topology.clone(), config.clone().rule(rule)).unwrap()
                };
                ring = Some((build(Rule::Nearest), build(Rule::FirstAtOrAfter)));
                hash_type = kind;
            }
            ["key", key, expected] => {
                let key = bytes(key);
                let hash = match hash_type {
                    "sdbm" => sdbm(&key),
                    "sdbm avalanche" => full(sdbm(&key)),
                    "crc32 avalanche" => full(crc32(&key)),
                    other => panic!("{other}"),
                };
                let (ring, forward) = ring.as_ref().unwrap();
                let expected = [expected.parse::<u32>().unwrap()];
                assert_eq!(holders(ring.placement(), high(hash), 1), expected, "{key:?}");
                otherwise += u32::from(holders(forward.placement(), high(hash), 1) != expected);
                count += 1;
            }
            _ => panic!("{row:?}"),
        }
    }
    assert_eq!(count, 732);
    assert!(otherwise > 100, "the rules agree on too many keys");
}

/// Host and port as nginx hashes them: the port is what follows the last colon, if it is digits.
fn nginx_points(server: &[u8], points: u64, emit: &mut dyn FnMut(u32)) {
    let digits = server.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let (front, port) = server.split_at(server.len() - digits);
    let base = match front.split_last() {
        Some((b':', host)) => [host, &[0], port].concat(),
        _ => [server, &[0]].concat(),
    };
    let mut point = 0;
    for _ in 0..points {
        point = crc32(&[&base[..], &u32::to_le_bytes(point)].concat());
        emit(point);
    }
}

/// Each point hashes the one before it, 160 to a unit of weight: as a function of the label, and as
/// lists whose weights say what was meant.
#[test]
fn nginx_consistent_as_recorded() {
    let config = LabelPointsConfig::new_32(|label, weight, emit| {
        nginx_points(label, 160 * weight.get(), emit);
    });
    let (mut rings, mut count) = (None, 0);
    for row in rows(include_str!("../vectors/nginx_consistent.tsv")) {
        match row[..] {
            ["ring", servers] => {
                let nodes = weights(servers);
                let label = Locator::label_points_of(nodes.clone(), config.clone().nested());
                let mut lists = GivenPointsConfig::default();
                for (at, server) in nodes.iter() {
                    let weight = nodes.members().weight(at).unwrap().get();
                    let mut points = Vec::new();
                    nginx_points(server.as_bytes(), 160 * weight, &mut |point| points.push(point));
                    lists = lists.points_32(server, points);
                }
                let given = Locator::given_points_of(nodes, lists).unwrap();
                rings = Some((label.unwrap(), given));
            }
            ["key", key, expected] => {
                let (label, given) = rings.as_ref().unwrap();
                let hash = high(crc32(&bytes(key)));
                let expected = [expected.parse::<u32>().unwrap()];
                assert_eq!(holders(label.placement(), hash, 1), expected, "key {key}");
                assert_eq!(holders(given.placement(), hash, 1), expected, "key {key}");
                count += 1;
            }
            _ => panic!("{row:?}"),
        }
    }
    assert_eq!(count, 942);
}

/// Names and weights, `name=weight` each.
fn weights(nodes: &str) -> Topology<String> {
    let node = |text: &str| {
        let (name, weight) = text.rsplit_once('=').unwrap();
        Node::new(name.to_string()).weight(weight.parse().unwrap())
    };
    Topology::of(nodes.split(' ').map(node)).unwrap()
}

#[cfg(feature = "md5")]
mod ketama {
    use super::*;
    use md5::{Digest, Md5};

    fn words(text: &[u8]) -> [u32; 4] {
        let digest = Md5::digest(text);
        std::array::from_fn(|i| u32::from_le_bytes(digest[4 * i..4 * i + 4].try_into().unwrap()))
    }

    /// Four points a digest, as many digests as the share of the total weight asks for in floats.
    /// The default port is no part of the name; a server whose share is too small has no points.
    fn ring(servers: &Topology<String>) -> Given {
        let weight = |at| servers.members().weight(at).unwrap().get();
        let total: u64 = servers.iter().map(|(at, _)| weight(at)).sum();
        let n = servers.members().len() as f32;
        let (mut config, mut nodes) = (GivenPointsConfig::default(), Vec::new());
        for (at, server) in servers.iter() {
            let name = server.strip_suffix(":11211").unwrap_or(server).trim_end_matches('!');
            let share = weight(at) as f32 / total as f32;
            let digests = (share * 160.0 / 4.0 * n + 1e-10).floor() as u32;
            let points = (0..digests).flat_map(|i| words(format!("{name}-{i}").as_bytes()));
            config = config.points_32(server, points);
            nodes.push(Node::new(server.clone()).weight(if digests > 0 { weight(at) } else { 0 }));
        }
        Locator::given_points_of(Topology::of(nodes).unwrap(), config).unwrap()
    }

    fn check(vectors: &str, cases: usize) {
        let (mut ring, mut count) = (None, 0);
        for row in rows(vectors) {
            match row[..] {
                ["ring", servers] => ring = Some(self::ring(&weights(servers))),
                ["key", key, expected] => {
                    let placement = ring.as_ref().unwrap().placement();
                    let expected = [expected.parse::<u32>().unwrap()];
                    let hash = high(words(&bytes(key))[0]);
                    assert_eq!(holders(placement, hash, 1), expected, "key {key}");
                    count += 1;
                }
                _ => panic!("{row:?}"),
            }
        }
        assert_eq!(count, cases);
    }

    #[test]
    fn libmemcached_weighted_as_recorded() {
        check(include_str!("../vectors/libmemcached_ketama_weighted.tsv"), 848);
    }

    #[test]
    fn twemproxy_as_recorded() {
        check(include_str!("../vectors/twemproxy_ketama.tsv"), 228);
    }
}
