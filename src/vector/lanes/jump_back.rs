//! Buckets of JumpBackHash of many keys at once.
//!
//! ```text
//!   64 keys ── word 0 ── last change ──────────────> buckets
//!                                                       |  more than a few are not below n
//!              word 1 ── last change below n, if known ─┤
//!              word 2 ── last change below n, if known ─┤
//!              ...                                      |  a few are not below n
//!                                                       └─> one by one
//! ```
//!
//! These are the steps of [`jump_back`](crate::bucket::jump_back) with selections in place of
//! branches. Each word is drawn for all keys of the chunk: a list of those that need it would be
//! shorter, but making the list takes longer.

use super::halves::Halves;
use super::level::Level;
use crate::hash::mix::{MIX_FACTORS, MIX_SHIFTS, PHI};
use crate::steps;
use pulp::{Simd, WithSimd};

/// Keys in a chunk: as many as a word has bits.
const CHUNK: usize = 64;
/// With fewer keys the scalar code is as fast.
const MIN_KEYS: usize = 16;

/// With so many undecided keys in a chunk or fewer, one more word for all takes longer.
const MAX_SINGLE: u32 = 8;

/// Writes the bucket of JumpBackHash of each hash to `out`, which is as long, for `n` in 2..2^31.
/// `single` computes it for one hash. False, and nothing happens, if the processor has no vectors or
/// there are too few keys.
pub(crate) fn jump_back_batch(
    hashes: &[u64],
    n: u32,
    out: &mut [u32],
    single: impl Fn(u64) -> u32,
) -> bool {
    let level = if hashes.len() < MIN_KEYS { None } else { Level::best() };
    let Some(level) = level else { return false };
    level.run(JumpBack { hashes, n, out, single });
    true
}

struct JumpBack<'a, F> {
    hashes: &'a [u64],
    n: u32,
    out: &'a mut [u32],
    single: F,
}

/// The numbers of a chunk, one for each key.
type Numbers = [u32; CHUNK];

impl<F: Fn(u64) -> u32> WithSimd for JumpBack<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let octaves = Octaves::new(self.n);
        let (mut low, mut high) = ([0; CHUNK], [0; CHUNK]);
        let (mut before, mut found) = ([0; CHUNK], [0; CHUNK]);
        for (hashes, out) in self.hashes.chunks(CHUNK).zip(self.out.chunks_mut(CHUNK)) {
            words(simd, hashes, 0, &mut low, &mut high);
            octaves.last(simd, 0, (&low, &high), &mut found);
            let mut open = octaves.beyond(&found, hashes.len());
            if open.count_ones() > MAX_SINGLE {
                octaves.last(simd, octaves.top, (&low, &high), &mut before);
                let mut round = 1;
                while open.count_ones() > MAX_SINGLE {
                    steps::count(1);
                    words(simd, hashes, round, &mut low, &mut high);
                    octaves.below(simd, (&low, &high), &before, &mut found);
                    open = octaves.beyond(&found, hashes.len());
                    round += 1;
                }
            }
            for (place, bucket) in out.iter_mut().zip(&found) {
                *place = *bucket;
            }
            while open != 0 {
                let at = open.trailing_zeros() as usize;
                open &= open - 1;
                if let (Some(place), Some(hash)) = (out.get_mut(at), hashes.get(at)) {
                    *place = (self.single)(*hash);
                }
            }
        }
    }
}

/// Word `number` of each key's SplitMix64 stream, in halves. What stands behind the last key is
/// not defined.
#[inline(always)]
fn words<S: Simd>(simd: S, keys: &[u64], number: u64, low: &mut Numbers, high: &mut Numbers) {
    let step = number.wrapping_add(1).wrapping_mul(PHI);
    for ((key, low), high) in keys.iter().zip(low.iter_mut()).zip(high.iter_mut()) {
        let z = key.wrapping_add(step);
        let z = z ^ (z >> MIX_SHIFTS[0]);
        (*low, *high) = (z as u32, (z >> 32) as u32);
    }
    let (lows, _) = S::as_mut_simd_u32s(low);
    let (highs, _) = S::as_mut_simd_u32s(high);
    for (low, high) in lows.iter_mut().zip(highs) {
        let z = Halves { low: *low, high: *high };
        let z = z.product(simd, MIX_FACTORS[0]).xor_shift(simd, MIX_SHIFTS[1]);
        let z = z.product(simd, MIX_FACTORS[1]).xor_shift(simd, MIX_SHIFTS[2]);
        (*low, *high) = (z.low, z.high);
    }
}

