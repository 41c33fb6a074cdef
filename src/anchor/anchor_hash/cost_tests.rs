//! The costs that are documented.

use super::{AnchorConfig, AnchorHash};
use crate::hash::KeyHash;
use crate::hash::mix::word;
use crate::locator::Locator;
use crate::placement::Placement;
use crate::steps::{assert_growth, during};
use crate::topology::Topology;
use std::vec::Vec;

type Pool = Locator<u32, AnchorHash>;

fn of(n: u32, capacity: u32) -> Pool {
    let config = AnchorConfig::default().capacity(capacity);
    Locator::anchor_of(Topology::new(0..n).unwrap(), config).unwrap()
}

/// Steps beyond the first draw.
fn per_key(pool: &Pool) -> f64 {
    let keys = (0..4000).map(KeyHash::of_id);
    let locate = |key| assert!(pool.placement().locate(key).is_some());
    during(|| keys.for_each(locate)).1 as f64 / 4000.0
}

fn random_order(n: u32) -> Vec<u32> {
    let mut order: Vec<u32> = (0..n).collect();
    order.sort_unstable_by_key(|bucket| word(11, u64::from(*bucket)));
    order
}

/// Each draw after the first one is a step: ln(a/w) of them.
#[test]
fn lookups_among_buckets_that_never_had_a_node() {
    assert_eq!(per_key(&of(100, 100)) as u64, 0);
    for ratio in [2, 16, 256, 4096] {
        for n in [64, 128] {
            let (steps, expected) = (per_key(&of(n, n * ratio)), f64::from(ratio).ln());
            assert!((steps - expected).abs() < 0.15 + 0.05 * expected, "{n} {ratio}: {steps}");
        }
    }
}

/// O((1 + ln(a/w))²) where w of a buckets work and the others left in random order, O(a/w) where they
/// left in the worst one: always the bucket at the same place.
#[test]
fn lookups_among_removed_buckets() {
    for ratio in [1, 2, 16, 64] {
        let limit = (1.0 + f64::from(ratio).ln()).powi(2);
        for w in [32, 64] {
            let gone = random_order(w * ratio);
            let gone = gone.into_iter().take((w * ratio - w) as usize);
            let steps = per_key(&of(w * ratio, w * ratio).without_all(gone).unwrap());
            assert!(steps <= 2.0 * limit, "{ratio} {w}: {steps} of {limit}");
        }
    }
    for (a, w) in [(1024, 512), (2048, 64), (4096, 64)] {
        let chased = core::iter::once(w - 1).chain((w + 1..a).rev());
        let pool = of(a, a).without_all(chased).unwrap();
        let (steps, limit) = (per_key(&pool), f64::from(a / w));
        assert!(steps <= 4.0 * limit, "{a} {w}: {steps} of {limit}");
    }
}

/// Of what was ever in use: not of the capacity.
#[test]
fn a_change_copies_the_buckets_in_use() {
    let steps = |n: u32, capacity: u32| {
        let pool = of(n, capacity);
        during(|| pool.without(&0).unwrap().with(n).unwrap()).1
    };
    assert_growth("a node that leaves and one that joins", 1000, 2.2, |n| {
        steps(n as u32, n as u32)
    });
    assert_eq!(steps(1000, 1000), steps(1000, 1 << 26));
}

/// 8 bytes for each bucket in use.
#[test]
fn memory_does_not_follow_the_capacity() {
    assert_eq!(size_of::<super::table::Entry>(), 8);
    let pool = of(10, 1 << 26);
    assert_eq!(pool.placement().table.entries().len(), 10);
}
