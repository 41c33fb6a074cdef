//! Buckets of which any may be removed, and the log of the removed ones.
//!
//! ```text
//!  7 buckets, of which 2 and then 4 were removed
//!
//!  bucket     0    1    2    3    4    5    6
//!  left       0    0    6    0    5    0    0      working buckets after its removal; 0: it works
//!  offset     -    -   +4    -   +1    -    -      to the bucket that took its place: 2 -> 6, 4 -> 5
//!  log        2 4                                  the oldest removal first
//!
//!  lookup     JumpBackHash among all 7 gives 4, a removed bucket with left = 5
//!             -> a uniform number below 5, say 2: which bucket is at place 2 of those 5?
//!             -> bucket 2 was removed before (left 6 >= 5), so follow its offset: bucket 6
//! ```

use super::places::Places;
use crate::bucket::{first_buckets, jump_back_drawing, next_bucket, next_buckets, put};
use crate::error::{AnchorFault, Error};
use crate::hash::KeyHash;
use crate::hash::mix::word;
use crate::limits::MAX_ANCHOR_BUCKETS;
use crate::node::NodeIdx;
use crate::placement::{Guarantees, Placement, Walk};
use crate::steps;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Numbered buckets of which any may be removed: JumpBackHash over all buckets, removed ones included,
/// and a replacement for each removed one. [`JumpBackAnchor`](crate::anchor::JumpBackAnchor) puts nodes
/// into the buckets; its page explains the scheme and names the source.
///
/// ```
/// use apportion::KeyHash;
/// use apportion::anchor::AnchorBuckets;
///
/// let mut buckets = AnchorBuckets::new(5)?;
/// let key = KeyHash::of_id(42);
/// let before = buckets.bucket(key).unwrap();
/// buckets.remove(before)?;
/// assert_ne!(buckets.bucket(key), Some(before));
/// assert_eq!(buckets.add()?, before); // the last one removed comes back first
/// assert_eq!(buckets.bucket(key), Some(before));
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// As a [`Placement`], its slots are the buckets.
#[derive(Clone, Debug, Default)]
pub struct AnchorBuckets {
    /// The number of buckets, removed ones included: a in the paper.
    size: u32,
    /// The replacement of each removed bucket, by bucket. Buckets beyond the end are working.
    removed: Vec<Removed>,
    /// Removed buckets, the oldest first.
    log: Vec<u32>,
    /// Present only after a change reached a long chain.
    places: Option<Box<Places>>,
}

/// The maximum length of a chain that a change follows; for longer ones [`Places`] are cheaper.
const CHAIN_MAX: usize = 64;

/// Where the keys of a removed bucket go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Removed {
    /// The number of working buckets after its removal; 0 for a working bucket.
    left: u32,
    /// The distance from this bucket to the one that took its place.
    offset: i32,
}

/// Compares size and log only. The entries of removed buckets follow from them, and whether a working
/// bucket has an entry does not matter.
impl PartialEq for AnchorBuckets {
    fn eq(&self, other: &Self) -> bool {
        (self.size, &self.log) == (other.size, &other.log)
    }
}

impl Eq for AnchorBuckets {}

impl AnchorBuckets {
    /// `n` working buckets, 0 to n − 1.
    ///
    /// # Errors
    /// If `n` is more than [`MAX_ANCHOR_BUCKETS`].
    pub fn new(n: u32) -> Result<Self, Error> {
        Ok(Self { size: allowed(n)?, ..Self::default() })
    }

    /// The number of buckets, removed ones included.
    #[must_use]
    pub fn size(&self) -> u32 {
        self.size
    }

    /// The number of working buckets.
    #[must_use]
    pub fn working(&self) -> u32 {
        self.size - self.log.len() as u32
    }

    /// True if a bucket is working.
    #[must_use]
    pub fn is_working(&self, bucket: u32) -> bool {
        bucket < self.size && self.entry(bucket).left == 0
    }

    /// The log: removed buckets, the oldest first.
    #[must_use]
    pub fn removed(&self) -> &[u32] {
        &self.log
    }

    #[cfg(test)]
    pub(super) fn entry_of(&self, bucket: u32) -> (u32, i32) {
        let entry = self.entry(bucket);
        (entry.left, entry.offset)
    }

    /// These working and removed buckets, if `replacement` gives what
    /// [`replacement`](Self::replacement) gives for each of the removed ones.
    pub(super) fn of_parts(
        size: u32,
        log: Vec<u32>,
        replacement: impl Fn(u32) -> Option<(u32, u32)>,
    ) -> Self {
        let highest = log.iter().max().map_or(0, |highest| highest + 1);
        let entry = |bucket| {
            let (left, instead) = replacement(bucket)?;
            Some(Removed { left, offset: instead as i32 - bucket as i32 })
        };
        let removed = (0..highest).map(|bucket| entry(bucket).unwrap_or_default()).collect();
        Self { size, removed, log, places: None }
    }

