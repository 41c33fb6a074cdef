//! Jump consistent hash, in the two dialects that are deployed.

use super::function::BucketHash;
use crate::hash::KeyHash;
use crate::hash::mix::JUMP_MULTIPLIER as MULTIPLIER;
use crate::limits::MAX_BUCKETS;
use crate::vector::jump_batch;

const TWO_31: f64 = (1_u64 << 31) as f64;

/// Jump consistent hash as published, and as C++, Go and Python deploy it: j = trunc((b + 1) ·
/// (2^31 / (random 31 bits + 1))). The bracketing decides the last bit of the quotient.
#[inline]
#[must_use]
pub const fn jump(hash: KeyHash, n: u32) -> u32 {
    let n = if n > MAX_BUCKETS { MAX_BUCKETS as i64 } else { n as i64 };
    let mut key = hash.get();
    let mut bucket = 0;
    let mut next = 0;
    while next < n {
        bucket = next;
        key = key.wrapping_mul(MULTIPLIER).wrapping_add(1);
        let divisor = ((key >> 33) + 1) as f64;
        next = ((bucket + 1) as f64 * (TWO_31 / divisor)) as i64;
    }
    bucket as u32
}

/// Keys per call of [`side_by_side`].
const LANES: usize = 8;

/// [`jump`] for several keys: all of them jump until the last one reaches its bucket. Buckets are
/// whole numbers below 2^31, which floats represent exactly.
#[inline]
fn side_by_side(mut keys: [u64; LANES], n: u32) -> [u32; LANES] {
    let end = f64::from(n.clamp(1, MAX_BUCKETS));
    let mut at = [0.0; LANES];
    let mut buckets = [0_i32; LANES];
    loop {
        let mut jumping = false;
        for ((key, at), bucket) in keys.iter_mut().zip(&mut at).zip(&mut buckets) {
            *key = key.wrapping_mul(MULTIPLIER).wrapping_add(1);
            let divisor = f64::from((*key >> 33) as i32) + 1.0;
            let next = (*at + 1.0) * (TWO_31 / divisor);
            let below = next < end;
            let whole = if below { next } else { 0.0 } as i32;
            *bucket = if below { whole } else { *bucket };
            // From the end, every further jump leads beyond it.
            *at = if below { f64::from(whole) } else { end };
            jumping |= below;
        }
        if !jumping {
            return buckets.map(|bucket| bucket as u32);
        }
    }
}

/// Jump consistent hash as Guava's `Hashing.consistentHash` computes it: (b + 1) divided by the
/// quotient instead of multiplied with its inverse, and the divisor in a signed 32-bit integer,
/// which overflows where the generator's upper 31 bits are all ones. It differs from [`jump`] on
/// about one key in 20 million.
#[inline]
#[must_use]
pub const fn jump_guava(hash: KeyHash, n: u32) -> u32 {
    let n = if n > MAX_BUCKETS { MAX_BUCKETS as i32 } else { n as i32 };
    let mut key = hash.get();
    let mut bucket = 0_i32;
    loop {
        key = key.wrapping_mul(MULTIPLIER).wrapping_add(1);
        let fraction = ((key >> 33) as i32).wrapping_add(1) as f64 / TWO_31;
        let next = ((bucket as f64 + 1.0) / fraction) as i32;
        if next < 0 || next >= n {
            return bucket as u32;
        }
        bucket = next;
    }
}

/// Jump consistent hash as published: [`jump`] as a [`BucketHash`].
///
/// It finds a key's bucket among n by jumping forward through the few values of n at which the key
/// would have moved.
///
/// Use it to agree with other programs that place by jump hash. Otherwise prefer
/// [`JumpBack`](crate::JumpBack), which is 3 to 10 times as fast, or a ring or rendezvous where any
/// node may fail.
///
/// - **Movement**: from n to n + 1 buckets, 1/(n + 1) of the keys move, all of them to the new bucket;
///   only the last bucket can leave.
/// - **Weights**: none.
/// - **Order of changes**: the numbering of the nodes is state.
///
/// ```
/// use apportion::KeyHash;
/// use apportion::bucket::{BucketHash, Jump};
///
/// assert_eq!(Jump.bucket(KeyHash::from_hash(3139627907299950787), 2048), 2047);
/// ```
///
/// # Complexity
/// O(ln n) expected, with one multiplication and one division per jump. The worst case is O(n), which
/// a key reaches with probability 1/n!. No memory.
///
/// # Source
/// John Lamping, Eric Veach, *A Fast, Minimal Memory, Consistent Hash Algorithm*, 2014, arXiv
/// 1406.2294.
#[doc(alias = "jump consistent hash")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Jump;

impl BucketHash for Jump {
    #[inline]
    fn bucket(&self, hash: KeyHash, n: u32) -> u32 {
        jump(hash, n)
    }

    fn name(&self) -> &'static str {
        "jump"
    }

    fn is_of_this_crate(&self, _: crate::hash::Seal) -> bool {
        true
    }

    /// Eight keys side by side, on most processors one and a half times as fast as one by one; with
    /// vectors 32 keys.
    fn bucket_batch(&self, hashes: &[u64], n: u32, out: &mut [u32]) -> usize {
        let done = hashes.len().min(out.len());
        let (hashes, out) = (hashes.get(..done), out.get_mut(..done));
        let (Some(hashes), Some(out)) = (hashes, out) else { return 0 };
        let vectors = jump_batch(hashes, n.clamp(1, MAX_BUCKETS), out);
        let (hashes, out) = (hashes.get(vectors..), out.get_mut(vectors..));
        let (Some(hashes), Some(out)) = (hashes, out) else { return 0 };
        for (hashes, out) in hashes.chunks(LANES).zip(out.chunks_mut(LANES)) {
            if let (Some(hashes), Some(out)) = (hashes.first_chunk(), out.first_chunk_mut()) {
                *out = side_by_side(*hashes, n);
            } else {
                for (place, hash) in out.iter_mut().zip(hashes) {
                    *place = jump(KeyHash::from_hash(*hash), n);
                }
            }
        }
        done
    }
}

/// Jump consistent hash as Guava computes it: [`jump_guava`] as a [`BucketHash`]. Everything else is
/// as described for [`Jump`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JumpGuava;

impl BucketHash for JumpGuava {
    #[inline]
    fn bucket(&self, hash: KeyHash, n: u32) -> u32 {
        jump_guava(hash, n)
    }

    fn name(&self) -> &'static str {
        "jump-guava"
    }

    fn is_of_this_crate(&self, _: crate::hash::Seal) -> bool {
        true
    }
}
