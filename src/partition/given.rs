//! Tables that no planner made: from rows, and from another placement.

use super::config::{TableConfig, sizes};
use super::row_sizes::RowSizes;
use super::table::PartitionTable;
use crate::error::{Error, PartitionFault};
use crate::hash::KeyHash;
use crate::hash::mix::{last_of, reduce};
use crate::node::{NodeIdx, Weight};
use crate::topology::Members;
use alloc::vec::Vec;

impl PartitionTable {
    /// Creates a table from its holders: `rows` lists the R holders of partition 0, then those of
    /// partition 1, and so on.
    ///
    /// # Errors
    /// - sizes beyond the crate's limits, or that do not match the length of `rows`
    /// - a slot without a node, or with a drained one
    /// - a partition with two replicas on one node
    pub fn from_rows(
        members: &Members,
        partitions: u32,
        replicas: u32,
        rows: &[NodeIdx],
    ) -> Result<Self, Error> {
        sizes(partitions, replicas)?;
        if rows.len() as u64 != u64::from(partitions) * u64::from(replicas) {
            let slots = rows.len();
            return Err(PartitionFault::Length { slots, partitions, replicas }.into());
        }
        for (partition, row) in (0..).zip(rows.chunks_exact(replicas as usize)) {
            check(members, partition, row)?;
        }
        let config = TableConfig::new(partitions, replicas);
        Ok(Self::of_slots(members, config, replicas, rows.iter().copied()))
    }

    /// Creates a table from rows of different lengths, those of partition 0 first: the configuration
    /// has the longest row as R, and the others as [copies](TableConfig::copies).
    ///
    /// # Errors
    /// - sizes beyond the crate's limits, and a partition without a holder
    /// - a slot without a node, or with a drained one
    /// - a partition with two replicas on one node
    pub fn from_lists(members: &Members, rows: &[Vec<NodeIdx>]) -> Result<Self, Error> {
        let partitions = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let longest = rows.iter().map(Vec::len).max().unwrap_or(0);
        let replicas = u32::try_from(longest).unwrap_or(u32::MAX);
        sizes(partitions, replicas)?;
        for (partition, row) in (0..).zip(rows) {
            if row.is_empty() {
                let why = "it has no holder";
                return Err(PartitionFault::Row { partition, why }.into());
            }
            check(members, partition, row)?;
        }
        let shorter = (0..).zip(rows).filter(|(_, row)| row.len() < longest);
        let copies = shorter.map(|(partition, row)| (partition, row.len() as u32));
        let config = TableConfig::new(partitions, replicas).copies(copies);
        let places = rows.iter().flat_map(|row| {
            let end = core::iter::repeat_n(NodeIdx::NONE, longest - row.len());
            row.iter().copied().chain(end)
        });
        let sizes = RowSizes::of(&config);
        Ok(Self::of_places(members, config, sizes, places))
    }

    /// Creates a table from another placement: each partition gets the holders that `holders`
    /// writes for one sample hash of the partition. `holders` returns how many it wrote.
    ///
    /// The sample hash is the lowest hash of the partition plus a pseudo-random offset within it,
    /// so neither its high nor its low bits are the same for all partitions.
    ///
    /// Use this to compute exact differences for placements that have none themselves, or to turn
    /// replicas chosen by failure domain into a table: pass
    /// [`Spread::replicas`](crate::replica::Spread::replicas).
    ///
    /// ```
    /// use apportion::{Locator, PartitionTable, Placement};
    ///
    /// let ring = Locator::ring(["a", "b", "c", "d"])?;
    /// let table = PartitionTable::derived(ring.topology().members(), 256, 3, |key, out| {
    ///     ring.placement().replicas(key, out)
    /// })?;
    /// assert_eq!(table.row(17).count(), 3);
    /// # Ok::<(), apportion::Error>(())
    /// ```
    ///
    /// # Errors
    /// Sizes beyond the crate's limits, and a partition for which `holders` finds fewer than R
    /// nodes.
    pub fn derived(
        members: &Members,
        partitions: u32,
        replicas: u32,
        mut holders: impl FnMut(KeyHash, &mut [NodeIdx]) -> usize,
    ) -> Result<Self, Error> {
        sizes(partitions, replicas)?;
        let mut rows = Vec::with_capacity(partitions as usize * replicas as usize);
        let mut row = alloc::vec![NodeIdx::new(0); replicas as usize];
        for partition in 0..partitions {
            let found = holders(sample(partition, partitions), &mut row);
            if found < row.len() {
                return Err(PartitionFault::Replicas { found, partition, replicas }.into());
            }
            rows.extend_from_slice(&row);
        }
        Self::from_rows(members, partitions, replicas, &rows)
    }
}

/// Rejects a row with a slot that has no live node, or with a node twice.
fn check(members: &Members, partition: u32, row: &[NodeIdx]) -> Result<(), Error> {
    for (i, node) in row.iter().enumerate() {
        if !members.weight(*node).is_some_and(Weight::is_live) {
            let what = "a partition's row";
            return Err(PartitionFault::Slot { what, slot: node.get() }.into());
        }
        if row.iter().take(i).any(|earlier| earlier == node) {
            let why = "it has two replicas on one node";
            return Err(PartitionFault::Row { partition, why }.into());
        }
    }
    Ok(())
}

/// The sample hash of a partition for [`PartitionTable::derived`].
fn sample(partition: u32, partitions: u32) -> KeyHash {
    let last = |p: u32| last_of(p.into(), partitions.into());
    let first = partition.checked_sub(1).map_or(0, |before| last(before) + 1);
    // 0 for the only partition, whose width is 2^64.
    let width = (last(partition) - first).wrapping_add(1);
    let within = crate::hash::mix::word(u64::from(partition), u64::from(partitions));
    KeyHash::from_hash(if width == 0 { within } else { first + reduce(within, width) })
}
