//! Balance, shares, inclusion probabilities: against plain counting, enumeration and recorded
//! values.

#![allow(clippy::excessive_precision)] // as they were recorded

mod balance;
mod chi_squared;
mod inclusion;
mod kinds;
mod numbers;
#[cfg(feature = "rayon")]
mod parallel;
mod shares;
#[path = "../support/mod.rs"]
mod support;

use apportion::analysis::{self, Balance, Shares};
use apportion::placement::Exact;
use apportion::{AnyPlacement, Locator, Node, Topology, WeightedRendezvous};
use support::{topology, upper_tail};

type Any = Locator<String, AnyPlacement>;

fn any(name: &str, weights: &[u64]) -> Any {
    Locator::any_of(topology(weights), name.parse().unwrap()).unwrap()
}

fn weighted_rendezvous(weights: &[u64]) -> Locator<String, WeightedRendezvous> {
    Locator::weighted_rendezvous_of(topology(weights)).unwrap()
}

fn probabilities<N>(shares: &Shares<'_, N>) -> Vec<f64> {
    shares.nodes().iter().map(|share| share.probability).collect()
}

fn inclusion<P: Exact>(locator: &Locator<String, P>, replicas: usize) -> Vec<f64> {
    probabilities(&analysis::inclusion(locator, replicas).unwrap())
}

fn near(found: f64, expected: f64, most: f64) -> bool {
    (found - expected).abs() <= most * expected.abs().max(1.0)
}

/// Each node's count is binomial, whatever the others hold: within five standard deviations, which
/// one of these 600 counts leaves in 3000 sets of keys.
#[test]
fn keys_follow_the_shares() {
    const KEYS: u64 = 1_000_000;
    let mut compared = 0;
    let pairs =
        [("ring", &[1, 2, 3, 4, 5, 6][..]), ("ring", &[1; 12]), ("maglev", &[1, 2, 3, 4, 5, 6])];
    let pairs = pairs.into_iter().chain([
        ("weighted-rendezvous", &[1, 2, 3, 4, 5, 6][..]),
        ("weighted-rendezvous", &[1, 1, 1, 1, 1, 100]),
        ("rendezvous", &[1; 7]),
        ("jump", &[1; 11]),
        ("jump-guava", &[1; 5]),
        ("jump-back", &[1; 11]),
        ("flip", &[1; 11]),
    ]);
    for (i, (name, weights)) in pairs.enumerate() {
        let locator = any(name, weights);
        for k in 1..=5 {
            let start = (i as u64 * 10 + k as u64) << 32;
            let balance = Balance::of_keys(&locator, k, start..start + KEYS).unwrap();
            let shares = analysis::inclusion(&locator, k).unwrap();
            let balance = balance.against(&shares).unwrap();
            for (node, share) in balance.nodes().iter().zip(shares.nodes()) {
                let chance = share.probability;
                assert_eq!(node.quota, chance * KEYS as f64);
                let spread = (KEYS as f64 * chance * (1.0 - chance)).max(0.0).sqrt();
                let off = (node.load as f64 - node.quota).abs();
                assert!(off <= 5.0 * spread, "{name} {weights:?} {k}: {node:?}");
                compared += 1;
            }
            if k == 1 {
                let p = upper_tail(balance.chi_squared().unwrap());
                assert!(p > 1e-4, "{name} {weights:?}: {p}");
            }
        }
    }
    assert!((400..600).contains(&compared), "{compared}");
}

#[test]
fn compare_joins_the_exact_diff_and_the_counts() {
    let keys = || (0..100_000_u64).map(|key| (key, key % 7));
    for (name, replicas) in [("ring", 1), ("ring", 3), ("jump", 1), ("weighted-rendezvous", 1)] {
        let old = any(name, &[1; 8]);
        let new = old.with_node(Node::new("n8".to_owned())).unwrap();
        let moved = analysis::compare(&old, &new, replicas, keys()).unwrap();
        let counted = apportion::analysis::count_moves(&old, &new, replicas, keys()).unwrap();
        assert_eq!(moved.counted.flows(), counted.flows());
        let diff = old.diff_replicas(&new, replicas).unwrap();
        assert_eq!(moved.exact.as_ref().unwrap().moved_fraction(), diff.moved_fraction());
        assert_eq!(Some(moved.fraction()), diff.moved_fraction());
        assert!((moved.fraction() - counted.moved_fraction()).abs() < 0.005);
    }
    // Where nothing is exact there is a reason, and the count.
    let (ring, jump) = (any("ring", &[1; 8]), any("jump", &[1; 8]));
    let moved = analysis::compare(&ring, &jump, 1, keys()).unwrap();
    let error = moved.exact.as_ref().unwrap_err().to_string();
    assert!(error.contains("one side is ring, the other jump"), "{error}");
    assert_eq!(moved.fraction(), moved.counted.moved_fraction());
    // Numberings made apart: a diff without a figure.
    let one = Locator::jump_back_of(topology(&[1; 3])).unwrap();
    let names =
        ["n1", "n0", "n2", "n3", "n4", "n5", "n6", "n7", "n8"].map(|n| Node::new(n.to_owned()));
    let other = Locator::jump_back_of(Topology::of(names).unwrap()).unwrap();
    let moved = analysis::compare(&one, &other, 1, keys()).unwrap();
    assert!(moved.fraction().is_finite());
}

/// The balance of a movement is that of its sides.
#[test]
fn movement_and_balance_agree() {
    let old = any("weighted-rendezvous", &[1, 2, 3, 0]);
    let new = old.reweighted("n3", 9).unwrap().without("n1").unwrap();
    let moved =
        apportion::analysis::count_moves(&old, &new, 2, (0..5000_u64).map(|key| (key, 1))).unwrap();
    for (balance, side) in [(moved.before(), &old), (moved.after(), &new)] {
        let own = Balance::of_keys(side, 2, 0..5000_u64).unwrap();
        let plain = |balance: &Balance<'_, String>| -> Vec<_> {
            let nodes = balance.nodes().iter();
            nodes.map(|n| (n.node.clone(), n.slot, n.load, n.quota.to_bits())).collect()
        };
        assert_eq!(plain(balance), plain(&own));
        assert_eq!((balance.keys(), balance.sum()), (5000, 10_000));
        assert!(balance.against(&analysis::inclusion(side, 2).unwrap()).is_ok());
    }
}
