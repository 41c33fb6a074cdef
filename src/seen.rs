//! The set of nodes that a walk has already returned.

use crate::limits::INLINE_CANDIDATES;
use crate::node::NodeIdx;
#[cfg(feature = "alloc")]
use alloc::vec::Vec;

/// Bits in a word of the set.
const BITS: usize = u32::BITS as usize;

/// A set of slots that does not allocate for its first 64 members.
///
/// The same words on the stack are used in one of two ways:
///
/// ```text
/// up to 2,048 slots   words[slot / 32] bit slot % 32        any number of members
/// more slots          words[0..len] list the members        64 members, then `table`
/// ```
///
/// `table` is a hash table with open addressing and linear probing. Its size is a power of two, and it
/// is at most half full. A word is the slot's number plus one; 0 is free. Memory grows with the number
/// of members, not with the highest slot, which a user's placement may choose freely.
#[derive(Clone)]
pub(crate) struct Seen {
    words: [u32; INLINE_CANDIDATES],
    len: usize,
    listed: bool,
    #[cfg(feature = "alloc")]
    table: Vec<u32>,
}

impl Seen {
    /// The empty set, for nodes whose slots are below `slots`.
    #[inline]
    pub(crate) fn new(slots: usize) -> Self {
        Self {
            words: [0; INLINE_CANDIDATES],
            len: 0,
            listed: slots > INLINE_CANDIDATES * BITS,
            #[cfg(feature = "alloc")]
            table: Vec::new(),
        }
    }

    #[inline]
    pub(crate) fn contains(&self, node: NodeIdx) -> bool {
        if !self.listed {
            let word = self.words.get(node.index() / BITS);
            return word.is_some_and(|word| word >> (node.index() % BITS) & 1 == 1);
        }
        #[cfg(feature = "alloc")]
        if !self.table.is_empty() {
            return self.place(node).is_ok();
        }
        self.words.get(..self.len).unwrap_or_default().contains(&node.get())
    }

    /// Adds a node; true if it is new.
    #[inline]
    pub(crate) fn insert(&mut self, node: NodeIdx) -> bool {
        if !self.listed {
            // A slot at or above the bound violates `Placement::slots`: the node is ignored.
            let Some(word) = self.words.get_mut(node.index() / BITS) else { return false };
            let bit = 1 << (node.index() % BITS);
            let new = *word & bit == 0;
            *word |= bit;
            return new;
        }
        if self.contains(node) {
            return false;
        }
        if let Some(word) = self.words.get_mut(self.len) {
            *word = node.get();
            self.len += 1;
            return true;
        }
        #[cfg(feature = "alloc")]
        {
            self.insert_in_table(node);
            true
        }
        #[cfg(not(feature = "alloc"))]
        false
    }

    /// True if no further node can be added, which happens only without `alloc`.
    #[cfg(any(not(feature = "alloc"), test))]
    pub(crate) fn is_full(&self) -> bool {
        self.listed && self.len == INLINE_CANDIDATES
    }

    #[cfg(feature = "alloc")]
    #[cold]
    #[inline(never)]
    fn insert_in_table(&mut self, node: NodeIdx) {
        self.len += 1;
        if self.len * 2 > self.table.len() {
            let doubled = alloc::vec![0; (self.len * 2).next_power_of_two()];
            let old = core::mem::replace(&mut self.table, doubled);
            if old.is_empty() {
                self.words.into_iter().for_each(|slot| self.put(NodeIdx::new(slot)));
            }
            for word in old.into_iter().filter(|word| *word != 0) {
                self.put(NodeIdx::new(word - 1));
            }
        }
        self.put(node);
    }

    #[cfg(feature = "alloc")]
    fn put(&mut self, node: NodeIdx) {
        if let Err(free) = self.place(node) {
            if let Some(word) = self.table.get_mut(free) {
                *word = node.get() + 1;
            }
        }
    }

    /// The position of a node in the table, or of the free word where it belongs.
    #[cfg(feature = "alloc")]
    #[inline]
    fn place(&self, node: NodeIdx) -> Result<usize, usize> {
        // Fibonacci hashing is enough: no adversary chooses slots, and most of them are consecutive.
        let mask = self.table.len().wrapping_sub(1);
        let hash = u64::from(node.get()).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut at = hash.rotate_left(mask.count_ones()) as usize & mask;
        loop {
            match self.table.get(at) {
                Some(word) if *word == node.get() + 1 => return Ok(at),
                Some(0) | None => return Err(at),
                Some(_) => at = (at + 1) & mask,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{INLINE_CANDIDATES, NodeIdx, Seen};
    extern crate std;
    #[cfg(feature = "alloc")]
    use std::collections::BTreeSet;

    /// Compared with an ordinary set, at the edges of both layouts and far beyond.
    #[cfg(feature = "alloc")]
    #[test]
    fn it_is_a_set() {
        for (slots, members) in [(1, 1), (2048, 2048), (2049, 2049), (1 << 20, 3000)] {
            let (mut seen, mut model) = (Seen::new(slots), BTreeSet::new());
            for i in 0..3 * members as u64 {
                let slot = crate::hash::mix::mix(i % members as u64) as usize % slots;
                let node = NodeIdx::new(slot as u32);
                assert_eq!(seen.contains(node), model.contains(&slot));
                assert_eq!(seen.insert(node), model.insert(slot), "{slots}: {slot}");
                assert!(seen.contains(node));
            }
            let beyond = |slot: usize| !seen.contains(NodeIdx::new(slot as u32));
            assert!((0..slots).filter(|slot| !model.contains(slot)).all(beyond));
        }
    }

    /// Without `alloc` a set of many slots is full after 64 members, and says so.
    #[test]
    fn the_highest_slots_are_slots() {
        let mut seen = Seen::new(usize::MAX);
        let members = if cfg!(feature = "alloc") { 200 } else { INLINE_CANDIDATES as u32 };
        for round in 0..2 {
            for slot in (0..members).map(|i| u32::MAX - 1 - i) {
                assert_eq!(seen.insert(NodeIdx::new(slot)), round == 0);
            }
        }
        assert_eq!(seen.is_full(), !cfg!(feature = "alloc"));
        assert_eq!(seen.insert(NodeIdx::new(0)), cfg!(feature = "alloc"));
        assert_eq!(INLINE_CANDIDATES * 32, 2048);
    }
}
