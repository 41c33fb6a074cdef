//! The rows that a table comes from.

use crate::slips::OrSlip;
use alloc::vec::Vec;

/// Rows of leaves, each of which stands for so many partitions now: a table that is split takes no
/// more memory than it did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Before {
    /// [`NONE`](super::tree::NONE) for a node that is gone.
    rows: Vec<u32>,
    replicas: usize,
    /// Partitions now for each row; 0 without rows.
    ways: u32,
}

impl Before {
    /// Rows of so many replicas, each for `ways` partitions that follow one another.
    pub(super) fn new(rows: Vec<u32>, replicas: u32, ways: u32) -> Self {
        Self { rows, replicas: replicas as usize, ways }
    }

    /// True if a table comes from nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Replicas of each partition.
    #[inline]
    pub(super) fn replicas(&self) -> usize {
        self.replicas
    }

    pub(super) fn ways(&self) -> u32 {
        self.ways
    }

    /// All rows, each once.
    pub(super) fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// The leaves that held a partition; none if it comes from nothing.
    #[inline]
    pub(super) fn row(&self, partition: u32) -> &[u32] {
        // Most tables are not split, and a division takes longer than all the rest.
        let row = if self.ways <= 1 { partition } else { partition / self.ways };
        let first = row as usize * self.replicas;
        self.rows.get(first..first + self.replicas).or_slip()
    }
}
