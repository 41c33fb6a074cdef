//! Answers recorded from the programs that define the published algorithms.

use apportion::anchor::AnchorBuckets;
use apportion::asura::AsuraBoard;
use apportion::bucket::{BucketHash, Buckets, FlipHash, Jump, JumpGuava, flip, jump, jump_guava};
use apportion::hash::{KeyHasher, Seeded};
use apportion::limits::MAX_BUCKETS;
use apportion::rendezvous::WeightedRendezvousSlice;
use apportion::{JumpBack, KeyHash, NodeIdx, Placement, Portable, Xxh3};

fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect())
}

fn hash(hex: &str) -> KeyHash {
    KeyHash::from_hash(u64::from_str_radix(hex, 16).unwrap())
}

/// The second level's hashes, recorded from a program that shares nothing with this one.
#[test]
fn seeded_hashes() {
    let mut count = 0;
    for row in rows(include_str!("seeded.tsv")) {
        let (key, seed, seeded) = (hash(row[0]), hash(row[1]).get(), hash(row[2]));
        assert_eq!(key.with_seed(seed), seeded, "{key:?}, seed {seed}");
        assert_eq!(Seeded::new(Xxh3, seed).hash_key(&key), seeded);
        count += 1;
    }
    assert_eq!(count, 160);
    // The id of a seeded hasher enters fingerprints and saved forms, so it is as fixed.
    assert_eq!(Seeded::new(Xxh3, 3).id(), KeyHash::from_hash(Xxh3.id()).with_seed(3).get());
}

fn check_buckets(function: impl BucketHash + Copy, text: &str, expected_rows: usize) {
    let mut count = 0;
    for row in rows(text) {
        let (key, n, bucket) = (hash(row[0]), row[1].parse().unwrap(), row[2].parse().unwrap());
        assert_eq!(function.bucket(key, n), bucket, "{} of key {key:?}, n {n}", function.name());
        let mut batch = [0];
        assert_eq!(function.bucket_batch(&[key.get()], n, &mut batch), 1);
        assert_eq!(batch, [bucket]);
        let placement = Buckets::new(function, n).unwrap();
        assert_eq!(placement.locate(key), Some(NodeIdx::new(bucket)));
        count += 1;
    }
    assert_eq!(count, expected_rows);
}

#[test]
fn jump_as_in_go_and_python() {
    check_buckets(Jump, include_str!("jump_lamping_veach.tsv"), 1086);
}

#[test]
fn jump_as_in_guava() {
    check_buckets(JumpGuava, include_str!("jump_guava_overflow.tsv"), 1027);
    check_buckets(JumpGuava, include_str!("guava_consistent_hash.tsv"), 2500);
}

#[test]
fn jump_back_as_in_hash4j() {
    check_buckets(JumpBack, include_str!("jumpback_hash4j.tsv"), 1007);
}

#[test]
fn flip_as_published() {
    let mut count = 0;
    for row in rows(include_str!("fliphash_datadog.tsv")) {
        let [key, seed, end, bucket] = [0, 1, 2, 3].map(|i| hash(row[i]));
        assert_eq!(flip(key, seed.get(), end.get()), bucket.get(), "{row:?}");
        if let (0, Ok(n)) = (seed.get(), u32::try_from(end.get().saturating_add(1))) {
            if n <= MAX_BUCKETS {
                assert_eq!(u64::from(FlipHash.bucket(key, n)), bucket.get());
                assert_eq!(FlipHash.bucket_batch(&[key.get()], n, &mut [0]), 1);
            }
        }
        count += 1;
    }
    assert_eq!(count, 1000);
}

/// Ends no table of buckets reaches: from n to n + 1 a key stays or goes to the new one.
#[test]
fn flip_is_consistent_up_to_the_last_bucket() {
    for i in 0..20_000_u64 {
        let key = KeyHash::of_id(i);
        let end = (i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (i % 63)).max(1);
        let (few, more) = (flip(key, i, end - 1), flip(key, i, end));
        assert!(few < end && (more == few || more == end), "{i}: {few} -> {more} at {end}");
        // A seed is another name for the keys.
        let renamed = KeyHash::from_hash(key.get() ^ i);
        assert_eq!((flip(renamed, 0, end), flip(KeyHash::from_hash(i), i, end)), (more, 0));
    }
}

