//! hashring_coordinator: hashring with three replicas per key, which lists from where a new node
//! fetches its keys.

use super::{POINTS, hashes, share};
use crate::peer::{Diff, Peer};
use hashring_coordinator::HashRing;

/// A ring before and after adding a node, with the default hasher. Each question computes all
/// ranges of both again, because they cannot be passed in.
pub struct FindSources {
    nodes: Vec<u32>,
    old: HashRing<u32>,
    new: HashRing<u32>,
}

impl Peer for FindSources {
    const NAME: &'static str = "hashring_coordinator";
    const FAMILY: &'static str = "ring diff";
    type Plan = u32;

    fn plan(n: u32) -> u32 {
        n
    }

    /// The count of replicas does not include the first node.
    fn build(n: &u32) -> Self {
        let nodes: Vec<u32> = (0..*n).collect();
        let mut old = HashRing::new(2, POINTS as usize);
        old.batch_add(nodes.clone());
        let mut new = old.clone();
        new.add(*n);
        Self { nodes, old, new }
    }
}

impl Diff for FindSources {
    fn points(&self) -> usize {
        self.old.vlen() + self.new.vlen()
    }

    fn moved(&self) -> f64 {
        let node = self.nodes.len() as u32;
        let ranges = self.new.find_sources(&node, &self.old, &self.nodes);
        let three = ranges.iter().filter(|range| range.nodes.len() == 3);
        let hashes = three.map(|range| hashes(*range.hash_range.start(), *range.hash_range.end()));
        share(hashes.sum()) / 3.0
    }
}
