//! Which partitions a leaf held.

use super::cells::at;
use super::tree::NONE;
use crate::slips::OrSlip;
use alloc::vec;
use alloc::vec::Vec;

/// The partitions of each leaf in rows of leaves, ascending.
#[derive(Debug)]
pub(super) struct Holders {
    starts: Vec<u32>,
    partitions: Vec<u32>,
}

impl Holders {
    /// O(places).
    pub(super) fn new(leaves: usize, rows: &[u32], replicas: usize) -> Self {
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
        let mut partitions = vec![0; sum as usize];
        for (partition, row) in (0..).zip(rows.chunks(replicas.max(1))) {
            for leaf in row.iter().filter(|leaf| **leaf != NONE) {
                let Some(place) = next.get_mut(*leaf as usize) else { continue };
                if let Some(entry) = partitions.get_mut(*place as usize) {
                    *entry = partition;
                }
                *place += 1;
            }
        }
        Self { starts, partitions }
    }

    pub(super) fn of(&self, leaf: u32) -> &[u32] {
        let (first, end) = (at(&self.starts, leaf as usize), at(&self.starts, leaf as usize + 1));
        self.partitions.get(first as usize..end as usize).or_slip()
    }
}
