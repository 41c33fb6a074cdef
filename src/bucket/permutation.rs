//! Replicas for the jump family: the buckets in an order of preference that is consistent in n.
//!
//! Construction, proof and sources are in the chapter `docs::replicas`.

use super::shuffle::{LAST_SHUFFLED, Orders, traced};
use crate::hash::KeyHash;
use crate::hash::mix::{mix, reduce, word};
use crate::steps;

/// Octaves of up to 2^31 buckets.
const OCTAVES: usize = 32;
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
    /// Kept for long lists only.
    orders: Option<Orders>,
}

impl BucketPermutation {
    /// For `n` ≥ 1 buckets.
    #[inline]
    pub(super) fn new(hash: KeyHash, n: u32) -> Self {
        let top = u32::BITS - n.saturating_sub(1).leading_zeros();
        let key = mix(hash.get() ^ DOMAIN);
        Self { key, n, top, left: 1 << top, taken: [0; OCTAVES], orders: None }
    }

    /// The same position, prepared for a list of many elements.
    pub(super) fn for_many(mut self) -> Self {
        let mut orders = Orders::new();
        for octave in 1..=LAST_SHUFFLED {
            let (size, key) = (octave_size(octave), self.octave_key(octave));
            let taken = self.taken.get(octave as usize).copied().unwrap_or_default();
            for index in 0..taken.min(size) {
                orders.swap(key, size, index);
            }
        }
        self.orders = Some(orders);
        self
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
    ///
    /// The number of elements left in an octave does not depend on coins, so they could be thrown
    /// together, without branches that the processor cannot predict. Measured, the words of coins that
    /// are not needed cost as much as the branches.
    fn step(&mut self) -> Option<u32> {
        let mut left = self.left;
        let mut octave = self.top;
        while octave > 0 {
            steps::count(1);
            let here = self.left_in(octave);
            if self.coin(octave, left, here) {
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
        let (size, key) = (octave_size(octave), self.octave_key(octave));
        let within = if octave > LAST_SHUFFLED {
            feistel(key, octave - 1, index)
        } else {
            match &mut self.orders {
                None => traced(key, size, index),
                Some(orders) => orders.swap(key, size, index),
            }
        };
        Some(size + within)
    }

    /// True if the next of the `left` elements of Π(`octave`) is one of the `here` in the octave itself.
    #[inline]
    fn coin(&self, octave: u32, left: u32, here: u32) -> bool {
        reduce(self.word(octave, left), u64::from(left)) < u64::from(here)
    }

    /// The key of an octave's own permutation, above the octave numbers, so that its words are not the
    /// coins'.
    #[inline]
    fn octave_key(&self, octave: u32) -> u64 {
        self.word(octave + 64, 0)
    }

    /// The number of elements left in octave `e`. Counts from an untrusted walk can have any value.
    #[inline]
    fn left_in(&self, e: u32) -> u32 {
        let taken = self.taken.get(e as usize).copied().unwrap_or(u32::MAX);
        octave_size(e).saturating_sub(taken)
    }

    #[inline]
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

/// The number of buckets in octave `e`, which is its first bucket unless that is 0.
#[inline]
fn octave_size(e: u32) -> u32 {
    if e == 0 { 1 } else { 1 << (e - 1).min(30) }
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
        let b = word(key, 2 * round + 1);
        // The first elements have no upper part.
        let product =
            if round == 0 && x == 0 { 0 } else { word(key, 2 * round).wrapping_mul(u64::from(x)) };
        (product.wrapping_add(b) >> (64 - bits)) as u32
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

#[cfg(test)]
mod tests {
    use super::{BucketPermutation, DOMAIN, KeyHash, feistel, mix, octave_size, reduce, word};
    extern crate std;
    use std::vec::Vec;

    /// Π by its definition: coin after coin, and whole shuffles.
    fn defined(hash: KeyHash, n: u32, count: usize) -> Vec<u32> {
        let key = mix(hash.get() ^ DOMAIN);
        let top = u32::BITS - n.saturating_sub(1).leading_zeros();
        let mut taken = [0; 32];
        let mut elements = Vec::new();
        while elements.len() < count {
            let left = |octave: u32| octave_size(octave) - taken[octave as usize];
            let mut octave = top;
            while octave > 0 {
                let all: u32 = (0..=octave).map(left).sum();
                let coin = word(key, u64::from(octave) << 32 | u64::from(all));
                if reduce(coin, all.into()) < left(octave).into() {
                    break;
                }
                octave -= 1;
            }
            let index = taken[octave as usize];
            taken[octave as usize] += 1;
            let own = word(key, u64::from(octave + 64) << 32);
            let (first, size) = ((1 << octave) >> 1, octave_size(octave));
            let within = if size > 64 {
                feistel(own, octave - 1, index)
            } else {
                let mut order: Vec<u32> = (0..size).collect();
                for i in 0..=index {
                    let other = reduce(word(own, u64::from(i)), u64::from(size - i)) as u32;
                    order.swap(i as usize, (i + other) as usize);
                }
                order[index as usize]
            };
            if first + within < n {
                elements.push(first + within);
            }
        }
        elements
    }

    /// One by one, as a list of many, and from any place of a walk.
    #[test]
    fn the_permutation_is_as_defined() {
        for (n, count) in (1..=140).map(|n| (n, n)).chain([
            (1000, 200),
            (1025, 200),
            (1 << 20, 40),
            ((1 << 30) + 1, 40),
            (1 << 31, 40),
        ]) {
            for key in 0..6 {
                let (hash, count) = (KeyHash::of_id(key), count as usize);
                let expected = defined(hash, n, count);
                let mut one = BucketPermutation::new(hash, n);
                let mut many = BucketPermutation::new(hash, n).for_many();
                let mut words = [0; 8];
                for (i, bucket) in expected.into_iter().enumerate() {
                    if i % 7 == 3 {
                        one.save(&mut words);
                        one = BucketPermutation::load(hash, n, &words).unwrap();
                        if i % 2 == 0 {
                            one = one.for_many();
                        }
                    }
                    assert_eq!(one.next(), Some(bucket), "{i} of {n}");
                    assert_eq!(many.next(), Some(bucket), "{i} of {n}");
                }
                if count == n as usize {
                    assert_eq!((one.next(), many.next()), (None, None), "{n}");
                }
            }
        }
    }
}
