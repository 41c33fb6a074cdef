//! Buckets of JumpBackHash of many keys at once.
//!
//! ```text
//!   64 keys ── word 0 ── last change ──> buckets
//!                             |
//!                   those not below n, as bits
//!                             |
//!   undecided keys ── word 1 ── last change below n, or not known yet ──> buckets
//!                ^                                  |
//!                └──── those still undecided <──────┘        word 2, 3, ...
//! ```
//!
//! These are the steps of [`jump_back`](crate::bucket::jump_back) with selections in place of
//! branches.

use super::halves::Halves;
use super::level::Level;
use crate::hash::mix::{MIX_FACTORS, MIX_SHIFTS, PHI};
use crate::steps;
use pulp::{Simd, WithSimd};

/// Keys in a chunk: as many as a word has bits.
const CHUNK: usize = 64;
/// With fewer keys the scalar code is as fast.
const MIN_KEYS: usize = 16;

/// Writes the bucket of JumpBackHash of each hash to `out`, which is as long, for `n` in 2..=2^31.
/// False, and nothing happens, if the processor has no vectors or there are too few keys.
pub(crate) fn jump_back_batch(hashes: &[u64], n: u32, out: &mut [u32]) -> bool {
    hashes.len() >= MIN_KEYS && Level::best().is_some_and(|level| at(level, hashes, n, out))
}

fn at(level: Level, hashes: &[u64], n: u32, out: &mut [u32]) -> bool {
    level.run(JumpBack { hashes, n, out });
    true
}

struct JumpBack<'a> {
    hashes: &'a [u64],
    n: u32,
    out: &'a mut [u32],
}

/// The numbers of a chunk, one for each key.
type Numbers = [u32; CHUNK];

impl WithSimd for JumpBack<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let octaves = Octaves::new(self.n);
        let (mut low, mut high, mut found) = ([0; CHUNK], [0; CHUNK], [0; CHUNK]);
        let mut undecided = Undecided::default();
        for (hashes, out) in self.hashes.chunks(CHUNK).zip(self.out.chunks_mut(CHUNK)) {
            words(simd, hashes, 0, &mut low, &mut high);
            octaves.last(simd, 0, hashes.len(), (&low, &high), &mut found);
            for (place, bucket) in out.iter_mut().zip(&found) {
                *place = *bucket;
            }
            let mut open = octaves.beyond(out);
            if open != 0 {
                undecided.count = 0;
                while open != 0 {
                    let at = open.trailing_zeros() as usize;
                    open &= open - 1;
                    let word = low.get(at).zip(high.get(at));
                    undecided.push(at, hashes.get(at), word);
                }
                undecided.decide(simd, octaves, out);
            }
        }
    }
}

/// The keys of a chunk whose last change in the top octave is not below n.
struct Undecided {
    count: usize,
    places: [u8; CHUNK],
    keys: [u64; CHUNK],
    low: Numbers,
    high: Numbers,
    /// The last change before the top octave.
    before: Numbers,
    found: Numbers,
}

impl Default for Undecided {
    fn default() -> Self {
        let [low, high, before, found] = [[0; CHUNK]; 4];
        Self { count: 0, places: [0; CHUNK], keys: [0; CHUNK], low, high, before, found }
    }
}

impl Undecided {
    #[inline(always)]
    fn push(&mut self, place: usize, key: Option<&u64>, word: Option<(&u32, &u32)>) {
        let at = self.count % CHUNK;
        let slots = (self.places.get_mut(at), self.keys.get_mut(at));
        let halves = (self.low.get_mut(at), self.high.get_mut(at));
        if let ((Some(places), Some(keys)), (Some(low), Some(high))) = (slots, halves) {
            *places = place as u8;
            *keys = key.copied().unwrap_or_default();
            (*low, *high) = word.map_or((0, 0), |(low, high)| (*low, *high));
        }
        self.count += 1;
    }

