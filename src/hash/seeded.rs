//! A hash of its own for a second level.

use super::mix::{mix, word};
use super::{KeyHash, KeyHasher, Portable};

/// Separates the keys of the permutation from every other word derived from a number.
const DOMAIN: u64 = 0x6c65_7665_6c20_6f66;

/// A permutation of the 64-bit hashes, chosen by a seed: two rounds of [`mix`] between three keys.
///
/// ```text
/// hash ─ xor keys[0] ─ mix ─ xor keys[1] ─ mix ─ xor keys[2] ─ seeded hash
/// ```
///
/// One round would not be enough: the algorithms compute their random words as
/// `mix(hash + constant)`, so with an unlucky seed one round would equal a word that the first level
/// has used already.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Permutation {
    keys: [u64; 3],
}

impl Permutation {
    const fn of(seed: u64) -> Self {
        let state = mix(seed ^ DOMAIN);
        Self { keys: [word(state, 0), word(state, 1), word(state, 2)] }
    }

    #[inline]
    const fn apply(self, hash: u64) -> u64 {
        let [first, second, last] = self.keys;
        mix(mix(hash ^ first) ^ second) ^ last
    }
}

impl KeyHash {
    /// The hash of the same key for another level of placement: mixes the hash with a seed.
    ///
    /// Two levels that use the same hash depend on each other, see [`Locator::with_seed`]. Use this
    /// function with raw placements ([`Buckets`](crate::bucket::Buckets), slices) and in batches;
    /// [`Seeded`] does the same inside a hasher.
    ///
    /// ```
    /// use apportion::{JumpBack, Placement, Xxh3};
    /// use apportion::bucket::Buckets;
    /// use apportion::hash::KeyHasher;
    ///
    /// let (hosts, disks) = (Buckets::new(JumpBack, 16).unwrap(), Buckets::new(JumpBack, 16).unwrap());
    /// let hash = Xxh3.hash_key("user:42");
    /// let host = hosts.locate(hash);
    /// let disk = disks.locate(hash.with_seed(1)); // `disks.locate(hash)` is the number of the host
    /// # assert_eq!(disks.locate(hash), host);
    /// # assert!(disk.is_some());
    /// ```
    ///
    /// For each seed the function is a bijection: different hashes stay different. Every seed changes
    /// the hashes, 0 included. The values never change.
    ///
    /// # Source
    /// A key-alternating cipher of two rounds: Shimon Even, Yishay Mansour, *A construction of a
    /// cipher from a single pseudorandom permutation*, Journal of Cryptology 10, 1997, DOI
    /// 10.1007/s001459900025. The permutation of a round is the finaliser of SplitMix64. The seed
    /// separates levels; it does not protect against an adversary.
    ///
    #[cfg_attr(feature = "alloc", doc = "[`Locator::with_seed`]: crate::Locator::with_seed")]
    #[cfg_attr(not(feature = "alloc"), doc = "[`Locator::with_seed`]: Seeded")]
    #[inline]
    #[must_use]
    pub const fn with_seed(self, seed: u64) -> Self {
        Self(Permutation::of(seed).apply(self.0))
    }
}

/// A hasher whose hashes are mixed with a seed: the hasher of a second level of placement.
///
/// Suppose a key chooses a host, then a disk inside the host. If both levels use the same hash, the
/// hashes of one host's keys are no longer uniform, and its disks get uneven shares or none. Levels with
/// different seeds are independent. Any hasher can be wrapped, and a [`KeyHash`] as a key is mixed
/// with the seed too.
///
/// ```
/// use apportion::{Portable, Xxh3};
/// use apportion::hash::{KeyHasher, Seeded};
///
/// const DISKS: Seeded<Xxh3> = Seeded::new(Xxh3, 1);
/// let host = Xxh3.hash_key("user:42");
/// let disk = DISKS.hash_key("user:42");
/// assert_eq!(disk, host.with_seed(1));
/// assert_eq!(disk, DISKS.hash_key(&host)); // a key that was hashed before
/// assert_ne!(DISKS.id(), Xxh3.id()); // fingerprints and saved forms tell the levels apart
/// ```
///
/// It is [`Portable`] if the wrapped hasher is. It can be nested: `Seeded<Seeded<Xxh3>>` is a third
/// hasher. [`KeyHash::with_seed`] is the function and names its source.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Seeded<H> {
    hasher: H,
    seed: u64,
    permutation: Permutation,
}

impl<H> Seeded<H> {
    /// Wraps a hasher. Every seed gives a different hasher, and all differ from the wrapped one.
    #[must_use]
    pub const fn new(hasher: H, seed: u64) -> Self {
        Self { hasher, seed, permutation: Permutation::of(seed) }
    }

    /// The wrapped hasher.
    #[must_use]
    pub const fn hasher(&self) -> &H {
        &self.hasher
    }

    /// The seed.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }
}

#[allow(clippy::missing_fields_in_debug)] // the permutation follows from the seed
impl<H: core::fmt::Debug> core::fmt::Debug for Seeded<H> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Seeded").field("hasher", &self.hasher).field("seed", &self.seed).finish()
    }
}

