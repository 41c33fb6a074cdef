//! How many partitions two nodes share.

use super::cells::at;
use alloc::vec;
use alloc::vec::Vec;
use core::hash::{BuildHasherDefault, Hasher};
use hashbrown::HashMap;

/// Leaves up to which all pairs have a place of their own: at most 16 MiB.
const DENSE: usize = 2048;

/// The number of partitions that two leaves share, for every pair.
#[derive(Debug)]
pub(super) enum Pairs {
    /// A row of counts for each leaf.
    Dense(usize, Vec<u32>),
    /// Only what is not 0, under the pair's numbers.
    Sparse(HashMap<u64, u32, BuildHasherDefault<Mixer>>),
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
    /// Counts rows of so many leaves each.
    pub(super) fn new(leaves: usize, rows: &[u32], each: usize) -> Self {
        let mut pairs = if leaves <= DENSE {
            Self::Dense(leaves, vec![0; leaves * leaves])
        } else {
            Self::Sparse(HashMap::with_hasher(BuildHasherDefault::default()))
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
            Self::Dense(leaves, counts) => at(counts, a as usize * leaves + b as usize),
            Self::Sparse(counts) => counts.get(&key(a, b)).copied().unwrap_or(0),
        }
    }

    pub(super) fn add(&mut self, a: u32, b: u32) {
        match self {
            Self::Dense(leaves, counts) => {
                for place in [a as usize * *leaves + b as usize, b as usize * *leaves + a as usize]
                {
                    if let Some(count) = counts.get_mut(place) {
                        *count += 1;
                    }
                }
            }
            Self::Sparse(counts) => *counts.entry(key(a, b)).or_insert(0) += 1,
        }
    }

    pub(super) fn take(&mut self, a: u32, b: u32) {
        match self {
            Self::Dense(leaves, counts) => {
                for place in [a as usize * *leaves + b as usize, b as usize * *leaves + a as usize]
                {
                    if let Some(count) = counts.get_mut(place) {
                        *count = count.saturating_sub(1);
                    }
                }
            }
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
