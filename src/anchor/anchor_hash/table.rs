//! The buckets of an AnchorHash as lookups read them.
//!
//! ```text
//!  capacity 8; 7 buckets were in use, of which 2 and then 4 were removed
//!
//!  bucket     0    1    2    3    4    5    6    7
//!  left       0    0    6    0    5    0    0   (7)     working buckets after its removal; 0: it works
//!  target    n0   n1   b6   n3   b5   n5   n6  (b7)    its node, or the bucket that took its place
//!             └────────── stored ───────────┘    └ never in use: removed at first, highest first
//!
//!  lookup     hash · 8 / 2^64 = 4, a removed bucket with left = 5
//!             -> a uniform number below 5, say 2: which bucket is at place 2 of those 5?
//!             -> bucket 2 was removed before (left 6 >= 5), so follow its target: bucket 6
//! ```

use super::super::buckets::AnchorBuckets;
use crate::hash::KeyHash;
use crate::hash::mix::{reduce, word};
use crate::node::NodeIdx;
use crate::steps;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// The buckets: A and K of the paper beside the nodes, and R without the buckets that were never in use.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// The number of all buckets: a in the paper.
    pub(super) capacity: u32,
    /// By bucket, as far as buckets were ever in use. A bucket b beyond has `left` = b and is its own
    /// target.
    entries: Arc<[Entry]>,
    /// Removed buckets among the entries, the oldest first.
    pub(super) log: Arc<[u32]>,
}

/// A bucket in 8 bytes, so that a lookup among working buckets reads one word: the number of working
/// buckets after its removal, 0 for a working bucket; and the slot of its node, or the number of the
/// bucket that took its place.
pub(super) type Entry = (u32, NodeIdx);

/// A working bucket and its node.
pub(super) struct Found {
    pub(super) bucket: u32,
    pub(super) node: NodeIdx,
}

impl Table {
    /// The table of these buckets; `nodes` has the node of each working one.
    pub(super) fn new(capacity: u32, buckets: &AnchorBuckets, nodes: &[NodeIdx]) -> Self {
        let entry = |(bucket, node): (u32, &NodeIdx)| match buckets.replacement(bucket) {
            Some((left, instead)) => (left, NodeIdx::new(instead)),
            None => (0, *node),
        };
        let entries = (0..buckets.size()).zip(nodes).map(entry).collect();
        Self { capacity, entries, log: buckets.removed().into() }
    }

    /// The buckets, to be changed. O(buckets in use).
    pub(super) fn buckets(&self) -> AnchorBuckets {
        let replacement = |bucket| {
            let (left, target) = self.entries.get(bucket as usize).filter(|entry| entry.0 > 0)?;
            Some((*left, target.get()))
        };
        AnchorBuckets::of_parts(self.size(), self.log.to_vec(), replacement)
    }

    /// The node of each working bucket. For removed buckets it has no meaning.
    pub(super) fn nodes(&self) -> Vec<NodeIdx> {
        self.entries.iter().map(|(_, target)| *target).collect()
    }

    /// The number of buckets that were ever in use: those from there on are removed.
    pub(super) fn size(&self) -> u32 {
        self.entries.len() as u32
    }

    /// The number of working buckets.
    pub(super) fn working(&self) -> u32 {
        (self.entries.len() - self.log.len()) as u32
    }

    /// The node of a bucket; `None` if the bucket is not working.
    pub(super) fn node(&self, bucket: u32) -> Option<NodeIdx> {
        self.entries.get(bucket as usize).filter(|entry| entry.0 == 0).map(|entry| entry.1)
    }

    /// The entries of all buckets in use.
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The node of a key; `None` if no bucket is working.
    #[inline]
    pub(super) fn locate(&self, key: KeyHash) -> Option<NodeIdx> {
        Some(self.find(key)?.node)
    }

    /// The bucket of a key and its node; `None` if no bucket is working.
    ///
    /// A bucket has the hashes from its number · 2^64 / capacity on: exactly 1/capacity of them but for
    /// one hash. So has each outcome of a further draw its words.
    #[inline]
    pub(super) fn find(&self, key: KeyHash) -> Option<Found> {
        let bucket = reduce(key.get(), self.capacity.into()) as u32;
        match self.entries.get(bucket as usize) {
            Some((0, node)) => Some(Found { bucket, node: *node }),
            Some((left, _)) => self.find_instead(key, *left),
            None => self.find_instead(key, bucket),
        }
    }

    /// The bucket of a key whose first one is removed. Every removed bucket is followed by one that was
    /// removed later or works.
    ///
    /// A draw is told apart by its number on the key's way, not by its bucket as in the paper. A way is
    /// only ever cut short or extended at its end, so its draws are the same before and after a change.
    fn find_instead(&self, key: KeyHash, mut left: u32) -> Option<Found> {
        if self.entries.is_empty() {
            return None;
        }
        let mut bucket = reduce(word(key.get(), 0), left.into()) as u32;
        let mut draw = 1;
        loop {
            steps::count(1);
            // Not needed where the next bucket is a replacement, but computed while the entry is read.
            let next = word(key.get(), draw);
            let (own, target) = match self.entries.get(bucket as usize) {
                Some((0, node)) => return Some(Found { bucket, node: *node }),
                Some((own, target)) => (*own, target.get()),
                None => (bucket, bucket),
            };
            // If this bucket was removed earlier, follow it to the one that took its place. Otherwise
            // draw again. Chosen without a branch, which the processor could not predict: with half of
            // 1000 buckets removed a lookup takes 11.0 ns instead of 12.1.
            let earlier = own >= left;
            let follow = u32::from(earlier).wrapping_neg();
            bucket = target & follow | reduce(next, own.into()) as u32 & !follow;
            left = left.min(own);
            draw += u64::from(!earlier);
        }
    }
}
