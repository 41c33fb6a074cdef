//! From a key to a [`KeyHash`]: which bytes a key stands for ([`StableHash`]), which function
//! hashes them ([`KeyHasher`]), and whether its answers hold outside this process ([`Portable`]).
//!
//! ```
//! use apportion::Xxh3;
//! use apportion::hash::KeyHasher;
//!
//! // A whole key that is text is hashed as its bare bytes, so this is what every
//! // implementation of XXH3-64 (seed 0) in any language says of "abc".
//! assert_eq!(Xxh3.hash_key("abc").get(), 0x78AF_5F94_892F_3950);
//! // Integers of up to 64 bits are eight little-endian bytes, whatever their type.
//! assert_eq!(Xxh3.hash_key(&42_i32), Xxh3.hash_key(&42_u64));
//! ```
//!
//! One hash serves one level of placement. A second level that places the same keys by the same hash
//! depends on the first: it gets uneven shares or empty nodes. [`Seeded`] and
//! [`KeyHash::with_seed`] give it a hash of its own.

mod describe;
mod digest;
#[cfg(feature = "serde")]
pub(crate) mod hex;
mod impls;
mod local;
pub(crate) mod log2;
pub(crate) mod mix;
mod seeded;
mod siphash;
mod stable;
mod stable_hash;
mod xxh3;

#[cfg(feature = "alloc")]
pub(crate) use describe::{Described, DescribedBytes};
#[cfg(feature = "md5")]
pub use digest::Md5;
#[cfg(feature = "sha1")]
pub use digest::Sha1;
#[cfg(feature = "ahash")]
pub use local::AHash;
pub use local::Local;
pub use seeded::Seeded;
pub use siphash::SipHash13;
pub(crate) use stable::seal::Seal;
pub use stable::{Encoder, StableHash};
pub use xxh3::Xxh3;

use core::fmt;

/// A key that has been hashed: 64 bits that an algorithm may take for uniform.
///
/// It is a type of its own so that a raw integer is not handed to an algorithm that counts on
/// mixed bits. Two named ways lead in: [`KeyHash::from_hash`] for the output of a good hash
/// function, [`KeyHash::of_id`] for anything else that fits 64 bits.
///
/// It is a key as well: a [`BytesHasher`] takes it as it is, so `locator.get(&hash)` is the answer
/// for a key of that hash, and a [`Seeded`] hasher mixes it with the seed. [`Local`] hashes it like
/// any other value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(transparent)]
pub struct KeyHash(u64);

impl KeyHash {
    /// Takes 64 bits that are uniform already: the output of a hash function.
    #[inline]
    #[must_use]
    pub const fn from_hash(uniform: u64) -> Self {
        Self(uniform)
    }

    /// Mixes a number that is *not* uniform (a counter, a timestamp) with the finaliser of
    /// SplitMix64, a bijection: different numbers stay different.
    #[inline]
    #[must_use]
    pub const fn of_id(id: u64) -> Self {
        Self(mix::mix(id.wrapping_add(mix::PHI)))
    }

    /// The 64 bits.
    #[inline]
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// `0x` and 16 digits: columns of hashes line up.
impl fmt::Display for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:016x}", self.0)
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyHash(0x{:016x})", self.0)
    }
}

/// Feeds the parts of one message, in order, to the function it is given.
pub type Parts<'a> = &'a mut dyn FnMut(&mut dyn FnMut(&[u8]));

/// A hash function of bytes.
///
/// Implement it for a function of your own and every [`StableHash`] key can be hashed by it.
///
/// ```
/// use apportion::KeyHash;
/// use apportion::hash::{BytesHasher, KeyHasher, Parts};
///
/// struct Fnv1a;
/// impl BytesHasher for Fnv1a {
///     fn hash_bytes(&self, bytes: &[u8]) -> KeyHash {
///         self.hash_parts(&mut |part| part(bytes))
///     }
///     fn hash_parts(&self, parts: Parts<'_>) -> KeyHash {
///         let mut h = 0xcbf2_9ce4_8422_2325_u64;
///         parts(&mut |bytes| {
///             for b in bytes {
///                 h = (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3);
///             }
///         });
///         KeyHash::of_id(h) // FNV's upper bits are weak: mix them
///     }
/// }
/// assert_eq!(Fnv1a.hash_key("a"), Fnv1a.hash_key(b"a"));
/// ```
pub trait BytesHasher {
    /// Hashes one run of bytes.
    fn hash_bytes(&self, bytes: &[u8]) -> KeyHash;

