//! JumpBackHash: the bucket of a key among n in constant expected time.

use super::batch::{Found, in_rounds, one_by_one, rounds_pay};
use super::function::BucketHash;
use crate::hash::KeyHash;
use crate::hash::mix::word;
use crate::limits::MAX_BUCKETS;
use crate::vector::jump_back_batch;

/// The bucket of a key among `n`; 0 if `n` is 0.
#[inline]
#[must_use]
pub const fn jump_back(hash: KeyHash, n: u32) -> u32 {
    jump_back_drawing(hash, n).0
}

/// The bucket, and how many words of the key's stream were drawn for it.
#[inline]
pub(crate) const fn jump_back_drawing(hash: KeyHash, n: u32) -> (u32, u64) {
    let n = if n > MAX_BUCKETS { MAX_BUCKETS } else { n };
    if n <= 1 {
        return (0, 0);
    }
    let key = hash.get();
    let first = word(key, 0);
    let mut drawn = 1;
    let (low, high) = (first as u32, (first >> 32) as u32);
    // Bit i of x says that the key's bucket changes in the octave that begins at 2^i.
    let mut x = (low ^ high) & (u32::MAX >> (n - 1).leading_zeros());
    while x != 0 {
        let m = 1_u32 << x.ilog2();
        let half = if x.count_ones() % 2 == 0 { low } else { high };
        let bucket = m + (half & (m - 1));
        if bucket < n {
            return (bucket, drawn);
        }
        // Only the top octave reaches beyond n: look for the last change below n in it.
        'top: loop {
            let r = word(key, drawn);
            drawn += 1;
            let mut half = 0;
            while half < 2 {
                let candidate = (r >> (32 * half)) as u32 & (2 * m - 1);
                if candidate < m {
                    break 'top;
                }
                if candidate < n {
                    return (candidate, drawn);
                }
                half += 1;
            }
        }
        x ^= m;
    }
    (0, drawn)
}

/// JumpBackHash: the bucket of a key among n in constant expected time. The default choice of a
/// [`BucketHash`].
///
/// It finds the last value below n at which the key's bucket changes, by jumping backward from the
/// next power of two.
///
/// Use it for numbered shards. Prefer a ring or rendezvous where any node may fail.
///
/// - **Movement**: from n to n + 1 buckets, 1/(n + 1) of the keys move, all of them to the new bucket;
///   only the last bucket can leave.
/// - **Weights**: none.
/// - **Order of changes**: the numbering of the nodes is state.
///
/// ```
/// use apportion::{JumpBack, KeyHash};
/// use apportion::bucket::BucketHash;
///
/// let key = KeyHash::of_id(42);
/// let (five, six) = (JumpBack.bucket(key, 5), JumpBack.bucket(key, 6));
/// assert!(six == five || six == 5);
/// ```
///
/// # Complexity
/// O(1) expected, with integers only. It is fastest just below a power of two and slowest just above
/// one. No memory.
///
/// # Source
/// Otmar Ertl, *JumpBackHash: Say Goodbye to the Modulo Operation to Distribute Keys Uniformly to
/// Buckets*, Software: Practice and Experience 55(3), 2025, arXiv 2403.18682. The generator is
/// SplitMix64 seeded with the hash, as in hash4j's `jumpBackHash(splitMix64_V1())`.
#[doc(alias = "JumpBackHash")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JumpBack;

/// The octaves in which a key's bucket changes: the steps of [`jump_back`] as selections.
#[derive(Clone, Copy)]
struct Changes {
    x: u32,
    low: u32,
    high: u32,
}

impl Changes {
    #[inline]
    fn of(key: u64, n: u32) -> Self {
        let first = word(key, 0);
        let (low, high) = (first as u32, (first >> 32) as u32);
        Self { x: (low ^ high) & (u32::MAX >> (n - 1).leading_zeros()), low, high }
    }

    /// The beginning of the last octave; 1 if there is none.
    #[inline]
    fn octave(self) -> u32 {
        1 << (self.x | 1).ilog2()
    }

    /// The last change.
    #[inline]
    fn last(self) -> u32 {
        let m = self.octave();
        let half = if self.x.count_ones() % 2 == 0 { self.low } else { self.high };
        if self.x == 0 { 0 } else { m + (half & (m - 1)) }
    }

    /// The last change below `n` where the last of all is not, by another word; and whether that
    /// word tells.
    #[inline]
    fn last_below(self, n: u32, word: u64) -> Found {
        let m = self.octave();
        let before = Self { x: self.x ^ m, ..self }.last();
        let [a, b] = [word as u32, (word >> 32) as u32].map(|half| half & (2 * m - 1));
        let candidate = if a < n { a } else { b };
        (if candidate < m { before } else { candidate }, candidate < n)
    }
}

impl BucketHash for JumpBack {
    #[inline]
    fn bucket(&self, hash: KeyHash, n: u32) -> u32 {
        jump_back(hash, n)
    }

    fn name(&self) -> &'static str {
        "jump-back"
    }

    fn is_of_this_crate(&self, _: crate::hash::Seal) -> bool {
        true
    }

    /// Up to twice as fast as one by one, unless `n` is just below a power of two. With vectors faster
    /// for every `n`.
    fn bucket_batch(&self, hashes: &[u64], n: u32, out: &mut [u32]) -> usize {
        let n = n.min(MAX_BUCKETS);
        let single = |hash| jump_back(KeyHash::from_hash(hash), n);
        let done = hashes.len().min(out.len());
        if let (true, Some(hashes), Some(out)) = (n > 1, hashes.get(..done), out.get_mut(..done)) {
            if jump_back_batch(hashes, n, out, single) {
                return done;
            }
        }
        if n <= 1 || !rounds_pay(n) {
            return one_by_one(hashes, out, single);
        }
        let first = |key| {
            let bucket = Changes::of(key, n).last();
            (bucket, bucket < n)
        };
        let again = |key, round| Changes::of(key, n).last_below(n, word(key, round));
        in_rounds(hashes, out, first, again)
    }
}
