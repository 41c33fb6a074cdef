//! Buckets as slots, without memory.

use super::BucketHash;
use super::batch::owners;
use super::permutation::Permutation;
use crate::hash::KeyHash;
use crate::limits::MAX_BUCKETS;
use crate::node::NodeIdx;
use crate::placement::{Guarantees, Placement, Walk};

/// A bucket function over `n` nodes whose slots are the bucket numbers: a whole placement in
/// `core`, without memory.
///
/// ```
/// use apportion::{Buckets, JumpBack, KeyHash, NodeIdx, Placement};
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
/// at most one member of the set changes, and only to the new bucket. A replica more costs O(1)
/// expected; construction, proof and sources are in the chapter [`docs::replicas`](crate::docs::replicas).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buckets<B> {
    function: B,
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

/// What every placement over a numbering of nodes promises: only the last can leave. An owner that
/// changes goes back to its place in the permutation, so the order of the others is not kept.
pub(super) const PROMISES: Guarantees =
    Guarantees { minimal_owner: true, minimal_replicas: true, ..Guarantees::none() };

/// The next bucket in a key's order of preference among `n`: its owner `first`, then those of its
/// permutation that `lives` says are there.
pub(crate) fn next_bucket(
    n: u32,
    walk: &mut Walk,
    first: impl FnOnce(KeyHash) -> u32,
    lives: impl Fn(u32) -> bool,
) -> Option<u32> {
    if n == 0 {
        return None;
    }
    let hash = walk.key();
    let first = first(hash);
    let state = walk.state();
    let Some(mut permutation) = Permutation::load(hash, n, state) else {
        Permutation::new(hash, n).save(state);
        return Some(first);
    };
    let next = after_first(&mut permutation, first, lives);
    permutation.save(state);
    next
}

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
        let mut permutation = Permutation::new(hash, n);
        while found < k {
            let Some(bucket) = after_first(&mut permutation, first, &lives) else { break };
            emit(found, bucket);
            found += 1;
        }
    }
    found
}

#[inline]
fn after_first(
    permutation: &mut Permutation,
    first: u32,
    lives: impl Fn(u32) -> bool,
) -> Option<u32> {
    loop {
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
        next_bucket(self.n, walk, |hash| self.function.bucket(hash, self.n), |_| true)
            .map(NodeIdx::new)
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
