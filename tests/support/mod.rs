//! What several tests share: a generator of keys, nodes by name, significance; a placement from a
//! list, slow references, the examples as programs. A package for it would not do: as a dependency
//! of the tests it would switch features on in every build of them.
// A test module in some packages, part of a library in another.
#![allow(dead_code, unreachable_pub, clippy::should_implement_trait)]

pub mod anchor;
pub mod asura;
pub mod program;
pub mod scripted;

use apportion::analysis::ChiSquared;
use apportion::{KeyHash, Node, NodeIdx, Placement, Topology};
use statrs::distribution::ContinuousCDF;

/// SplitMix64 written down a second time, so that tests do not draw from what they test.
pub struct Draws(pub u64);

impl Draws {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n.max(1)
    }

    pub fn key(&mut self) -> KeyHash {
        KeyHash::from_hash(self.next())
    }

    pub fn keys(&mut self, n: usize) -> Vec<KeyHash> {
        (0..n).map(|_| self.key()).collect()
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i as u64 + 1) as usize);
        }
    }
}

/// Nodes `n0`, `n1`, … with these weights.
pub fn weighted(weights: &[u64]) -> Vec<Node<String>> {
    let node = |(i, w): (usize, &u64)| Node::new(format!("n{i}")).weight(*w);
    weights.iter().enumerate().map(node).collect()
}

pub fn topology(weights: &[u64]) -> Topology<String> {
    Topology::of(weighted(weights)).unwrap()
}

/// All holders of a key, as slots.
pub fn holders(placement: &(impl Placement + ?Sized), key: KeyHash, k: usize) -> Vec<NodeIdx> {
    let mut out = vec![NodeIdx::default(); k];
    let found = placement.replicas(key, &mut out);
    out.truncate(found);
    out
}

/// Chance of a chi-squared statistic at least this large if the counts follow `expected`.
pub fn chi_squared(counts: &[u64], expected: &[f64]) -> f64 {
    assert_eq!(counts.len(), expected.len());
    for (count, expected) in counts.iter().zip(expected) {
        assert!(*expected > 0.0 || *count == 0, "a count where none can be");
        let enough = *expected == 0.0 || *expected >= 5.0;
        assert!(enough, "too few expected for the approximation: {expected}");
    }
    let (sum, all) = (counts.iter().sum::<u64>() as f64, expected.iter().sum::<f64>());
    assert!((sum - all).abs() <= 1e-9 * sum, "{sum} counted, {all} expected");
    let cells = counts.iter().copied().zip(expected.iter().copied());
    ChiSquared::of(cells).map_or(1.0, upper_tail)
}

/// Its probability: what [`ChiSquared::probability`] gives, without its feature.
pub fn upper_tail(found: ChiSquared) -> f64 {
    assert_eq!(found.joined, 0, "a cell expects too few");
    let distribution = statrs::distribution::ChiSquared::new(found.degrees_of_freedom.into());
    distribution.unwrap().sf(found.statistic)
}

/// The significance level of one of `tests` tests so that all of them together reject a true
/// hypothesis with probability one in a thousand (Šidák).
pub fn level(tests: u32) -> f64 {
    1.0 - (1.0 - 1e-3_f64).powf(1.0 / f64::from(tests))
}
