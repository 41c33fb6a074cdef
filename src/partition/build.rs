//! Partition tables behind a `Locator`: planned from nodes, rebalanced when the nodes change.

use super::config::TableConfig;
use super::planner::Planner;
use super::table::PartitionTable;
use crate::error::Error;
use crate::placement::{Build, FingerprintOf, View, Viewed};
use crate::slips::OrSlip;
use crate::topology::{Change, Members};
use alloc::vec::Vec;

impl crate::placement::sealed::SealedBuild for PartitionTable {
    fn cut(&self) -> Option<View<'_>> {
        Some(self.view())
    }
}

/// A table is planned fresh and [dispersed](Planner::disperse). A change of nodes is an exact
/// rebalance under the rules of [`PartitionTable::config`], dispersed again. Needs a live node.
impl Build for PartitionTable {
    type Config = TableConfig;

    fn build(config: &TableConfig, members: &Members) -> Result<Self, Error> {
        let planner = Planner::new(members, config)?;
        let mut plan = planner.fresh()?;
        planner.disperse(&mut plan)?;
        Ok(plan.into_table())
    }

    fn update(&self, _: &[Change], before: &Members, after: &Members) -> Result<Self, Error> {
        let planner = Planner::new(after, self.config())?;
        let mut plan = planner.rebalance(self, before)?;
        planner.disperse(&mut plan)?;
        Ok(plan.into_table())
    }

    fn fingerprint(&self, members: &Members) -> u64 {
        let config = self.config();
        let mut limits: Vec<(u64, u64)> = config
            .limits()
            .map(|(level, limit)| (Members::identity_of(level.as_bytes()), u64::from(limit)))
            .collect();
        limits.sort_unstable();
        let sizes = [config.partitions().into(), config.replicas().into(), limits.len() as u64];
        let copies = config.copies_of_partitions();
        let plain = config.name().is_empty() && !config.allows_under_replicated();
        let plain = plain && copies.len() == 0;
        let (algorithm, more) = if plain {
            ("partition-table 1", None)
        } else {
            let name = Members::identity_of(config.name().as_bytes());
            let fewer = u64::from(config.allows_under_replicated());
            let same = copies.len() == 0;
            let algorithm = if same { "partition-table 2" } else { "partition-table 3" };
            (algorithm, Some([name, fewer, self.replication_factor().into()]))
        };
        let copies = copies.flat_map(|(partition, copies)| [partition.into(), copies.into()]);
        let holder = |node| members.identity(node).or_slip();
        FingerprintOf { algorithm, members }.with(
            sizes
                .into_iter()
                .chain(more.into_iter().flatten())
                .chain(limits.into_iter().flat_map(|(level, limit)| [level, limit]))
                .chain(copies)
                .chain(self.holders().map(holder)),
        )
    }
}
