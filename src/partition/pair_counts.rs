//! Counts of the partitions that two nodes share.
//!
//! ```text
//!  Tiny, Narrow, Wide: n x n counters, each pair at both (a, b) and (b, a), so a row is contiguous
//!  Sparse:             a map from min(a, b) << 32 | max(a, b) to a count above 0
//! ```

use super::cells::{at, put};
use super::work::Work;
use crate::slips::OrSlip;
use alloc::vec;
use alloc::vec::Vec;
use core::hash::{BuildHasherDefault, Hasher};
use hashbrown::HashMap;

/// Maximum number of leaves for a dense matrix of counters: at most 16 MiB.
const DENSE_LEAVES_MAX: usize = 2048;

/// The number of partitions that two leaves share, for every pair.
#[derive(Debug)]
pub(super) enum PairCounts {
    /// A dense matrix with 8-bit counters, until a pair shares more partitions than fit. The less
    /// memory it takes, the more of it stays in cache.
    Tiny(Square<u8>),
    /// A dense matrix with 16-bit counters.
    Narrow(Square<u16>),
    /// A dense matrix with 32-bit counters.
    Wide(Square<u32>),
    /// Only the counts above 0.
    Sparse(HashMap<u64, u32, BuildHasherDefault<Mixer>>),
}

/// A symmetric matrix of counts.
#[derive(Debug)]
pub(super) struct Square<T> {
    leaves: usize,
    counts: Vec<T>,
}

impl<T: Copy + Default + Into<u32> + TryFrom<u32>> Square<T> {
    fn new(leaves: usize) -> Self {
        Self { leaves, counts: vec![T::default(); leaves * leaves] }
    }

    #[inline]
    fn row(&self, leaf: u32) -> &[T] {
        let first = leaf as usize * self.leaves;
        self.counts.get(first..first + self.leaves).or_slip()
    }

    #[inline]
    fn shared(&self, a: u32, b: u32) -> u32 {
        at(&self.counts, a as usize * self.leaves + b as usize).into()
    }

    /// Changes a count. False if the new one does not fit.
    #[inline]
    fn count(&mut self, a: u32, b: u32, count: impl Fn(u32) -> u32) -> bool {
        let Ok(counted) = T::try_from(count(self.shared(a, b))) else { return false };
        let (a, b) = (a as usize, b as usize);
        for place in [a * self.leaves + b, b * self.leaves + a] {
            put(&mut self.counts, place, counted);
        }
        true
    }

    /// The same counts in another size, which is larger.
    fn widened<U: Default + TryFrom<u32>>(&self) -> Square<U> {
        let widen = |count: &T| U::try_from((*count).into()).unwrap_or_default();
        Square { leaves: self.leaves, counts: self.counts.iter().map(widen).collect() }
    }

    #[inline]
    fn change(&self, row: &[u32], from: u32, to: u32, inverse: &[i64]) -> i64 {
        let (gained, lost) = (self.row(to), self.row(from));
        let shared = |counts: &[T], leaf| at(counts, leaf as usize).into();
        sum(row, from, to, inverse, |leaf| (shared(gained, leaf), shared(lost, leaf)))
    }
}

/// The change of the weighted sum of squares if `to` replaces `from` in a row. `shared` gives, for
/// each other holder, its counts with `to` and with `from`.
#[inline]
fn sum(
    row: &[u32],
    from: u32,
    to: u32,
    inverse: &[i64],
    shared: impl Fn(u32) -> (u32, u32),
) -> i64 {
    let (to_weight, from_weight) = (at(inverse, to as usize), at(inverse, from as usize));
    let mut change = 0;
    for other in row.iter().copied().filter(|leaf| *leaf != from) {
        let (gained, lost) = shared(other);
        let weight = at(inverse, other as usize);
        change += ((to_weight * weight) >> 8) * (2 * i64::from(gained) + 1);
        change -= ((from_weight * weight) >> 8) * (2 * i64::from(lost) - 1);
    }
    change
}

/// A hasher of one word. The map is never iterated, so its order does not matter.
#[derive(Debug, Default)]
pub(super) struct Mixer(u64);

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = crate::hash::mix::mix(self.0 ^ word);
    }
}

