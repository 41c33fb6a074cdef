//! Many keys at once give what they give one by one.

use crate::support::{Draws, topology};
use apportion::bucket::{BucketHash, Buckets, FlipHash, Jump, JumpGuava};
use apportion::limits::MAX_BUCKETS;
use apportion::{Algorithm, JumpBack, KeyHash, Locator, NodeIdx, Placement};

/// Numbers of buckets where a batch may go another way: powers of two and what is around them.
fn sizes() -> Vec<u32> {
    let mut sizes: Vec<u32> = (0..140).collect();
    for bit in 6..31 {
        let power = 1_u32 << bit;
        sizes.extend([power - 1, power, power + 1, power / 16 * 15, power / 16 * 15 + 1]);
        sizes.extend([power + power / 2, power / 8 * 5]);
    }
    sizes.extend([1000, 1025, MAX_BUCKETS - 1, MAX_BUCKETS, MAX_BUCKETS + 1, u32::MAX]);
    sizes
}

fn check(function: impl BucketHash + Copy) {
    let mut draws = Draws(5);
    for n in sizes() {
        let keys: Vec<u64> = (0..300).map(|_| draws.next()).collect();
        let expected: Vec<u32> =
            keys.iter().map(|key| function.bucket(KeyHash::from_hash(*key), n)).collect();
        for len in [0, 1, 7, 8, 9, 63, 64, 65, 128, 300] {
            let mut out = vec![u32::MAX; 300];
            assert_eq!(function.bucket_batch(&keys[..len], n, &mut out), len);
            assert_eq!(out[..len], expected[..len], "{} of {n}", function.name());
            assert!(out[len..].iter().all(|place| *place == u32::MAX), "written beyond");
            let mut short = vec![u32::MAX; len];
            assert_eq!(function.bucket_batch(&keys, n, &mut short), len);
            assert_eq!(short, expected[..len]);
        }
        if let Some(buckets) = Buckets::new(function, n) {
            let mut out = vec![NodeIdx::default(); 300];
            assert_eq!(buckets.locate_batch(&keys, &mut out), if n == 0 { 0 } else { 300 });
            let owners = out.iter().map(|node| node.get());
            assert!(n == 0 || owners.eq(expected.iter().copied()));
        }
    }
}

#[test]
fn batches_of_buckets_equal_single_calls() {
    check(Jump);
    check(JumpGuava);
    check(JumpBack);
    check(FlipHash);
}

/// Keys that take many draws are decided too.
#[test]
fn keys_that_take_many_draws_are_decided() {
    let mut draws = Draws(6);
    let keys: Vec<u64> = (0..2_000_000).map(|_| draws.next()).collect();
    for n in [5, 9, 129] {
        let mut out = vec![0; keys.len()];
        assert_eq!(JumpBack.bucket_batch(&keys, n, &mut out), keys.len());
        let one = |key: &u64| JumpBack.bucket(KeyHash::from_hash(*key), n);
        assert!(out.iter().copied().eq(keys.iter().map(one)), "{n}");
        assert_eq!(FlipHash.bucket_batch(&keys, n, &mut out), keys.len());
        let one = |key: &u64| FlipHash.bucket(KeyHash::from_hash(*key), n);
        assert!(out.iter().copied().eq(keys.iter().map(one)), "{n}");
    }
}

/// A jump that leads exactly to the number of buckets: the generator's upper bits are all ones.
#[test]
fn jumps_that_land_exactly_on_the_number_of_buckets() {
    const MULTIPLIER: u64 = 2_862_933_555_777_941_757;
    let inverse = (0..6)
        .fold(MULTIPLIER, |x, _| x.wrapping_mul(2_u64.wrapping_sub(MULTIPLIER.wrapping_mul(x))));
    assert_eq!(inverse.wrapping_mul(MULTIPLIER), 1);
    let key = (u64::MAX << 33).wrapping_sub(1).wrapping_mul(inverse);
    for n in 1..5 {
        let mut out = [9; 8];
        assert_eq!(Jump.bucket_batch(&[key; 8], n, &mut out), 8);
        assert_eq!(out, [Jump.bucket(KeyHash::from_hash(key), n); 8]);
        assert!(out[0] < n);
    }
}

#[test]
fn batches_of_owners_equal_single_lookups() {
    let mut draws = Draws(7);
    for n in [0_usize, 1, 2, 3, 10, 65, 300] {
        for algorithm in Algorithm::all() {
            let any = Locator::any_of(topology(&vec![1; n]), algorithm.clone()).unwrap();
            // Holes among the slots, where it can have them.
            let any = any.without("n1").unwrap_or(any);
            let keys: Vec<u64> = (0..500).map(|_| draws.next()).collect();
            let live = any.placement().live();
            for len in [0, 1, 15, 16, 17, 100, 500] {
                let mut out = vec![NodeIdx::new(999_999); 500];
                let found = any.locate_batch(&keys[..len], &mut out);
                assert_eq!(found, if live == 0 { 0 } else { len }, "{algorithm} {n}");
                for (key, node) in keys.iter().zip(&out[..found]) {
                    let owner = any.placement().locate(KeyHash::from_hash(*key));
                    assert_eq!(Some(*node), owner, "{algorithm} {n}");
                }
                assert!(out[found..].iter().all(|node| node.get() == 999_999));
            }
        }
    }
}
