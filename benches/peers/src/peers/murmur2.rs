//! murmur2: Kafka's hash function. The partition is its lower 31 bits modulo the number of
//! partitions.

use super::by_bytes::by_bytes;
use ::murmur2::{KAFKA_SEED, murmur2};

by_bytes! {
    /// The partition, as a producer would compute it.
    Murmur2 "murmur2" partition
}

fn partition(key: &[u8], partitions: u32) -> u32 {
    (murmur2(key, KAFKA_SEED) & 0x7fff_ffff) % partitions
}
