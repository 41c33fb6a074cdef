//! Inclusion by weight: against enumeration, recorded values, and what holds of all of them.

use super::{inclusion, near, weighted_rendezvous};
use crate::support::Draws;

/// Σ over all ordered lists of k nodes.
fn enumerated(weights: &[u64], k: usize) -> Vec<f64> {
    fn go(weights: &[u64], k: usize, list: &mut Vec<usize>, chance: f64, sums: &mut [f64]) {
        if list.len() == k {
            list.iter().for_each(|i| sums[*i] += chance);
            return;
        }
        let left: Vec<usize> = (0..weights.len()).filter(|i| !list.contains(i)).collect();
        let total: u128 = left.iter().map(|i| u128::from(weights[*i])).sum();
        for i in left {
            list.push(i);
            go(weights, k, list, chance * (weights[i] as f64 / total as f64), sums);
            list.pop();
        }
    }
    let mut sums = vec![0.0; weights.len()];
    go(weights, k, &mut Vec::new(), 1.0, &mut sums);
    sums
}

#[test]
fn inclusion_equals_enumeration() {
    let mut sets: Vec<Vec<u64>> = vec![
        vec![1, 2],
        vec![1, u64::MAX],
        vec![1, 1, 1 << 60],
        vec![1, 2, 3, 6],
        vec![1, 10, 100, 1000, 10_000, 100_000],
        vec![1, 1 << 12, 1 << 24, 1 << 36, 1 << 48, 1 << 60],
        vec![u64::MAX, u64::MAX, u64::MAX, 1, 1, 1],
    ];
    let mut draws = Draws(7);
    for i in 0..60 {
        let n = 2 + draws.below(5);
        sets.push((0..n).map(|_| 1 + draws.next() % (1 << (1 + i))).collect());
    }
    for weights in &sets {
        let locator = weighted_rendezvous(weights);
        for k in 1..=weights.len() {
            let (found, expected) = (inclusion(&locator, k), enumerated(weights, k));
            for (found, expected) in found.iter().zip(&expected) {
                let off = (found / expected - 1.0).abs();
                assert!(off < 1e-12, "{weights:?} {k}: {found} {expected}");
            }
        }
    }
}

/// Weights, replicas, and the probability of some nodes.
type Recorded<'a> = (&'a [u64], usize, &'a [(usize, f64)]);

/// By mpmath, with thirty digits and ten times the steps.
#[test]
fn inclusion_equals_recorded_values() {
    let up_to_30: Vec<u64> = (1..=30).collect();
    let doubling: Vec<u64> = (0..40).map(|i| 1 << i).collect();
    let disks = [1_000_000_000_000, 3_000_000_000_000, 500_000_000_000].repeat(7);
    let recorded: [Recorded; 3] = [
        (
            &up_to_30,
            5,
            &[
                (0, 0.011_783_687_797_882_578),
                (14, 0.165_533_223_081_308_84),
                (29, 0.307_231_287_950_941_07),
            ],
        ),
        (
            &doubling,
            3,
            &[
                (0, 4.997_596_433_169_628_8e-12),
                (20, 5.240_354_811_045_029_4e-6),
                (37, 0.582_924_243_252_292_66),
                (39, 0.944_110_118_388_422_73),
            ],
        ),
        (
            &disks,
            10,
            &[
                (0, 0.407_606_535_848_866_49),
                (1, 0.793_827_927_065_908_61),
                (2, 0.227_136_965_656_653_47),
            ],
        ),
    ];
    for (weights, k, values) in recorded {
        let found = inclusion(&weighted_rendezvous(weights), k);
        for (at, expected) in values {
            assert!((found[*at] / expected - 1.0).abs() < 1e-14, "{k} {at}: {}", found[*at]);
        }
    }
}

#[test]
fn laws_of_inclusion() {
    let mut draws = Draws(8);
    let spread: Vec<u64> =
        (0..300).map(|_| 1 + draws.next() % (1 << (1 + draws.below(60)))).collect();
    let cluster: Vec<u64> = (0..2000).map(|i| 1000 + i * 7919 % 5003).collect();
    for weights in [spread, cluster] {
        let total: u128 = weights.iter().map(|w| u128::from(*w)).sum();
        let locator = weighted_rendezvous(&weights);
        let mut fewer = vec![0.0; weights.len()];
        for k in [1, 2, 3, 10, 100, weights.len() - 1, weights.len(), weights.len() + 1] {
            let found = inclusion(&locator, k);
            let sum: f64 = found.iter().sum();
            assert!((sum - k.min(weights.len()) as f64).abs() < 1e-10, "{k}: {sum}");
            for (i, chance) in found.iter().enumerate() {
                let grown = *chance >= fewer[i] * (1.0 - 1e-12);
                assert!((0.0..=1.0).contains(chance) && grown, "{k} {i}: {} {chance}", fewer[i]);
                if k == 1 {
                    let share = weights[i] as f64 / total as f64;
                    assert!((chance / share - 1.0).abs() < 1e-12);
                }
            }
            // The heavier, the likelier.
            let mut order: Vec<usize> = (0..weights.len()).collect();
            order.sort_by_key(|i| weights[*i]);
            for pair in order.windows(2) {
                let (light, heavy) = (found[pair[0]], found[pair[1]]);
                assert!(light <= heavy * (1.0 + 1e-12), "{k}: {light} {heavy}");
                assert!(weights[pair[0]] != weights[pair[1]] || light == heavy);
            }
            fewer = found;
        }
    }
    // Weights in another unit.
    let (small, large) = ([1, 5, 7, 9], [3 << 40, 15 << 40, 21 << 40, 27 << 40]);
    let (one, other) =
        (inclusion(&weighted_rendezvous(&small), 2), inclusion(&weighted_rendezvous(&large), 2));
    assert!(one.iter().zip(&other).all(|(a, b)| near(*a, *b, 1e-15)));
}
