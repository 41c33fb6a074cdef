//! SipHash-1-3 under a secret.

use super::{BytesHasher, KeyHash, Parts, Portable};
use core::fmt;
use core::hash::Hasher as _;
use siphasher::sip::SipHasher13;

/// SipHash-1-3 with a 128-bit secret, where strangers choose the keys and could otherwise aim
/// them all at one node.
///
/// Jean-Philippe Aumasson, Daniel J. Bernstein, *SipHash: a fast short-input PRF*, INDOCRYPT 2012,
/// DOI 10.1007/978-3-642-34931-7_28. Every process that should agree needs the same secret; two
/// secrets are two hashers, and [`Portable::id`] tells them apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SipHash13 {
    secret: [u8; 16],
}

impl SipHash13 {
    /// A hasher under this secret: the 16 key bytes as in the paper (two little-endian words).
    #[must_use]
    pub const fn new(secret: [u8; 16]) -> Self {
        Self { secret }
    }

    fn start(self) -> SipHasher13 {
        SipHasher13::new_with_key(&self.secret)
    }
}

impl fmt::Debug for SipHash13 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Shows which secret it is without showing the secret.
        write!(f, "SipHash13(id 0x{:016x})", self.id())
    }
}

impl BytesHasher for SipHash13 {
    #[inline]
    fn hash_bytes(&self, bytes: &[u8]) -> KeyHash {
        KeyHash::from_hash(self.start().hash(bytes))
    }

    fn hash_parts(&self, parts: Parts<'_>) -> KeyHash {
        let mut state = self.start();
        parts(&mut |bytes| state.write(bytes));
        KeyHash::from_hash(state.finish())
    }
}

impl Portable for SipHash13 {
    /// The secret's answer to one fixed message: a pseudo-random function of it, not a part of it.
    fn id(&self) -> u64 {
        self.start().hash(b"apportion hasher id: SipHash-1-3")
    }
}
