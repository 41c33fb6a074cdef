//! The costs of building and changing a table.

use super::{Maglev, MaglevConfig};
use crate::node::Node;
use crate::placement::Build;
use crate::steps::{assert_growth, during};
use crate::topology::Topology;

/// O(M · ln M), for equal weights and for weights that are far apart, whatever the number of nodes.
#[test]
fn filling_a_table() {
    for nodes in [3, 100, 5000] {
        for spread in [1, 1000, u64::MAX] {
            let name = std::format!("{nodes} nodes of weights 1 to {spread}");
            assert_growth(&name, 1, 2.5, |n| {
                // Primes.
                let entries = if n == 1 { 10_007 } else { 20_011 };
                let part = |id: u32| u128::from(id) * u128::from(spread - 1) / u128::from(nodes);
                let weight = |id: u32| 1 + part(id) as u64;
                let all = (0..nodes).map(|id| Node::new(id).weight(weight(id)));
                let all = Topology::of(all).unwrap();
                let config = MaglevConfig::default().table_size(entries);
                let (_, steps) = during(|| Maglev::build(&config, all.members()).unwrap());
                let limit = f64::from(entries) * f64::from(entries).ln();
                assert!((steps as f64) < limit, "{name}: {steps} of {limit}");
                steps
            });
        }
    }
}
