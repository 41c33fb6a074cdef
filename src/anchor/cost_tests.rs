//! The costs that are documented.

use super::{AnchorBuckets, JumpBackAnchor};
use crate::hash::KeyHash;
use crate::hash::mix::word;
use crate::placement::Build;
use crate::steps::{assert_growth, during};
use crate::topology::Topology;
use std::vec::Vec;

/// Removes whatever stands at place `left` until that is the last place: the longest chain there
/// can be, which the next removal would have to follow.
fn chased(n: u32, left: u32) -> AnchorBuckets {
    let mut buckets = AnchorBuckets::new(n).unwrap();
    for bucket in core::iter::once(left).chain((left + 2..n).rev()) {
        buckets.remove(bucket).unwrap();
    }
    assert_eq!(buckets.working(), left + 1);
    buckets
}

#[test]
fn changes_after_a_long_chain() {
    assert_growth("one bucket after another, n times", 2000, 2.5, |n| {
        let mut buckets = chased(n as u32 * 2, n as u32);
        let ((), steps) = during(|| {
            for i in 0..n as u32 {
                buckets.remove(i % 7).unwrap();
                assert_eq!(buckets.add().unwrap(), i % 7);
            }
        });
        steps
    });
    assert_growth("random removals", 10_000, 2.5, |n| {
        let mut order: Vec<u32> = (0..n as u32).collect();
        order.sort_unstable_by_key(|bucket| word(7, u64::from(*bucket)));
        let mut buckets = AnchorBuckets::new(n as u32).unwrap();
        during(|| order.iter().take(n - 1).for_each(|b| buckets.remove(*b).unwrap())).1
    });
}

/// Long chains and short ones agree: the state read back has no places yet.
#[test]
fn places_agree_with_chains() {
    for seed in 0..40 {
        let mut buckets = chased(300, 10 + seed as u32);
        for i in 0..600 {
            let bucket = (word(seed, i) % 300) as u32;
            let mut again = AnchorBuckets::from_state(&buckets.to_state()).unwrap();
            if word(seed, i) >> 32 & 1 == 0 && buckets.is_working(bucket) && buckets.working() > 1 {
                buckets.remove(bucket).unwrap();
                again.remove(bucket).unwrap();
            } else {
                assert_eq!(buckets.add().unwrap(), again.add().unwrap());
            }
            assert_eq!(buckets, again);
            for place in 0..buckets.size().min(300) {
                assert_eq!(buckets.entry_of(place), again.entry_of(place), "{seed} {i} {place}");
            }
        }
    }
}

#[test]
fn a_change_copies_the_state() {
    assert_growth("a node less", 1000, 2.2, |n| {
        let nodes = Topology::new(0..n as u32).unwrap();
        let anchor = JumpBackAnchor::build(&(), nodes.members()).unwrap();
        let (less, change) = nodes.without(&0_u32).unwrap();
        during(|| anchor.update(&[change], nodes.members(), less.members()).unwrap()).1
    });
}

/// O((1 + ln(a/w))²) where w of a buckets work and the others left in random order, O(a/w) where
/// they left in the worst one.
#[test]
fn lookups_among_removed_buckets() {
    let per_key = |buckets: &AnchorBuckets| {
        let keys = (0..2000).map(KeyHash::of_id);
        let ((), steps) = during(|| keys.for_each(|key| assert!(buckets.bucket(key).is_some())));
        steps as f64 / 2000.0
    };
    let random = |a: u32, w: u32| {
        let mut order: Vec<u32> = (0..a).collect();
        order.sort_unstable_by_key(|bucket| word(11, u64::from(*bucket)));
        let mut buckets = AnchorBuckets::new(a).unwrap();
        order.iter().take((a - w) as usize).for_each(|b| buckets.remove(*b).unwrap());
        per_key(&buckets)
    };
    for ratio in [1, 2, 16, 256] {
        let limit = (1.0 + f64::from(ratio).ln()).powi(2);
        for w in [64, 256] {
            let steps = random(w * ratio, w);
            assert!(steps <= 2.0 * limit, "{ratio} {w}: {steps} of {limit}");
        }
    }
    // The bucket at one place again and again.
    let worst = |a: u32, w: u32| per_key(&chased(a, w - 1));
    for (a, w) in [(1024, 512), (4096, 64), (65_536, 256)] {
        let (steps, limit) = (worst(a, w), f64::from(a / w));
        assert!(steps <= 4.0 * limit, "{a} {w}: {steps} of {limit}");
    }
}
