//! The part of a point that a lookup reads, packed into one word. See [`layout`](super::layout) for the
//! picture.

use crate::circle::slotted::Slotted;
use crate::circle::sort::bucket_of;
use crate::node::NodeIdx;
use alloc::vec::Vec;
use core::iter;
use core::ops::Range;

/// The number of words that a lookup compares at once.
pub(super) const WINDOW: usize = 8;

/// The number of low bits of the bucket number at the top of a word.
pub(super) const BUCKET_BITS: u32 = 7;

/// A word: the low bits of a point's bucket number, the next bits of the point, then the slot of its
/// owner.
///
/// The sign of the wrapping difference of a word and the word of a hash tells which comes first, as
/// far as their bits decide, if the bucket of the hash is at most 2^(BUCKET_BITS − 1) − 1 buckets
/// before that of the point. Bucket numbers wrap around like the circle, so neither the end of a
/// bucket nor the end of the circle is a special case.
pub(super) trait Word: Slotted {
    /// The word of a hash, with slot 0: not above any word with the same bits of a point.
    fn of_hash(hash: u64, bits: u32) -> Self;
    fn is_below(self, hash: Self) -> bool;
}

/// 7 bits of the bucket, 9 of the point, 16 of the owner.
impl Word for u32 {
    #[inline]
    fn of_hash(hash: u64, bits: u32) -> Self {
        ((hash >> (48 + BUCKET_BITS - bits)) as u32) << 16
    }

    #[inline]
    fn is_below(self, hash: Self) -> bool {
        (self.wrapping_sub(hash) as i32) < 0
    }
}

/// 7 bits of the bucket, 25 of the point, 32 of the owner.
impl Word for u64 {
    #[inline]
    fn of_hash(hash: u64, bits: u32) -> Self {
        (hash >> (32 + BUCKET_BITS - bits)) << 32
    }

    #[inline]
    fn is_below(self, hash: Self) -> bool {
        (self.wrapping_sub(hash) as i64) < 0
    }
}

/// One word per point, narrow if all slots fit 16 bits. After the last word the first ones follow
/// again, one more than a lookup compares, so that no lookup has to wrap around.
#[derive(Debug)]
pub(super) enum Words {
    Narrow(Vec<u32>),
    Wide(Vec<u64>),
}

impl Words {
    pub(super) fn new(points: &[u64], owners: &[NodeIdx], bits: u32) -> Self {
        Self::packed(points.iter().copied(), owners, bits)
    }

    /// With nothing of the points.
    pub(super) fn of(owners: &[NodeIdx]) -> Self {
        Self::packed(iter::repeat(0), owners, BUCKET_BITS)
    }

    fn packed(points: impl Iterator<Item = u64> + Clone, owners: &[NodeIdx], bits: u32) -> Self {
        let highest = owners.iter().max().map_or(0, |owner| owner.get());
        if highest > u32::from(u16::MAX) {
            Self::Wide(pack(points, owners, bits))
        } else {
            Self::Narrow(pack(points, owners, bits))
        }
    }

    /// Appends the owners of a run of points.
    pub(super) fn append_owners(&self, run: Range<usize>, out: &mut Vec<NodeIdx>) {
        match self {
            Self::Narrow(words) => append_owners(words, run, out),
            Self::Wide(words) => append_owners(words, run, out),
        }
    }

    /// The owner of the point at an index; the index after the last point gives the first owner.
    #[inline]
    pub(super) fn owner(&self, at: usize) -> Option<NodeIdx> {
        match self {
            Self::Narrow(words) => words.get(at).map(|word| word.owner()),
            Self::Wide(words) => words.get(at).map(|word| word.owner()),
        }
    }
}

fn append_owners<W: Word>(words: &[W], run: Range<usize>, out: &mut Vec<NodeIdx>) {
    out.extend(words.get(run).unwrap_or_default().iter().map(|word| word.owner()));
}

fn pack<W: Word>(
    points: impl Iterator<Item = u64> + Clone,
    owners: &[NodeIdx],
    bits: u32,
) -> Vec<W> {
    let mut words = Vec::with_capacity(owners.len() + WINDOW + 1);
    let word = |(point, owner): (u64, &NodeIdx)| W::of_hash(point, bits).with_owner(*owner);
    let all = points.zip(owners);
    words.extend(all.clone().map(word));
    words.extend(all.cycle().take(WINDOW + 1).map(word));
    words
}

/// True if all words that a lookup for `bucket` may read, from `start` on, are close enough for the
/// wrapping comparison.
pub(super) fn in_reach(points: &[u64], bits: u32, bucket: usize, start: usize) -> bool {
    let last = start + WINDOW;
    // Few buckets are near the end of the circle, and a division costs more than everything else.
    let (laps, at) = if last < points.len() {
        (0, last)
    } else {
        let Some(laps) = last.checked_div(points.len()) else { return false };
        (laps, last % points.len())
    };
    let point = points.get(at).copied().unwrap_or_default();
    (laps << bits) + bucket_of(point, bits) - bucket < 1 << (BUCKET_BITS - 1)
}
