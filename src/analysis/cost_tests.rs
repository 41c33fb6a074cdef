//! Tests of the complexities of shares, inclusion probabilities and balances.

use super::{Balance, ChiSquared, inclusion, shares};
use crate::algorithms::{Algorithm, AnyPlacement};
use crate::locator::Locator;
use crate::maglev::MaglevConfig;
use crate::node::Node;
use crate::ring::RingConfig;
use crate::steps::{assert_growth, during};
use crate::topology::Topology;

fn value(algorithm: Algorithm, n: usize, weighted: bool) -> Locator<u32, AnyPlacement> {
    let weight = |id: u32| if weighted { 1 + u64::from(id) } else { 1 };
    let nodes = (0..n as u32).map(|id| Node::new(id).weight(weight(id)));
    Locator::any_of(Topology::of(nodes).unwrap(), algorithm).unwrap()
}

#[test]
fn shares_of_all_nodes() {
    let ring = Algorithm::Ring(RingConfig::default().scale(20, 1));
    let maglev = Algorithm::Maglev(MaglevConfig::default().table_size(10_007));
    for algorithm in [ring.clone(), Algorithm::Jump, Algorithm::WeightedRendezvous] {
        assert_growth(&std::format!("shares of {algorithm}"), 500, 2.2, |n| {
            let value = value(algorithm.clone(), n, false);
            during(|| shares(&value)).1
        });
    }
    // Rings and tables take one pass, whatever the number of replicas.
    for algorithm in [ring, maglev] {
        let value = value(algorithm.clone(), 200, false);
        let steps = |k| during(|| inclusion(&value, k).unwrap()).1;
        assert!(steps(100) < steps(2) * 11 / 10, "{algorithm}: {} {}", steps(2), steps(100));
    }
}

/// Successive sampling: O(n · k · log n) a step, some hundred steps, in proportion to √k for many.
#[test]
fn inclusion_by_weight() {
    let steps = |n, k| {
        let value = value(Algorithm::WeightedRendezvous, n, true);
        during(|| inclusion(&value, k).unwrap()).1
    };
    assert_growth("n nodes", 200, 2.5, |n| steps(n, 3));
    assert_growth("k replicas", 20, 3.2, |k| steps(200, k));
    let (n, k, levels) = (256, 3, 8);
    let rounds = steps(n, k) as usize / (n * k * levels);
    assert!((50..1000).contains(&rounds), "{rounds}");
}

#[test]
fn balances() {
    assert_growth("a balance of n nodes, and its statistic", 500, 2.6, |n| {
        let value = value(Algorithm::Jump, n, false);
        let keys = 0..20 * n as u64;
        during(|| Balance::of_keys(&value, 1, keys).unwrap().chi_squared().unwrap()).1
    });
    assert_growth("cells in any order", 1000, 2.5, |n| {
        let cells = (0..n as u64).map(|i| (i % 7, (i * 7919 % 1009) as f64 + 1.0));
        during(|| ChiSquared::of(cells)).1
    });
}
