//! The number of replicas of each partition.
//!
//! ```text
//!  places     0 1 2 3 4 5 6 7 8        stride 3: as many places as the longest row has
//!  rows       a b c | d - - | e f -    sizes 3, 1, 2; the places after a row's end are empty
//! ```

use super::config::TableConfig;
use alloc::sync::Arc;
use core::ops::Range;

/// How many replicas each partition has, and where its row stands among the places of all rows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct RowSizes {
    stride: usize,
    /// One entry for each partition; `None` if all rows are as long as the stride.
    each: Option<Arc<[u8]>>,
}

impl RowSizes {
    pub(super) fn uniform(replicas: u32) -> Self {
        Self { stride: replicas as usize, each: None }
    }

    /// The sizes that a configuration asks for. O(P) if they differ.
    pub(super) fn of(config: &TableConfig) -> Self {
        let max = config.max_replicas();
        let mut sizes = Self::uniform(max);
        if !config.is_uniform() {
            let of = |partition| config.replicas_of(partition) as u8;
            sizes.each = Some((0..config.partitions()).map(of).collect());
        }
        sizes
    }

    /// One size for each partition, in a stride of at least 1.
    pub(super) fn listed(each: &[u8]) -> Self {
        let max = each.iter().copied().max().unwrap_or(0).max(1);
        let same = each.iter().all(|size| *size == max);
        Self { stride: max.into(), each: (!same).then(|| each.into()) }
    }

    /// Each partition becomes this many consecutive ones.
    pub(super) fn split(&self, ways: u32) -> Self {
        let ways = ways as usize;
        let split = |each: &Arc<[u8]>| {
            each.iter().flat_map(|size| core::iter::repeat_n(*size, ways)).collect()
        };
        Self { stride: self.stride, each: self.each.as_ref().map(split) }
    }

    /// The places of a row: the number of replicas of a partition that has the most.
    #[inline]
    pub(super) fn stride(&self) -> usize {
        self.stride
    }

    pub(super) fn is_uniform(&self) -> bool {
        self.each.is_none()
    }

    /// The number of replicas of a partition; the stride for one out of range.
    #[inline]
    pub(super) fn of_partition(&self, partition: u32) -> usize {
        match &self.each {
            None => self.stride,
            Some(each) => each.get(partition as usize).map_or(self.stride, |size| (*size).into()),
        }
    }

    /// The places of a partition's replicas.
    #[inline]
    pub(super) fn places(&self, partition: u32) -> Range<usize> {
        let first = partition as usize * self.stride;
        first..first + self.of_partition(partition)
    }

    /// The list of all sizes; `None` if they are the same.
    pub(super) fn list(&self) -> Option<&[u8]> {
        self.each.as_deref()
    }
}
