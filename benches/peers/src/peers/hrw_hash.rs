//! hrw-hash: weighted rendezvous hashing that sorts all nodes.

use super::{one_to_ten, weights};
use crate::peer::{Locate, Peer, Three};
use ::hrw_hash::{HrwNode, HrwNodes};

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

/// A node with a capacity given by its number.
#[derive(Clone, Copy, Hash, PartialEq, Eq)]
pub struct Unequal(u32);

impl HrwNode for Unequal {
    fn capacity(&self) -> usize {
        one_to_ten(self.0) as usize
    }
}

/// The nodes with their default hasher, of capacities 1 to 10.
pub struct HrwHashUnequal(HrwNodes<Unequal>);

impl Peer for HrwHashUnequal {
    const NAME: &'static str = "hrw-hash (weights 1..10)";
    type Plan = u32;

    fn plan(n: u32) -> u32 {
        n
    }

    fn build(n: &u32) -> Self {
        Self(HrwNodes::new((0..*n).map(Unequal)))
    }

    fn weights(n: u32) -> Vec<u32> {
        weights(n, true)
    }
}

impl Locate<u64> for HrwHashUnequal {
    fn locate(&self, key: &u64) -> u32 {
        self.0.sorted(key).next().map_or(0, |node| node.0)
    }
}
