//! Buckets of jump consistent hash of many keys at once.
//!
//! Plain loops over arrays, which the compiler turns into vectors of the level it compiles them for.

use super::level::Level;
use crate::hash::mix::JUMP_MULTIPLIER;
use crate::steps;
use pulp::NullaryFnOnce;

/// Keys that jump side by side: enough that none waits for the result of a division.
const KEYS: usize = 32;

/// Writes the bucket of jump consistent hash of each hash to `out`, which is as long, for `n` in
/// 1..2^31. Returns how many it has written: as many as are side by side, none if the processor has no
/// vectors.
pub(crate) fn jump_batch(hashes: &[u64], n: u32, out: &mut [u32]) -> usize {
    if hashes.len() < KEYS {
        return 0;
    }
    Level::best().map_or(0, |level| at(level, hashes, n, out))
}

fn at(level: Level, hashes: &[u64], n: u32, out: &mut [u32]) -> usize {
    level.run(Jump { hashes, n, out });
    hashes.len() / KEYS * KEYS
}

struct Jump<'a> {
    hashes: &'a [u64],
    n: u32,
    out: &'a mut [u32],
}

impl NullaryFnOnce for Jump<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let end = f64::from(self.n);
        let chunks = self.hashes.chunks_exact(KEYS).zip(self.out.chunks_exact_mut(KEYS));
        for (hashes, out) in chunks {
            let Some(mut keys) = hashes.first_chunk::<KEYS>().copied() else { return };
            let (mut at, mut buckets) = ([0.0; KEYS], [0.0; KEYS]);
            let mut jumping = u64::MAX;
            while jumping != 0 {
                steps::count(1);
                jumping = 0;
                for ((key, at), bucket) in keys.iter_mut().zip(&mut at).zip(&mut buckets) {
                    *key = key.wrapping_mul(JUMP_MULTIPLIER).wrapping_add(1);
                    let next = (*at + 1.0) * ((1_u64 << 31) as f64 / one_more(*key >> 33));
                    let below = next < end;
                    let whole = next.floor();
                    *bucket = if below { whole } else { *bucket };
                    // From the end, every further jump leads beyond it. The key jumps on nevertheless:
                    // so its next word does not wait for the division.
                    *at = if below { whole } else { end };
                    jumping |= u64::from(below);
                }
            }
            for (place, bucket) in out.iter_mut().zip(&buckets) {
                *place = *bucket as u32;
            }
        }
    }
}

/// `number + 1` as a float, exact below 2^52: AVX2 converts no 64-bit integers.
#[inline(always)]
fn one_more(number: u64) -> f64 {
    const UNIT: f64 = (1_u64 << 52) as f64; // floats from here on are the whole numbers
    f64::from_bits(UNIT.to_bits() | number) - (UNIT - 1.0)
}

/// The answers at each level that the processor has, as far as `jump_batch` would give them.
#[cfg(test)]
pub(crate) fn jump_at_every_level(hashes: &[u64], n: u32) -> alloc::vec::Vec<alloc::vec::Vec<u32>> {
    Level::all()
        .map(|level| {
            let mut out = alloc::vec![0; hashes.len()];
            let done = at(level, hashes, n, &mut out);
            out.truncate(done);
            out
        })
        .collect()
}
