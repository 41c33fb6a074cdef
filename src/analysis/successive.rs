//! Inclusion probabilities of successive sampling: draw one in proportion to weight, then another
//! one among those left, and so on.
//!
//! Node i arrives at an exponential time of rate a_i = w_i/W, and the first k to arrive are chosen.
//! So it is among them with probability
//!
//! ```text
//! ∫ a_i · S_i(t) dt,   S_i(t) = e^(−a_i·t) · P(fewer than k others have arrived by t)
//! ```
//!
//! where each other node j has arrived with probability 1 − e^(−a_j·t), on its own: the number of
//! them has a Poisson binomial distribution, which is built node by node from additions and
//! products of positive numbers, so that nothing cancels.
//!
//! The integral is a sum of equal steps over s = ln t. Shifted by y into the complex plane, the
//! integrand grows by no more than a factor of sec(y)^k, because |1 − e^(−a·t)| ≤ sec(y) · (1 −
//! e^(−a·Re t)). So the sum is off by less than 2 sec(y)^k / (e^(2πy/h) − 1) of the integral for a
//! step h and every y < π/2 (Lloyd N. Trefethen, J. A. C. Weideman, *The exponentially convergent
//! trapezoidal rule*, SIAM Review 56(3), 2014, DOI 10.1137/130932132).
//!
//! Nothing but additions, products and quotients: `core` has no exponential function, and the
//! answer is the same on every target.

use super::exponential::exponential;
use crate::steps;
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;
use core::f64::consts::LN_2;

/// 2^-60: what is left out, as a part of each probability.
const NOTHING: f64 = 1.0 / (1_u64 << 60) as f64;

/// Before 2^-60 less than that part arrives; by 2^100 every node has: a weight is at least one part
/// in 2^84.
const OCTAVES: u32 = 160;

/// The nodes of one weight.
struct Class {
    rate: f64,
    nodes: usize,
    /// The chance that one of them has not arrived, and that it has.
    absent: f64,
    arrived: f64,
    /// The integral so far.
    sum: f64,
}

/// The probability of each node to be among the first `k`. `k` is less than the number of
/// weights, and those are above 0.
pub(super) fn inclusion(weights: &[u64], k: usize) -> Vec<f64> {
    let total = weights.iter().map(|weight| u128::from(*weight)).sum::<u128>() as f64;
    let mut counts: BTreeMap<u64, usize> = BTreeMap::new();
    for weight in weights {
        *counts.entry(*weight).or_default() += 1;
    }
    let class = |(weight, nodes): (&u64, &usize)| Class {
        rate: *weight as f64 / total,
        nodes: *nodes,
        absent: 1.0,
        arrived: 0.0,
        sum: 0.0,
    };
    let mut classes: Vec<Class> = counts.iter().map(class).collect();

    let steps = steps_per_octave(k);
    let step = LN_2 / steps as f64;
    // Times within one octave, so that rounding does not add up over all of them.
    let times: Vec<f64> = (0..steps).map(|i| 1.0 / exponential(i as f64 * step).0).collect();
    let mut octave = NOTHING;
    let mut few = Vec::new();
    'time: for _ in 0..OCTAVES {
        for time in &times {
            if arrive(&mut classes, k, octave * time, &mut few) {
                break 'time;
            }
        }
        octave *= 2.0;
    }
    let found: BTreeMap<u64, f64> = counts
        .into_keys()
        .zip(classes)
        .map(|(weight, c)| (weight, (c.sum * step).min(1.0)))
        .collect();
    weights.iter().filter_map(|weight| found.get(weight).copied()).collect()
}

/// So many that the sum over steps of ln 2 over that is off by less than e^-40 · 2: with y = 1 up
/// to some k, where sec(y) < e^0.616, and beyond with the best y, where sec(y) < e^(0.616·y²).
fn steps_per_octave(k: usize) -> usize {
    6 + k.isqrt() + k.isqrt() / 8
}

