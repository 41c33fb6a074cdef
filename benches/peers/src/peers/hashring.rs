//! hashring: one sorted array of points, SipHash-2-4, binary search. The caller defines virtual
//! nodes; these are as small as possible.

use super::{POINTS, grow_copies};
use crate::peer::{Grow, Locate, Peer, Three};
use std::time::Duration;

/// Point `number` of a node.
#[derive(Clone, Copy, Debug, Hash, PartialEq)]
pub struct Point {
    node: u32,
    number: u32,
}

/// The ring with its default hasher.
pub struct HashRing(hashring::HashRing<Point>);

fn points(node: u32) -> impl Iterator<Item = Point> {
    (0..POINTS).map(move |number| Point { node, number })
}

impl Peer for HashRing {
    const NAME: &'static str = "hashring";
    type Plan = Vec<Point>;

    fn plan(n: u32) -> Vec<Point> {
        (0..n).flat_map(points).collect()
    }

    fn build(plan: &Vec<Point>) -> Self {
        let mut ring = hashring::HashRing::new();
        ring.batch_add(plan.clone());
        Self(ring)
    }
}

impl Locate<u64> for HashRing {
    fn locate(&self, key: &u64) -> u32 {
        self.0.get(key).map_or(0, |point| point.node)
    }
}

impl Locate<str> for HashRing {
    fn locate(&self, key: &str) -> u32 {
        self.0.get(&key).map_or(0, |point| point.node)
    }
}

impl Three for HashRing {
    const DISTINCT: bool = false;

    /// The next points, possibly of one node. The count does not include the first.
    fn three(&self, key: u64) -> [u32; 3] {
        let points = self.0.get_with_replicas(&key, 2).unwrap_or_default();
        [0, 1, 2].map(|i| points.get(i).map_or(0, |point| point.node))
    }
}

impl Grow for HashRing {
    /// Adds the points to a copy, so lookups can continue meanwhile.
    fn grow(&mut self, n: u32, count: u64) -> Duration {
        grow_copies(n, count, |i| {
            let mut bigger = self.0.clone();
            bigger.batch_add(points(i).collect());
            bigger
        })
    }
}
