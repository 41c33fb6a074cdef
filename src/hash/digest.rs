//! MD5 and SHA-1 as key hashers, through one function over the `digest` traits.
//!
//! Both are slow, and neither is safe against an adversary. They are here because other systems hash
//! their keys with them.

#![cfg_attr(not(any(feature = "md5", feature = "sha1")), allow(dead_code, unused_imports))]

use super::{BytesHasher, KeyHash, Parts, Portable};

/// The first eight bytes of a digest, read as a little-endian integer.
#[cfg(any(feature = "md5", feature = "sha1"))]
fn first_word<D: sha_or_md::Digest>(parts: Parts<'_>) -> KeyHash {
    let mut state = D::new();
    parts(&mut |bytes| state.update(bytes));
    let digest = state.finalize();
    let word = digest.first_chunk::<8>().copied().unwrap_or_default();
    KeyHash::from_hash(u64::from_le_bytes(word))
}

#[cfg(feature = "md5")]
use md5 as sha_or_md;
#[cfg(all(feature = "sha1", not(feature = "md5")))]
use sha1 as sha_or_md;

macro_rules! digest_hasher {
    ($(#[$doc:meta])* $feature:literal $name:ident $digest:ty, $id:literal) => {
        $(#[$doc])*
        #[cfg(feature = $feature)]
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name;

        #[cfg(feature = $feature)]
        impl BytesHasher for $name {
            fn hash_bytes(&self, bytes: &[u8]) -> KeyHash {
                first_word::<$digest>(&mut |part| part(bytes))
            }

            fn hash_parts(&self, parts: Parts<'_>) -> KeyHash {
                first_word::<$digest>(parts)
            }
        }

        #[cfg(feature = $feature)]
        impl Portable for $name {
            fn id(&self) -> u64 {
                $id
            }
        }
    };
}

digest_hasher! {
    /// A hasher for compatibility: the first eight bytes of MD5 (RFC 1321), little-endian.
    "md5" Md5 md5::Md5, 2
}

digest_hasher! {
    /// A hasher for compatibility: the first eight bytes of SHA-1 (FIPS 180-4), little-endian.
    "sha1" Sha1 sha1::Sha1, 3
}
