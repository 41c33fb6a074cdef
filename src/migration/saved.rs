//! The saved form of a migration: the nodes of both sides, the units with their holders before and
//! after, and the source of each transfer.
//!
//! ```text
//! nodes of both sides, ascending by label:     a   b   c   d         numbers 0 to 3
//! unit 5                                       before [0, 1]         after [1, 3]
//! its transfers: after but not before          to 3                  source 0 or 1
//! ```
//!
//! Which transfers there are follows from the holders. Who gives each is saved, so that a migration
//! under way goes on with the same sources in every release.

use super::sources::NONE;
use super::transfers::Migration;
use crate::diff::Extent;
use crate::error::{Error, SavedFault};
use crate::form::{self, malformed};
use crate::hash::hex::Hex;
use crate::limits::{MAX_NODES, MAX_PARTITION_REPLICAS, RESTORE_POINTS};
use crate::placement::bounded;
use crate::topology::{Identity, Topology, Union};
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The version written; every version up to it is read.
const VERSION: u32 = 1;

/// `T` is a topology or a reference to one.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a saved migration")]
struct MigrationForm<T> {
    version: u32,
    old: T,
    new: T,
    /// Nodes that cannot give copies.
    #[serde(deserialize_with = "lost")]
    lost: Vec<u32>,
    extents: Extents,
    #[serde(deserialize_with = "sizes")]
    sizes: Vec<u64>,
    #[serde(deserialize_with = "before")]
    before: Vec<Vec<u32>>,
    #[serde(deserialize_with = "after")]
    after: Vec<Vec<u32>>,
    /// The source of each transfer, ascending by unit and destination.
    #[serde(deserialize_with = "sources")]
    sources: Vec<Option<u32>>,
}

/// The keys of all units.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Extents {
    /// Unit i is partition i.
    Partitions,
    /// The last hash of each unit; the first one of the next follows.
    Hashes(Vec<Hex>),
    /// A pair of nodes each.
    Scattered,
}

const MAX_UNITS: usize = u32::MAX as usize - 1;

fn lost<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u32>, D::Error> {
    bounded(from, "lost", 2 * MAX_NODES)
}

fn sizes<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u64>, D::Error> {
    bounded(from, "sizes", MAX_UNITS)
}

fn before<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Vec<u32>>, D::Error> {
    bounded(from, "before", MAX_UNITS)
}

fn after<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Vec<u32>>, D::Error> {
    bounded(from, "after", MAX_UNITS)
}

fn sources<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Option<u32>>, D::Error> {
    bounded(from, "sources", MAX_UNITS)
}

/// Writes `version`; `old` and `new`, the topologies; `lost`, the numbers of lost nodes; `extents`:
/// `partitions`, `scattered`, or `hashes` with the last hash of each unit in 16 hexadecimal digits;
/// `sizes`, `before` and `after`: the size and the holders of each unit; `sources`: the source of each
/// transfer, ascending by unit and destination, null where there is none. Nodes are numbered
/// ascending by label, those of both sides together.
impl<N: Serialize> Serialize for Migration<N> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.check_size().map_err(S::Error::custom)?;
        let units = 0..self.units.len();
        let numbers = 0..self.nodes.len() as u32;
        MigrationForm {
            version: VERSION,
            old: &self.old,
            new: &self.new,
            lost: numbers.filter(|node| self.is_lost(*node)).collect(),
            extents: self.extents(),
            sizes: self.units.iter().map(|unit| unit.size).collect(),
            before: units.clone().map(|unit| self.holders(unit).0.to_vec()).collect(),
            after: units.map(|unit| self.holders(unit).1.to_vec()).collect(),
            sources: self.transfers.iter().map(|t| (t.from != NONE).then_some(t.from)).collect(),
        }
        .serialize(to)
    }
}

