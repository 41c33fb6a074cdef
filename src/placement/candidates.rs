//! An iterator over a key's candidates, each node once.

use super::{Placement, Walk};
use crate::hash::KeyHash;
use crate::limits::INLINE_CANDIDATES;
use crate::node::NodeIdx;
use crate::seen::Seen;
#[cfg(feature = "alloc")]
use alloc::vec::Vec;
use core::iter::FusedIterator;

/// Number of candidates that are computed one by one before batches begin: most callers take no more.
const SINGLE: usize = 4;
/// The largest batch on the stack.
const BATCH: usize = 16;

/// An iterator over the live nodes in a key's order of preference, each once. Filter it by health,
/// load or anything else to find the node to use.
///
/// # Complexity
/// - The first candidate costs as much as a lookup.
/// - The next one takes O(1) on a ring. Under rendezvous hashing each of the first four takes a pass
///   over the nodes; after them a pass computes as many candidates as were returned before.
/// - All candidates of n live nodes take O(n log n) expected with every algorithm of this crate. A
///   ring reads O(n log n) of its points if they are random, and all of them in the worst case;
///   [`Maglev`](crate::Maglev) reads its table at most once; [`Asura`](crate::Asura) throws its darts
///   and then reads its slots O(log n) times.
///
/// # Memory
/// The iterator has 504 bytes on a 64-bit machine (456 without `alloc`) and does not allocate for the
/// first 64 candidates. From the 65th on it uses up to 70 bytes of heap for each live node. The order
/// of n nodes differs for every key, and it cannot be listed in O(n log n) time without memory:
/// sorting needs time · memory of at least n² (Borodin & Cook, *A time-space tradeoff for sorting on a
/// general sequential model of computation*, SIAM J. Comput. 11(2), 1982, DOI 10.1137/0211022).
///
/// Without the feature `alloc` the heap is never used. All n candidates of a rendezvous slice then
/// take O(n² / 16). Those of a placement of your own take O(n²) if its walk repeats nodes and it has
/// more than 2,048 slots. [`Placement::next_candidates`] lists all of them in O(n log n) into a slice
/// that you provide.
pub struct Candidates<'a, P: ?Sized> {
    placement: &'a P,
    walk: Walk,
    /// The nodes returned so far, if the walk repeats nodes.
    seen: Seen,
    /// The last batch of nodes; those from `next` on have not been returned yet.
    batch: [NodeIdx; BATCH],
    /// The same for batches that are too large for the stack.
    #[cfg(feature = "alloc")]
    heap: Vec<NodeIdx>,
    next: usize,
    end: usize,
    given: usize,
    /// The maximum number of nodes that may still appear.
    left: usize,
    repeats: bool,
}

impl<P: ?Sized> Clone for Candidates<'_, P> {
    fn clone(&self) -> Self {
        Self {
            seen: self.seen.clone(),
            #[cfg(feature = "alloc")]
            heap: self.heap.clone(),
            ..*self
        }
    }
}

impl<P: ?Sized> core::fmt::Debug for Candidates<'_, P> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Candidates").field("walk", &self.walk).finish_non_exhaustive()
    }
}

impl<'a, P: Placement + ?Sized> Candidates<'a, P> {
    /// The candidates of a key.
    #[must_use]
    pub fn new(placement: &'a P, key: KeyHash) -> Self {
        Self {
            placement,
            walk: Walk::new(key),
            seen: Seen::new(placement.slots()),
            batch: [NodeIdx::default(); BATCH],
            #[cfg(feature = "alloc")]
            heap: Vec::new(),
            next: 0,
            end: 0,
            given: 0,
            left: placement.live(),
            repeats: placement.walk_repeats(),
        }
    }

    /// The next node of the current batch.
    #[inline]
    fn next_of_batch(&mut self) -> Option<NodeIdx> {
        let at = (self.next < self.end).then_some(self.next)?;
        self.next += 1;
        #[cfg(feature = "alloc")]
        if !self.heap.is_empty() {
            return self.heap.get(at).copied();
        }
        self.batch.get(at).copied()
    }

    /// The next node of the walk that was not returned before.
    #[inline]
    fn single(&mut self) -> Option<NodeIdx> {
        #[cfg(not(feature = "alloc"))]
        if self.repeats && self.seen.is_full() {
            return walking_again(self.placement, &mut self.walk);
        }
        let node = self.placement.next_candidate(&mut self.walk)?;
        if !self.repeats || self.seen.insert(node) {
            return Some(node);
        }
        self.single_behind_repeats()
    }

    #[inline(never)]
    fn single_behind_repeats(&mut self) -> Option<NodeIdx> {
        let seen = &self.seen;
        let mut new = |node| !seen.contains(node);
        let node = self.placement.next_candidate_where(&mut self.walk, &mut new)?;
        self.seen.insert(node);
        Some(node)
    }

    /// The next node that was not returned before, from this batch or a new one.
    #[inline(never)]
    fn next_of_batches(&mut self) -> Option<NodeIdx> {
        loop {
            if self.next >= self.end {
                self.refill();
            }
            let node = self.next_of_batch()?;
            if !self.repeats || self.seen.insert(node) {
                return Some(node);
            }
        }
    }

