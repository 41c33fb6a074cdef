//! jump-consistent-hash: the loop of the paper.

use crate::peer::{Locate, Peer};
use std::hint::black_box;

/// Its only function.
pub struct JumpConsistentHash(usize);

impl Peer for JumpConsistentHash {
    const NAME: &'static str = "jump-consistent-hash";
    type Plan = u32;

    fn plan(n: u32) -> u32 {
        black_box(n)
    }

    fn build(n: &u32) -> Self {
        Self(*n as usize)
    }
}

impl Locate<u64> for JumpConsistentHash {
    fn locate(&self, key: &u64) -> u32 {
        jump_consistent_hash::hash(*key, self.0)
    }

    fn asker(&self) -> impl Fn(&u64) -> u32 {
        let n = self.0;
        move |key| jump_consistent_hash::hash(*key, n)
    }
}
