//! How many partitions two nodes share.

use super::cells::at;
use crate::slips::OrSlip;
use alloc::vec;
use alloc::vec::Vec;
use core::hash::{BuildHasherDefault, Hasher};
use hashbrown::HashMap;

/// Leaves up to which all pairs have a place of their own: at most 16 MiB.
const DENSE: usize = 2048;

/// The number of partitions that two leaves share, for every pair.
#[derive(Debug)]
pub(super) enum Pairs {
    /// A row of counts for each leaf: half as long, and sooner at hand, where no leaf has more
    /// partitions than they count to.
    Narrow(Square<u16>),
    Wide(Square<u32>),
    /// Only what is not 0, under the pair's numbers.
    Sparse(HashMap<u64, u32, BuildHasherDefault<Mixer>>),
}

/// A count for every pair, at both of its places.
#[derive(Debug)]
pub(super) struct Square<T> {
    leaves: usize,
    counts: Vec<T>,
}

impl<T: Copy + Default + Into<u32>> Square<T> {
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

    #[inline]
    fn count(&mut self, a: u32, b: u32, count: impl Fn(&mut T)) {
        let (a, b) = (a as usize, b as usize);
        for place in [a * self.leaves + b, b * self.leaves + a] {
            if let Some(place) = self.counts.get_mut(place) {
                count(place);
            }
        }
    }

    #[inline]
    fn change(&self, row: &[u32], from: u32, to: u32, inverse: &[i64]) -> i64 {
        let (gained, lost) = (self.row(to), self.row(from));
        let shared = |counts: &[T], leaf| at(counts, leaf as usize).into();
        sum(row, from, to, inverse, |leaf| (shared(gained, leaf), shared(lost, leaf)))
    }
}

/// What a row's sum gains if `to` replaces `from`, of what both share with each of the others.
#[inline]
fn sum(
    row: &[u32],
    from: u32,
    to: u32,
    inverse: &[i64],
    shared: impl Fn(u32) -> (u32, u32),
) -> i64 {
    let (dear, cheap) = (at(inverse, to as usize), at(inverse, from as usize));
    let mut change = 0;
    for other in row.iter().copied().filter(|leaf| *leaf != from) {
        let (gained, lost) = shared(other);
        let weight = at(inverse, other as usize);
        change += ((dear * weight) >> 8) * (2 * i64::from(gained) + 1);
        change -= ((cheap * weight) >> 8) * (2 * i64::from(lost) - 1);
    }
    change
}

/// Mixes one word. Nothing depends on the order in which a map lists its entries.
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

impl Pairs {
    /// Counts rows of so many leaves each, of leaves that hold so many.
    pub(super) fn new(loads: &[u64], rows: &[u32], each: usize) -> Self {
        let leaves = loads.len();
        // One more, for an exchange adds before it takes.
        let most = loads.iter().copied().max().unwrap_or(0) + 1;
        let mut pairs = if leaves > DENSE {
            Self::Sparse(HashMap::with_hasher(BuildHasherDefault::default()))
        } else if most <= u16::MAX.into() {
            Self::Narrow(Square::new(leaves))
        } else {
            Self::Wide(Square::new(leaves))
        };
        for row in rows.chunks_exact(each.max(1)) {
            for (i, a) in row.iter().enumerate() {
                row.iter().skip(i + 1).for_each(|b| pairs.add(*a, *b));
            }
        }
        pairs
    }

    #[inline]
    pub(super) fn shared(&self, a: u32, b: u32) -> u32 {
        match self {
            Self::Narrow(square) => square.shared(a, b),
            Self::Wide(square) => square.shared(a, b),
            Self::Sparse(counts) => counts.get(&key(a, b)).copied().unwrap_or(0),
        }
    }

    /// What the sum of (partitions shared)² · (weight of the pair) gains if `to` replaces `from` in a
    /// row: the weight is the product of the leaves' inverses.
    #[inline]
    pub(super) fn change(&self, row: &[u32], from: u32, to: u32, inverse: &[i64]) -> i64 {
        match self {
            Self::Narrow(square) => square.change(row, from, to, inverse),
            Self::Wide(square) => square.change(row, from, to, inverse),
            Self::Sparse(_) => {
                let shared = |leaf| (self.shared(to, leaf), self.shared(from, leaf));
                sum(row, from, to, inverse, shared)
            }
        }
    }

    pub(super) fn add(&mut self, a: u32, b: u32) {
        match self {
            Self::Narrow(square) => square.count(a, b, |count| *count += 1),
            Self::Wide(square) => square.count(a, b, |count| *count += 1),
            Self::Sparse(counts) => *counts.entry(key(a, b)).or_insert(0) += 1,
        }
    }

    pub(super) fn take(&mut self, a: u32, b: u32) {
        match self {
            Self::Narrow(square) => square.count(a, b, |count| *count = count.saturating_sub(1)),
            Self::Wide(square) => square.count(a, b, |count| *count = count.saturating_sub(1)),
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

fn key(a: u32, b: u32) -> u64 {
    u64::from(a.min(b)) << 32 | u64::from(a.max(b))
}
