//! Replicas for the jump family: the buckets in an order of preference that is consistent in n.
//!
//! Construction, proof and sources are in the chapter `docs::replicas`.

use crate::hash::KeyHash;
use crate::hash::mix::{mix, reduce, word};
use crate::slips::OrSlip;
use crate::steps;

/// Octaves of up to 2^31 buckets.
const OCTAVES: usize = 32;
/// Octaves of at most this many buckets are shuffled exactly.
const SHUFFLED: u32 = 64;
/// Separates the permutation's words from those the bucket functions draw from the same key.
const DOMAIN: u64 = 0x7065_726D_7574_6531;

/// The position in a key's permutation of `0..n`: the number of elements taken from each octave.
#[derive(Clone, Debug)]
pub(super) struct BucketPermutation {
    key: u64,
    n: u32,
    /// The octave that holds bucket n − 1.
    top: u32,
    /// The number of elements left in Π(top).
    left: u32,
    taken: [u32; OCTAVES],
}

impl BucketPermutation {
    /// For `n` ≥ 1 buckets.
    pub(super) fn new(hash: KeyHash, n: u32) -> Self {
        let top = u32::BITS - n.saturating_sub(1).leading_zeros();
        let key = mix(hash.get() ^ DOMAIN);
        Self { key, n, top, left: 1 << top, taken: [0; OCTAVES] }
    }

    /// The next element.
    pub(super) fn next(&mut self) -> Option<u32> {
        while self.left > 0 {
            let bucket = self.step()?;
            if bucket < self.n {
                return Some(bucket);
            }
        }
        None
    }

    /// The next element of Π(top), which is not exhausted.
    fn step(&mut self) -> Option<u32> {
        let mut left = self.left;
        let mut octave = self.top;
        while octave > 0 {
            steps::count(1);
            let here = self.left_in(octave);
            if reduce(self.word(octave, left), u64::from(left)) < u64::from(here) {
                break;
            }
            left -= here;
            octave -= 1;
        }
        let taken = self.taken.get_mut(octave as usize)?;
        let index = *taken;
        *taken += 1;
        self.left -= 1;
        if octave == 0 {
            return Some(0);
        }
        let size = octave_size(octave);
        // Above the octave numbers, so that these words are not the coins'.
        let key = self.word(octave + 64, 0);
        let within = if size <= SHUFFLED {
            shuffled(key, size, index)
        } else {
            feistel(key, octave - 1, index)
        };
        Some(size + within)
    }

    /// The number of elements left in octave `e`. Counts from an untrusted walk can have any value.
    fn left_in(&self, e: u32) -> u32 {
        let taken = self.taken.get(e as usize).copied().unwrap_or(u32::MAX);
        octave_size(e).saturating_sub(taken)
    }

    fn word(&self, octave: u32, counter: u32) -> u64 {
        word(self.key, u64::from(octave) << 32 | u64::from(counter))
    }

    /// The counts in 497 of 512 bits: octave e takes max(1, e) of them. The last bit says that the
    /// first replica was given.
    pub(super) fn save(&self, words: &mut [u64; 8]) {
        let mut writer = Bits::default();
        *words = [0; 8];
        for (e, count) in self.taken.iter().enumerate() {
            let e = e as u32;
            writer.write(words, (*count).min(octave_size(e)), e.max(1));
        }
        words[7] |= GIVEN;
    }

    /// Reads what [`save`](Self::save) wrote; `None` before the first replica.
    pub(super) fn load(hash: KeyHash, n: u32, words: &[u64; 8]) -> Option<Self> {
        if words[7] & GIVEN == 0 {
            return None;
        }
        let mut reader = Bits::default();
        let mut permutation = Self::new(hash, n);
        for (e, taken) in permutation.taken.iter_mut().enumerate() {
            *taken = reader.read(words, (e as u32).max(1));
        }
        permutation.left = (0..=permutation.top).map(|e| permutation.left_in(e)).sum();
        Some(permutation)
    }
}

const GIVEN: u64 = 1 << 63;

fn octave_size(e: u32) -> u32 {
    if e == 0 { 1 } else { 1 << (e - 1).min(30) }
}

/// Element `index` of a Fisher–Yates shuffle of `0..size`, of which only the first `index + 1`
/// steps are needed.
fn shuffled(key: u64, size: u32, index: u32) -> u32 {
    let mut order: [u8; SHUFFLED as usize] = core::array::from_fn(|i| i as u8);
    let mut last = 0;
    for i in 0..=index.min(size.saturating_sub(1)) {
        let other = i + reduce(word(key, u64::from(i)), u64::from(size - i)) as u32;
        order.swap(i as usize, other as usize);
        last = order.get(i as usize).copied().or_slip();
    }
    u32::from(last)
}

/// A Feistel network on `bits` bits: six rounds, alternately on the lower and the upper part, with
/// multiply-add-shift functions, which are pairwise independent.
///
/// Michael Luby, Charles Rackoff, *How to construct pseudorandom permutations from pseudorandom
/// functions*, SIAM J. Comput. 17(2), 1988, DOI 10.1137/0217022. Martin Dietzfelbinger, *Universal
/// hashing and k-wise independent random variables via integer arithmetic without primes*, STACS
/// 1996, DOI 10.1007/3-540-60922-9_46.
fn feistel(key: u64, bits: u32, index: u32) -> u32 {
    let (low_bits, high_bits) = (bits / 2, bits - bits / 2);
    let mut low = index & ((1 << low_bits) - 1);
    let mut high = index >> low_bits;
    let part = |round: u64, x: u32, bits: u32| {
        let (a, b) = (word(key, 2 * round), word(key, 2 * round + 1));
        (a.wrapping_mul(u64::from(x)).wrapping_add(b) >> (64 - bits)) as u32
    };
    for round in [0, 2, 4] {
        low ^= part(round, high, low_bits);
        high ^= part(round + 1, low, high_bits);
    }
    high << low_bits | low
}

/// A bit position in an array of words.
#[derive(Default)]
struct Bits {
    at: u32,
}

impl Bits {
    fn write(&mut self, words: &mut [u64; 8], value: u32, bits: u32) {
        let (word, shift) = ((self.at / 64) as usize, self.at % 64);
        let wide = u128::from(value) << shift;
        if let Some(low) = words.get_mut(word) {
            *low |= wide as u64;
        }
        if let Some(high) = words.get_mut(word + 1) {
            *high |= (wide >> 64) as u64;
        }
        self.at += bits;
    }

    fn read(&mut self, words: &[u64; 8], bits: u32) -> u32 {
        let (word, shift) = ((self.at / 64) as usize, self.at % 64);
        let part = |i| u128::from(words.get(i).copied().unwrap_or_default());
        let wide = (part(word) | part(word + 1) << 64) >> shift;
        self.at += bits;
        wide as u32 & (u32::MAX >> (32 - bits))
    }
}