/// The octaves below n, see [`jump_back`](crate::bucket::jump_back).
#[derive(Clone, Copy)]
struct Octaves {
    n: u32,
    /// The bits of all octaves.
    mask: u32,
    /// The beginning of the last octave.
    top: u32,
}

impl Octaves {
    fn new(n: u32) -> Self {
        let mask = u32::MAX >> (n - 1).leading_zeros();
        Self { n, mask, top: mask ^ (mask >> 1) }
    }

    /// The last change of each key in the octaves but those of `without`; 0 if there is none.
    #[inline(always)]
    fn last<S: Simd>(
        self,
        simd: S,
        without: u32,
        (low, high): (&Numbers, &Numbers),
        found: &mut Numbers,
    ) {
        let shr = |a, by| simd.wrapping_dyn_shr_u32s(a, simd.splat_u32s(by));
        let ((lows, _), (highs, _)) = (S::as_simd_u32s(low), S::as_simd_u32s(high));
        let (found, _) = S::as_mut_simd_u32s(found);
        let (mask, one) = (simd.splat_u32s(self.mask & !without), simd.splat_u32s(1));
        let words = lows.iter().zip(highs);
        for (found, (low, high)) in found.iter_mut().zip(words) {
            let x = simd.and_u32s(simd.xor_u32s(*low, *high), mask);
            // Sets all bits below the highest one, and finds whether the number of bits is even.
            let (mut below, mut parity) = (x, x);
            for by in [1, 2, 4, 8, 16] {
                below = simd.or_u32s(below, shr(below, by));
                parity = simd.xor_u32s(parity, shr(parity, by));
            }
            let even = simd.equal_u32s(simd.and_u32s(parity, one), simd.splat_u32s(0));
            let half = simd.select_u32s(even, *low, *high);
            let rest = shr(below, 1);
            *found = simd.or_u32s(simd.xor_u32s(below, rest), simd.and_u32s(half, rest));
        }
    }

    /// Which of the first `count` buckets are not below n, as bits.
    #[inline(always)]
    fn beyond(self, buckets: &Numbers, count: usize) -> u64 {
        let numbered = (0_u64..CHUNK as u64).zip(buckets);
        let all = numbered.fold(0, |open, (at, bucket)| open | u64::from(*bucket >= self.n) << at);
        if count < CHUNK { all & !(u64::MAX << count) } else { all }
    }

    /// The last change below n by another word of each key that is not decided yet; n or more if the
    /// word does not tell. `before` is the last change before the top octave.
    #[inline(always)]
    fn below<S: Simd>(
        self,
        simd: S,
        (low, high): (&Numbers, &Numbers),
        before: &Numbers,
        found: &mut Numbers,
    ) {
        let ((lows, _), (highs, _)) = (S::as_simd_u32s(low), S::as_simd_u32s(high));
        let ((before, _), (found, _)) = (S::as_simd_u32s(before), S::as_mut_simd_u32s(found));
        let [n, mask, top] = [self.n, self.mask, self.top].map(|number| simd.splat_u32s(number));
        let words = lows.iter().zip(highs);
        for ((found, before), (low, high)) in found.iter_mut().zip(before).zip(words) {
            let (a, b) = (simd.and_u32s(*low, mask), simd.and_u32s(*high, mask));
            let candidate = simd.select_u32s(simd.less_than_u32s(a, n), a, b);
            let new = simd.select_u32s(simd.less_than_u32s(candidate, top), *before, candidate);
            *found = simd.select_u32s(simd.less_than_u32s(*found, n), *found, new);
        }
    }
}

/// The answers at each level that the processor has.
#[cfg(test)]
pub(crate) fn jump_back_at_every_level(
    hashes: &[u64],
    n: u32,
    single: impl Fn(u64) -> u32 + Copy,
) -> alloc::vec::Vec<alloc::vec::Vec<u32>> {
    let answers = |level: Level| {
        let mut out = alloc::vec![0; hashes.len()];
        level.run(JumpBack { hashes, n, out: &mut out, single });
        out
    };
    Level::all().map(answers).collect()
}
