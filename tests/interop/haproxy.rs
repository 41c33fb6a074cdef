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

#[test]
fn wrong_lines_are_refused() {
    let consistent: HashType = "consistent".parse().unwrap();
    let refused = |line: &str| haproxy::consistent([line], consistent).unwrap_err().to_string();
    assert_eq!(
        refused("a weight=257"),
        "haproxy: expected a weight in 0..=256 in \"a weight=257\", got \"weight=257\""
    );
    assert_eq!(refused("a id=0"), "haproxy: expected an id of at least 1 in \"a\", got \"0\"");
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
