//! asura: the paper's segments in a hash map, with a generator for each layer and key. Its keys are
//! numbers, which it does not hash.

use super::{one_to_ten, weights};
use crate::peer::{Locate, Peer};
use ::asura::{Cluster, Node};

/// The cluster with nodes of capacity 1, or of 1 to 10.
pub struct AsuraCrate<const WEIGHTED: bool>(Cluster);

impl<const WEIGHTED: bool> Peer for AsuraCrate<WEIGHTED> {
    const NAME: &'static str = if WEIGHTED { "asura (weights 1..10)" } else { "asura" };
    type Plan = u32;

    fn plan(n: u32) -> u32 {
        n
    }

    fn build(n: &u32) -> Self {
        let cap = |i| if WEIGHTED { one_to_ten(i).into() } else { 1.0 };
        let mut cluster = Cluster::new();
        cluster.add_nodes((0..*n).map(|i| Node { node_id: i.into(), cap: cap(i) }));
        Self(cluster)
    }

    fn weights(n: u32) -> Vec<u32> {
        weights(n, WEIGHTED)
    }
}

impl<const WEIGHTED: bool> Locate<u64> for AsuraCrate<WEIGHTED> {
    /// One candidate only: each search of a key ends at the same node, so the crate would search a
    /// second one forever.
    fn locate(&self, key: &u64) -> u32 {
        self.0.calc_candidates(*key, 1)[0] as u32
    }
}
