//! Lookups of a key.

use super::{CandidateNodes, Locator, Replicas};
use crate::hash::{Key, KeyHash};
use crate::node::NodeIdx;
use crate::placement::{Placement, Walk};
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

/// Number of slots that [`Locator::get_batch`] looks up at a time, on the stack.
const BATCH: usize = 64;

/// Lookups. A key is any [`StableHash`](crate::StableHash) value, borrowed or owned, or a
/// [`KeyHash`] computed earlier.
impl<N, P: Placement, H> Locator<N, P, H> {
    /// The node that owns a key; `None` only if no node is live.
    #[doc(alias = "owner")]
    #[doc(alias = "get_node")]
    #[doc(alias = "server")]
    #[doc(alias = "shard")]
    #[doc(alias = "sticky")]
    #[inline]
    pub fn get(&self, key: &(impl Key<H> + ?Sized)) -> Option<&N> {
        self.topology.found(self.locate(key)).map(|node| &**node)
    }

    /// The nodes that hold a key's `R` replicas, the owner first: distinct nodes, and fewer than `R`
    /// only if fewer nodes are live.
    #[doc(alias = "get_n")]
    #[doc(alias = "preference list")]
    pub fn replicas<const R: usize>(&self, key: &(impl Key<H> + ?Sized)) -> Replicas<'_, N, R> {
        let mut at = [NodeIdx::default(); R];
        let len = self.placement.replicas(self.hash(key), &mut at);
        Replicas::new(&self.topology, at, len)
    }

    /// All live nodes in a key's order of preference, each once and with its slot: the owner first,
    /// then the fallbacks.
    ///
    /// If you filter them (by health, by load), a key whose owner is filtered out moves to its next
    /// candidate, and all other keys stay. A clone continues from the same position.
    ///
    /// ```
    /// use apportion::Locator;
    ///
    /// let ring = Locator::ring(["a", "b", "c"])?;
    /// let candidates = ring.candidates(&format!("user:{}", 42)); // only the hash is kept
    /// assert_eq!(candidates.count(), 3);
    /// # Ok::<(), apportion::Error>(())
    /// ```
    #[doc(alias = "fallback")]
    pub fn candidates(&self, key: &(impl Key<H> + ?Sized)) -> CandidateNodes<'_, N, P> {
        CandidateNodes::new(&self.topology, &self.placement, self.hash(key))
    }

    /// The slot of the node that owns a key; `None` only if no node is live.
    #[inline]
    pub fn locate(&self, key: &(impl Key<H> + ?Sized)) -> Option<NodeIdx> {
        self.placement.locate(self.hash(key))
    }

    /// The node that owns a key, as an `Arc` that can outlive the locator.
    ///
    /// ```
    /// use apportion::Locator;
    ///
    /// let ring = Locator::ring(["a".to_owned(), "b".to_owned()])?;
    /// let owner = ring.get_arc("user:42").cloned();
    /// drop(ring);
    /// assert!(owner.is_some_and(|owner| ["a", "b"].contains(&owner.as_str())));
    /// # Ok::<(), apportion::Error>(())
    /// ```
    #[inline]
    pub fn get_arc(&self, key: &(impl Key<H> + ?Sized)) -> Option<&Arc<N>> {
        self.topology.found(self.locate(key))
    }

    /// The key's hash under this locator's hasher.
    #[inline]
    pub fn hash(&self, key: &(impl Key<H> + ?Sized)) -> KeyHash {
        key.key_hash(&self.hasher)
    }

    /// As [`replicas`](Self::replicas), for a number of replicas known only at run time.
    ///
    /// ```
    /// use apportion::Locator;
    ///
    /// let ring = Locator::ring(["a", "b", "c"])?;
    /// let replicas = std::env::args().count() + 1;
    /// let holders = ring.replicas_vec("user:42", replicas);
    /// assert_eq!(Some(holders[0]), ring.get("user:42"));
    /// # Ok::<(), apportion::Error>(())
    /// ```
    pub fn replicas_vec(&self, key: &(impl Key<H> + ?Sized), replicas: usize) -> Vec<&N> {
        let mut at = vec![NodeIdx::default(); replicas.min(self.placement.live())];
        let len = self.replicas_into(key, &mut at);
        at.iter().take(len).filter_map(|at| self.topology.get(*at)).collect()
    }

    /// Writes the slots of a key's replicas to `out`, as many as fit, and returns how many it wrote.
    /// Unlike [`replicas_vec`](Self::replicas_vec) it does not allocate for up to 64 replicas.
    pub fn replicas_into(&self, key: &(impl Key<H> + ?Sized), out: &mut [NodeIdx]) -> usize {
        self.placement.replicas(self.hash(key), out)
    }

    /// A cursor positioned before a key's first candidate. Unlike an iterator, it can be kept across
    /// an `await`. See [`Walk`].
    pub fn walk(&self, key: &(impl Key<H> + ?Sized)) -> Walk {
        Walk::new(self.hash(key))
    }

    /// The next candidate of a walk, with its slot; `None` after every live node has appeared. A
    /// node may appear more than once if [`Placement::walk_repeats`] is true.
    pub fn next_candidate(&self, walk: &mut Walk) -> Option<(NodeIdx, &N)> {
        let at = self.placement.next_candidate(walk)?;
        Some((at, self.topology.get(at)?))
    }

    /// The next candidate of a walk that `accept` admits. Algorithms that pass over all nodes for a
    /// single step make one pass here too, however many nodes are refused. See
    /// [`Placement::next_candidate_where`].
    pub fn next_candidate_where(
        &self,
        walk: &mut Walk,
        mut accept: impl FnMut(NodeIdx) -> bool,
    ) -> Option<(NodeIdx, &N)> {
        let at = self.placement.next_candidate_where(walk, &mut accept)?;
        Some((at, self.topology.get(at)?))
    }

    /// Writes the owner of each key hash to `out`, up to the shorter length of the two slices, and
    /// returns how many it wrote: 0 if no node is live. Take the hashes from [`hash`](Self::hash),
    /// which includes the seed of [`with_seed`](Self::with_seed).
    ///
    /// ```
    /// use apportion::Locator;
    ///
    /// let ring = Locator::ring(["a", "b", "c"])?;
    /// let keys = ["user:1", "user:2"];
    /// let hashes = keys.map(|key| ring.hash(key).get());
    /// let mut owners = [None; 2];
    /// assert_eq!(ring.get_batch(&hashes, &mut owners), 2);
    /// assert_eq!(owners, keys.map(|key| ring.get(key)));
    /// # Ok::<(), apportion::Error>(())
    /// ```
    pub fn get_batch<'a>(&'a self, hashes: &[u64], out: &mut [Option<&'a N>]) -> usize {
        let mut slots = [NodeIdx::default(); BATCH];
        let mut done = 0;
        for (hashes, out) in hashes.chunks(BATCH).zip(out.chunks_mut(BATCH)) {
            let found = self.placement.locate_batch(hashes, &mut slots).min(out.len());
            for (place, at) in out.iter_mut().zip(&slots).take(found) {
                *place = self.topology.get(*at);
            }
            done += found;
            if found < out.len() {
                break;
            }
        }
        done
    }

    /// As [`get_batch`](Self::get_batch), but writes the owners' slots.
    pub fn locate_batch(&self, hashes: &[u64], out: &mut [NodeIdx]) -> usize {
        self.placement.locate_batch(hashes, out)
    }
}
