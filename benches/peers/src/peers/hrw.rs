//! hrw: rendezvous hashing over a HashSet, SipHash-1-3 with random keys.

use crate::peer::{Locate, Peer, Three};
use ::hrw::Rendezvous;

/// The set with its default hasher.
pub struct Hrw(Rendezvous<u32>);

impl Peer for Hrw {
    const NAME: &'static str = "hrw";
    type Plan = u32;

    fn plan(n: u32) -> u32 {
        n
    }

    fn build(n: &u32) -> Self {
        Self(Rendezvous::from_nodes(0..*n))
    }
}

impl Locate<u64> for Hrw {
    fn locate(&self, key: &u64) -> u32 {
        self.0.pick_top(key).map_or(0, |node| *node)
    }
}

impl Locate<str> for Hrw {
    fn locate(&self, key: &str) -> u32 {
        self.0.pick_top(&key).map_or(0, |node| *node)
    }
}

impl Three for Hrw {
    fn three(&self, key: u64) -> [u32; 3] {
        let nodes = self.0.pick_top_k(&key, 3);
        [0, 1, 2].map(|i| nodes.get(i).map_or(0, |node| **node))
    }
}
