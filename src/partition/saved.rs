//! The saved form of a partition table: its configuration and its holders.

use super::config::TableConfig;
use super::table::{NAME, PartitionTable};
use crate::error::{Error, PartitionFault};
use crate::limits::{MAX_DOMAIN_LEVELS, MAX_PARTITION_SLOTS, MAX_PARTITIONS};
use crate::node::NodeIdx;
use crate::placement::{RestoreLimit, SavedState, Saves, bounded};
use crate::topology::Members;
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Deserializer, Serialize};

/// The saved state of a table.
#[allow(unnameable_types)] // part of a saved form
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableState {
    partitions: u32,
    replicas: u32,
    /// Levels, each with the maximum number of replicas of a partition in one of its domains.
    #[serde(deserialize_with = "limits")]
    limits: Vec<(String, u32)>,
    /// The table's name.
    name: String,
    /// True if the rows may have fewer holders: none has more than a number that they have in common.
    under_replicated: bool,
    /// Partitions with another number of replicas, each with it.
    #[serde(default, deserialize_with = "copies")]
    copies: Vec<(u32, u32)>,
    /// The slots of the holders of partition 0, then those of partition 1, and so on.
    #[serde(deserialize_with = "holders")]
    holders: Vec<u32>,
}

/// Reads limits; each is for another level, so their number is bounded.
fn limits<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<(String, u32)>, D::Error> {
    bounded(from, "limits", MAX_DOMAIN_LEVELS)
}

fn copies<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<(u32, u32)>, D::Error> {
    bounded(from, "copies", MAX_PARTITIONS as usize)
}

fn holders<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u32>, D::Error> {
    bounded(from, "holders", MAX_PARTITION_SLOTS as usize)
}

impl SavedState for TableState {
    fn algorithm(&self) -> &'static str {
        NAME
    }
}

impl Saves for PartitionTable {
    type State = TableState;

    fn algorithm() -> Cow<'static, str> {
        NAME.into()
    }

    fn save(&self) -> TableState {
        let config = self.config();
        TableState {
            partitions: config.partitions(),
            replicas: config.replicas(),
            limits: config.limits().map(|(level, limit)| (level.into(), limit)).collect(),
            name: config.name().into(),
            under_replicated: config.allows_under_replicated(),
            copies: config.copies_of_partitions().collect(),
            holders: self.holders().map(NodeIdx::get).collect(),
        }
    }

    fn restore(state: TableState, members: &Members, _: RestoreLimit) -> Result<Self, Error> {
        let TableState { partitions, replicas, limits, name, .. } = &state;
        let TableState { under_replicated, copies, holders, .. } = &state;
        let config = TableConfig::new(*partitions, *replicas).named(name);
        let config = config.copies(copies.iter().copied());
        let config = if *under_replicated { config.allow_under_replicated() } else { config };
        let config = limits
            .iter()
            .fold(config, |config, (level, limit)| config.max_per_domain(level, *limit));
        config.checked()?;
        let rows: Vec<NodeIdx> = holders.iter().copied().map(NodeIdx::new).collect();
        // An under-replicated table has fewer holders: at most so many in each row.
        let fits = |each: &u32| config.at_most(*each).total_replicas() == rows.len() as u64;
        let fewer = (1..config.max_replicas()).filter(|_| *under_replicated).find(fits);
        let planned = fewer.map_or(config.clone(), |each| config.at_most(each));
        let (partitions, replicas) = (planned.partitions(), planned.max_replicas());
        if planned.total_replicas() != rows.len() as u64 {
            let slots = rows.len();
            return Err(PartitionFault::Length { slots, partitions, replicas }.into());
        }
        if planned.is_uniform() {
            let table = Self::from_rows(members, partitions, replicas, &rows)?;
            return table.under(config, members);
        }
        let mut rest = rows.as_slice();
        let mut lists = Vec::with_capacity(partitions as usize);
        for partition in 0..partitions {
            let (row, more) = rest.split_at(planned.replicas_of(partition) as usize);
            lists.push(row.to_vec());
            rest = more;
        }
        let table = Self::from_lists(members, &lists)?;
        table.under(config, members)
    }
}
