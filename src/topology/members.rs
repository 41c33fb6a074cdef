//! The nodes as algorithms see them: without the user's values.

use super::shared::SharedList;
use super::totals::Totals;
use crate::error::{Error, Label, NodeFault};
use crate::hash::{BytesHasher, KeyHasher, StableHash, Xxh3};
use crate::limits::{MAX_LABEL_BYTES, MAX_NODES};
use crate::node::{Domain, NodeIdx, NodeLabel, Weight, is_label_of};
use crate::steps;
use alloc::sync::Arc;
use alloc::vec::{IntoIter, Vec};
use core::iter::Peekable;

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Member {
    pub(crate) label: NodeLabel,
    pub(crate) identity: u64,
    pub(crate) weight: Weight,
    pub(crate) domain: Domain,
}

impl Member {
    pub(crate) fn new(label: NodeLabel, weight: Weight, domain: Domain) -> Result<Self, Error> {
        if label.len() > MAX_LABEL_BYTES {
            let (bytes, max) = (label.len(), MAX_LABEL_BYTES);
            return Err(NodeFault::LabelTooLong { label: label.shown(), bytes, max }.into());
        }
        Ok(Self { identity: Members::identity_of(&label), label, weight, domain })
    }

    /// The label in a message.
    pub(crate) fn shown(member: Option<&Self>) -> Label {
        member.map_or_else(|| Label::printed("\"\""), |member| member.label.shown())
    }
}

/// The nodes of a topology as algorithms see them: labels, identity hashes, weights and failure
/// domains by slot, without the user's values.
///
/// Two values are equal if the same slots hold nodes with the same labels, weights and domains.
/// [`fingerprint`](Self::fingerprint) compares the nodes whatever their slots.
#[derive(Clone, Debug, Default)]
pub struct Members {
    slots: SharedList<Option<Member>>,
    /// Identities and slots in ascending order. Each identity occurs once.
    index: Arc<Vec<IndexEntry>>,
    totals: Totals,
}

// The index and the totals follow from the slots.
impl PartialEq for Members {
    fn eq(&self, other: &Self) -> bool {
        self.slots == other.slots
    }
}

impl Eq for Members {}

/// An identity and the slot of its node.
pub(super) type IndexEntry = (u64, u32);

impl Members {
    /// The identity hash of a label: always XXH3-64, whatever the key hasher is. So a key hasher with
    /// a secret, or one that is local to a process, does not change the topology.
    #[must_use]
    pub fn identity_of(label: &[u8]) -> u64 {
        Xxh3.hash_bytes(label).get()
    }

    /// The number of slots, holes included: every slot is below it.
    #[inline]
    #[must_use]
    pub fn slots(&self) -> usize {
        self.slots.len()
    }

