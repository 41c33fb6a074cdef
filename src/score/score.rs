//! The score of a node for a key.

use crate::hash::KeyHash;
use crate::hash::mix::{MIX_SETTLED, mix, mix_but_last};

const KEY_DOMAIN: u64 = 0x6A09_E667_F3BC_C909;
const IDENTITY_FACTOR: u64 = 0xE703_7ED1_A0B4_28DB;

/// A key, prepared for scoring every node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scorer(u64);

impl Scorer {
    #[inline]
    pub(crate) const fn new(key: KeyHash) -> Self {
        Self(mix(key.get() ^ KEY_DOMAIN))
    }

    #[inline]
    pub(crate) const fn score(self, seed: Seed) -> u64 {
        mix(self.0 ^ seed.0)
    }

    /// The key's part of every score.
    #[inline]
    pub(crate) const fn word(self) -> u64 {
        self.0
    }

    /// An upper bound of the best score of a chunk: the bits that are settled before the last step of
    /// mixing, with all lower bits set.
    #[inline]
    pub(crate) fn upper_bound<T>(self, chunk: &[T; CHUNK], seed: impl Fn(&T) -> Seed) -> u64 {
        let rough = |entry: &T| mix_but_last(self.0 ^ seed(entry).0);
        // Two independent rows of maxima, because in a single one each step would wait for the last.
        let (left, right) = chunk.split_at(CHUNK / 2);
        let pairs = left.iter().zip(right).map(|(a, b)| rough(a).max(rough(b)));
        pairs.max().unwrap_or(0) | !MIX_SETTLED
    }
}

/// The number of entries whose scores are bounded together before any single one is computed.
pub(crate) const CHUNK: usize = 8;

/// A node's identity, prepared for scoring with every key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seed(pub(super) u64);

impl Seed {
    #[inline]
    pub(crate) const fn new(identity: u64) -> Self {
        Self(identity.wrapping_add(1).wrapping_mul(IDENTITY_FACTOR))
    }

    /// The node's part of every score.
    #[cfg(feature = "alloc")]
    #[inline]
    pub(crate) const fn word(self) -> u64 {
        self.0
    }

    /// The identity. The factor is odd, so it has an inverse modulo 2^64.
    #[inline]
    pub(crate) const fn identity(self) -> u64 {
        const INVERSE: u64 = {
            // Each Newton step doubles the number of correct bits, from the three of an odd square.
            let mut inverse = IDENTITY_FACTOR;
            let mut step = 0;
            while step < 5 {
                let error = 2_u64.wrapping_sub(IDENTITY_FACTOR.wrapping_mul(inverse));
                inverse = inverse.wrapping_mul(error);
                step += 1;
            }
            assert!(IDENTITY_FACTOR.wrapping_mul(inverse) == 1);
            inverse
        };
        self.0.wrapping_mul(INVERSE).wrapping_sub(1)
    }
}

/// Seeds that score what a test wants.
#[cfg(test)]
pub(crate) mod crafted {
    use super::{Scorer, Seed};

    pub(crate) fn seed_of(scorer: Scorer, score: u64) -> Seed {
        let undo_shift = |z: u64, by: u32| (0..=64 / by).fold(z, |x, _| z ^ (x >> by));
        let inverse = |odd: u64| {
            (0..6).fold(odd, |x, _| x.wrapping_mul(2_u64.wrapping_sub(odd.wrapping_mul(x))))
        };
        let z = undo_shift(score, 31).wrapping_mul(inverse(0x94D0_49BB_1331_11EB));
        let z = undo_shift(z, 27).wrapping_mul(inverse(0xBF58_476D_1CE4_E5B9));
        let seed = Seed(scorer.0 ^ undo_shift(z, 30));
        assert_eq!(scorer.score(seed), score);
        seed
    }

    #[test]
    fn identities_come_back() {
        for identity in [0, 1, 2, 0x0123_4567_89AB_CDEF, u64::MAX - 1, u64::MAX] {
            assert_eq!(Seed::new(identity).identity(), identity);
        }
    }
}
