//! groupcache, stathat/consistent, serialx/hashring.

use crate::recorded::{expected, keys, recording, text, topologies};
use apportion::interop::{NamedRing, go};
use serde_json::Value;

fn check(recording: &Value, ring: impl Fn(&Value, &[String]) -> NamedRing) -> usize {
    let keys = keys(recording);
    let mut count = 0;
    for topology in topologies(recording) {
        let nodes: Vec<String> = topology["nodes"].as_array().unwrap().iter().map(text).collect();
        let lines: Vec<String> = match topology["weights"].as_array() {
            Some(weights) => {
                nodes.iter().zip(weights).map(|(node, w)| format!("{node} weight={w}")).collect()
            }
            None => nodes,
        };
        let ring = ring(topology, &lines);
        for (key, expected) in keys.iter().zip(expected(topology)) {
            let found = ring.locate(key.as_slice()).unwrap().get();
            assert_eq!(u64::from(found), expected, "{}, {key:?}", topology["name"]);
            count += 1;
        }
        let Some(several) = topology["expected_n"].as_array() else { continue };
        for (key, expected) in keys.iter().zip(several) {
            let expected: Vec<usize> =
                expected.as_array().unwrap().iter().map(|i| i.as_u64().unwrap() as usize).collect();
            let found = ring.replicas_vec(key.as_slice(), expected.len());
            let places: Vec<usize> = found
                .iter()
                .map(|node| ring.topology().find(node.as_str()).unwrap().index())
                .collect();
            assert_eq!(places, expected, "{}, {key:?}", topology["name"]);
            count += 1;
        }
    }
    count
}

fn texts(lines: &[String]) -> impl Iterator<Item = &str> {
    lines.iter().map(String::as_str)
}

#[test]
fn groupcache_as_recorded() {
    let recording = recording!("groupcache_consistenthash");
    let count = check(&recording, |topology, lines| {
        go::groupcache(texts(lines), topology["replicas"].as_u64().unwrap() as u32).unwrap()
    });
    assert_eq!(count, 16 * 234);
}

#[test]
fn stathat_as_recorded() {
    let recording = recording!("stathat_consistent");
    let count = check(&recording, |topology, lines| {
        let points = topology["replicas"].as_u64().unwrap() as u32;
        go::stathat(texts(lines), points, topology["mode"] == "fnv1a32").unwrap()
    });
    assert_eq!(count, 2 * 11 * 234);
}

#[test]
fn serialx_as_recorded() {
    let recording = recording!("serialx_hashring");
    let count = check(&recording, |topology, lines| {
        go::serialx(texts(lines), topology["mode"] == "sha1_first16").unwrap()
    });
    assert_eq!(count, 2 * 11 * 234);
}
