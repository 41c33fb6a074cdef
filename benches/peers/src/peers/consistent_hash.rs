//! consistent_hash: a static ring, SipHash-1-3, candidates without repetition.

use super::POINTS;
use crate::peer::{Locate, Peer, Three};
use consistent_hash::{DefaultHash, Node, StaticHashRing};
use std::hash::Hash;

/// The ring with its default hasher.
pub struct ConsistentHash(StaticHashRing<'static, u32, (), DefaultHash>);

impl Peer for ConsistentHash {
    const NAME: &'static str = "consistent_hash";
    type Plan = Vec<Node<u32, ()>>;

    fn plan(n: u32) -> Self::Plan {
        (0..n).map(|i| Node::new(i).quantity(POINTS as usize)).collect()
    }

    fn build(plan: &Self::Plan) -> Self {
        Self(StaticHashRing::new(DefaultHash, plan.iter().cloned()))
    }
}

impl ConsistentHash {
    fn first(&self, key: &impl Hash) -> u32 {
        self.0.calc_candidates(key).next().map_or(0, |node| node.key)
    }
}

impl Locate<u64> for ConsistentHash {
    fn locate(&self, key: &u64) -> u32 {
        self.first(key)
    }
}

impl Locate<str> for ConsistentHash {
    fn locate(&self, key: &str) -> u32 {
        self.first(&key)
    }
}

impl Three for ConsistentHash {
    fn three(&self, key: u64) -> [u32; 3] {
        let mut nodes = self.0.calc_candidates(&key);
        [(); 3].map(|()| nodes.next().map_or(0, |node| node.key))
    }
}