    /// The number of nodes, drained ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// True if there is no node, not even a drained one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// The number of nodes with a weight above 0. O(1).
    #[must_use]
    pub fn live(&self) -> usize {
        self.totals.live
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

    /// The nodes and holes in the slots from `node` on that both have in common; `None` says nothing.
    pub(super) fn shared_run(&self, other: &Self, node: NodeIdx) -> Option<&[Option<Member>]> {
        self.slots.shared_run(&other.slots, node.index())
    }

    /// The slot of the node with this label. O(log n).
    #[must_use]
    pub fn find(&self, label: &[u8]) -> Option<NodeIdx> {
        let node = self.find_identity(Self::identity_of(label))?;
        self.label(node).filter(|found| *found == label).map(|_| node)
    }

    /// The slot of the node with this id. O(log n). Unlike `find(&label_of(id))` it does not allocate.
    pub(super) fn find_id(&self, id: &(impl StableHash + ?Sized)) -> Option<NodeIdx> {
        let node = self.find_identity(Xxh3.hash_key(id).get())?;
        self.label(node).filter(|label| is_label_of(label, id)).map(|_| node)
    }

    fn find_identity(&self, identity: u64) -> Option<NodeIdx> {
        let place = self.index.binary_search_by_key(&identity, |entry| entry.0).ok()?;
        Some(NodeIdx::new(self.index.get(place)?.1))
    }

    /// The sum of all weights. O(1).
    #[must_use]
    pub fn total_weight(&self) -> u128 {
        self.totals.weight
    }

    /// A hash of the content: labels, weights and failure domains, in the order of the labels. It
    /// does not depend on the slots, the epoch or the order in which nodes were given.
    ///
    /// # Complexity
    /// O(n log n).
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

    /// A node's label in a message.
    pub(crate) fn shown(&self, node: NodeIdx) -> Label {
        Member::shown(self.get(node))
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

    /// The identities and their slots, in ascending order.
    pub(super) fn index(&self) -> &[IndexEntry] {
        &self.index
    }

    /// Checks the size, and that no label or identity occurs twice. Holes are allowed. O(n log n).
    pub(crate) fn from_slots(slots: SharedList<Option<Member>>) -> Result<Self, Error> {
        let mut members = Self { slots, ..Self::default() };
        let mut index: Vec<IndexEntry> =
            members.entries().map(|(node, m)| (m.identity, node.get())).collect();
        index.sort_unstable();
        members.index = Arc::new(index);
        members.totals = members.recounted();
        members.check_size()?;
        for pair in members.index.windows(2) {
            if let [(identity, a), (other, b)] = pair {
                if identity == other {
                    return Err(members.same_identity(*a, *b));
                }
            }
        }
        Ok(members)
    }

    fn check_size(&self) -> Result<(), Error> {
        let nodes = self.slots.len();
        if nodes > MAX_NODES {
            return Err(NodeFault::TooMany { nodes, max: MAX_NODES }.into());
        }
        Ok(())
    }

    /// The slot that the next node takes.
    pub(super) fn first_free(&self) -> NodeIdx {
        NodeIdx::new(self.free_slot(self.len()) as u32)
    }

    /// The lowest free slot if so many are occupied: without holes the one behind the last.
    fn free_slot(&self, occupied: usize) -> usize {
        let slots = self.slots.len();
        if occupied == slots {
            return slots;
        }
        let free = self.slots.iter().position(Option::is_none).unwrap_or(slots);
        steps::count(free as u64);
        free
    }

    /// Removes some nodes and adds others, which take the lowest free slots in their order. Free
    /// slots at the end are then dropped. Returns the slots of the added nodes.
    ///
    /// The identities are merged, not sorted again: those between two changes are copied as one run.
    /// O(slots) for any number of changes, plus O(c log n) for `c` of them.
    pub(super) fn exchange(
        &mut self,
        removed: &[NodeIdx],
        added: Vec<Member>,
    ) -> Result<Vec<NodeIdx>, Error> {
        if removed.is_empty() && added.is_empty() {
            return Ok(Vec::new());
        }
        let mut gone: Vec<u64> = Vec::with_capacity(removed.len());
        for node in removed {
            let left = self.slots.get_mut(node.index()).and_then(Option::take);
            if let Some(member) = left {
                gone.push(member.identity);
                self.totals.remove(member.weight);
            }
        }
        let occupied = self.index.len() - gone.len();
        let first_free = if added.is_empty() { 0 } else { self.free_slot(occupied) };
        let (mut free, mut nodes) = (first_free, Vec::with_capacity(added.len()));
        let mut fresh: Vec<IndexEntry> = Vec::with_capacity(added.len());
        for member in added {
            while self.slots.get(free).is_some_and(Option::is_some) {
                free += 1;
            }
            fresh.push((member.identity, free as u32));
            self.totals.add(member.weight);
            nodes.push(NodeIdx::new(free as u32));
            match self.slots.get_mut(free) {
                Some(slot) => *slot = Some(member),
                None => self.slots.push(Some(member)),
            }
        }
        steps::count((free - first_free + removed.len() + nodes.len()) as u64);
        while let Some(None) = self.slots.last() {
            self.slots.pop();
        }
        self.check_size()?;
        self.merge(gone, fresh)?;
        Ok(nodes)
    }

    /// Updates the index after nodes have left and others have joined. The identity of a node that does
    /// both is in both lists.
    fn merge(&mut self, mut gone: Vec<u64>, mut fresh: Vec<IndexEntry>) -> Result<(), Error> {
        gone.sort_unstable();
        fresh.sort_unstable();
        let old = Arc::clone(&self.index);
        let mut old = old.as_slice();
        let mut gone = gone.into_iter().peekable();
        let mut index: Vec<IndexEntry> = Vec::with_capacity(old.len() + fresh.len() - gone.len());
        for entry in fresh {
            let (run, rest) = old.split_at(old.partition_point(|old| old.0 < entry.0));
            take_run(run, &mut gone, &mut index);
            old = rest;
            if let Some((same, rest)) = old.split_first().filter(|(same, _)| same.0 == entry.0) {
                if gone.next_if_eq(&same.0).is_none() {
                    return Err(self.same_identity(same.1, entry.1));
                }
                old = rest;
            }
            if let Some(last) = index.last().filter(|last| last.0 == entry.0) {
                return Err(self.same_identity(last.1, entry.1));
            }
            index.push(entry);
        }
        take_run(old, &mut gone, &mut index);
        steps::count(index.len() as u64);
        debug_assert_eq!(index.len(), self.slots.iter().flatten().count(), "one entry a node");
        debug_assert_eq!(self.totals, self.recounted(), "the totals of these nodes");
        self.index = Arc::new(index);
        Ok(())
    }

    fn recounted(&self) -> Totals {
        Totals::of(self.entries().map(|(_, member)| member.weight))
    }

    /// The error for two nodes with the same identity: their labels are equal, or collide by chance.
    /// Identities break ties, so they must differ.
    fn same_identity(&self, a: u32, b: u32) -> Error {
        let member = |slot| self.get(NodeIdx::new(slot));
        let (a, b) = (member(a), member(b));
        let (first, second) = (Member::shown(a), Member::shown(b));
        let identity = a.map_or(0, |a| a.identity);
        if a.map(|a| &a.label) == b.map(|b| &b.label) {
            NodeFault::Duplicate { label: first }.into()
        } else {
            NodeFault::SameIdentity { a: first, b: second, identity }.into()
        }
    }

    /// Replaces the weight of the node in a slot and, if given, its domain. Its label bytes stay.
    pub(crate) fn amend(
        &mut self,
        node: NodeIdx,
        weight: Weight,
        described: Option<(NodeLabel, Domain)>,
    ) {
        if let Some(Some(member)) = self.slots.get_mut(node.index()) {
            self.totals.remove(member.weight);
            self.totals.add(weight);
            member.weight = weight;
            if let Some((label, domain)) = described {
                member.domain = domain;
                // The bytes are the same, but a restored label does not know how it is printed.
                if member.label.is_bytes() && !label.is_bytes() {
                    member.label = label;
                }
            }
        }
    }
}

/// Copies a run of entries, without those of nodes that leave.
fn take_run(
    mut run: &[IndexEntry],
    gone: &mut Peekable<IntoIter<u64>>,
    index: &mut Vec<IndexEntry>,
) {
    while let Some(identity) = gone.next_if(|gone| run.last().is_some_and(|last| *gone <= last.0)) {
        let (before, rest) = run.split_at(run.partition_point(|entry| entry.0 < identity));
        index.extend_from_slice(before);
        run = rest.get(1..).unwrap_or_default();
    }
    index.extend_from_slice(run);
}
