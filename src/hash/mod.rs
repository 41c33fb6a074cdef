//! Hashing keys: [`StableHash`] defines the bytes of a key, a [`KeyHasher`] hashes them to a
//! [`KeyHash`], and a [`Portable`] hasher gives the same hash in every process.
//!
//! ```
//! use apportion::Xxh3;
//! use apportion::hash::KeyHasher;
//!
//! // Text as a whole key is hashed as its bare bytes. So every implementation of XXH3-64 (seed 0)
//! // in any language gives this hash for "abc".
//! assert_eq!(Xxh3.hash_key("abc").get(), 0x78AF_5F94_892F_3950);
//! // Integers of up to 64 bits are hashed as eight little-endian bytes, whatever their type.
//! assert_eq!(Xxh3.hash_key(&42_i32), Xxh3.hash_key(&42_u64));
//! ```
//!
//! Use a hash for one level of placement only. A second level that places the same keys by the same
//! hash depends on the first level: it gets uneven shares or empty nodes. [`Seeded`] and
//! [`KeyHash::with_seed`] make an independent hash for it.

mod describe;
mod digest;
#[cfg(feature = "alloc")]
mod formed;
#[cfg(feature = "serde")]
pub(crate) mod hex;
mod impls;
mod label_form;
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
#[cfg(feature = "alloc")]
pub(crate) use formed::Formed;
pub(crate) use label_form::LabelForm;
#[cfg(feature = "ahash")]
pub use local::AHash;
pub use local::Local;
pub use seeded::Seeded;
pub use siphash::SipHash13;
pub(crate) use stable::seal::Seal;
pub use stable::{Encoder, StableHash};
pub use xxh3::Xxh3;

use core::fmt;

/// The hash of a key: 64 bits that algorithms treat as uniformly distributed.
///
/// A separate type prevents passing a raw integer to an algorithm that needs mixed bits. There are two
/// ways to make one: [`KeyHash::from_hash`] from the output of a good hash function, and
/// [`KeyHash::of_id`] from any other 64-bit number.
///
/// A `KeyHash` can itself be used as a key. A [`BytesHasher`] takes it unchanged, so
/// `locator.get(&hash)` answers for the key with this hash. A [`Seeded`] hasher mixes it with the
/// seed, and [`Local`] hashes it like any other value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(transparent)]
pub struct KeyHash(u64);

impl KeyHash {
    /// Wraps 64 bits that are already uniform: the output of a good hash function.
    #[inline]
    #[must_use]
    pub const fn from_hash(uniform: u64) -> Self {
        Self(uniform)
    }

    /// Hashes a number that is *not* uniform, such as a counter or a timestamp, with the finaliser of
    /// SplitMix64. It is a bijection: different numbers give different hashes.
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

/// Prints `0x` and always 16 digits, so that columns of hashes line up.
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

/// A message in parts: a function that passes the parts, in order, to the function it is given.
pub type Parts<'a> = &'a mut dyn FnMut(&mut dyn FnMut(&[u8]));

/// A hash function over bytes.
///
/// Implement it for a hash function of your own: it then hashes every [`StableHash`] key.
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
    /// Hashes a message given as one slice.
    fn hash_bytes(&self, bytes: &[u8]) -> KeyHash;

    /// Hashes a message given in parts. The result must equal [`hash_bytes`](Self::hash_bytes) of the
    /// joined parts. Call `parts` once.
    fn hash_parts(&self, parts: Parts<'_>) -> KeyHash;
}

/// Hashes a key of type `K` to a [`KeyHash`].
///
/// Every [`BytesHasher`] implements it for every [`StableHash`] key and for [`KeyHash`]. [`Local`]
/// implements it for every `core::hash::Hash` key, within one process.
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

/// A [`KeyHash`] as a key is its own hash.
impl<H: BytesHasher> KeyHasher<KeyHash> for H {
    #[inline]
    fn hash_key(&self, key: &KeyHash) -> KeyHash {
        *key
    }
}

/// A hasher whose hashes are the same in every process, on every machine and in every release.
///
/// Everything that leaves the process requires it: saving a [`Locator`](crate::Locator), its
/// fingerprint, and comparisons between processes. [`Local`] is not `Portable`, so this does not
/// compile:
///
/// ```compile_fail,E0277
/// # #[cfg(not(all(feature = "ahash", feature = "alloc")))] compile_error!("needs ahash");
/// fn portable(hasher: impl apportion::Portable) -> u64 { hasher.id() }
/// portable(apportion::hash::AHash::default());
/// ```
///
/// With a portable hasher it does:
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
    /// A number that identifies the hash function with its seed and secret, without revealing the
    /// secret.
    ///
    /// Numbers below 2^16 are reserved for this crate. For a hash function of your own choose any other
    /// number, such as eight bytes of a hash of its name. If two functions had the same id,
    /// fingerprints, saved forms and comparisons would mistake one for the other.
    fn id(&self) -> u64;
}

mod sealed {
    #[allow(unnameable_types)] // a seal
    pub trait Sealed<H> {}
    impl<K: ?Sized, H: super::KeyHasher<K>> Sealed<H> for K {}
}

/// A key that the hasher `H` can hash: implemented for every `K` with `H: KeyHasher<K>`.
///
/// It reverses that bound so that `locator.replicas::<3>(key)` needs no type argument besides the 3.
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
