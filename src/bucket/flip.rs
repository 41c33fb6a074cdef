//! FlipHash: a bucket in constant time in the worst case, for up to 2^64 buckets.

use super::batch::{in_rounds, one_by_one, rounds_pay};
use super::function::BucketHash;
use crate::hash::KeyHash;
use crate::limits::MAX_BUCKETS;

/// Attempts in the top octave before the octave below decides. The published function has the same
/// bound; a key reaches it with probability below 2^-64.
const DRAWS: u64 = 64;

/// The bucket of a key in `0..=end`. The end is inclusive, which allows 2^64 buckets.
///
/// A hash equal to `seed` is in bucket 0 whatever the end is. So hash keys first, as [`KeyHash`]
/// requires anyway.
#[must_use]
pub const fn flip(hash: KeyHash, seed: u64, end: u64) -> u64 {
    if end == 0 {
        return 0;
    }
    let key = hash.get() ^ seed;
    let octave = end.ilog2();
    let mask = u64::MAX >> (63 - octave);
    let first = of_power_of_two(key, mask);
    if first <= end {
        return first;
    }
    let mut i = 1;
    while i <= DRAWS {
        let drawn = draw(key, octave as u64, i) & mask;
        if drawn <= mask >> 1 {
            break;
        }
        if drawn <= end {
            return drawn;
        }
        i += 1;
    }
    of_power_of_two(key, mask >> 1)
}

/// The bucket among `mask + 1`, a power of two: the highest bit of the first random word gives the
/// octave of the key's last change, and the octave's own random word the position in it.
const fn of_power_of_two(key: u64, mask: u64) -> u64 {
    let drawn = draw(key, 0, 0) & mask;
    if drawn == 0 {
        return 0;
    }
    let octave = drawn.ilog2();
    let below = (1_u64 << octave) - 1;
    drawn ^ (draw(key, octave as u64, 0) & below)
}

const fn draw(key: u64, octave: u64, i: u64) -> u64 {
    let k = key.wrapping_mul(2 * octave + 1);
    let k = (k ^ (k >> 27)).wrapping_mul(0x3C79_AC49_2BA7_B653);
    let k = k.wrapping_mul(2 * i + 1);
    let k = (k ^ (k >> 33)).wrapping_mul(0x1C69_B3F7_4AC4_AE35);
    k ^ (k >> 27)
}

/// FlipHash: a bucket in constant time for every key, with up to 2^64 buckets.
///
/// It finds the last value below n at which the key's bucket changes: one random word gives the
/// octave, another one the position in it, and a position above n − 1 is drawn again within its
/// octave.
///
/// Use it for more than 2^31 − 1 buckets. Otherwise [`JumpBack`](crate::JumpBack) is as fast; prefer a
/// ring or rendezvous where any node may fail.
///
/// - **Movement**: from n to n + 1 buckets, 1/(n + 1) of the keys move, all of them to the new bucket;
///   only the last bucket can leave.
/// - **Weights**: none.
/// - **Order of changes**: the numbering of the nodes is state.
///
/// As a [`BucketHash`] it has the seed 0; [`flip`] takes a seed and an inclusive 64-bit end.
///
/// ```
/// use apportion::KeyHash;
/// use apportion::bucket::{BucketHash, FlipHash, flip};
///
/// let key = KeyHash::of_id(42);
/// assert_eq!(u64::from(FlipHash.bucket(key, 1000)), flip(key, 0, 999));
/// let far = flip(key, 0, u64::MAX);
/// assert!(far == flip(key, 0, u64::MAX - 1) || far == u64::MAX);
/// ```
///
/// # Complexity
/// O(1) expected, with at most 67 random words. No memory.
///
/// # Source
/// Charles Masson, Homin K. Lee, *FlipHash: A Constant-Time Consistent Range-Hashing Algorithm*, 2024,
/// arXiv 2402.17549. The answers are those of `fliphash_64_with_seed` of the published crate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlipHash;

impl BucketHash for FlipHash {
    #[inline]
    fn bucket(&self, hash: KeyHash, n: u32) -> u32 {
        let n = n.clamp(1, MAX_BUCKETS);
        flip(hash, 0, (n - 1) as u64) as u32
    }

    fn name(&self) -> &'static str {
        "flip"
    }

    fn is_of_this_crate(&self, _: crate::hash::Seal) -> bool {
        true
    }

    /// A little faster than one by one, unless `n` is just below a power of two.
    fn bucket_batch(&self, hashes: &[u64], n: u32, out: &mut [u32]) -> usize {
        let end = u64::from(n.clamp(1, MAX_BUCKETS) - 1);
        if end == 0 || !rounds_pay(end as u32 + 1) {
            return one_by_one(hashes, out, |hash| flip(KeyHash::from_hash(hash), 0, end) as u32);
        }
        let octave = end.ilog2();
        let mask = u64::MAX >> (63 - octave);
        let first = |key| {
            let bucket = of_power_of_two(key, mask);
            (bucket as u32, bucket <= end)
        };
        let again = |key, round| {
            let drawn = draw(key, octave.into(), round) & mask;
            let below = drawn <= mask >> 1 || round > DRAWS;
            let bucket = if below { of_power_of_two(key, mask >> 1) } else { drawn };
            (bucket as u32, bucket <= end)
        };
        in_rounds(hashes, out, first, again)
    }
}