    /// Hashes a message given in parts; the answer is that of [`hash_bytes`](Self::hash_bytes)
    /// for the parts joined. `parts` is called once.
    fn hash_parts(&self, parts: Parts<'_>) -> KeyHash;
}

/// Turns a key of type `K` into a [`KeyHash`].
///
/// Every [`BytesHasher`] does so for every [`StableHash`] key and for a [`KeyHash`]; [`Local`] does so for every
/// `core::hash::Hash` key, within one process.
pub trait KeyHasher<K: ?Sized> {
    /// Hashes a key.
    fn hash_key(&self, key: &K) -> KeyHash;
}

impl<K, H> KeyHasher<K> for H
where
    K: StableHash + ?Sized,
    H: BytesHasher,
{
    #[inline]
    fn hash_key(&self, key: &K) -> KeyHash {
        key.hash_whole(self)
    }
}

/// A key that is hashed already is its own hash.
impl<H: BytesHasher> KeyHasher<KeyHash> for H {
    #[inline]
    fn hash_key(&self, key: &KeyHash) -> KeyHash {
        *key
    }
}

/// A hasher whose answers are the same in every process, on every machine and in every release.
///
/// What leaves the process needs it: saving a [`Locator`](crate::Locator), its fingerprint, and
/// later comparisons between processes. [`Local`] is not `Portable`, so this is refused:
///
/// ```compile_fail,E0277
/// # #[cfg(not(all(feature = "ahash", feature = "alloc")))] compile_error!("needs ahash");
/// fn portable(hasher: impl apportion::Portable) -> u64 { hasher.id() }
/// portable(apportion::hash::AHash::default());
/// ```
///
/// and this, which differs in that one type, is not:
///
/// ```
/// fn portable(hasher: impl apportion::Portable) -> u64 { hasher.id() }
/// portable(apportion::Xxh3::default());
/// ```
#[diagnostic::on_unimplemented(
    message = "the answers of `{Self}` hold only in this process",
    note = "fingerprints, saved forms and comparisons need a hasher that is fixed for ever: `Xxh3` (the \
            default), `SipHash13`, `Md5` or `Sha1`, set by `Locator::with_hasher`",
    note = "if it is a hash function of your own that is fixed for ever, implement `Portable` for it"
)]
pub trait Portable: Clone {
    /// Tells hash functions, their seeds and their secrets apart without revealing a secret.
    ///
    /// Numbers below 2^16 belong to this crate. A hash function of your own takes any other, such as
    /// eight bytes of a hash of its name: with the id of another function its answers would pass for
    /// those of that one, in fingerprints, saved forms and comparisons.
    fn id(&self) -> u64;
}

mod sealed {
    #[allow(unnameable_types)] // a seal
    pub trait Sealed<H> {}
    impl<K: ?Sized, H: super::KeyHasher<K>> Sealed<H> for K {}
}

/// A key that the hasher `H` can hash: implemented for every `K` with `H: KeyHasher<K>`.
///
/// It turns that bound around so that `locator.replicas::<3>(key)` names nothing but the 3.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a key that `{H}` can hash",
    note = "a type of your own: `apportion::stable_hash!(Document {{ tenant, name }})` implements \
            `StableHash` in one line, and `stable_hash!(UserId(id) as id.as_bytes())` for a type that \
            wraps one of another crate",
    note = "a type of another crate: pass what it consists of, for example `id.as_bytes()` of a `Uuid`, \
            `&bytes[..]` of `Bytes`, `path.to_str()` of a `Path`, or wrap it in a type of your own",
    note = "`usize` and `isize` have another width on other machines: convert them to `u64` or `i64`; a \
            float has several encodings of one value: pass `to_bits()` if that is what you mean",
    note = "under `Local` and `AHash` every `core::hash::Hash` type is a key"
)]
pub trait Key<H>: sealed::Sealed<H> {
    /// Hashes the key.
    fn key_hash(&self, hasher: &H) -> KeyHash;
}

impl<K: ?Sized, H: KeyHasher<K>> Key<H> for K {
    #[inline]
    fn key_hash(&self, hasher: &H) -> KeyHash {
        hasher.hash_key(self)
    }
}
