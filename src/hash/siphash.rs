//! SipHash-1-3 under a secret.

use super::{BytesHasher, KeyHash, Parts, Portable};
use core::fmt;
use core::hash::Hasher as _;
use siphasher::sip::SipHasher13;

/// SipHash-1-3 with a 128-bit secret: the hasher for untrusted keys. Without the secret an attacker
/// cannot choose keys that all go to one node.
///
/// All processes that must agree need the same secret. Different secrets are different hashers, and
/// [`Portable::id`] tells them apart.
///
/// # Source
/// Jean-Philippe Aumasson, Daniel J. Bernstein, *SipHash: a fast short-input PRF*, INDOCRYPT 2012,
/// DOI 10.1007/978-3-642-34931-7_28.
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
        // Identifies the secret without revealing it.
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
    /// The hash of a fixed message under the secret: a pseudo-random function of the secret, which does
    /// not reveal it.
    fn id(&self) -> u64 {
        self.start().hash(b"apportion hasher id: SipHash-1-3")
    }
}
