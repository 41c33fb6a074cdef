//! The rows of the old table, and an index from leaves to partitions.
//!
//! ```text
//!  OldRows, ways = 2           row 0: [a b]    row 1: [b c]     each stands for two partitions
//!  partitions of the new table    0    1          2    3
//!
//!  PartitionsByLeaf            starts: a 0, b 1, c 3, end 4     rows: 0 | 0 1 | 1
//! ```

use super::cells::at;
use super::row_sizes::RowSizes;
use super::tree::NONE;
use crate::slips::OrSlip;
use alloc::vec;
use alloc::vec::Vec;

/// The old rows as leaves. Each row stands for `ways` partitions of the new table, so a split takes
/// no extra memory.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct OldRows {
    /// The leaves of each row; [`NONE`] for a node that is gone, and after the end of a row.
    rows: Vec<u32>,
    sizes: RowSizes,
    /// New partitions per old row; 0 without rows.
    ways: u32,
}

impl OldRows {
    /// Rows of these sizes, each for `ways` consecutive partitions.
    pub(super) fn new(rows: Vec<u32>, sizes: RowSizes, ways: u32) -> Self {
        Self { rows, sizes, ways }
    }

    /// True for a fresh table, which has no old rows.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The numbers of replicas of the old rows.
    pub(super) fn sizes(&self) -> &RowSizes {
        &self.sizes
    }

    /// The old number of replicas of a partition; 0 for a fresh table.
    #[inline]
    pub(super) fn size(&self, partition: u32) -> usize {
        self.sizes.of_partition(self.number(partition))
    }

    pub(super) fn ways(&self) -> u32 {
        self.ways
    }

    /// All old rows, each of them once.
    pub(super) fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// The number of the old row of a partition.
    #[inline]
    fn number(&self, partition: u32) -> u32 {
        // Most tables are not split, and the division would dominate.
        if self.ways <= 1 { partition } else { partition / self.ways }
    }

    /// The old holders of a partition; empty for a fresh table.
    #[inline]
    pub(super) fn row(&self, partition: u32) -> &[u32] {
        self.rows.get(self.sizes.places(self.number(partition))).or_slip()
    }
}

/// For each leaf its partitions, ascending.
#[derive(Debug)]
pub(super) struct PartitionsByLeaf {
    starts: Vec<u32>,
    rows: Vec<u32>,
    /// Partitions per row.
    ways: u32,
}

/// The partitions of one leaf, ascending.
#[derive(Clone, Copy, Debug)]
pub(super) struct LeafPartitions<'h> {
    rows: &'h [u32],
    ways: u32,
}

impl PartitionsByLeaf {
    /// Indexes new rows. O(places).
    pub(super) fn new(leaves: usize, rows: &[u32], replicas: usize) -> Self {
        Self::listed(leaves, rows, replicas, 1)
    }

    /// Indexes old rows without expanding split ones. O(places).
    pub(super) fn before(leaves: usize, before: &OldRows) -> Self {
        Self::listed(leaves, before.rows(), before.sizes.stride(), before.ways())
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
        let mut entries = vec![0; sum as usize];
        for (number, row) in (0..).zip(rows.chunks(replicas.max(1))) {
            for leaf in row.iter().filter(|leaf| **leaf != NONE) {
                let Some(place) = next.get_mut(*leaf as usize) else { continue };
                if let Some(entry) = entries.get_mut(*place as usize) {
                    *entry = number;
                }
                *place += 1;
            }
        }
        Self { starts, rows: entries, ways: ways.max(1) }
    }

    #[inline]
    pub(super) fn of(&self, leaf: u32) -> LeafPartitions<'_> {
        LeafPartitions { rows: self.rows_of(leaf), ways: self.ways }
    }

    /// The rows of a leaf: its partitions unless they are old ones that were split.
    #[inline]
    pub(super) fn rows_of(&self, leaf: u32) -> &[u32] {
        let (first, end) = (at(&self.starts, leaf as usize), at(&self.starts, leaf as usize + 1));
        self.rows.get(first as usize..end as usize).or_slip()
    }
}

impl<'h> LeafPartitions<'h> {
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

    /// All of them, beginning with the `start`-th and wrapping around.
    pub(super) fn from(self, start: usize) -> impl Iterator<Item = u32> + 'h {
        (start..self.len()).chain(0..start.min(self.len())).filter_map(move |i| self.get(i))
    }

    pub(super) fn iter(self) -> impl Iterator<Item = u32> + 'h {
        let ways = self.ways;
        self.rows.iter().flat_map(move |row| row * ways..(row + 1) * ways)
    }
}
