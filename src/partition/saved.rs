//! The saved form of a partition table: its configuration and its holders.

use super::config::TableConfig;
use super::table::{NAME, PartitionTable};
use crate::error::Error;
use crate::limits::{MAX_DOMAIN_LEVELS, MAX_PARTITION_SLOTS};
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
    /// True if the rows may have fewer than `replicas` holders; all rows have the same number.
    under_replicated: bool,
    /// The slots of the holders of partition 0, then those of partition 1, and so on.
    #[serde(deserialize_with = "holders")]
    holders: Vec<u32>,
}

/// Reads limits; each is for another level, so their number is bounded.
fn limits<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<(String, u32)>, D::Error> {
    bounded(from, "limits", MAX_DOMAIN_LEVELS)
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
            holders: (0..self.places()).map(|place| self.at(place).get()).collect(),
        }
    }

    fn restore(state: TableState, members: &Members, _: RestoreLimit) -> Result<Self, Error> {
        let TableState { partitions, replicas, limits, name, under_replicated, holders } = state;
        let config = TableConfig::new(partitions, replicas).named(&name);
        let config = if under_replicated { config.allow_under_replicated() } else { config };
        let config = limits
            .iter()
            .fold(config, |config, (level, limit)| config.max_per_domain(level, *limit));
        config.checked()?;
        let rows: Vec<_> = holders.into_iter().map(NodeIdx::new).collect();
        // An under-replicated table has fewer holders, the same number in all rows.
        let fewer = |each: &u32| under_replicated && (1..replicas).contains(each);
        let each = (rows.len() / partitions.max(1) as usize) as u32;
        let each = Some(each).filter(fewer).unwrap_or(replicas);
        let table = Self::from_rows(members, partitions, each, &rows)?;
        table.under(config, members)
    }
}
