//! The nodes of a saved form, one entry per slot.

use super::fields::{ignore, put};
use crate::error::Error;
use crate::form::Tape;
use crate::limits::{MAX_DOMAIN_LEVELS, MAX_NODES};
use crate::node::{Domain, NodeIdx, NodeLabel, SavedLabel, Weight};
use crate::placement::{Chunks, bounded, too_long};
use crate::topology::{Member, Members, SharedList, Topology};
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;
use serde::de::value::Error as TapeError;
use serde::de::{DeserializeOwned, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const NODE_FIELDS: &[&str] = &["value", "label", "weight", "domains"];

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedNode<N> {
    pub(super) value: N,
    pub(super) label: SavedLabel,
    pub(super) weight: u64,
    #[serde(deserialize_with = "domains")]
    pub(super) domains: Vec<(String, String)>,
}

fn domains<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<(String, String)>, D::Error> {
    bounded(from, "domains", MAX_DOMAIN_LEVELS)
}

/// The nodes with their slots, in ascending order. Holes take no memory. A saved hole is five bytes in
/// a text form and one byte in a compact form.
#[derive(Clone, Debug)]
pub(super) struct SavedNodes<N> {
    /// Exclusive upper bound of the slots; at most [`MAX_NODES`] after reading.
    slots: usize,
    nodes: Chunks<(u32, SavedNode<N>)>,
}

impl<N> Default for SavedNodes<N> {
    fn default() -> Self {
        Self { slots: 0, nodes: Chunks::default() }
    }
}

impl<N> SavedNodes<N> {
    /// The topology with these nodes.
    pub(super) fn restore(self, epoch: u64) -> Result<Topology<N>, Error> {
        let slots = self.slots;
        let mut values: Vec<Option<Arc<N>>> = Vec::with_capacity(slots);
        let mut members = SharedList::default();
        for (slot, node) in self {
            values.resize(slot as usize, None);
            members.grow(slot as usize, &None);
            let label = NodeLabel::from_bytes(&node.label.into_bytes()?);
            let domain = Domain::new(node.domains, &label)?;
            members.push(Some(Member::new(label, Weight::new(node.weight), domain)?));
            values.push(Some(Arc::new(node.value)));
        }
        values.resize(slots, None);
        members.grow(slots, &None);
        Ok(Topology::from_parts(values, Members::from_slots(members)?, epoch))
    }

    fn is_full(&self) -> bool {
        self.slots >= MAX_NODES
    }

    fn push(&mut self, node: Option<SavedNode<N>>) {
        if let Some(node) = node {
            self.nodes.push((self.slots as u32, node));
        }
        self.slots += 1;
    }
}

impl<'a, N> SavedNodes<&'a N> {
    /// The nodes of a topology.
    pub(super) fn of(topology: &'a Topology<N>) -> Self {
        let members = topology.members();
        let node = |slot| {
            let at = NodeIdx::new(slot);
            let member = members.get(at)?;
            let domains = member.domain.path().map(|(l, n)| (l.into(), n.into())).collect();
            Some(SavedNode {
                value: topology.get(at)?,
                label: SavedLabel::new(&member.label),
                weight: member.weight.get(),
                domains,
            })
        };
        (0..members.slots() as u32).map(node).collect()
    }
}

impl<N> FromIterator<Option<SavedNode<N>>> for SavedNodes<N> {
    fn from_iter<I: IntoIterator<Item = Option<SavedNode<N>>>>(slots: I) -> Self {
        let mut nodes = Self::default();
        slots.into_iter().for_each(|node| nodes.push(node));
        nodes
    }
}

impl<N> IntoIterator for SavedNodes<N> {
    type Item = (u32, SavedNode<N>);
    type IntoIter = <Chunks<Self::Item> as IntoIterator>::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        self.nodes.into_iter()
    }
}

impl<N: Serialize> Serialize for SavedNodes<N> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut seq = to.serialize_seq(Some(self.slots))?;
        let mut nodes = self.nodes.iter().peekable();
        for slot in 0..self.slots as u32 {
            let node = nodes.next_if(|(at, _)| *at == slot);
            seq.serialize_element(&node.map(|(_, node)| node))?;
        }
        seq.end()
    }
}

