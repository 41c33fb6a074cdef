//! Many keys at once.

use super::function::BucketHash;
use crate::node::NodeIdx;
use crate::slips::OrSlip;
use crate::steps;

/// The number of keys that are processed together.
const CHUNK: usize = 64;

/// The result of a round: a bucket, and whether it is final.
pub(super) type Found = (u32, bool);

/// Writes the bucket of each hash, as far as both slices reach, and returns how many.
///
/// `first` decides most keys. The others are passed on to `again`, all together, with the number of
/// the round, which starts at 1. So no branch depends on a key; in a loop over single keys such
/// branches cost more than the arithmetic.
#[inline]
pub(super) fn in_rounds(
    hashes: &[u64],
    out: &mut [u32],
    first: impl Fn(u64) -> Found,
    again: impl Fn(u64, u64) -> Found,
) -> usize {
    for (hashes, out) in hashes.chunks(CHUNK).zip(out.chunks_mut(CHUNK)) {
        let mut open = [0_u8; CHUNK];
        let mut left = 0;
        for (at, (place, hash)) in (0_u8..).zip(out.iter_mut().zip(hashes)) {
            let (bucket, found) = first(*hash);
            *place = bucket;
            keep(&mut open, &mut left, at, !found);
        }
        let mut round = 1;
        while left > 0 {
            let mut still = 0;
            for next in 0..left {
                let at = open.get(next).copied().or_slip();
                let Some((place, hash)) =
                    out.get_mut(usize::from(at)).zip(hashes.get(usize::from(at)))
                else {
                    continue;
                };
                steps::count(1);
                let (bucket, found) = again(*hash, round);
                *place = bucket;
                keep(&mut open, &mut still, at, !found);
            }
            left = still;
            round += 1;
        }
    }
    hashes.len().min(out.len())
}

/// True if rounds are worthwhile. They are not if the first one decides nearly all keys, which is so
/// just below a power of two.
#[inline]
pub(super) fn rounds_pay(n: u32) -> bool {
    u64::from(n) * 16 < u64::from(n).next_power_of_two() * 15
}

/// One key after the other.
#[inline]
pub(super) fn one_by_one(hashes: &[u64], out: &mut [u32], bucket: impl Fn(u64) -> u32) -> usize {
    for (place, hash) in out.iter_mut().zip(hashes) {
        *place = bucket(*hash);
    }
    hashes.len().min(out.len())
}

/// Appends a key to the list of undecided ones, or does not, without a branch.
#[inline]
fn keep(open: &mut [u8; CHUNK], count: &mut usize, at: u8, keep: bool) {
    if let Some(place) = open.get_mut(*count % CHUNK) {
        *place = at;
    }
    *count += usize::from(keep);
}

/// Owners by a bucket function, as [`Placement::locate_batch`](crate::Placement::locate_batch)
/// writes them.
pub(super) fn owners(
    function: &impl BucketHash,
    n: u32,
    hashes: &[u64],
    out: &mut [NodeIdx],
    node: impl Fn(u32) -> Option<NodeIdx>,
) -> usize {
    if n == 0 {
        return 0;
    }
    let mut buckets = [0; CHUNK];
    for (hashes, out) in hashes.chunks(CHUNK).zip(out.chunks_mut(CHUNK)) {
        let found = function.bucket_batch(hashes, n, &mut buckets);
        for (place, bucket) in out.iter_mut().zip(buckets.iter().take(found)) {
            *place = node(*bucket).or_slip();
        }
    }
    hashes.len().min(out.len())
}