impl<K: ?Sized, H: KeyHasher<K>> KeyHasher<K> for Seeded<H> {
    #[inline]
    fn hash_key(&self, key: &K) -> KeyHash {
        KeyHash(self.permutation.apply(self.hasher.hash_key(key).0))
    }
}

impl<H: Portable> Portable for Seeded<H> {
    /// The wrapped hasher's id, mixed with the seed as a hash is.
    fn id(&self) -> u64 {
        self.permutation.apply(self.hasher.id())
    }
}

#[cfg(test)]
mod tests {
    use super::{DOMAIN, KeyHash, Permutation, Seeded};
    use crate::hash::mix::{mix, word};
    use crate::hash::{KeyHasher, Portable, SipHash13, Xxh3};

    /// The inverse of [`mix`], step by step.
    fn unmix(z: u64) -> u64 {
        // An odd multiplier's inverse by Newton's iteration: each step doubles the correct bits.
        let inverse =
            |m: u64| (0..6).fold(m, |i, _| i.wrapping_mul(2_u64.wrapping_sub(m.wrapping_mul(i))));
        let unshift = |z: u64, by: u32| z ^ (z >> by) ^ (z >> (2 * by));
        let z = unshift(z, 31).wrapping_mul(inverse(0x94D0_49BB_1331_11EB));
        let z = unshift(z, 27).wrapping_mul(inverse(0xBF58_476D_1CE4_E5B9));
        unshift(z, 30)
    }

    #[test]
    fn each_seed_is_a_bijection() {
        for case in 0..10_000 {
            let (hash, seed) = (word(1, case), if case % 2 == 0 { case } else { word(2, case) });
            let [first, second, last] = Permutation::of(seed).keys;
            let seeded = KeyHash(hash).with_seed(seed).get();
            assert_eq!(unmix(unmix(seeded ^ last) ^ second) ^ first, hash);
            assert_ne!(seeded, hash);
        }
    }

    #[test]
    fn the_keys_are_those_of_the_documentation() {
        const KEY: KeyHash = KeyHash::from_hash(42);
        const AT_COMPILE_TIME: KeyHash = KEY.with_seed(7);
        let state = mix(7 ^ DOMAIN);
        let expected = mix(mix(KEY.get() ^ word(state, 0)) ^ word(state, 1)) ^ word(state, 2);
        assert_eq!(KEY.with_seed(7).get(), expected);
        assert_eq!(AT_COMPILE_TIME.get(), expected);
    }

    #[test]
    fn a_seeded_hasher_mixes_every_kind_of_key() {
        let hash = |h: &dyn Fn() -> KeyHash| h();
        for seed in [0, 1, u64::MAX] {
            let (plain, seeded) = (Xxh3, Seeded::new(Xxh3, seed));
            for (a, b) in [
                (plain.hash_key("a"), seeded.hash_key("a")),
                (plain.hash_key(&[1, 2_u8]), seeded.hash_key(&[1, 2_u8])),
                (plain.hash_key(&(1, "x")), seeded.hash_key(&(1, "x"))),
                (KeyHash(5), seeded.hash_key(&KeyHash(5))),
                (plain.hash_key(&KeyHash(5)), hash(&|| seeded.hash_key(&KeyHash(5)))),
            ] {
                assert_eq!(b, a.with_seed(seed));
                assert_ne!(a, b);
            }
            assert_eq!(seeded.seed(), seed);
            assert_eq!(seeded.hasher(), &Xxh3);
        }
    }

    /// Hash functions without a secret have an id from the range reserved for the crate.
    #[test]
    fn ids_are_within_those_of_the_crate() {
        let ids = [
            Xxh3.id(),
            #[cfg(feature = "md5")]
            crate::hash::Md5.id(),
            #[cfg(feature = "sha1")]
            crate::hash::Sha1.id(),
        ];
        assert!(ids.iter().all(|id| *id < 1 << 16), "{ids:?}");
        let others = [Seeded::new(Xxh3, 1).id(), SipHash13::new([7; 16]).id()];
        assert!(others.iter().all(|id| *id >= 1 << 16), "{others:?}");
    }

    #[test]
    fn ids_tell_seeds_and_hashers_apart() {
        let sip = SipHash13::new([7; 16]);
        let seeds = [0, 1, 2, 3, u64::MAX];
        let mut ids: [u64; 14] = [0; 14];
        for (place, seed) in seeds.into_iter().enumerate() {
            ids[place] = Seeded::new(Xxh3, seed).id();
            ids[5 + place] = Seeded::new(sip, seed).id();
        }
        ids[10..].copy_from_slice(&[
            Xxh3.id(),
            sip.id(),
            Seeded::new(Seeded::new(Xxh3, 1), 2).id(),
            Seeded::new(Seeded::new(Xxh3, 2), 1).id(),
        ]);
        ids.sort_unstable();
        assert!(ids.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
