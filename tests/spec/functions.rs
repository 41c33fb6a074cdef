//! Functions of numbers alone: buckets, permutations, anchors, boards, scores.

use crate::case::{Rng, found, hashes, hex, hex_list};
use apportion::anchor::AnchorBuckets;
use apportion::asura::AsuraBoard;
use apportion::bucket::{Buckets, Jump, JumpGuava, flip, jump, jump_back, jump_guava};
use apportion::rendezvous::{RendezvousSlice, WeightedRendezvousSlice};
use apportion::{JumpBack, KeyHash, Placement};
use serde_json::{Value, json};

pub(crate) fn cases() -> Vec<Value> {
    let mut cases = buckets();
    cases.extend(ends());
    cases.extend(anchors());
    cases.extend(boards());
    cases.extend(scores());
    cases
}

fn buckets() -> Vec<Value> {
    let mut rng = Rng::new(2);
    // Hashes whose first step has the divisor 2^31, and whose quotient depends on the bracketing.
    let edges =
        [0, 1, u64::MAX, 0xf22b_4cf7_1a9a_6983, 0x2b92_32f2_7d84_40c3].map(KeyHash::from_hash);
    let mut cases = Vec::new();
    for (i, n) in [
        1,
        2,
        3,
        4,
        5,
        7,
        8,
        9,
        10,
        33,
        64,
        65,
        100,
        129,
        1000,
        2048,
        65_537,
        10_000_000,
        i32::MAX as u32,
    ]
    .into_iter()
    .enumerate()
    {
        let mut keys = edges.to_vec();
        keys.extend(hashes(&mut rng, 8));
        let column = |function: fn(KeyHash, u32) -> u32| -> Vec<u32> {
            keys.iter().map(|key| function(*key, n)).collect()
        };
        let replicas: Vec<Value> = keys
            .iter()
            .map(|key| {
                // Which function it is changes the first bucket alone.
                let one: [&dyn Placement; 3] = [
                    &Buckets::new(Jump, n).unwrap(),
                    &Buckets::new(JumpGuava, n).unwrap(),
                    &Buckets::new(JumpBack, n).unwrap(),
                ];
                found(6, |out| one[i % 3].replicas(*key, out))
            })
            .collect();
        let by = ["jump", "jump-guava", "jump-back"][i % 3];
        cases.push(json!({
            "buckets": n, "keys": hex_list(&keys),
            "jump": column(jump), "jump-guava": column(jump_guava), "jump-back": column(jump_back),
            "flip": column(|key, n| flip(key, 0, u64::from(n) - 1) as u32),
            "replicas_by": by, "replicas": replicas,
        }));
    }
    // All of a permutation, across the size at which an octave is no longer shuffled.
    for n in [10, 64, 130, 300] {
        let key = KeyHash::from_hash(rng.next());
        let buckets = Buckets::new(JumpBack, n).unwrap();
        let all = found(n as usize, |out| buckets.replicas(key, out));
        cases.push(json!({"buckets": n, "keys": hex_list(&[key]), "replicas_by": "jump-back",
            "replicas": [all]}));
    }
    cases
}

/// FlipHash with seeds, and more buckets than 32 bits count.
fn ends() -> Vec<Value> {
    let mut rng = Rng::new(3);
    let ends = [0, 1, 4, 9, 1 << 32, (1 << 33) + 5, 1 << 63, u64::MAX - 1, u64::MAX];
    ends.iter()
        .map(|end| {
            let (keys, seed) = (hashes(&mut rng, 8), rng.next());
            let flips: Vec<_> = keys.iter().map(|key| flip(*key, seed, *end)).collect();
            json!({"end": hex(*end), "seed": hex(seed), "keys": hex_list(&keys),
                "flip": flips.into_iter().map(hex).collect::<Value>()})
        })
        .collect()
}

fn anchors() -> Vec<Value> {
    let mut rng = Rng::new(4);
    let mut cases = Vec::new();
    for size in [2, 7, 20, 200] {
        let mut anchor = AnchorBuckets::new(size).unwrap();
        let mut history = Vec::new();
        // Mostly removals, so that replacements are themselves removed.
        for _ in 0..size * 5 / 4 {
            if rng.one_in(4) {
                history.push(json!(["add", anchor.add().unwrap()]));
                continue;
            }
            let bucket = rng.below(u64::from(anchor.size())) as u32;
            if anchor.remove(bucket).is_ok() {
                history.push(json!(["remove", bucket]));
            }
        }
        let keys = hashes(&mut rng, 40);
        let replicas: Vec<_> =
            keys.iter().map(|key| found(3, |out| anchor.replicas(*key, out))).collect();
        let state: String = anchor.to_state().iter().map(|byte| format!("{byte:02x}")).collect();
        cases.push(json!({"anchor": size, "history": history, "state": state,
            "keys": hex_list(&keys), "replicas": replicas}));
    }
    cases
}

fn boards() -> Vec<Value> {
    let mut rng = Rng::new(5);
    let full = AsuraBoard::FULL;
    [
        (0, 1, 256),
        (1, 2, 256),
        (2, 3, 256),
        (5, 20, 256),
        (5, 20, 2),
        (9, 30, 256),
        (31, 3, 40),
        (4, 16, 0),
    ]
    .iter()
    .map(|(exponent, count, darts)| {
        let weights: Vec<u32> = (0..*count)
            .map(|i| match rng.below(4) {
                0 if i > 0 => 0,
                1 => full,
                _ => rng.below(u64::from(full)) as u32 + 1,
            })
            .collect();
        let board = AsuraBoard::new(*exponent, weights.iter().copied()).unwrap();
        let board = board.with_darts(*darts).unwrap();
        let keys = hashes(&mut rng, 20);
        let replicas: Vec<_> =
            keys.iter().map(|key| found(4, |out| board.replicas(*key, out))).collect();
        json!({"board": exponent, "weights": weights, "darts": darts,
                "keys": hex_list(&keys), "replicas": replicas})
    })
    .collect()
}

/// Rendezvous over bare identities, with weights of every size.
fn scores() -> Vec<Value> {
    let mut rng = Rng::new(6);
    (0..6)
        .map(|i| {
            let shift = [0, 4, 20, 40, 60, 63][i];
            let nodes: Vec<(u64, u64)> =
                (0..10).map(|_| (rng.next(), rng.below(2 << shift) | rng.below(2))).collect();
            let ids: Vec<u64> = nodes.iter().map(|node| node.0).collect();
            let keys = hashes(&mut rng, 10);
            let (plain, weighted) = (
                RendezvousSlice::new(&ids).unwrap(),
                WeightedRendezvousSlice::new(&nodes).unwrap(),
            );
            let all = |placement: &dyn Placement| -> Vec<Value> {
                keys.iter().map(|key| found(10, |out| placement.replicas(*key, out))).collect()
            };
            let weights: Vec<String> = nodes.iter().map(|node| node.1.to_string()).collect();
            json!({"identities": ids.iter().copied().map(hex).collect::<Value>(),
                "weights": weights, "keys": hex_list(&keys), "rendezvous": all(&plain),
                "weighted-rendezvous": all(&weighted)})
        })
        .collect()
}
