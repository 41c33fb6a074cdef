//! The saved form of a report over keys. It has the nodes' values in it, each once.

use super::balance::{Balance, NodeLoad};
use super::report::{KeyFlow, MoveReport, Tally};
use crate::form::{self, float, ratio};
use crate::limits::MAX_NODES;
use crate::node::NodeIdx;
use crate::placement::bounded;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The version written; every version up to it is read.
const VERSION: u32 = 1;

/// A [`MoveReport`] that was saved, with the feature `serde`. It owns the values of its nodes, so
/// the report is read without the locators it was made from.
///
/// ```
/// use apportion::Locator;
/// use apportion::analysis::{SavedMoveReport, count_moves};
///
/// let old = Locator::ring(["a".to_string(), "b".to_string()])?;
/// let new = old.with("c".to_string())?;
/// let report = count_moves(&old, &new, 1, (0..1000_u64).map(|key| (key, 1)))?;
/// let text = serde_json::to_string(&report).unwrap();
///
/// let saved: SavedMoveReport<String> = serde_json::from_str(&text).unwrap();
/// assert_eq!(saved.report(), report);
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// # Layout
/// Version 1: `version`; `keys` and `bytes`; `moved_between_unchanged`; `placed`, the replicas before
/// and after; `minimum`, a ratio such as `"3/8"`; `ideal`, a number as text; `nodes`, the values; `flows`:
/// `from` and `to` (positions in `nodes` or null), `keys` and `bytes`; `before` and `after`: for each
/// live node its `node` (a position in `nodes`), `slot`, `load` and `quota`, a number as text.
#[derive(Clone, PartialEq, Debug)]
pub struct SavedMoveReport<N> {
    form: ReportForm<N>,
    /// The sum of the flows.
    moved: Tally,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a saved report of moves")]
#[serde(bound(deserialize = "N: Deserialize<'de>"))]
pub(super) struct ReportForm<N> {
    version: u32,
    pub(super) keys: u64,
    pub(super) bytes: u64,
    pub(super) moved_between_unchanged: u64,
    pub(super) placed: (u64, u64),
    #[serde(with = "ratio")]
    pub(super) minimum: (u128, u128),
    #[serde(with = "float")]
    pub(super) ideal: f64,
    #[serde(deserialize_with = "nodes")]
    pub(super) nodes: Vec<N>,
    #[serde(deserialize_with = "flows")]
    pub(super) flows: Vec<SavedFlow>,
    #[serde(deserialize_with = "loads")]
    pub(super) before: Vec<SavedLoad>,
    #[serde(deserialize_with = "loads")]
    pub(super) after: Vec<SavedLoad>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedFlow {
    pub(super) from: Option<u32>,
    pub(super) to: Option<u32>,
    pub(super) keys: u64,
    pub(super) bytes: u64,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedLoad {
    pub(super) node: u32,
    pub(super) slot: u32,
    pub(super) load: u64,
    #[serde(with = "float")]
    pub(super) quota: f64,
}

fn nodes<'de, N: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Vec<N>, D::Error> {
    bounded(from, "nodes", 4 * MAX_NODES)
}

fn flows<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<SavedFlow>, D::Error> {
    bounded(from, "flows", u32::MAX as usize)
}

fn loads<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<SavedLoad>, D::Error> {
    bounded(from, "loads", MAX_NODES)
}

/// Lists each node once, in the order in which they are met.
struct Nodes<'a, N> {
    nodes: Vec<&'a N>,
    known: BTreeMap<*const N, u32>,
}

impl<'a, N> Nodes<'a, N> {
    /// The position of a node. One value is one node; where two nodes have one value, either will do.
    fn place(&mut self, node: &'a N) -> u32 {
        let next = self.nodes.len() as u32;
        let place = *self.known.entry(core::ptr::from_ref(node)).or_insert(next);
        if place == next {
            self.nodes.push(node);
        }
        place
    }

    fn loads(&mut self, balance: &Balance<'a, N>) -> Vec<SavedLoad> {
        let load = |load: &NodeLoad<'a, N>| {
            let NodeLoad { node, slot, load, quota } = *load;
            SavedLoad { node: self.place(node), slot: slot.get(), load, quota }
        };
        balance.nodes().iter().map(load).collect()
    }
}

/// Writes the form that [`SavedMoveReport`] describes.
impl<N: Serialize> Serialize for MoveReport<'_, N> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut nodes = Nodes { nodes: Vec::new(), known: BTreeMap::new() };
        let mut flows = Vec::with_capacity(self.flows.len());
        for KeyFlow { from, to, keys, bytes } in self.flows.iter().copied() {
            let mut place = |node: Option<_>| node.map(|node| nodes.place(node));
            flows.push(SavedFlow { from: place(from), to: place(to), keys, bytes });
        }
        let (before, after) = (nodes.loads(&self.before), nodes.loads(&self.after));
        ReportForm {
            version: VERSION,
            keys: self.total.keys,
            bytes: self.total.bytes,
            moved_between_unchanged: self.between_unchanged,
            placed: self.placed,
            minimum: self.minimum,
            ideal: self.ideal,
            nodes: nodes.nodes,
            flows,
            before,
            after,
        }
        .serialize(to)
    }
}

/// As the report.
impl<N: Serialize> Serialize for SavedMoveReport<N> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.report().serialize(to)
    }
}

/// Reads what `Serialize` writes, and checks that the figures fit together: loads and quotas add up to
/// the replicas placed, the flows lead from as many replicas as before to as many as after, and the
/// minimum is one that they allow.
impl<'de, N: Deserialize<'de>> Deserialize<'de> for SavedMoveReport<N> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let form: ReportForm<N> = form::read(from, VERSION)?;
        let moved = form.check().map_err(D::Error::custom)?;
        Ok(Self { form, moved })
    }
}

impl<N> SavedMoveReport<N> {
    /// The report. It equals the one that was saved. O(nodes + flows).
    #[must_use]
    pub fn report(&self) -> MoveReport<'_, N> {
        let Self { form, moved } = self;
        let node = |place: u32| form.nodes.get(place as usize);
        let flow = |flow: &SavedFlow| {
            let SavedFlow { from, to, keys, bytes } = *flow;
            KeyFlow { from: from.and_then(node), to: to.and_then(node), keys, bytes }
        };
        let load = |load: &SavedLoad| {
            let SavedLoad { node: place, slot, load, quota } = *load;
            Some(NodeLoad { node: node(place)?, slot: NodeIdx::new(slot), load, quota })
        };
        let balance = |loads: &[SavedLoad]| {
            Balance::of_loads(loads.iter().filter_map(load).collect(), form.keys)
        };
        MoveReport {
            total: Tally { keys: form.keys, bytes: form.bytes },
            moved: *moved,
            between_unchanged: form.moved_between_unchanged,
            flows: form.flows.iter().map(flow).collect(),
            placed: form.placed,
            minimum: form.minimum,
            ideal: form.ideal,
            before: balance(&form.before),
            after: balance(&form.after),
        }
    }
}
