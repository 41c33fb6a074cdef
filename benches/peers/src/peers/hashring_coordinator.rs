//! hashring_coordinator: hashring with three replicas a key, which says where a new node gets its
//! keys from.

use super::{POINTS, hashes, share};
use crate::peer::{Diff, Peer};
use hashring_coordinator::HashRing;

/// A ring and the one that one node more makes of it, with their default hasher. Each question
/// works out all ranges of both again: they cannot be handed in.
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

    /// The count of replicas is that of the nodes after the first.
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
