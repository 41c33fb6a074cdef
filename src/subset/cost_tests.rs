//! What a subset costs.

use super::Subsets;
use crate::hash::KeyHash;
use crate::node::{Node, NodeIdx};
use crate::placement::Placement;
use crate::replica::Spread;
use crate::steps::{assert_growth, during};
use crate::topology::Topology;

fn nodes(n: usize) -> Topology<u64> {
    let zone = |id: u64| if id % 3 == 0 { "a" } else { "b" };
    let node = |id: u64| Node::new(id).weight(1 + id % 5).domain("zone", zone(id));
    Topology::of((0..n as u64).map(node)).unwrap()
}

#[test]
fn a_subset_takes_one_pass_over_the_nodes() {
    for k in [1, 4, 16, 64] {
        let mut out = [NodeIdx::default(); 64];
        let out = &mut out[..k];
        let all = nodes(1000);
        let found = during(|| Subsets::new(all.members()).replicas(KeyHash::of_id(1), out));
        assert_eq!(found.0, k);
        assert!(found.1 <= 1000 + 200 * k as u64, "{k}: {} steps", found.1);
    }
}

#[test]
fn a_spread_takes_a_pass_for_each_member() {
    assert_growth("even", 500, 2.2, |n| {
        let all = nodes(n);
        let spread = Spread::even(all.members(), 8, ["zone"]).unwrap();
        let mut out = [NodeIdx::default(); 8];
        let subsets = Subsets::new(all.members());
        let steps = during(|| spread.replicas(&subsets, KeyHash::of_id(1), &mut out)).1;
        // Passes over the nodes, and the nodes that each of them asks the spread about.
        assert!(steps <= 2 * 8 * n as u64, "{steps} steps at {n}");
        steps
    });
}
