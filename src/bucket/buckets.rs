//! Buckets as slots, without memory.

use super::batch::owners;
use super::function::BucketHash;
use super::permutation::BucketPermutation;
use crate::hash::KeyHash;
use crate::limits::MAX_BUCKETS;
use crate::node::NodeIdx;
use crate::placement::{Guarantees, Placement, Walk};
use crate::steps;

/// A bucket function over `n` nodes whose slots are the bucket numbers: a whole placement in
/// `core`, without memory.
///
/// ```
/// use apportion::{JumpBack, KeyHash, NodeIdx, Placement};
/// use apportion::bucket::Buckets;
///
/// const SHARDS: Buckets<JumpBack> = match Buckets::new(JumpBack, 16) {
///     Some(shards) => shards,
///     None => panic!("too many shards"),
/// };
/// let mut holders = [NodeIdx::default(); 3];
/// assert_eq!(SHARDS.replicas(KeyHash::of_id(42), &mut holders), 3);
/// assert_eq!(SHARDS.locate(KeyHash::of_id(42)), Some(holders[0]));
/// ```
///
/// The replicas of a key follow an n-consistent pseudo-random permutation: when `n` grows by one,
/// at most one member of the set changes, and only to the new bucket. Each further replica costs O(1)
/// expected. Construction, proof and sources are in the chapter [`docs::replicas`](crate::docs::replicas).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buckets<B> {
    pub(super) function: B,
    n: u32,
}

impl<B> Buckets<B> {
    /// `n` buckets; `None` if that is more than [`MAX_BUCKETS`].
    #[must_use]
    pub const fn new(function: B, n: u32) -> Option<Self>
    where
        B: Copy,
    {
        if n > MAX_BUCKETS { None } else { Some(Self { function, n }) }
    }

    /// The number of buckets.
    #[must_use]
    pub const fn n(&self) -> u32 {
        self.n
    }
}

/// The guarantees of every placement over a numbering of nodes. Only the last node can leave. When the
/// owner changes, the old owner returns to its place in the permutation, so the order of the other
/// replicas may change.
pub(super) const PROMISES: Guarantees =
    Guarantees { minimal_owner: true, minimal_replicas: true, ..Guarantees::none() };

/// The next bucket in a key's order of preference among `n` that `accept` admits: its owner `first`,
/// then those of its permutation that `lives` says are there.
pub(crate) fn next_bucket(
    n: u32,
    walk: &mut Walk,
    first: impl FnOnce(KeyHash) -> u32,
    lives: impl Fn(u32) -> bool,
    mut accept: impl FnMut(u32) -> bool,
) -> Option<u32> {
    let mut next = None;
    let take = |_, bucket| {
        let admitted = accept(bucket);
        next = admitted.then_some(bucket);
        admitted
    };
    next_buckets(n, walk, 1, first, lives, take);
    next
}

/// The next `k` buckets as [`next_bucket`] gives them. `take` is given the place of a bucket among
/// them and the bucket, and says whether it admits it. Returns how many it admitted.
pub(crate) fn next_buckets(
    n: u32,
    walk: &mut Walk,
    k: usize,
    first: impl FnOnce(KeyHash) -> u32,
    lives: impl Fn(u32) -> bool,
    mut take: impl FnMut(usize, u32) -> bool,
) -> usize {
    if n == 0 || k == 0 {
        return 0;
    }
    let hash = walk.key();
    let first = first(hash);
    let state = walk.state();
    let mut found = 0;
    let mut permutation = BucketPermutation::load(hash, n, state).unwrap_or_else(|| {
        found += usize::from(take(0, first));
        BucketPermutation::new(hash, n)
    });
    if k > MANY {
        permutation = permutation.for_many();
    }
    while found < k {
        let Some(bucket) = after_first(&mut permutation, first, &lives) else { break };
        found += usize::from(take(found, bucket));
    }
    permutation.save(state);
    found
}

/// From this many buckets on, a list keeps the orders of small octaves.
const MANY: usize = 16;

/// Calls `emit` for up to `k` of the `live` buckets among `n`, in a key's order of preference, and
/// returns how many. As [`next_bucket`].
pub(crate) fn first_buckets(
    (n, live): (u32, u32),
    hash: KeyHash,
    k: usize,
    first: impl FnOnce(KeyHash) -> u32,
    lives: impl Fn(u32) -> bool,
    mut emit: impl FnMut(usize, u32),
) -> usize {
    let k = k.min(live as usize);
    if k == 0 {
        return 0;
    }
    let first = first(hash);
    emit(0, first);
    let mut found = 1;
    if k > 1 {
        let mut permutation = BucketPermutation::new(hash, n);
        if k > MANY {
            permutation = permutation.for_many();
        }
        while found < k {
            let Some(bucket) = after_first(&mut permutation, first, &lives) else { break };
            emit(found, bucket);
            found += 1;
        }
    }
    found
}

/// Writes a node to its place if `accept` admits it.
pub(crate) fn put(
    out: &mut [NodeIdx],
    place: usize,
    node: Option<NodeIdx>,
    accept: &mut dyn FnMut(NodeIdx) -> bool,
) -> bool {
    let (Some(place), Some(node)) = (out.get_mut(place), node) else { return false };
    let admitted = accept(node);
    if admitted {
        *place = node;
    }
    admitted
}

#[inline]
fn after_first(
    permutation: &mut BucketPermutation,
    first: u32,
    lives: impl Fn(u32) -> bool,
) -> Option<u32> {
    loop {
        steps::count(1);
        let bucket = permutation.next()?;
        if bucket != first && lives(bucket) {
            return Some(bucket);
        }
    }
}

impl<B: BucketHash> Placement for Buckets<B> {
    fn slots(&self) -> usize {
        self.n as usize
    }

    fn live(&self) -> usize {
        self.n as usize
    }

    fn guarantees(&self) -> Guarantees {
        PROMISES
    }

    #[inline]
    fn locate(&self, key: KeyHash) -> Option<NodeIdx> {
        (self.n > 0).then(|| NodeIdx::new(self.function.bucket(key, self.n)))
    }

    fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx> {
        self.next_candidate_where(walk, &mut |_| true)
    }

    fn next_candidate_where(
        &self,
        walk: &mut Walk,
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> Option<NodeIdx> {
        let first = |hash| self.function.bucket(hash, self.n);
        let accept = |bucket| accept(NodeIdx::new(bucket));
        next_bucket(self.n, walk, first, |_| true, accept).map(NodeIdx::new)
    }

    fn next_candidates(
        &self,
        walk: &mut Walk,
        out: &mut [NodeIdx],
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> usize {
        let first = |hash| self.function.bucket(hash, self.n);
        next_buckets(
            self.n,
            walk,
            out.len(),
            first,
            |_| true,
            |place, bucket| put(out, place, Some(NodeIdx::new(bucket)), accept),
        )
    }

    fn walk_repeats(&self) -> bool {
        false
    }

    fn locate_batch(&self, hashes: &[u64], out: &mut [NodeIdx]) -> usize {
        owners(&self.function, self.n, hashes, out, |bucket| Some(NodeIdx::new(bucket)))
    }

    fn replicas(&self, key: KeyHash, out: &mut [NodeIdx]) -> usize {
        let first = |hash| self.function.bucket(hash, self.n);
        first_buckets(
            (self.n, self.n),
            key,
            out.len(),
            first,
            |_| true,
            |i, bucket| {
                if let Some(place) = out.get_mut(i) {
                    *place = NodeIdx::new(bucket);
                }
            },
        )
    }
}
