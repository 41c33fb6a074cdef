//! mpchash: multi-probe consistent hashing, one point per node in a lock-free skip list, 23 probes
//! per key, XXH3.

use crate::peer::{Locate, Peer};
use ::mpchash::HashRing;

/// The ring with its default partitioner.
pub struct MpcHash(HashRing<u32>);

impl Peer for MpcHash {
    const NAME: &'static str = "mpchash";
    // A node just after another one owns little.
    const EVEN: bool = false;
    type Plan = u32;

    fn plan(n: u32) -> u32 {
        n
    }

    fn build(n: &u32) -> Self {
        let ring = HashRing::new();
        for node in 0..*n {
            ring.add(node);
        }
        Self(ring)
    }
}

impl Locate<u64> for MpcHash {
    fn locate(&self, key: &u64) -> u32 {
        self.0.node(key).map_or(0, |token| *token.node())
    }
}
