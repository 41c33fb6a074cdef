//! The walk as an iterator of distinct nodes.

use super::{Placement, Walk};
use crate::hash::KeyHash;
use crate::node::NodeIdx;
use core::iter::FusedIterator;

const WORDS: usize = 16;

/// The live nodes in a key's order of preference, each once: an ordinary iterator for health
/// checks, quotas and any other filter.
///
/// Takes some 230 bytes on the stack, 128 of them for the slots seen, and no heap. All N candidates cost O(N) steps of the walk as long
/// as slots stay below 1,024 or the placement does not repeat itself; a repeat in a higher slot is
/// found by walking again, O(N²) in the worst case.
pub struct Candidates<'a, P: ?Sized> {
    placement: &'a P,
    walk: Walk,
    /// Which of the first 1,024 slots have appeared.
    seen: [u64; WORDS],
    /// Steps of the walk so far.
    steps: u64,
    /// Nodes that may still appear.
    left: usize,
    repeats: bool,
}

// Derived, it would ask the same of `P`, which is only referred to.
impl<P: ?Sized> Clone for Candidates<'_, P> {
    fn clone(&self) -> Self {
        Self { ..*self }
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
            seen: [0; WORDS],
            steps: 0,
            left: placement.live(),
            repeats: placement.walk_repeats(),
        }
    }

    /// True the first time a slot is asked for.
    fn first_time(&mut self, node: NodeIdx) -> bool {
        let slot = node.index();
        if let Some(word) = self.seen.get_mut(slot / 64) {
            let bit = 1 << (slot % 64);
            let new = *word & bit == 0;
            *word |= bit;
            return new;
        }
        let mut again = Walk::new(self.walk.key());
        !(1..self.steps).any(|_| self.placement.next_candidate(&mut again) == Some(node))
    }
}

impl<P: Placement + ?Sized> Iterator for Candidates<'_, P> {
    type Item = NodeIdx;

    fn next(&mut self) -> Option<NodeIdx> {
        while self.left > 0 {
            let Some(node) = self.placement.next_candidate(&mut self.walk) else {
                self.left = 0;
                break;
            };
            self.steps += 1;
            if !self.repeats || self.first_time(node) {
                self.left -= 1;
                return Some(node);
            }
        }
        None
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.left))
    }
}

impl<P: Placement + ?Sized> FusedIterator for Candidates<'_, P> {}
