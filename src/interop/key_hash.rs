//! The functions by which other systems hash keys.

use crate::hash::{BytesHasher, KeyHash, Parts, Portable, Xxh3};
use alloc::vec::Vec;

/// A hash function of another system. As a key hasher it hashes text and bytes as they are, and spreads
/// hashes of 32 bits over the circle of 64.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum KeyFunction {
    /// CRC-32 as in zlib: nginx, Dalli, groupcache, stathat.
    Crc32,
}

impl KeyFunction {
    /// The name in lower case: `crc32`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "crc32",
        }
    }

    /// The hash of a key on the circle of 2^64.
    fn of(self, key: &[u8]) -> u64 {
        match self {
            Self::Crc32 => high(crc32fast::hash(key)),
        }
    }
}

/// A hash of 32 bits on the circle of 64.
pub(super) fn high(hash: u32) -> u64 {
    u64::from(hash) << 32
}

impl BytesHasher for KeyFunction {
    fn hash_bytes(&self, bytes: &[u8]) -> KeyHash {
        KeyHash::from_hash(self.of(bytes))
    }

    fn hash_parts(&self, parts: Parts<'_>) -> KeyHash {
        let mut all = Vec::new();
        parts(&mut |part| all.extend_from_slice(part));
        self.hash_bytes(&all)
    }
}

impl Portable for KeyFunction {
    fn id(&self) -> u64 {
        Xxh3.hash_bytes(&[b"interop:", self.name().as_bytes()].concat()).get()
    }
}