    /// How many buckets worked after a removed bucket left, and which one took its place; `None` for a
    /// working bucket.
    pub(super) fn replacement(&self, bucket: u32) -> Option<(u32, u32)> {
        let Removed { left, offset } = self.entry(bucket);
        (left > 0).then(|| (left, bucket.wrapping_add_signed(offset)))
    }

    #[inline]
    fn entry(&self, bucket: u32) -> Removed {
        self.removed.get(bucket as usize).copied().unwrap_or_default()
    }

    /// The bucket of a key; `None` if there are no buckets.
    ///
    /// # Complexity
    /// With w of a buckets working: O(1) expected as long as most are working, O((1 + ln(a/w))²)
    /// expected if the others left in random order, O(a/w) if they left in the worst order.
    #[inline]
    #[must_use]
    pub fn bucket(&self, key: KeyHash) -> Option<u32> {
        (self.size > 0).then(|| self.find(key))
    }

    #[inline]
    fn find(&self, key: KeyHash) -> u32 {
        let (bucket, drawn) = jump_back_drawing(key, self.size);
        let entry = self.entry(bucket);
        if entry.left == 0 { bucket } else { self.find_instead(entry, key, drawn) }
    }

    fn find_instead(&self, mut entry: Removed, key: KeyHash, mut drawn: u64) -> u32 {
        loop {
            steps::count(1);
            let left = entry.left;
            let bucket = self.at_place(uniform(key, &mut drawn, left), left);
            entry = self.entry(bucket);
            if entry.left == 0 {
                return bucket;
            }
        }
    }

    /// The bucket that was at this place when `left` buckets were working.
    fn at_place(&self, mut bucket: u32, left: u32) -> u32 {
        loop {
            steps::count(1);
            let entry = self.entry(bucket);
            if entry.left < left {
                return bucket;
            }
            bucket = bucket.wrapping_add_signed(entry.offset);
        }
    }

    /// Removes a working bucket.
    ///
    /// # Complexity
    /// O(1) expected if buckets leave in random order, and O(log removed) amortised in any order, also
    /// with additions in between.
    ///
    /// # Errors
    /// If the bucket does not exist, is already removed, or is the only working one.
    pub fn remove(&mut self, bucket: u32) -> Result<(), Error> {
        if bucket >= self.size {
            return fault(AnchorFault::Unknown { bucket, size: self.size });
        }
        if !self.is_working(bucket) {
            return fault(AnchorFault::Removed { bucket });
        }
        if self.working() == 1 {
            return fault(AnchorFault::Last { bucket });
        }
        if self.log.is_empty() && bucket == self.size - 1 {
            self.size -= 1;
            return Ok(());
        }
        self.log.push(bucket);
        let left = self.working();
        let instead = self.instead_of(bucket, left);
        let at = bucket as usize;
        if at >= self.removed.len() {
            self.removed.resize(at + 1, Removed::default());
        }
        if let Some(entry) = self.removed.get_mut(at) {
            // Both are below MAX_ANCHOR_BUCKETS.
            *entry = Removed { left, offset: instead as i32 - bucket as i32 };
        }
        Ok(())
    }

    /// The bucket at place `left`, which takes the place of the bucket that is being removed (the last
    /// one in the log).
    fn instead_of(&mut self, bucket: u32, left: u32) -> u32 {
        if self.places.is_none() {
            let mut at = left;
            for _ in 0..CHAIN_MAX {
                steps::count(1);
                let entry = self.entry(at);
                if entry.left < left {
                    return at;
                }
                at = at.wrapping_add_signed(entry.offset);
            }
            let (_, earlier) = self.log.split_last().unwrap_or((&0, &[]));
            self.places = Some(Box::new(Places::new(self.size, earlier)));
        }
        self.places.as_mut().map_or(left, |places| places.remove(bucket, left))
    }

    /// Drops what only changes need.
    pub(super) fn settled(self) -> Self {
        Self { places: None, ..self }
    }

    /// Adds a bucket and returns it: the bucket removed last, or a new one if all are working.
    ///
    /// # Complexity
    /// O(1), or O(log removed) after removals whose order makes long chains.
    ///
    /// # Errors
    /// If there would be more than [`MAX_ANCHOR_BUCKETS`] buckets.
    pub fn add(&mut self) -> Result<u32, Error> {
        let Some(bucket) = self.log.pop() else {
            let bucket = self.size;
            self.size = allowed(bucket + 1)?;
            return Ok(bucket);
        };
        if let Some(entry) = self.removed.get_mut(bucket as usize) {
            *entry = Removed::default();
        }
        if let Some(places) = &mut self.places {
            // Without this bucket, one fewer was working.
            places.add(bucket, self.size - self.log.len() as u32 - 1);
        }
        if self.log.is_empty() {
            self.places = None;
        }
        Ok(bucket)
    }
}

