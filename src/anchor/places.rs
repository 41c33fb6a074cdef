//! Which bucket is at which place: the arrays W and L of the paper, stored only where they differ from
//! the identity.

use crate::steps;
use alloc::collections::BTreeMap;

/// When one of w working buckets is removed, the bucket at place w − 1 takes its place. Lookups find
/// that bucket through a chain of buckets, each of which replaced the one before. Where a change would
/// have to follow a long chain, these maps give the answer directly.
///
/// Each map has at most one entry for each removed bucket.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    /// W: the bucket at a place.
    bucket_at: BTreeMap<u32, u32>,
    /// L: the place of a bucket; for a removed bucket, its last place.
    place_of: BTreeMap<u32, u32>,
}

impl Places {
    /// The places after these removals (the oldest first) from `size` buckets. O(removed · log removed).
    pub(super) fn new(size: u32, removed: &[u32]) -> Self {
        let mut places = Self::default();
        for (bucket, left) in removed.iter().zip((0..size).rev()) {
            places.remove(*bucket, left);
        }
        places
    }

    /// Removes a bucket, which leaves `left` working, and returns the one that takes its place.
    pub(super) fn remove(&mut self, bucket: u32, left: u32) -> u32 {
        steps::count(1);
        let (instead, place) = (self.bucket_at(left), self.place_of(bucket));
        self.bucket_at.insert(place, instead);
        self.place_of.insert(instead, place);
        instead
    }

    /// Reverts the last removal, which left `left` working.
    pub(super) fn add(&mut self, bucket: u32, left: u32) {
        steps::count(1);
        let (instead, place) = (self.bucket_at(left), self.place_of(bucket));
        set(&mut self.place_of, instead, left);
        set(&mut self.bucket_at, place, bucket);
    }

    fn bucket_at(&self, place: u32) -> u32 {
        self.bucket_at.get(&place).copied().unwrap_or(place)
    }

    fn place_of(&self, bucket: u32) -> u32 {
        self.place_of.get(&bucket).copied().unwrap_or(bucket)
    }
}

/// An entry that equals its key is not stored.
fn set(map: &mut BTreeMap<u32, u32>, key: u32, value: u32) {
    if key == value {
        map.remove(&key);
    } else {
        map.insert(key, value);
    }
}