/// Reads what `Serialize` writes. The migration goes on as the saved one would: the same transfers,
/// steps and schedules. Holders, sources and extents are checked. Values of nodes that borrow from the
/// input can be read only if the version comes first, as it is written.
impl<'de, N: Deserialize<'de>> Deserialize<'de> for Migration<N> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let form = form::read::<MigrationForm<Topology<N>>, _>(from, VERSION)?;
        form.migration().map_err(D::Error::custom)
    }
}

/// When, the holders, and whether a node is of that side.
type Side<'a> = (&'static str, &'a [u32], fn(&Identity) -> bool);

impl<N> Migration<N> {
    fn extents(&self) -> Extents {
        let last = |extent| match extent {
            Extent::Hashes { last, .. } => Some(Hex(last)),
            _ => None,
        };
        match self.units.first().map(|unit| unit.extent) {
            Some(Extent::Partition(_)) => Extents::Partitions,
            Some(Extent::Hashes { .. }) => {
                Extents::Hashes(self.units.iter().filter_map(|unit| last(unit.extent)).collect())
            }
            Some(Extent::Scattered) | None => Extents::Scattered,
        }
    }

    /// Sources are chosen among pairs of an old and a new holder of a unit. With 64 replicas or fewer
    /// there is no limit that matters; with more, a few bytes could ask for any memory.
    fn check_size(&self) -> Result<(), Error> {
        let (mut pairs, mut holders) = (0_u64, 0_u64);
        for unit in 0..self.units.len() {
            let (before, after) = self.holders(unit);
            let (before, after) = (before.len() as u64, after.len() as u64);
            pairs = pairs.saturating_add(before * after);
            holders += before + after;
        }
        let limit = RESTORE_POINTS.max(u64::from(MAX_PARTITION_REPLICAS) * holders);
        if pairs > limit {
            return Err(SavedFault::Pairs { pairs, limit }.into());
        }
        Ok(())
    }

