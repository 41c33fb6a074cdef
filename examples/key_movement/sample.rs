//! A sample of the keys: always the same one, however they are ordered, in bounded memory.

use apportion::{KeyHash, StableHash, Xxh3};
use std::collections::BTreeSet;

/// How many keys are kept.
const KEYS: usize = 2000;

/// The keys with the lowest hashes of a hash of its own: the hash that decides where a key goes
/// would prefer some nodes.
#[derive(Default)]
pub(crate) struct Sample {
    keys: BTreeSet<(u64, Vec<u8>)>,
}

impl Sample {
    pub(crate) fn take(&mut self, key: &[u8]) {
        let hash: KeyHash = key.hash_whole(&Xxh3);
        let rank = mixed(hash.get());
        let full = self.keys.len() >= KEYS;
        if full && self.keys.last().is_some_and(|(last, _)| *last <= rank) {
            return;
        }
        if self.keys.insert((rank, key.to_vec())) && full {
            self.keys.pop_last();
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &[u8]> {
        self.keys.iter().map(|(_, key)| key.as_slice())
    }
}

/// The finaliser of SplitMix64.
fn mixed(x: u64) -> u64 {
    let x = (x ^ x >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let x = (x ^ x >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ x >> 31
}
