//! Guava's `Hashing.consistentHash`.
//!
//! Checked against 31.1.

use crate::bucket::jump_guava;
use crate::hash::KeyHash;

/// `consistentHash(long, int)`. 0 without buckets.
#[must_use]
pub fn consistent_hash(input: i64, buckets: u32) -> u32 {
    if buckets == 0 { 0 } else { jump_guava(KeyHash::from_hash(input as u64), buckets) }
}

/// `consistentHash(HashCode, int)`, from the bytes of the hash code: of more than eight the first eight
/// count.
#[must_use]
pub fn consistent_hash_code(bytes: &[u8], buckets: u32) -> u32 {
    let mut word = [0; 8];
    word.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
    consistent_hash(i64::from_le_bytes(word), buckets)
}
