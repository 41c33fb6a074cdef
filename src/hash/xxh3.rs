//! XXH3-64, the default.

use super::{BytesHasher, KeyHash, Parts, Portable};
use core::hash::Hasher as _;
use twox_hash::XxHash3_64;
use twox_hash::xxhash3_64::{RawHasher, SecretBuffer};

/// XXH3-64 with seed 0: the default hasher.
///
/// It was the fastest portable hash function measured on short keys, and there are implementations in
/// many languages. It has no secret: if untrusted parties choose the keys, use
/// [`SipHash13`](crate::SipHash13). For a second level of placement wrap it in
/// [`Seeded`](crate::hash::Seeded).
///
/// # Source
/// Yann Collet, `XXH3_64bits`, published and frozen since xxHash 0.8.0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Xxh3;

impl BytesHasher for Xxh3 {
    #[inline]
    fn hash_bytes(&self, bytes: &[u8]) -> KeyHash {
        KeyHash::from_hash(XxHash3_64::oneshot(bytes))
    }

    fn hash_parts(&self, parts: Parts<'_>) -> KeyHash {
        let mut state = RawHasher::new(SecretBuffer::default());
        parts(&mut |bytes| state.write(bytes));
        KeyHash::from_hash(state.finish())
    }
}

impl Portable for Xxh3 {
    fn id(&self) -> u64 {
        1
    }
}
