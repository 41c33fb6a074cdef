//! Vectors and single numbers give the same buckets.

use super::{BucketHash, Jump, JumpBack, jump, jump_back};
use crate::hash::KeyHash;
use crate::hash::mix::word;
use crate::limits::MAX_BUCKETS;
use crate::vector::{jump_at_every_level, jump_back_at_every_level, runs};
use std::vec;
use std::vec::Vec;

/// Random hashes, and those at the ends of the range.
fn hashes(count: usize) -> Vec<u64> {
    let edges = [0, 1, u64::MAX, u64::MAX - 1, 1 << 63, (1 << 63) - 1, 1 << 32, u64::MAX >> 32];
    edges.into_iter().chain((0..).map(|c| word(11, c))).take(count).collect()
}

/// Zero, one, two, powers of two and their neighbours, round numbers, and the largest.
fn sizes() -> Vec<u32> {
    let powers = (1..31).map(|bit| 1_u32 << bit);
    let near = powers.flat_map(|power| [power - 1, power, power + 1, power + power / 2]);
    near.chain([0, 10, 100, 1000, 1_000_000, MAX_BUCKETS - 1, MAX_BUCKETS, u32::MAX]).collect()
}

#[test]
fn every_level_gives_the_buckets_of_single_keys() {
    let hashes = hashes(1000);
    for n in sizes().into_iter().map(|n| n.clamp(2, MAX_BUCKETS)) {
        let expected = hashes.iter().map(|hash| jump(KeyHash::from_hash(*hash), n));
        for found in jump_at_every_level(&hashes, n) {
            assert_eq!(found.len(), 992);
            assert!(expected.clone().take(992).eq(found), "jump, {n}");
        }
        let expected = hashes.iter().map(|hash| jump_back(KeyHash::from_hash(*hash), n));
        let single = |hash| jump_back(KeyHash::from_hash(hash), n);
        for found in jump_back_at_every_level(&hashes, n, single) {
            assert!(expected.clone().eq(found), "jump-back, {n}");
        }
    }
}

/// Around the sizes of chunks, and for slices of different lengths.
#[test]
fn batches_of_any_length_give_the_buckets_of_single_keys() {
    for count in (0..=100).chain([127, 128, 129, 191, 192, 193]) {
        let hashes = hashes(count);
        for n in [0, 1, 2, 3, 10, 1000, 1024, 1025, 1_500_000_000, MAX_BUCKETS, u32::MAX] {
            for room in [count, count + 3, count.saturating_sub(3)] {
                let mut out = vec![77; room];
                let done = room.min(count);
                assert_eq!(Jump.bucket_batch(&hashes, n, &mut out), done);
                let expected = hashes.iter().map(|hash| jump(KeyHash::from_hash(*hash), n));
                assert!(expected.take(done).eq(out[..done].iter().copied()), "{count} {n}");
                assert_eq!(JumpBack.bucket_batch(&hashes, n, &mut out), done);
                let expected = hashes.iter().map(|hash| jump_back(KeyHash::from_hash(*hash), n));
                assert!(expected.take(done).eq(out[..done].iter().copied()), "{count} {n}");
                assert!(out[done..].iter().all(|place| *place == 77));
            }
        }
    }
}

#[test]
fn batches_are_computed_with_vectors_where_there_are_any() {
    let (before, there) = runs();
    let (hashes, mut out) = (hashes(100), [0; 100]);
    Jump.bucket_batch(&hashes, 1000, &mut out);
    let (after_jump, _) = runs();
    JumpBack.bucket_batch(&hashes, 1000, &mut out);
    let (after_both, _) = runs();
    assert_eq!([after_jump - before, after_both - after_jump], [u64::from(there); 2]);
}
