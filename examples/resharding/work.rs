//! What a migration has to copy: transfers of partitions, in the rounds of its schedule.

use apportion::diff::Extent;
use apportion::migration::{Limits, Migration};
use std::collections::BTreeSet;

/// One copy of a partition.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Copying {
    pub(crate) partition: u32,
    pub(crate) from: u32,
    pub(crate) to: u32,
}

/// The copies of a migration. No round has two of one partition.
#[derive(Default)]
pub(crate) struct Work {
    pub(crate) rounds: Vec<Vec<Copying>>,
}

impl Work {
    /// A node sends 2 partitions at once and receives 2.
    const LIMITS: Limits = Limits::each(2, 2);

    /// The transfers of the partitions that `moves` accepts.
    pub(crate) fn of(
        migration: &Migration<u32>,
        moves: impl Fn(u32) -> bool,
    ) -> Result<Self, String> {
        let schedule = migration.schedule(&Self::LIMITS).map_err(|e| e.to_string())?;
        let mut copies = Vec::with_capacity(migration.len());
        for transfer in migration.transfers() {
            let Extent::Partition(partition) = transfer.extent else {
                return Err(format!("{:?} is no partition", transfer.extent));
            };
            let from = *transfer.from.ok_or("a partition has lost all its holders")?;
            copies.push(Copying { partition, from, to: *transfer.to });
        }
        let copies = |round: &[u32]| {
            let all = round.iter().filter_map(|transfer| copies.get(*transfer as usize));
            all.copied().filter(|copy| moves(copy.partition)).collect::<Vec<_>>()
        };
        let rounds = schedule.iter().map(copies).filter(|round| !round.is_empty());
        Ok(Self { rounds: rounds.collect() })
    }

    /// These rounds, then those of another migration.
    pub(crate) fn then(mut self, other: Self) -> Self {
        self.rounds.extend(other.rounds);
        self
    }

    pub(crate) fn copies(&self) -> impl Iterator<Item = Copying> {
        self.rounds.iter().flatten().copied()
    }

    /// The partitions that get new holders.
    pub(crate) fn partitions(&self) -> BTreeSet<u32> {
        self.copies().map(|copy| copy.partition).collect()
    }

    /// The nodes to which a partition is copied.
    pub(crate) fn destinations(&self, partition: u32) -> BTreeSet<u32> {
        let of_partition = self.copies().filter(|copy| copy.partition == partition);
        of_partition.map(|copy| copy.to).collect()
    }
}
