//! A position in a key's order of preference.

use crate::hash::KeyHash;

/// A position in one key's order of preference over the nodes. It borrows nothing and does not
/// allocate.
///
/// It is a cursor rather than an iterator, so it can be kept across an `await`:
///
/// ```
/// use apportion::Locator;
/// # async fn connect(node: &str) -> Result<(), ()> { let _ = node; Ok(()) }
///
/// async fn first_that_answers(pool: &Locator<&'static str>, key: &str) -> Option<&'static str> {
///     let mut walk = pool.walk(key);
///     while let Some((_, node)) = pool.next_candidate(&mut walk) {
///         if connect(node).await.is_ok() {
///             return Some(node);
///         }
///     }
///     None
/// }
/// ```
///
/// A walk may be continued on another value of the same kind, for instance after a reload: it then
/// visits live nodes of that value and ends. It continues from its position, so nodes that rank
/// earlier in the new value, even its owner, are skipped.
///
/// # Complexity
/// - A step of a ring, a Maglev table, a jump hash or an anchor takes O(1) expected. The walk of a
///   ring has as many steps as the ring has points.
/// - A step of rendezvous hashing, of an Asura board after the last dart, and of a partition table
///   after the last holder looks at every node or slot, because eight words cannot store an order of
///   n nodes. Walking step by step to the end takes O(n²) there.
/// - To skip many nodes use [`next_candidate_where`](crate::Placement::next_candidate_where): one
///   pass, however many nodes are refused.
/// - To list many nodes use [`Candidates`](crate::Candidates) or
///   [`next_candidates`](crate::Placement::next_candidates): O(n log n) for all.
#[derive(Clone, Copy, Debug)]
pub struct Walk {
    key: KeyHash,
    state: [u64; 8],
}

impl Walk {
    /// A walk positioned before the first candidate of a key.
    #[must_use]
    pub const fn new(key: KeyHash) -> Self {
        Self { key, state: [0; 8] }
    }

    /// The hash of the key.
    #[inline]
    #[must_use]
    pub const fn key(&self) -> KeyHash {
        self.key
    }

    /// The words in which a placement keeps its position, all 0 before the first candidate.
    /// Implementations must treat them as untrusted input.
    #[inline]
    #[must_use]
    pub fn state(&mut self) -> &mut [u64; 8] {
        &mut self.state
    }
}
