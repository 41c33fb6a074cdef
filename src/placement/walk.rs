//! A place in a key's order of preference.

use crate::hash::KeyHash;

/// A place in one key's order of preference over the nodes: plain words, no borrow, no heap.
///
/// A cursor rather than an iterator, so that it can be kept across an `await`:
///
/// ```
/// use apportion::Locator;
/// # async fn connect(node: &str) -> Result<(), ()> { let _ = node; Ok(()) }
///
/// async fn first_that_answers(pool: &Locator<&'static str>, key: &str) -> Option<&'static str> {
///     let mut walk = pool.walk(key);
///     while let Some(node) = pool.next_candidate(&mut walk) {
///         if connect(node).await.is_ok() {
///             return Some(node);
///         }
///     }
///     None
/// }
/// ```
///
/// A walk may be continued on another value of the same kind, for instance after a reload: it
/// gives live nodes of that value and ends. It goes on from its place and does not look back, so a
/// node that would stand before that place there is left out, be it the new owner.
#[derive(Clone, Copy, Debug)]
pub struct Walk {
    key: KeyHash,
    state: [u64; 8],
}

impl Walk {
    /// Before the first candidate of a key.
    #[must_use]
    pub const fn new(key: KeyHash) -> Self {
        Self { key, state: [0; 8] }
    }

    /// The key.
    #[inline]
    #[must_use]
    pub const fn key(&self) -> KeyHash {
        self.key
    }

    /// The words a placement keeps its place in. All are 0 before the first candidate; whoever
    /// reads them trusts nothing.
    #[inline]
    #[must_use]
    pub fn state(&mut self) -> &mut [u64; 8] {
        &mut self.state
    }
}