    /// Checks the holders of a unit: nodes of their sides, each once. `seen` has the unit and side at
    /// which each node was seen last, counted from 1.
    fn check_holders(&self, unit: usize, seen: &mut [usize]) -> Result<(), Error> {
        let (before, after) = self.holders(unit);
        let old = |node: &Identity| node.old.is_some();
        let new = |node: &Identity| node.new.is_some();
        let sides: [Side<'_>; 2] = [("before", before, old), ("after", after, new)];
        for (side, (when, holders, is_there)) in (1..).zip(sides) {
            for holder in holders {
                let node = self.nodes.get(*holder as usize).filter(|node| is_there(node));
                let seen = seen.get_mut(*holder as usize).filter(|_| node.is_some());
                let Some(seen) = seen else {
                    return Err(wrong(format!(
                        "holder {holder} {when} of unit {unit} is no node of that side"
                    )));
                };
                if core::mem::replace(seen, 2 * unit + side) == 2 * unit + side {
                    let node = self.shown(*holder);
                    return Err(wrong(format!("unit {unit} is twice on node {node} {when}")));
                }
            }
        }
        Ok(())
    }

    /// Replaces the sources by saved ones, after checks.
    fn give_sources(&mut self, sources: &[Option<u32>]) -> Result<(), Error> {
        let (found, transfers) = (sources.len(), self.transfers.len());
        if found != transfers {
            return Err(wrong(format!("it has {found} sources for {transfers} transfers")));
        }
        let max = self.max_given();
        for at in 0..transfers {
            let copying = self.transfers.get(at).copied();
            let (Some(copying), Some(source)) = (copying, sources.get(at)) else { continue };
            let from = source.unwrap_or(NONE);
            let (before, _) = self.holders(copying.unit as usize);
            let is_holder = before.contains(&from) && !self.is_lost(from);
            // Where one holder can give, one has to.
            if !is_holder && (source.is_some() || copying.from != NONE) {
                let from = source.map_or("no node".into(), |from| format!("node {from}"));
                let unit = copying.unit;
                return Err(wrong(format!(
                    "transfer {at} comes from {from}, which is no surviving holder of unit {unit}"
                )));
            }
            if let Some(copying) = self.transfers.get_mut(at) {
                copying.from = from;
            }
        }
        match self.busiest().filter(|(_, given)| *given > max) {
            Some((node, given)) => Err(wrong(format!(
                "node {} gives {given}, and the busiest source need not give more than {max}",
                self.shown(node)
            ))),
            None => Ok(()),
        }
    }

    /// What the busiest source gives at most, in any release that chose it: the minimum where all
    /// sizes are equal, else less than a size above any other choice.
    fn max_given(&self) -> u128 {
        let given = || self.transfers.iter().filter(|transfer| transfer.from != NONE);
        let sizes = || given().map(|transfer| self.size(transfer.unit));
        let (min, max) = (sizes().min().unwrap_or(0), sizes().max().unwrap_or(0));
        let chosen = self.busiest().map_or(0, |(_, given)| given);
        chosen + if min < max { u128::from(max) } else { 0 }
    }
}

impl<N> MigrationForm<Topology<N>> {
    fn migration(self) -> Result<Migration<N>, Error> {
        let Self { old, new, lost, extents, sizes, before, after, sources, .. } = self;
        let units = before.len();
        for (what, found) in [("sizes", sizes.len()), ("lists `after`", after.len())] {
            if found != units {
                return Err(wrong(format!("it has {found} {what} and {units} lists `before`")));
            }
        }
        let union = Union::new(old.members(), new.members());
        let (mut migration, _) = Migration::between(old, new, &union.nodes);
        for node in lost {
            match migration.lost.get_mut(node as usize) {
                Some(lost) if !*lost => *lost = true,
                Some(_) => return Err(wrong(format!("node {node} is lost twice"))),
                None => return Err(wrong(format!("there is no node {node} to be lost"))),
            }
        }
        let extents = extents.of_units(units)?;
        let mut seen = vec![0; migration.nodes.len()];
        let lists = before.into_iter().zip(after);
        for (unit, ((extent, size), (before, after))) in
            extents.into_iter().zip(sizes).zip(lists).enumerate()
        {
            if extent == Extent::Scattered && (before.len() > 1 || after.len() > 1) {
                return Err(wrong(format!(
                    "unit {unit} is a pair of nodes, and has {} holders before and {} after",
                    before.len(),
                    after.len()
                )));
            }
            migration.push(extent, size, before.into_iter(), after.into_iter());
            migration.check_holders(unit, &mut seen)?;
        }
        migration.check_size()?;
        migration.choose_sources();
        migration.give_sources(&sources)?;
        Ok(migration)
    }
}

impl Extents {
    /// The extent of each unit.
    fn of_units(self, units: usize) -> Result<Vec<Extent>, Error> {
        let hashes = match self {
            Self::Partitions => return Ok((0..units as u32).map(Extent::Partition).collect()),
            Self::Scattered => return Ok(vec![Extent::Scattered; units]),
            Self::Hashes(hashes) => hashes,
        };
        if hashes.len() != units {
            return Err(wrong(format!(
                "it has {} intervals of hashes and {units} units",
                hashes.len()
            )));
        }
        let mut extents = Vec::with_capacity(units);
        let mut next = Some(0);
        for (unit, Hex(last)) in hashes.into_iter().enumerate() {
            let Some(first) = next.filter(|first| *first <= last) else {
                return Err(wrong(format!("the hashes of unit {unit} end before they begin")));
            };
            extents.push(Extent::Hashes { first, last });
            next = last.checked_add(1);
        }
        match next.filter(|_| units > 0) {
            Some(first) => Err(wrong(format!("no unit has the hashes from 0x{first:016x} on"))),
            None => Ok(extents),
        }
    }
}

fn wrong(why: String) -> Error {
    malformed("migration", why)
}