/// Adds a time's term to every integral; true if nothing is to come that would count.
///
/// S_i is the chance that a system of parts still works which fail at exponential times, so its
/// tail is lighter than an exponential one (Z. W. Birnbaum, J. D. Esary, A. W. Marshall, *A
/// stochastic characterization of wear-out for components and systems*, Annals of Mathematical
/// Statistics 37(4), 1966): once S_i is below 1/e, what remains is less than the term.
fn arrive(classes: &mut [Class], k: usize, time: f64, few: &mut Vec<f64>) -> bool {
    let mut expected = 0.0;
    for class in classes.iter_mut() {
        (class.absent, class.arrived) = exponential(class.rate * time);
        expected += class.nodes as f64 * class.arrived;
    }
    few.clear();
    if surely_few(expected, k) {
        few.resize(classes.len(), 1.0);
    } else {
        let mut none = vec![0.0; k];
        none.iter_mut().take(1).for_each(|first| *first = 1.0);
        few_others(classes, none, few);
    }
    let mut over = true;
    for (class, few) in classes.iter_mut().zip(few) {
        let stands = class.absent * *few;
        let term = class.rate * time * stands;
        class.sum += term;
        over &= stands < 0.36 && term < NOTHING * class.sum;
    }
    over
}

/// True if it makes no difference that `k` or more might have arrived: the chance is at most
/// expected^k / k!.
fn surely_few(expected: f64, k: usize) -> bool {
    let mut chance = 1.0;
    (1..=k).any(|i| {
        chance *= expected / i as f64;
        // From here on the factors are below 1.
        chance < NOTHING && expected < i as f64
    })
}

/// For a node of each class, the chance that fewer than k others have arrived. `counts` holds the
/// chances that exactly 0, 1, … k − 1 of those outside these classes have.
///
/// Each half is done with the other half counted in: every node is counted in once a level.
fn few_others(classes: &[Class], mut counts: Vec<f64>, few: &mut Vec<f64>) {
    match classes {
        [] => {}
        [class] => {
            count_in(class, class.nodes - 1, &mut counts);
            few.push(counts.iter().sum());
        }
        _ => {
            let (low, high) = classes.split_at(classes.len() / 2);
            let mut with_high = counts.clone();
            all_in(high, &mut with_high);
            few_others(low, with_high, few);
            all_in(low, &mut counts);
            few_others(high, counts, few);
        }
    }
}

fn all_in(classes: &[Class], counts: &mut [f64]) {
    for class in classes {
        count_in(class, class.nodes, counts);
    }
}

fn count_in(class: &Class, nodes: usize, counts: &mut [f64]) {
    for _ in 0..nodes {
        let mut one_less = 0.0;
        steps::count(counts.len() as u64);
        for chance in counts.iter_mut() {
            let before = *chance;
            *chance = before * class.absent + one_less * class.arrived;
            one_less = before;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{inclusion, steps_per_octave};
    use alloc::vec;

    /// The promised bound on the error of the step, for every k, with the y that the text names.
    #[test]
    fn steps_are_small_enough() {
        for k in (1..2000).chain([10_000, 100_000, 1 << 20]) {
            let step = std::f64::consts::LN_2 / steps_per_octave(k) as f64;
            let y = (std::f64::consts::PI / step / (0.616 * k as f64)).min(1.0);
            let growth = k as f64 * (1.0 / y.cos()).ln();
            assert!(2.0 * std::f64::consts::PI * y / step - growth > 40.0, "{k}");
        }
    }

    /// Equal weights are not asked of it, but it knows the answer.
    #[test]
    fn equal_weights() {
        for (n, k) in [(2, 1), (10, 3), (100, 99), (1000, 1), (1000, 2), (1000, 20), (1000, 500)] {
            let expected = k as f64 / n as f64;
            for found in inclusion(&vec![7; n], k) {
                assert!((found / expected - 1.0).abs() < 1e-13, "{n} {k}: {found}");
            }
        }
    }

    /// One is chosen in proportion to weight, however far weights are apart.
    #[test]
    fn one_is_the_share() {
        for weights in [vec![1, 2, 3], vec![1, u64::MAX], vec![1, 1 << 20, 1 << 40, 1 << 60]] {
            let total: u128 = weights.iter().map(|w| u128::from(*w)).sum();
            for (found, weight) in inclusion(&weights, 1).iter().zip(&weights) {
                let expected = *weight as f64 / total as f64;
                assert!((found / expected - 1.0).abs() < 1e-14, "{weights:?}: {found}");
            }
        }
    }
}
