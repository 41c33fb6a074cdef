//! Questions about a key.

use super::{CandidateNodes, Locator, Replicas};
use crate::hash::{Key, KeyHash};
use crate::node::NodeIdx;
use crate::placement::{Placement, Walk};

impl<N, P: Placement, H> Locator<N, P, H> {
    /// The key's hash under this locator's hasher.
    #[inline]
    pub fn hash(&self, key: &(impl Key<H> + ?Sized)) -> KeyHash {
        key.key_hash(&self.hasher)
    }

    /// The owner's slot; `None` only if no node is live.
    #[inline]
    pub fn locate(&self, key: &(impl Key<H> + ?Sized)) -> Option<NodeIdx> {
        self.placement.locate(self.hash(key))
    }

    /// The owner; `None` only if no node is live.
    #[inline]
    pub fn get(&self, key: &(impl Key<H> + ?Sized)) -> Option<&N> {
        self.topology.get(self.locate(key)?)
    }

    /// The nodes that hold the key's `R` replicas, the owner first: distinct, and fewer than `R`
    /// only if fewer are live.
    pub fn replicas<const R: usize>(&self, key: &(impl Key<H> + ?Sized)) -> Replicas<'_, N, R> {
        let mut at = [NodeIdx::default(); R];
        let len = self.placement.replicas(self.hash(key), &mut at);
        Replicas::new(&self.topology, at, len)
    }

    /// As [`replicas`](Self::replicas) for a number that is known at run time: fills `out` with
    /// slots and returns how many there are.
    pub fn replicas_into(&self, key: &(impl Key<H> + ?Sized), out: &mut [NodeIdx]) -> usize {
        self.placement.replicas(self.hash(key), out)
    }

    /// All live nodes in the key's order of preference, each once: the owner, then whom to try
    /// next. Filters on it (healthy, below its cap) go on to the next candidate and never
    /// reshuffle the other keys. A clone starts again where this one stands.
    ///
    /// ```
    /// use apportion::Locator;
    ///
    /// let ring = Locator::ring(["a", "b", "c"])?;
    /// let candidates = ring.candidates(&format!("user:{}", 42)); // only the hash is kept
    /// assert_eq!(candidates.count(), 3);
    /// # Ok::<(), apportion::Error>(())
    /// ```
    pub fn candidates(&self, key: &(impl Key<H> + ?Sized)) -> CandidateNodes<'_, N, P> {
        CandidateNodes::new(&self.topology, &self.placement, self.hash(key))
    }

    /// A cursor before the key's first candidate, which can be kept across an `await`. See
    /// [`Walk`].
    pub fn walk(&self, key: &(impl Key<H> + ?Sized)) -> Walk {
        Walk::new(self.hash(key))
    }

    /// The next candidate of a walk; `None` after every live node has appeared. A node may appear
    /// more than once if [`Placement::walk_repeats`] says so.
    pub fn next_candidate(&self, walk: &mut Walk) -> Option<&N> {
        self.topology.get(self.placement.next_candidate(walk)?)
    }

    /// The next candidate of a walk that `accept` admits, which takes one pass over the nodes where
    /// single steps take one each. See [`Placement::next_candidate_where`].
    pub fn next_candidate_where(
        &self,
        walk: &mut Walk,
        mut accept: impl FnMut(NodeIdx) -> bool,
    ) -> Option<&N> {
        self.topology.get(self.placement.next_candidate_where(walk, &mut accept)?)
    }

    /// Writes the owner's slot for each of a column of key hashes, as far as both slices reach,
    /// and returns how many were written: 0 if no node is live. The hashes are those of
    /// [`hash`](Self::hash): under a seed ([`with_seed`](Self::with_seed)), seeded ones.
    pub fn locate_batch(&self, hashes: &[u64], out: &mut [NodeIdx]) -> usize {
        self.placement.locate_batch(hashes, out)
    }
}
