//! The nodes as algorithms see them: without the user's values.

use crate::error::{Error, Kind, Label};
use crate::hash::{BytesHasher, Xxh3};
use crate::limits::{MAX_LABEL_BYTES, MAX_NODES};
use crate::node::{Domain, NodeIdx, Weight};
use alloc::sync::Arc;
use alloc::vec::Vec;

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Member {
    pub(crate) label: Arc<[u8]>,
    pub(crate) identity: u64,
    pub(crate) weight: Weight,
    pub(crate) domain: Domain,
}

impl Member {
    pub(crate) fn new(label: &[u8], weight: Weight, domain: Domain) -> Result<Self, Error> {
        if label.len() > MAX_LABEL_BYTES {
            let (bytes, max) = (label.len(), MAX_LABEL_BYTES);
            return Err(Kind::LabelTooLong { label: Label::new(label), bytes, max }.into());
        }
        Ok(Self { label: label.into(), identity: Members::identity_of(label), weight, domain })
    }
}

/// The nodes of a topology as algorithms see them: labels, identity hashes, weights and failure
/// domains by slot, without the user's values.
#[derive(Clone, Debug, Default)]
pub struct Members {
    slots: Vec<Option<Member>>,
}

impl Members {
    /// The identity hash of a label: always XXH3-64, whatever hashes the keys, so that a secret
    /// or a process-local hasher does not change the topology.
    #[must_use]
    pub fn identity_of(label: &[u8]) -> u64 {
        Xxh3.hash_bytes(label).get()
    }

    /// Exclusive bound of the slots; holes count.
    #[inline]
    #[must_use]
    pub fn slots(&self) -> usize {
        self.slots.len()
    }

    /// Nodes in all, drained ones included.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.iter().count()
    }

    /// Nodes with a weight above 0.
    #[must_use]
    pub fn live(&self) -> usize {
        self.iter_live().count()
    }

    /// The occupied slots, in order.
    pub fn iter(&self) -> impl Iterator<Item = NodeIdx> {
        self.entries().map(|(node, _)| node)
    }

    /// The slots of nodes with a weight above 0, in order.
    pub fn iter_live(&self) -> impl Iterator<Item = NodeIdx> {
        self.live_entries().map(|(node, _)| node)
    }

    /// A node's label; `None` for a hole.
    #[must_use]
    pub fn label(&self, node: NodeIdx) -> Option<&[u8]> {
        self.get(node).map(|m| &*m.label)
    }

    /// A node's identity hash; `None` for a hole.
    #[must_use]
    pub fn identity(&self, node: NodeIdx) -> Option<u64> {
        self.get(node).map(|m| m.identity)
    }

    /// A node's weight; `None` for a hole.
    #[must_use]
    pub fn weight(&self, node: NodeIdx) -> Option<Weight> {
        self.get(node).map(|m| m.weight)
    }

    /// A node's failure domains; `None` for a hole.
    #[must_use]
    pub fn domain(&self, node: NodeIdx) -> Option<&Domain> {
        self.get(node).map(|m| &m.domain)
    }

    /// The slot of the node with this label. O(slots).
    #[must_use]
    pub fn find(&self, label: &[u8]) -> Option<NodeIdx> {
        let identity = Self::identity_of(label);
        let same = |m: &Member| m.identity == identity && *m.label == *label;
        self.entries()
            .inspect(|_| crate::steps::count(1))
            .find(|(_, m)| same(m))
            .map(|(node, _)| node)
    }

    /// Sum of all weights.
    #[must_use]
    pub fn total_weight(&self) -> u128 {
        self.entries().map(|(_, m)| u128::from(m.weight.get())).sum()
    }

    /// A hash of the content: labels, weights and failure domains, in the order of the labels.
    /// Slots, the order in which nodes were given and the epoch are not part of it. O(n log n).
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let mut sorted: Vec<&Member> = self.entries().map(|(_, m)| m).collect();
        sorted.sort_unstable_by(|a, b| a.label.cmp(&b.label));
        Xxh3.hash_parts(&mut |part| {
            let mut text = |bytes: &[u8]| {
                part(&(bytes.len() as u64).to_le_bytes());
                part(bytes);
            };
            text(b"apportion members 1");
            for member in &sorted {
                text(&member.label);
                text(&member.weight.get().to_le_bytes());
                text(&(member.domain.depth() as u64).to_le_bytes());
                for (level, name) in member.domain.path() {
                    text(level.as_bytes());
                    text(name.as_bytes());
                }
            }
        })
        .get()
    }

    pub(crate) fn get(&self, node: NodeIdx) -> Option<&Member> {
        self.slots.get(node.index())?.as_ref()
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = (NodeIdx, &Member)> {
        let slots = self.slots.iter().enumerate();
        slots.filter_map(|(slot, m)| Some((NodeIdx::new(slot as u32), m.as_ref()?)))
    }

    pub(crate) fn live_entries(&self) -> impl Iterator<Item = (NodeIdx, &Member)> {
        self.entries().filter(|(_, m)| m.weight.is_live())
    }

    /// Checks sizes and that no label and no identity comes twice. Holes are allowed.
    pub(crate) fn from_slots(slots: Vec<Option<Member>>) -> Result<Self, Error> {
        if slots.len() > MAX_NODES {
            return Err(Kind::TooManyNodes { nodes: slots.len(), max: MAX_NODES }.into());
        }
        let members = Self { slots };
        let mut by_identity: Vec<&Member> = members.entries().map(|(_, m)| m).collect();
        by_identity.sort_unstable_by_key(|m| m.identity);
        for pair in by_identity.windows(2) {
            if let [a, b] = pair {
                distinct(a, b)?;
            }
        }
        Ok(members)
    }

    /// Puts a node into the lowest free slot that is not below `from`, unchecked.
    pub(crate) fn insert(&mut self, member: Member, from: usize) -> NodeIdx {
        let mut rest = self.slots.iter().enumerate().skip(from);
        let free = rest.find(|(_, s)| s.is_none()).map_or(self.slots.len(), |(at, _)| at);
        match self.slots.get_mut(free) {
            Some(slot) => *slot = Some(member),
            None => self.slots.push(Some(member)),
        }
        NodeIdx::new(free as u32)
    }

    /// Checks what [`insert`](Self::insert) did not.
    pub(crate) fn checked(self) -> Result<Self, Error> {
        Self::from_slots(self.slots)
    }

    /// Frees a slot; slots at the end that are free are given up.
    pub(crate) fn remove(&mut self, node: NodeIdx) {
        if let Some(slot) = self.slots.get_mut(node.index()) {
            *slot = None;
        }
        while let Some(None) = self.slots.last() {
            self.slots.pop();
        }
    }

    /// Replaces what an occupied slot holds; the label stays.
    pub(crate) fn amend(&mut self, node: NodeIdx, weight: Weight, domain: Option<Domain>) {
        if let Some(Some(member)) = self.slots.get_mut(node.index()) {
            member.weight = weight;
            if let Some(domain) = domain {
                member.domain = domain;
            }
        }
    }
}

/// Two nodes may share neither a label nor, by chance, the identity that breaks their ties.
fn distinct(a: &Member, b: &Member) -> Result<(), Error> {
    if a.identity != b.identity {
        return Ok(());
    }
    let (first, second) = (Label::new(&a.label), Label::new(&b.label));
    Err(if a.label == b.label {
        Kind::DuplicateLabel { label: first }.into()
    } else {
        Kind::SameTieKey { a: first, b: second, key: a.identity }.into()
    })
}