    #[inline(always)]
    fn decide<S: Simd>(&mut self, simd: S, octaves: Octaves, out: &mut [u32]) {
        let Self { count, places, keys, low, high, before, found } = self;
        let mut count = (*count).min(CHUNK);
        octaves.last(simd, octaves.top, count, (&*low, &*high), before);
        let mut round = 1;
        while count > 0 {
            steps::count(count as u64);
            words(simd, keys.get(..count).unwrap_or_default(), round, low, high);
            octaves.below(simd, count, (&*low, &*high), before, found);
            for (place, bucket) in places.iter().zip(&*found).take(count) {
                if let Some(place) = out.get_mut(usize::from(*place)) {
                    *place = *bucket;
                }
            }
            let mut open = octaves.beyond(found.get(..count).unwrap_or_default());
            count = 0;
            while open != 0 {
                let at = open.trailing_zeros() as usize;
                open &= open - 1;
                copy(places, at, count);
                copy(keys, at, count);
                copy(before, at, count);
                count += 1;
            }
            round += 1;
        }
    }
}

#[inline(always)]
fn copy<T: Copy>(list: &mut [T; CHUNK], from: usize, to: usize) {
    if let (Some(item), Some(place)) = (list.get(from).copied(), list.get_mut(to)) {
        *place = item;
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
    for (low, high) in lows.iter_mut().zip(highs).take(keys.len().div_ceil(S::U32_LANES)) {
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
        count: usize,
        (low, high): (&Numbers, &Numbers),
        found: &mut Numbers,
    ) {
        let shr = |a, by| simd.wrapping_dyn_shr_u32s(a, simd.splat_u32s(by));
        let ((lows, _), (highs, _)) = (S::as_simd_u32s(low), S::as_simd_u32s(high));
        let (found, _) = S::as_mut_simd_u32s(found);
        let (mask, one) = (simd.splat_u32s(self.mask & !without), simd.splat_u32s(1));
        let words = lows.iter().zip(highs).take(count.div_ceil(S::U32_LANES));
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

    /// Which of at most 64 buckets are not below n, as bits.
    #[inline(always)]
    fn beyond(self, buckets: &[u32]) -> u64 {
        let numbered = (0_u64..).zip(buckets);
        numbered.fold(0, |open, (at, bucket)| open | u64::from(*bucket >= self.n) << (at % 64))
    }

    /// The last change below n by another word of each key that is not decided yet; n or more if the
    /// word does not tell. `before` is the last change before the top octave.
    #[inline(always)]
    fn below<S: Simd>(
        self,
        simd: S,
        count: usize,
        (low, high): (&Numbers, &Numbers),
        before: &Numbers,
        found: &mut Numbers,
    ) {
        let ((lows, _), (highs, _)) = (S::as_simd_u32s(low), S::as_simd_u32s(high));
        let ((before, _), (found, _)) = (S::as_simd_u32s(before), S::as_mut_simd_u32s(found));
        let [n, mask, top] = [self.n, self.mask, self.top].map(|number| simd.splat_u32s(number));
        let words = lows.iter().zip(highs).take(count.div_ceil(S::U32_LANES));
        for ((found, before), (low, high)) in found.iter_mut().zip(before).zip(words) {
            let (a, b) = (simd.and_u32s(*low, mask), simd.and_u32s(*high, mask));
            let candidate = simd.select_u32s(simd.less_than_u32s(a, n), a, b);
            *found = simd.select_u32s(simd.less_than_u32s(candidate, top), *before, candidate);
        }
    }
}

/// The answers at each level that the processor has.
#[cfg(test)]
pub(crate) fn jump_back_at_every_level(
    hashes: &[u64],
    n: u32,
) -> alloc::vec::Vec<alloc::vec::Vec<u32>> {
    Level::all()
        .map(|level| {
            let mut out = alloc::vec![0; hashes.len()];
            at(level, hashes, n, &mut out);
            out
        })
        .collect()
}