#[test]
fn the_dialects_differ_where_they_are_known_to() {
    let key = hash("845a1a94f2ae66e2");
    assert_eq!((jump(key, 10), jump_guava(key, 10)), (6, 1));
    // An integer division in place of the float one would give 48.
    assert_eq!(jump(KeyHash::from_hash(3_139_627_907_299_950_787), 2048), 2047);
}

#[test]
fn weighted_rendezvous_in_integers() {
    let mut rows = rows(include_str!("weighted_rendezvous.tsv"));
    let nodes: Vec<(u64, u64)> = rows.next().unwrap()[1]
        .split(' ')
        .map(|node| node.split_once('=').unwrap())
        .map(|(slot, weight)| (slot.parse().unwrap(), weight.parse().unwrap()))
        .collect();
    let placement = WeightedRendezvousSlice::new(&nodes).unwrap();
    let mut count = 0;
    for row in rows {
        let expected: Vec<u32> = row[1].split(' ').map(|slot| slot.parse().unwrap()).collect();
        let key = hash(row[0]);
        let mut found = [NodeIdx::default(); 5];
        assert_eq!(placement.replicas(key, &mut found), 5);
        assert_eq!(found.map(NodeIdx::get).as_slice(), expected, "key {key:?}");
        assert_eq!(placement.locate(key), Some(found[0]));
        let walked = apportion::Candidates::new(&placement, key).take(5);
        assert!(walked.eq(found));
        count += 1;
    }
    assert_eq!(count, 200);
}

/// Histories, states and answers; `algorithms/anchor.rs` says more about them.
#[test]
fn anchors_as_in_hash4j() {
    let mut buckets = AnchorBuckets::default();
    let mut keys = 0;
    for row in rows(include_str!("jump_back_anchor_hash4j.tsv")) {
        match (row[0], row[1]) {
            ("buckets", n) => buckets = AnchorBuckets::new(n.parse().unwrap()).unwrap(),
            ("add", bucket) => assert_eq!(buckets.add().unwrap(), bucket.parse().unwrap()),
            ("remove", bucket) => buckets.remove(bucket.parse().unwrap()).unwrap(),
            ("state", hex) => {
                let state = buckets.to_state();
                let written: String = state.iter().map(|byte| format!("{byte:02x}")).collect();
                assert_eq!(written, hex);
                buckets = AnchorBuckets::from_state(&state).unwrap();
            }
            (key, bucket) => {
                assert_eq!(buckets.bucket(hash(key)), Some(bucket.parse().unwrap()));
                keys += 1;
            }
        }
    }
    assert_eq!(keys, 1600);
}

#[test]
fn boards_of_the_specification() {
    let tables = [
        include_str!("asura/empty.tsv"),
        include_str!("asura/n1000_90dead.tsv"),
        include_str!("asura/n1000_full.tsv"),
        include_str!("asura/n1000_full_board20.tsv"),
        include_str!("asura/n100_w1to10.tsv"),
        include_str!("asura/n100_w1to10_D0.tsv"),
        include_str!("asura/n4096_99dead.tsv"),
        include_str!("asura/one_live_of_4096.tsv"),
        include_str!("asura/single_slot.tsv"),
        include_str!("asura/ten_full.tsv"),
        include_str!("asura/three_full.tsv"),
        include_str!("asura/two_full.tsv"),
    ];
    for table in tables {
        let mut rows = rows(table);
        let board = rows.next().unwrap();
        let runs = board[2].split(' ').map(|run| run.split_once('*').unwrap());
        let weights = runs.flat_map(|(count, weight)| {
            std::iter::repeat_n(weight.parse().unwrap(), count.parse().unwrap())
        });
        let darts = board[1].parse().unwrap();
        let board = AsuraBoard::new(board[0].parse().unwrap(), weights).unwrap();
        let board = board.with_darts(darts).unwrap();
        let mut count = 0;
        for row in rows {
            let mut five = [NodeIdx::default(); 5];
            let found = board.replicas(hash(row[0]), &mut five);
            let slots: Vec<String> = five[..found].iter().map(|s| s.get().to_string()).collect();
            let slots = if slots.is_empty() { "-".to_string() } else { slots.join(",") };
            assert_eq!(slots, row[1], "{}", row[0]);
            assert_eq!(board.locate(hash(row[0])), five[..found].first().copied());
            count += 1;
        }
        assert_eq!(count, 200);
    }
}
