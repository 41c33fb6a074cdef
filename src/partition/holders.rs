//! Which partitions a leaf held.

use super::before::Before;
use super::cells::at;
use super::tree::NONE;
use crate::slips::OrSlip;
use alloc::vec;
use alloc::vec::Vec;

/// The partitions of each leaf in rows of leaves, ascending.
#[derive(Debug)]
pub(super) struct Holders {
    starts: Vec<u32>,
    rows: Vec<u32>,
    /// Partitions for each row.
    ways: u32,
}

/// The partitions of one leaf.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held<'h> {
    rows: &'h [u32],
    ways: u32,
}

impl Holders {
    /// O(places).
    pub(super) fn new(leaves: usize, rows: &[u32], replicas: usize) -> Self {
        Self::listed(leaves, rows, replicas, 1)
    }

    /// Of rows before, without a list longer than those. O(places).
    pub(super) fn before(leaves: usize, before: &Before) -> Self {
        Self::listed(leaves, before.rows(), before.replicas(), before.ways())
    }

    fn listed(leaves: usize, rows: &[u32], replicas: usize, ways: u32) -> Self {
        let mut starts = vec![0_u32; leaves + 1];
        for leaf in rows.iter().filter(|leaf| **leaf != NONE) {
            if let Some(start) = starts.get_mut(*leaf as usize + 1) {
                *start += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut next = starts.clone();
        let mut held = vec![0; sum as usize];
        for (number, row) in (0..).zip(rows.chunks(replicas.max(1))) {
            for leaf in row.iter().filter(|leaf| **leaf != NONE) {
                let Some(place) = next.get_mut(*leaf as usize) else { continue };
                if let Some(entry) = held.get_mut(*place as usize) {
                    *entry = number;
                }
                *place += 1;
            }
        }
        Self { starts, rows: held, ways: ways.max(1) }
    }

    #[inline]
    pub(super) fn of(&self, leaf: u32) -> Held<'_> {
        let (first, end) = (at(&self.starts, leaf as usize), at(&self.starts, leaf as usize + 1));
        let rows = self.rows.get(first as usize..end as usize).or_slip();
        Held { rows, ways: self.ways }
    }
}

impl<'h> Held<'h> {
    pub(super) fn len(self) -> usize {
        self.rows.len() * self.ways as usize
    }

    #[inline]
    pub(super) fn get(self, i: usize) -> Option<u32> {
        if self.ways == 1 {
            return self.rows.get(i).copied();
        }
        let ways = self.ways as usize;
        Some(self.rows.get(i / ways)? * self.ways + (i % ways) as u32)
    }

    /// From the `start`-th on and around, all of them.
    pub(super) fn from(self, start: usize) -> impl Iterator<Item = u32> + 'h {
        (start..self.len()).chain(0..start.min(self.len())).filter_map(move |i| self.get(i))
    }

    pub(super) fn iter(self) -> impl Iterator<Item = u32> + 'h {
        let ways = self.ways;
        self.rows.iter().flat_map(move |row| row * ways..(row + 1) * ways)
    }
}