impl PairCounts {
    /// Counts the pairs of all rows.
    pub(super) fn new(work: &Work<'_>) -> Self {
        let leaves = work.tree.leaves();
        let mut pairs = if leaves > DENSE_LEAVES_MAX {
            Self::Sparse(HashMap::with_hasher(BuildHasherDefault::default()))
        } else {
            Self::Tiny(Square::new(leaves))
        };
        for row in (0..work.partitions).map(|partition| work.row(partition)) {
            for (i, a) in row.iter().enumerate() {
                row.iter().skip(i + 1).for_each(|b| pairs.add(*a, *b));
            }
        }
        pairs
    }

    #[inline]
    pub(super) fn shared(&self, a: u32, b: u32) -> u32 {
        match self {
            Self::Tiny(square) => square.shared(a, b),
            Self::Narrow(square) => square.shared(a, b),
            Self::Wide(square) => square.shared(a, b),
            Self::Sparse(counts) => counts.get(&key(a, b)).copied().unwrap_or(0),
        }
    }

    /// True if `found` is true for any pair of a row and the number of partitions that it shares.
    #[inline]
    pub(super) fn any(&self, row: &[u32], found: impl Fn(u32, u32, u32) -> bool) -> bool {
        match self {
            Self::Tiny(square) => any(row, |a, b| found(a, b, square.shared(a, b))),
            Self::Narrow(square) => any(row, |a, b| found(a, b, square.shared(a, b))),
            Self::Wide(square) => any(row, |a, b| found(a, b, square.shared(a, b))),
            Self::Sparse(_) => any(row, |a, b| found(a, b, self.shared(a, b))),
        }
    }

    /// The change of Σ (partitions shared)² · (weight of the pair) if `to` replaces `from` in a
    /// row. The weight of a pair is the product of the two leaves' `inverse`.
    #[inline]
    pub(super) fn change(&self, row: &[u32], from: u32, to: u32, inverse: &[i64]) -> i64 {
        match self {
            Self::Tiny(square) => square.change(row, from, to, inverse),
            Self::Narrow(square) => square.change(row, from, to, inverse),
            Self::Wide(square) => square.change(row, from, to, inverse),
            Self::Sparse(_) => {
                let shared = |leaf| (self.shared(to, leaf), self.shared(from, leaf));
                sum(row, from, to, inverse, shared)
            }
        }
    }

    pub(super) fn add(&mut self, a: u32, b: u32) {
        let more = |count: u32| count + 1;
        let wider = match self {
            Self::Tiny(square) => {
                if square.count(a, b, more) {
                    return;
                }
                Self::Narrow(square.widened())
            }
            Self::Narrow(square) => {
                if square.count(a, b, more) {
                    return;
                }
                Self::Wide(square.widened())
            }
            Self::Wide(square) => {
                square.count(a, b, more);
                return;
            }
            Self::Sparse(counts) => {
                *counts.entry(key(a, b)).or_insert(0) += 1;
                return;
            }
        };
        *self = wider;
        self.add(a, b);
    }

    pub(super) fn take(&mut self, a: u32, b: u32) {
        let fewer = |count: u32| count.saturating_sub(1);
        match self {
            Self::Tiny(square) => _ = square.count(a, b, fewer),
            Self::Narrow(square) => _ = square.count(a, b, fewer),
            Self::Wide(square) => _ = square.count(a, b, fewer),
            Self::Sparse(counts) => {
                if let Some(count) = counts.get_mut(&key(a, b)) {
                    *count -= 1;
                    if *count == 0 {
                        counts.remove(&key(a, b));
                    }
                }
            }
        }
    }
}

#[inline]
fn any(row: &[u32], found: impl Fn(u32, u32) -> bool) -> bool {
    let later = |i: usize| row.get(i + 1..).unwrap_or_default();
    row.iter().enumerate().any(|(i, a)| later(i).iter().any(|b| found(*a, *b)))
}

fn key(a: u32, b: u32) -> u64 {
    u64::from(a.min(b)) << 32 | u64::from(a.max(b))
}
