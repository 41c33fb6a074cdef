//! murmur2: Kafka's hash function. The partition is its lower 31 bits modulo the number of
//! partitions.

use crate::peer::{Locate, Peer};
use ::murmur2::{KAFKA_SEED, murmur2};
use std::hint::black_box;

/// The partition, as a producer would compute it.
pub struct Murmur2(u32);

impl Peer for Murmur2 {
    const NAME: &'static str = "murmur2";
    const FAMILY: &'static str = "interop";
    type Plan = u32;

    fn plan(n: u32) -> u32 {
        black_box(n)
    }

    fn build(n: &u32) -> Self {
        Self(*n)
    }
}

impl Murmur2 {
    fn partition(&self, key: &[u8]) -> u32 {
        (murmur2(key, KAFKA_SEED) & 0x7fff_ffff) % self.0
    }
}

impl Locate<u64> for Murmur2 {
    fn locate(&self, key: &u64) -> u32 {
        self.partition(&key.to_le_bytes())
    }
}

impl Locate<str> for Murmur2 {
    fn locate(&self, key: &str) -> u32 {
        self.partition(key.as_bytes())
    }
}
