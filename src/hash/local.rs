//! Hashers that hold only within one process.

use super::{KeyHash, KeyHasher};
use core::hash::{BuildHasher, Hash};

/// A hasher for any `core::hash::Hash` key, from any `BuildHasher`; valid within one process only.
///
/// Neither `Hash` nor such hashers promise the same hash in another process, on another machine or in
/// the next release. So `Local` is not [`Portable`](crate::Portable): a locator with it places keys,
/// but cannot be saved, fingerprinted or compared with another process.
///
/// ```
/// use apportion::hash::{KeyHasher, Local};
/// use std::hash::RandomState;
///
/// let hasher = Local::new(RandomState::new());
/// assert_eq!(hasher.hash_key("a"), hasher.clone().hash_key("a"));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Local<S> {
    build: S,
}

impl<S> Local<S> {
    /// Wraps a `BuildHasher`.
    #[must_use]
    pub const fn new(build: S) -> Self {
        Self { build }
    }
}

impl<K: Hash + ?Sized, S: BuildHasher> KeyHasher<K> for Local<S> {
    #[inline]
    fn hash_key(&self, key: &K) -> KeyHash {
        KeyHash::from_hash(self.build.hash_one(key))
    }
}

/// `ahash` with fixed seeds: fast, but valid within one process only.
///
/// Its output depends on the CPU's features and, according to its README, is not fixed between
/// releases. The seeds are fixed so that two hashers in one process agree. For other seeds wrap it
/// yourself: `Local::new(ahash::RandomState::with_seeds(…))`.
#[cfg(feature = "ahash")]
#[derive(Clone, Debug)]
pub struct AHash {
    inner: Local<ahash::RandomState>,
}

#[cfg(feature = "ahash")]
impl Default for AHash {
    fn default() -> Self {
        use super::mix::word;
        let seed = |c| word(0x6170_706f_7274_696f, c);
        Self {
            inner: Local::new(ahash::RandomState::with_seeds(seed(0), seed(1), seed(2), seed(3))),
        }
    }
}

#[cfg(feature = "ahash")]
impl<K: Hash + ?Sized> KeyHasher<K> for AHash {
    #[inline]
    fn hash_key(&self, key: &K) -> KeyHash {
        self.inner.hash_key(key)
    }
}