/// An exactly uniform number in `0..bound`, from the lower half of each word of the key's stream.
///
/// Daniel Lemire, *Fast random integer generation in an interval*, ACM TOMACS 29(1), 2019, DOI
/// 10.1145/3230636.
#[inline]
fn uniform(key: KeyHash, drawn: &mut u64, bound: u32) -> u32 {
    let mut product = || {
        let low = word(key.get(), *drawn) as u32;
        *drawn += 1;
        u64::from(low) * u64::from(bound)
    };
    let mut m = product();
    if (m as u32) < bound {
        let threshold = bound.wrapping_neg() % bound;
        while (m as u32) < threshold {
            m = product();
        }
    }
    (m >> 32) as u32
}

fn allowed(size: u32) -> Result<u32, Error> {
    if size > MAX_ANCHOR_BUCKETS {
        return fault(AnchorFault::TooMany { size, max: MAX_ANCHOR_BUCKETS });
    }
    Ok(size)
}

/// The slots are the buckets; removed buckets are dead slots.
impl Placement for AnchorBuckets {
    fn slots(&self) -> usize {
        self.size as usize
    }

    fn live(&self) -> usize {
        self.working() as usize
    }

    fn guarantees(&self) -> Guarantees {
        PROMISES
    }

    #[inline]
    fn locate(&self, key: KeyHash) -> Option<NodeIdx> {
        self.bucket(key).map(NodeIdx::new)
    }

    fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx> {
        self.next_bucket(walk, |_| true).map(NodeIdx::new)
    }

    fn next_candidate_where(
        &self,
        walk: &mut Walk,
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> Option<NodeIdx> {
        self.next_bucket(walk, |bucket| accept(NodeIdx::new(bucket))).map(NodeIdx::new)
    }

    fn next_candidates(
        &self,
        walk: &mut Walk,
        out: &mut [NodeIdx],
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> usize {
        self.next_buckets(walk, out.len(), |place, bucket| {
            put(out, place, Some(NodeIdx::new(bucket)), accept)
        })
    }

    fn walk_repeats(&self) -> bool {
        false
    }

    fn replicas(&self, key: KeyHash, out: &mut [NodeIdx]) -> usize {
        self.first_buckets(key, out.len(), |i, bucket| {
            if let Some(place) = out.get_mut(i) {
                *place = NodeIdx::new(bucket);
            }
        })
    }
}

/// The first bucket is the anchor's answer. The others follow the key's permutation of all buckets,
/// without the removed ones. So a bucket that is removed leaves every list and the next one moves up,
/// and a bucket that is added returns to its position.
impl AnchorBuckets {
    pub(super) fn next_bucket(
        &self,
        walk: &mut Walk,
        accept: impl FnMut(u32) -> bool,
    ) -> Option<u32> {
        let (first, works) = (|key| self.find(key), |bucket| self.is_working(bucket));
        next_bucket(self.size, walk, first, works, accept)
    }

    pub(super) fn next_buckets(
        &self,
        walk: &mut Walk,
        k: usize,
        take: impl FnMut(usize, u32) -> bool,
    ) -> usize {
        let (first, works) = (|key| self.find(key), |bucket| self.is_working(bucket));
        next_buckets(self.size, walk, k, first, works, take)
    }

    pub(super) fn first_buckets(
        &self,
        key: KeyHash,
        k: usize,
        emit: impl FnMut(usize, u32),
    ) -> usize {
        let (first, works) = (|key| self.find(key), |bucket| self.is_working(bucket));
        first_buckets((self.size, self.working()), key, k, first, works, emit)
    }
}

/// Buckets are equal, and which node has which bucket depends on the order of changes. An owner that
/// changes returns to its position in the permutation, so the order of the others is not kept.
pub(super) const PROMISES: Guarantees = Guarantees {
    minimal_owner: true,
    minimal_replicas: true,
    any_removal: true,
    ..Guarantees::none()
};

pub(super) fn fault<T>(fault: AnchorFault) -> Result<T, Error> {
    Err(fault.into())
}

#[cfg(test)]
mod tests {
    use super::{KeyHash, uniform, word};

    /// Where a quarter or a half of all products is refused, against the definition.
    #[test]
    fn draws_are_refused_as_defined() {
        let mut refused = 0;
        for (bound, key) in [3 << 30, (1 << 31) + 1, 1 << 31, 7].into_iter().zip(0..) {
            let (key, mut drawn) = (KeyHash::of_id(key), 0);
            let mut words = 0..;
            for _ in 0..200 {
                let product = |i| u64::from(word(key.get(), i) as u32) * u64::from(bound);
                let accepted = |m: &u64| m % (1 << 32) >= (1 << 32) % u64::from(bound);
                let from = words.start;
                let expected = words.by_ref().map(product).find(accepted).unwrap() >> 32;
                assert_eq!(u64::from(uniform(key, &mut drawn, bound)), expected);
                assert_eq!(drawn, words.start);
                refused += words.start - from - 1;
            }
        }
        assert!(refused > 150, "{refused}");
    }
}
