//! Inclusion probabilities of successive sampling: choose a node in proportion to weight, then
//! another one among the remaining nodes, and so on.
//!
//! Node i arrives at an exponential time with rate a_i = w_i/W, and the first k nodes to arrive are
//! chosen. So it is among them with probability
//!
//! ```text
//! ∫ a_i · S_i(t) dt,   S_i(t) = e^(−a_i·t) · P(fewer than k others have arrived by t)
//! ```
//!
//! where each other node j has arrived by t with probability 1 − e^(−a_j·t), independently of the
//! rest. The number of arrived nodes has a Poisson binomial distribution. It is built node by node
//! from sums and products of positive numbers, so nothing cancels.
//!
//! The integral is computed as a sum of equal steps over s = ln t. Shifted by y into the complex
//! plane, the integrand grows by at most a factor of sec(y)^k, because |1 − e^(−a·t)| ≤ sec(y) · (1
//! − e^(−a·Re t)). So with a step h, the relative error of the sum is below 2 sec(y)^k / (e^(2πy/h)
//! − 1) for every y < π/2.
//!
//! Only additions, products and quotients are used: `core` has no exponential function, and the
//! result is the same on every target.
//!
//! # Source
//! Lloyd N. Trefethen, J. A. C. Weideman, *The exponentially convergent trapezoidal rule*, SIAM
//! Review 56(3), 2014, DOI 10.1137/130932132.

use super::exponential::exponential;
use crate::steps;
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;
use core::f64::consts::LN_2;

/// 2^-60: terms below this fraction of a probability are neglected.
const NEGLIGIBLE: f64 = 1.0 / (1_u64 << 60) as f64;

/// Octaves of time from 2^-60 to 2^100. Earlier, arrivals are negligible; later, every node has
/// arrived, because a weight is at least 2^-84 of the total.
const OCTAVES: u32 = 160;

/// The nodes of one weight.
struct Class {
    rate: f64,
    nodes: usize,
    /// The probability that one of these nodes has not arrived yet.
    absent: f64,
    /// The probability that one of these nodes has arrived.
    arrived: f64,
    /// The integral so far.
    sum: f64,
}

/// The probability of each node to be among the first `k`. `k` must be less than the number of
/// weights, and all weights above 0.
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
    // Times within one octave; scaling them by powers of two does not accumulate rounding errors.
    let times: Vec<f64> = (0..steps).map(|i| 1.0 / exponential(i as f64 * step).0).collect();
    let mut octave = NEGLIGIBLE;
    let mut below_k = Vec::new();
    'time: for _ in 0..OCTAVES {
        for time in &times {
            if add_terms(&mut classes, k, octave * time, &mut below_k) {
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

/// The number of steps per octave for which the relative error of the sum is below 2·e^-40: with
/// y = 1 for small k, where sec(y) < e^0.616, and otherwise with the best y, where sec(y) <
/// e^(0.616·y²).
fn steps_per_octave(k: usize) -> usize {
    6 + k.isqrt() + k.isqrt() / 8
}

/// Adds the term of one time to every integral. True if all later terms are negligible.
///
/// S_i is the probability that a system still works whose components fail at exponential times, so
/// its tail is lighter than an exponential one. Once S_i is below 1/e, the rest of the integral is
/// therefore less than the current term.
///
/// # Source
/// Z. W. Birnbaum, J. D. Esary, A. W. Marshall, *A stochastic characterization of wear-out for
/// components and systems*, Annals of Mathematical Statistics 37(4), 1966.
fn add_terms(classes: &mut [Class], k: usize, time: f64, below_k: &mut Vec<f64>) -> bool {
    let mut expected = 0.0;
    for class in classes.iter_mut() {
        (class.absent, class.arrived) = exponential(class.rate * time);
        expected += class.nodes as f64 * class.arrived;
    }
    below_k.clear();
    if k_arrivals_negligible(expected, k) {
        below_k.resize(classes.len(), 1.0);
    } else {
        let mut none = vec![0.0; k];
        none.iter_mut().take(1).for_each(|first| *first = 1.0);
        fewer_than_k_others(classes, none, below_k);
    }
    let mut finished = true;
    for (class, below_k) in classes.iter_mut().zip(below_k) {
        let survival = class.absent * *below_k;
        let term = class.rate * time * survival;
        class.sum += term;
        finished &= survival < 0.36 && term < NEGLIGIBLE * class.sum;
    }
    finished
}

/// True if the probability that `k` or more nodes have arrived is negligible: it is at most
/// expected^k / k!.
fn k_arrivals_negligible(expected: f64, k: usize) -> bool {
    let mut bound = 1.0;
    (1..=k).any(|i| {
        bound *= expected / i as f64;
        // All further factors are below 1.
        bound < NEGLIGIBLE && expected < i as f64
    })
}

/// For a node of each class, the probability that fewer than k others have arrived. `counts` holds
/// the probabilities that exactly 0, 1, … k − 1 nodes outside these classes have.
///
/// Divide and conquer: each half of the classes is solved with the other half included in `counts`,
/// so every node is included once per level.
fn fewer_than_k_others(classes: &[Class], mut counts: Vec<f64>, below_k: &mut Vec<f64>) {
    match classes {
        [] => {}
        [class] => {
            include(class, class.nodes - 1, &mut counts);
            below_k.push(counts.iter().sum());
        }
        _ => {
            let (low, high) = classes.split_at(classes.len() / 2);
            let mut with_high = counts.clone();
            include_all(high, &mut with_high);
            fewer_than_k_others(low, with_high, below_k);
            include_all(low, &mut counts);
            fewer_than_k_others(high, counts, below_k);
        }
    }
}

fn include_all(classes: &[Class], counts: &mut [f64]) {
    for class in classes {
        include(class, class.nodes, counts);
    }
}

/// Convolves `counts` with the arrivals of some nodes of a class.
fn include(class: &Class, nodes: usize, counts: &mut [f64]) {
    for _ in 0..nodes {
        let mut one_less = 0.0;
        steps::count(counts.len() as u64);
        for probability in counts.iter_mut() {
            let before = *probability;
            *probability = before * class.absent + one_less * class.arrived;
            one_less = before;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{inclusion, steps_per_octave};
    use alloc::vec;

    /// The documented error bound of the step size, for every k, with the y given above.
    #[test]
    fn steps_are_small_enough() {
        for k in (1..2000).chain([10_000, 100_000, 1 << 20]) {
            let step = std::f64::consts::LN_2 / steps_per_octave(k) as f64;
            let y = (std::f64::consts::PI / step / (0.616 * k as f64)).min(1.0);
            let growth = k as f64 * (1.0 / y.cos()).ln();
            assert!(2.0 * std::f64::consts::PI * y / step - growth > 40.0, "{k}");
        }
    }

    /// The caller never passes equal weights, but the answer is known for them.
    #[test]
    fn equal_weights() {
        for (n, k) in [(2, 1), (10, 3), (100, 99), (1000, 1), (1000, 2), (1000, 20), (1000, 500)] {
            let expected = k as f64 / n as f64;
            for found in inclusion(&vec![7; n], k) {
                assert!((found / expected - 1.0).abs() < 1e-13, "{n} {k}: {found}");
            }
        }
    }

    /// A single holder is chosen in proportion to weight, however far the weights are apart.
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
