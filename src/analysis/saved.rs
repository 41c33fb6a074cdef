//! The saved form of a report over keys. It has the nodes' values in it, each once.

use super::balance::{Balance, NodeLoad};
use super::report::{KeyFlow, MoveReport, Tally};
use crate::error::Error;
use crate::form::{self, float, malformed, ratio};
use crate::limits::MAX_NODES;
use crate::node::NodeIdx;
use crate::placement::bounded;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
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
struct ReportForm<N> {
    version: u32,
    keys: u64,
    bytes: u64,
    moved_between_unchanged: u64,
    placed: (u64, u64),
    #[serde(with = "ratio")]
    minimum: (u128, u128),
    #[serde(with = "float")]
    ideal: f64,
    #[serde(deserialize_with = "nodes")]
    nodes: Vec<N>,
    #[serde(deserialize_with = "flows")]
    flows: Vec<SavedFlow>,
    #[serde(deserialize_with = "loads")]
    before: Vec<SavedLoad>,
    #[serde(deserialize_with = "loads")]
    after: Vec<SavedLoad>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedFlow {
    from: Option<u32>,
    to: Option<u32>,
    keys: u64,
    bytes: u64,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedLoad {
    node: u32,
    slot: u32,
    load: u64,
    #[serde(with = "float")]
    quota: f64,
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

/// Reads what `Serialize` writes, and checks that the figures fit together.
impl<'de, N: Deserialize<'de>> Deserialize<'de> for SavedMoveReport<N> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let form: ReportForm<N> = form::read(from, VERSION)?;
        let moved = form.moved().map_err(D::Error::custom)?;
        form.check(moved).map_err(D::Error::custom)?;
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

impl<N> ReportForm<N> {
    /// The sum of the flows.
    fn moved(&self) -> Result<Tally, Error> {
        let mut moved = Tally::default();
        for (i, flow) in self.flows.iter().enumerate() {
            if flow.keys == 0 {
                return Err(wrong(format!("flow {i} has 0 keys; a flow has at least 1")));
            }
            if flow.from.is_none() && flow.to.is_none() {
                return Err(wrong(format!("flow {i} has neither an old nor a new holder")));
            }
            for place in [flow.from, flow.to].into_iter().flatten() {
                self.check_node(place)?;
            }
            let keys = moved.keys.checked_add(flow.keys);
            moved.keys =
                keys.ok_or_else(|| wrong("its flows add up to more than 2^64 keys".into()))?;
            moved.bytes = moved.bytes.saturating_add(flow.bytes);
        }
        Ok(moved)
    }

    fn check(&self, moved: Tally) -> Result<(), Error> {
        let Self { moved_between_unchanged: between, minimum: (part, whole), ideal, .. } = self;
        if *between > moved.keys {
            let moved = moved.keys;
            return Err(wrong(format!(
                "{between} replicas move between unchanged nodes, and {moved} in all"
            )));
        }
        if part > whole {
            return Err(wrong(format!("the minimum of {part}/{whole} is above 1")));
        }
        if !ideal.is_finite() {
            return Err(wrong(format!("the ideal fraction is {ideal:?}")));
        }
        let sides =
            [("before", &self.before, self.placed.0), ("after", &self.after, self.placed.1)];
        for (side, loads, placed) in sides {
            let mut sum = 0_u64;
            for load in loads {
                self.check_node(load.node)?;
                sum = sum.saturating_add(load.load);
                if load.slot as usize >= MAX_NODES || !load.quota.is_finite() {
                    let SavedLoad { slot, quota, .. } = load;
                    return Err(wrong(format!("the node in slot {slot} has a quota of {quota:?}")));
                }
            }
            if sum > placed {
                return Err(wrong(format!(
                    "the loads {side} add up to {sum}, and {placed} were placed"
                )));
            }
            if let Some([a, b]) = loads.windows(2).find(|pair| !ascend(pair)) {
                return Err(wrong(format!("slot {} follows slot {} {side}", b.slot, a.slot)));
            }
        }
        Ok(())
    }

    fn check_node(&self, place: u32) -> Result<(), Error> {
        let nodes = self.nodes.len();
        if place as usize >= nodes {
            return Err(wrong(format!("it refers to node {place}, and has {nodes}")));
        }
        Ok(())
    }
}

fn ascend(pair: &[SavedLoad]) -> bool {
    matches!(pair, [a, b] if a.slot < b.slot)
}

fn wrong(why: String) -> Error {
    malformed("report of moves", why)
}
