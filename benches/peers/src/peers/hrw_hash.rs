//! hrw-hash: weighted rendezvous hashing that sorts all nodes.

use crate::peer::{Locate, Peer, Three};
use ::hrw_hash::HrwNodes;

/// The nodes with their default hasher, all of capacity 1.
pub struct HrwHash(HrwNodes<u32>);

impl Peer for HrwHash {
    const NAME: &'static str = "hrw-hash";
    type Plan = u32;

    fn plan(n: u32) -> u32 {
        n
    }

    fn build(n: &u32) -> Self {
        Self(HrwNodes::new(0..*n))
    }
}

impl Locate<u64> for HrwHash {
    fn locate(&self, key: &u64) -> u32 {
        self.0.sorted(key).next().map_or(0, |node| *node)
    }
}

impl Locate<str> for HrwHash {
    fn locate(&self, key: &str) -> u32 {
        self.0.sorted(&key).next().map_or(0, |node| *node)
    }
}

impl Three for HrwHash {
    fn three(&self, key: u64) -> [u32; 3] {
        let mut nodes = self.0.sorted(&key);
        [(); 3].map(|()| nodes.next().map_or(0, |node| *node))
    }
}
