//! The log as bytes.

use super::buckets::{AnchorBuckets, fault};
use crate::error::{AnchorFault, Error};
use crate::limits::{RESTORE_POINTS, RESTORE_POINTS_PER_NODE};
use alloc::vec::Vec;

/// The state: everything that decides answers. hash4j writes the same bytes.
impl AnchorBuckets {
    /// The state as little-endian 32-bit integers: the number of buckets, then the removed ones, the
    /// oldest first. A state that removes a bucket above the limits of
    /// [`from_state`](Self::from_state) is read by [`from_state_within`](Self::from_state_within).
    #[must_use]
    pub fn to_state(&self) -> Vec<u8> {
        self.words().flat_map(u32::to_le_bytes).collect()
    }

    /// The state as numbers.
    pub(super) fn words(&self) -> impl Iterator<Item = u32> {
        core::iter::once(self.size()).chain(self.removed().iter().copied())
    }

    /// Reads what [`to_state`](Self::to_state) wrote.
    ///
    /// # Complexity
    /// O(highest removed bucket).
    ///
    /// # Errors
    /// If the bytes are not a valid state: the error names the wrong number. If a removed bucket is
    /// above both [`RESTORE_POINTS`] and [`RESTORE_POINTS_PER_NODE`] for each number.
    pub fn from_state(state: &[u8]) -> Result<Self, Error> {
        let limit = (state.len() as u64 / 4).saturating_mul(RESTORE_POINTS_PER_NODE);
        Self::from_state_within(state, limit.max(RESTORE_POINTS))
    }

    /// Like [`from_state`](Self::from_state), with the limit `limit` for removed buckets. Memory is
    /// eight bytes per bucket up to the highest removed one.
    ///
    /// # Errors
    /// As for [`from_state`](Self::from_state).
    pub fn from_state_within(state: &[u8], limit: u64) -> Result<Self, Error> {
        let chunks = state.chunks_exact(4);
        if state.is_empty() || !chunks.remainder().is_empty() {
            return fault(AnchorFault::Length { bytes: state.len() });
        }
        let word =
            |chunk: &[u8]| chunk.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte));
        let words: Vec<u32> = chunks.map(word).collect();
        Self::from_words(&words, limit)
    }

    /// Replays the log, which takes memory up to the highest bucket in it.
    pub(super) fn from_words(words: &[u32], limit: u64) -> Result<Self, Error> {
        let Some((size, log)) = words.split_first() else {
            return fault(AnchorFault::Length { bytes: 0 });
        };
        if let Some(bucket) = log.iter().find(|bucket| u64::from(**bucket) >= limit) {
            return fault(AnchorFault::TooHigh { bucket: *bucket, limit });
        }
        let mut buckets = Self::new(*size)?;
        for bucket in log {
            buckets.remove(*bucket)?;
            if buckets.size() < *size {
                // A first removal of the highest bucket shrinks the anchor, so no state contains it.
                return fault(AnchorFault::NotLogged { bucket: *bucket });
            }
        }
        Ok(buckets)
    }
}
