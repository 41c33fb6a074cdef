//! HAProxy 2.6.12 and 3.5-dev5.

use crate::recorded::{Place, expected, keys, recording, text, topologies};
use apportion::interop::haproxy::{self, HashType, MapBased};
use serde_json::Value;

fn line(server: &Value, hash_key: Option<&str>) -> String {
    let id = server["id"].as_u64().map_or(String::new(), |id| format!(" id={id}"));
    let key = hash_key.map_or(String::new(), |key| {
        let (addr, port) = (text(&server["addr"]), &server["port"]);
        let addr = if addr.contains(':') { format!("[{addr}]") } else { addr };
        format!(" addr={addr}:{port} hash-key={key}")
    });
    format!("{} weight={}{id}{key}", text(&server["name"]), server["weight"])
}

fn check(recording: &Value) -> usize {
    let keys = keys(recording);
    let mut count = 0;
    for topology in topologies(recording) {
        let words = text(&topology["hash_type"]);
        let (hash_type, hash_key) = match words.split_once("; hash-key ") {
            Some((hash_type, key)) => (hash_type.to_owned(), Some(key)),
            None => (words.clone(), None),
        };
        let hash_type: HashType = hash_type.parse().unwrap();
        let servers = topology["servers"].as_array().unwrap();
        let lines: Vec<String> = servers.iter().map(|server| line(server, hash_key)).collect();
        let lines = lines.iter().map(String::as_str);
        let place: Place = if hash_type.consistent {
            let ring = haproxy::consistent(lines, hash_type).unwrap();
            Box::new(move |key| ring.locate(key).unwrap().index())
        } else {
            let map = MapBased::new(lines, hash_type).unwrap();
            Box::new(move |key| map.get(key))
        };
        for (key, expected) in keys.iter().zip(expected(topology)) {
            assert_eq!(place(key) as u64, expected, "{words}, {}, {key:?}", topology["name"]);
            count += 1;
        }
    }
    count
}

/// Among the keys are some exactly between two points: ties.
#[test]
fn as_recorded() {
    assert_eq!(check(&recording!("haproxy_consistent")), 32 * 124);
}

#[test]
fn keys_of_servers_as_recorded() {
    assert_eq!(check(&recording!("haproxy_hash_key_dev")), 24 * 124);
}

/// HAProxy's own loop: at every turn each server gains its weight, and the first one with the highest
/// quotient pays for all.
fn turns(weights: &[i64]) -> Vec<usize> {
    let total: i64 = weights.iter().sum();
    let mut credits = vec![0; weights.len()];
    let turn = |_| {
        let mut best = (0, 0);
        for (server, weight) in weights.iter().enumerate() {
            credits[server] += weight;
            let quotient = (credits[server] + total).div_euclid(total);
            if *weight > 0 && quotient > best.0 {
                best = (quotient, server);
            }
        }
        credits[best.1] -= total;
        best.1
    };
    (0..total).map(turn).collect()
}

/// CRC-32 of each of these keys gives every place of the map.
#[test]
fn maps_are_those_of_the_loop_over_all_servers() {
    let mut word = 7_u64;
    let mut below = move |n: u64| {
        word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (word >> 33) % n
    };
    let hash_type: HashType = "map-based crc32".parse().unwrap();
    for case in 0..300 {
        let max = if case % 3 == 0 { 257 } else { 9 };
        // One weight of 1 keeps the weights as they are.
        let mut weights: Vec<i64> = (0..1 + below(12)).map(|_| below(max) as i64).collect();
        weights.push(1);
        let lines: Vec<String> =
            (0..).zip(&weights).map(|(i, w)| format!("s{i} weight={w}")).collect();
        let map = MapBased::new(lines.iter().map(String::as_str), hash_type).unwrap();
        let turns = turns(&weights);
        for key in (0..2_000_u32).map(|i| i.to_le_bytes()) {
            let place = crc32(&key) as usize % turns.len();
            assert_eq!(map.get(&key), turns[place], "{weights:?}, {place}");
        }
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc: u32, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 != 0 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 }
        })
    })
}

/// The loop over all servers at every turn would take 10,000 times 2,559,999 steps.
#[test]
fn maps_of_many_servers_take_as_long_as_they_are() {
    let lines: Vec<String> =
        (0..10_000).map(|i| format!("s{i} weight={}", if i == 0 { 255 } else { 256 })).collect();
    let hash_type: HashType = "map-based".parse().unwrap();
    let map = MapBased::new(lines.iter().map(String::as_str), hash_type).unwrap();
    assert!((0..1_000_u32).all(|i| map.get(&i.to_le_bytes()) < 10_000));
}

#[test]
fn wrong_lines_are_refused() {
    let consistent: HashType = "consistent".parse().unwrap();
    let refused = |line: &str| haproxy::consistent([line], consistent).unwrap_err().to_string();
    assert_eq!(
        refused("a weight=257"),
        "haproxy: expected a weight in 0..=256 in \"a weight=257\", got \"weight=257\""
    );
    assert_eq!(refused("a id=0"), "haproxy: expected an id in 1..=2147483647 in \"a\", got \"0\"");
    assert!(refused("a hash-key=addr addr=x").contains("expected addr=IP:PORT"));
    let twice = haproxy::consistent(["a id=2", "b id=2"], consistent).unwrap_err().to_string();
    assert_eq!(twice, "haproxy: expected an id that no other server has in \"b\", got \"2\"");
    for (words, message) in [
        ("", "expected consistent or map-based"),
        ("consistent md5", "expected sdbm, djb2, wt6 or crc32"),
        ("consistent sdbm x", "expected avalanche"),
    ] {
        let error = words.parse::<HashType>().unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
}