    /// True if the next candidate is computed alone, not in a batch.
    #[inline]
    fn is_single(&self) -> bool {
        // Without a heap the set of nodes can become full in the middle of a batch.
        self.given < SINGLE || (cfg!(not(feature = "alloc")) && self.repeats)
    }

    /// Reads the next batch: as many nodes as were returned so far, from the 65th on seven times as
    /// many. So a walk whose single step looks at every node needs only O(log n) batches.
    fn refill(&mut self) {
        let size = self.given.min(BATCH).min(self.left);
        let out = self.batch.get_mut(..size).unwrap_or_default();
        #[cfg(feature = "alloc")]
        let out = if self.given < INLINE_CANDIDATES {
            out
        } else {
            self.heap.resize(self.given.saturating_mul(7).min(self.left), NodeIdx::default());
            &mut self.heap
        };
        let (seen, all) = (&self.seen, !self.repeats);
        let mut accept = |node| all || !seen.contains(node);
        self.end = self.placement.next_candidates(&mut self.walk, out, &mut accept);
        self.next = 0;
    }
}

impl<P: Placement + ?Sized> Iterator for Candidates<'_, P> {
    type Item = NodeIdx;

    #[inline]
    fn next(&mut self) -> Option<NodeIdx> {
        if self.left == 0 {
            return None;
        }
        let node = if self.is_single() { self.single() } else { self.next_of_batches() };
        if node.is_some() {
            self.given += 1;
            self.left -= 1;
        } else {
            self.left = 0;
        }
        node
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.left))
    }
}

impl<P: Placement + ?Sized> FusedIterator for Candidates<'_, P> {}

/// The next node of a walk that it has not returned before. To check that, it walks from the beginning
/// again.
#[cfg(any(not(feature = "alloc"), test))]
fn walking_again<P: Placement + ?Sized>(placement: &P, walk: &mut Walk) -> Option<NodeIdx> {
    loop {
        let mut before = *walk;
        let node = placement.next_candidate(walk)?;
        let mut again = Walk::new(walk.key());
        let earlier = core::iter::from_fn(|| {
            let there = again.state() == before.state();
            if there { None } else { placement.next_candidate(&mut again) }
        });
        if !earlier.into_iter().any(|other| other == node) {
            return Some(node);
        }
    }
}

/// The first distinct nodes of a key: the default implementation of [`Placement::replicas`].
pub(super) fn first<P: Placement + ?Sized>(
    placement: &P,
    key: KeyHash,
    out: &mut [NodeIdx],
) -> usize {
    let k = out.len().min(placement.live());
    let out = out.get_mut(..k).unwrap_or_default();
    if !placement.walk_repeats() {
        return placement.next_candidates(&mut Walk::new(key), out, &mut |_| true);
    }
    let mut found = 0;
    if k > INLINE_CANDIDATES {
        for (place, node) in out.iter_mut().zip(Candidates::new(placement, key)) {
            *place = node;
            found += 1;
        }
        return found;
    }
    let mut walk = Walk::new(key);
    while let Some((chosen, [place, ..])) = out.split_at_mut_checked(found) {
        let mut new = |node| !chosen.contains(&node);
        let Some(node) = placement.next_candidate_where(&mut walk, &mut new) else { break };
        *place = node;
        found += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Candidates, INLINE_CANDIDATES, KeyHash, NodeIdx, Placement, Walk, walking_again};
    use crate::placement::Guarantees;
    extern crate std;
    use std::vec::Vec;

    /// 100 nodes in slots far apart, each of which the walk returns three times.
    struct Far;

    impl Placement for Far {
        fn slots(&self) -> usize {
            u32::MAX as usize
        }

        fn live(&self) -> usize {
            100
        }

        fn guarantees(&self) -> Guarantees {
            Guarantees::none()
        }

        fn locate(&self, key: KeyHash) -> Option<NodeIdx> {
            self.next_candidate(&mut Walk::new(key))
        }

        fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx> {
            let step = &mut walk.state()[0];
            let node = (*step < 300).then(|| NodeIdx::new((*step * 37 % 100) as u32 * 42_949_672));
            *step += u64::from(node.is_some());
            node
        }
    }

    /// Candidates are the same with and without the heap.
    #[test]
    fn walking_again_finds_the_same() {
        let key = KeyHash::of_id(1);
        let all: Vec<NodeIdx> = Candidates::new(&Far, key).collect();
        let mut walk = Walk::new(key);
        let again = core::iter::from_fn(|| walking_again(&Far, &mut walk));
        assert!(again.eq(all.iter().copied()));
        assert_eq!(all.len(), 100);
        assert!(all.len() > INLINE_CANDIDATES);
    }

    /// The documented size.
    #[test]
    #[cfg(target_pointer_width = "64")]
    fn candidates_take_so_many_bytes() {
        let heap = if cfg!(feature = "alloc") { 2 * 24 } else { 0 };
        assert_eq!(size_of::<Candidates<'_, Far>>(), 456 + heap);
    }
}