/// Reads strictly, and stops with an error after [`MAX_NODES`] slots.
impl<'de, N: Deserialize<'de>> Deserialize<'de> for SavedNodes<N> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Strict<N>(PhantomData<N>);

        impl<'de, N: Deserialize<'de>> Visitor<'de> for Strict<N> {
            type Value = SavedNodes<N>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the list `nodes`")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<SavedNodes<N>, A::Error> {
                let mut nodes = SavedNodes::default();
                while let Some(node) = seq.next_element()? {
                    if nodes.is_full() {
                        return Err(too_long("nodes", MAX_NODES));
                    }
                    nodes.push(node);
                }
                Ok(nodes)
            }
        }

        from.deserialize_seq(Strict(PhantomData))
    }
}

/// Nodes read before the version is known. The first error in them is kept for later, and the nodes
/// after it are skipped.
pub(super) struct LooseNodes<N>(pub(super) Result<SavedNodes<N>, String>);

impl<'de, N: Deserialize<'de>> Deserialize<'de> for LooseNodes<N> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Loose<N>(PhantomData<N>);

        impl<'de, N: Deserialize<'de>> Visitor<'de> for Loose<N> {
            type Value = LooseNodes<N>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the list `nodes`")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<LooseNodes<N>, A::Error> {
                let mut nodes = SavedNodes::default();
                let error = loop {
                    let Some(node) = seq.next_element::<Option<LooseNode<N>>>()? else {
                        return Ok(LooseNodes(Ok(nodes)));
                    };
                    match node.map(|LooseNode(node)| node).transpose() {
                        Ok(_) if nodes.is_full() => {
                            break too_long::<TapeError>("nodes", MAX_NODES).to_string();
                        }
                        Ok(node) => nodes.push(node),
                        Err(error) => break error,
                    }
                };
                drop(nodes);
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(LooseNodes(Err(error)))
            }
        }

        from.deserialize_seq(Loose(PhantomData))
    }
}

/// A node read before the version is known: only the user's value must be valid, other errors are
/// kept.
struct LooseNode<N>(Result<SavedNode<N>, String>);

impl<'de, N: Deserialize<'de>> Deserialize<'de> for LooseNode<N> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Fields<N>(PhantomData<N>);

        impl<'de, N: Deserialize<'de>> Visitor<'de> for Fields<N> {
            type Value = LooseNode<N>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a saved node")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let (mut value, mut label, mut weight, mut domains) = (None, None, None, None);
                let mut unknown = None;
                while let Some(field) = map.next_key::<String>()? {
                    match field.as_str() {
                        "value" => put(&mut value, "value", map.next_value()?)?,
                        "label" => put(&mut label, "label", map.next_value()?)?,
                        "weight" => put(&mut weight, "weight", map.next_value()?)?,
                        "domains" => put(&mut domains, "domains", map.next_value()?)?,
                        _ => ignore(&mut map, &mut unknown, &field, NODE_FIELDS)?,
                    }
                }
                let value = value.ok_or_else(|| A::Error::missing_field("value"))?;
                let node = || {
                    unknown.map_or(Ok(()), Err)?;
                    let (label, weight) = (of_tape(label, "label")?, of_tape(weight, "weight")?);
                    let Domains(domains) = of_tape(domains, "domains")?;
                    Ok(SavedNode { value, label, weight, domains })
                };
                Ok(LooseNode(node()))
            }
        }

        from.deserialize_struct("SavedNode", NODE_FIELDS, Fields(PhantomData))
    }
}

struct Domains(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Domains {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        domains(from).map(Self)
    }
}

fn of_tape<T: DeserializeOwned>(field: Option<Tape>, name: &str) -> Result<T, String> {
    let Some(tape) = field else { return Err(alloc::format!("missing field `{name}`")) };
    tape.read().map_err(|error| error.to_string())
}
