//! Nodes together with the user's values.

use super::{Change, Member, Members};
use crate::error::{Error, NodeFault};
use crate::hash::StableHash;
use crate::node::{Domain, Node, NodeIdx, NodeLabel, Weight};
use crate::slips::OrSlip;
use crate::steps;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

/// An immutable set of nodes with the user's values.
///
/// A clone takes two reference counts. Changes give new values, which share the nodes' values and
/// labels with the old one; every node that stays keeps its slot.
///
/// ```
/// use apportion::Topology;
///
/// let three = Topology::new(["a", "b", "c"])?;
/// let (two, _) = three.without("b")?;
/// assert_eq!(two.get(two.members().find(b"c").unwrap()), Some(&"c"));
/// assert_eq!(two.epoch(), 1);
/// assert_eq!(three.members().nodes(), 3);
/// # Ok::<(), apportion::Error>(())
/// ```
#[derive(Debug)]
pub struct Topology<N> {
    values: Arc<[Option<Arc<N>>]>,
    members: Arc<Members>,
    epoch: u64,
}

impl<N> Clone for Topology<N> {
    fn clone(&self) -> Self {
        Self { values: self.values.clone(), members: self.members.clone(), epoch: self.epoch }
    }
}

impl<N> Default for Topology<N> {
    fn default() -> Self {
        Self { values: Arc::new([]), members: Arc::default(), epoch: 0 }
    }
}

impl<N> Topology<N> {
    /// Nodes of weight 1 that are their own labels, in the order given.
    ///
    /// # Errors
    /// A label given twice, and the limits of [`limits`](crate::limits).
    pub fn new(ids: impl IntoIterator<Item = N>) -> Result<Self, Error>
    where
        N: StableHash,
    {
        Self::of(ids.into_iter().map(Node::new))
    }

    /// Described nodes, in the order given.
    ///
    /// # Errors
    /// As [`Topology::new`], and a malformed failure domain.
    pub fn of(nodes: impl IntoIterator<Item = Node<N>>) -> Result<Self, Error> {
        let mut values = Vec::new();
        let mut slots = Vec::new();
        for node in nodes {
            let domain = Domain::new(node.domains, &node.label)?;
            slots.push(Some(Member::new(node.label, node.weight, domain)?));
            values.push(Some(Arc::new(node.value)));
        }
        Ok(Self::from_parts(values, Members::from_slots(slots)?, 0))
    }

    pub(crate) fn from_parts(values: Vec<Option<Arc<N>>>, members: Members, epoch: u64) -> Self {
        Self { values: values.into(), members: Arc::new(members), epoch }
    }

    /// The nodes as algorithms see them.
    #[must_use]
    pub fn members(&self) -> &Members {
        &self.members
    }

    /// The value in a slot; `None` for a hole.
    #[inline]
    #[must_use]
    pub fn get(&self, node: NodeIdx) -> Option<&N> {
        self.values.get(node.index())?.as_deref()
    }

    /// The nodes with their slots, in the order of the slots.
    pub fn iter(&self) -> impl Iterator<Item = (NodeIdx, &N)> {
        self.members.iter().filter_map(|node| Some((node, self.get(node)?)))
    }

    /// How many changes lead here from the value that was built first. Not part of the
    /// fingerprint.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The content's fingerprint: [`Members::fingerprint`].
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        self.members.fingerprint()
    }

    /// Adds a node, in the lowest free slot. O(slots).
    ///
    /// # Errors
    /// A label that is there already, and the limits.
    pub fn with_node(&self, node: Node<N>) -> Result<(Self, Change), Error> {
        let at = self.members.first_free();
        let (topology, _) = self.with_nodes([node])?;
        Ok((topology, Change::Add(at)))
    }

    /// Adds nodes in the order given, each in the lowest free slot. O(slots), as for one node.
    ///
    /// # Errors
    /// A label that is there already or comes twice, and the limits.
    pub fn with_nodes(
        &self,
        nodes: impl IntoIterator<Item = Node<N>>,
    ) -> Result<(Self, Vec<Change>), Error> {
        let mut draft = Draft::new(self);
        let added = draft.exchange(&[], nodes)?;
        Ok((draft.done(), added.into_iter().map(Change::Add).collect()))
    }

    /// Removes a node. O(slots).
    ///
    /// # Errors
    /// No such node.
    pub fn without(&self, id: &(impl StableHash + ?Sized)) -> Result<(Self, Change), Error> {
        let at = self.find(id)?;
        let mut draft = Draft::new(self);
        draft.exchange(&[at], [])?;
        Ok((draft.done(), Change::Remove(at)))
    }

    /// Changes a weight. O(slots).
    ///
    /// # Errors
    /// No such node.
    pub fn reweighted(
        &self,
        id: &(impl StableHash + ?Sized),
        weight: u64,
    ) -> Result<(Self, Change), Error> {
        let at = self.find(id)?;
        let weight = Weight::new(weight);
        let mut draft = Draft::new(self);
        draft.members.amend(at, weight, None);
        Ok((draft.done(), Change::Reweight(at, weight)))
    }

    /// A whole new node list, as a reload gives it, and the changes that lead to it.
    ///
    /// Nodes whose label stays keep their slot and take the new value, weight and domains. The
    /// changes come in this order:
    ///
    /// 1. nodes that leave, by label;
    /// 2. new weights of nodes that were live, by label;
    /// 3. nodes that join, **in the order of the list**: new ones, and those of weight 0 that get
    ///    another one.
    ///
    /// So a numbered algorithm that grows from 8 to 300 shards numbers them as one that is built
    /// from the 300. Where the order of joining does not decide, the order of the list does not
    /// either. O(n log n).
    ///
    /// # Errors
    /// As [`Topology::of`].
    pub fn replaced_by(
        &self,
        nodes: impl IntoIterator<Item = Node<N>>,
    ) -> Result<(Self, Vec<Change>), Error> {
        let list: Vec<Node<N>> = nodes.into_iter().collect();
        let Matched { slots, mut leaving } = Matched::new(&self.members, &list)?;
        let label = |at: NodeIdx| self.members.label(at).unwrap_or_default();
        leaving.sort_unstable_by_key(|at| label(*at));

        let mut draft = Draft::new(self);
        let (mut reweighted, mut joining, mut added) = (Vec::new(), Vec::new(), Vec::new());
        for (node, at) in list.into_iter().zip(slots) {
            let Some(at) = at else {
                joining.push(None);
                added.push(node);
                continue;
            };
            let before = self.members.weight(at);
            if before != Some(node.weight) {
                let was_live = before.is_some_and(Weight::is_live);
                let change = (at, node.weight);
                if was_live { reweighted.push(change) } else { joining.push(Some(change)) }
            }
            let domain = Domain::new(node.domains, &node.label)?;
            draft.members.amend(at, node.weight, Some((node.label, domain)));
            draft.set(at, node.value);
        }
        reweighted.sort_unstable_by_key(|(at, _)| label(*at));

        let mut added = draft.exchange(&leaving, added)?.into_iter();
        let reweight = |(at, weight)| Change::Reweight(at, weight);
        let joining = joining.into_iter().filter_map(|known| match known {
            Some(change) => Some(reweight(change)),
            None => added.next().map(Change::Add),
        });
        let changes = leaving.into_iter().map(Change::Remove);
        let changes = changes.chain(reweighted.into_iter().map(reweight)).chain(joining).collect();
        Ok((draft.done(), changes))
    }

    fn find(&self, id: &(impl StableHash + ?Sized)) -> Result<NodeIdx, Error> {
        let label = NodeLabel::of(id);
        let unknown = || NodeFault::Unknown { label: label.shown() }.into();
        self.members.find(&label).ok_or_else(unknown)
    }
}

/// Which nodes of a list are there already.
struct Matched {
    /// By place in the list.
    slots: Vec<Option<NodeIdx>>,
    /// Nodes that are not in the list.
    leaving: Vec<NodeIdx>,
}

impl Matched {
    /// Goes through the identities of both sides in order.
    fn new<N>(members: &Members, list: &[Node<N>]) -> Result<Self, Error> {
        let identity = |node: &Node<N>| Members::identity_of(&node.label);
        let mut listed: Vec<(u64, usize)> =
            list.iter().enumerate().map(|(place, node)| (identity(node), place)).collect();
        listed.sort_unstable();
        let label = |place: usize| list.get(place).map_or(&[][..], |node| &node.label);
        let shown = |place: usize| list.get(place).map(|node| node.label.shown()).or_slip();
        let mut slots = vec![None; list.len()];
        let mut leaving = Vec::new();
        let mut known = members.index().iter().copied().peekable();
        let mut last: Option<(u64, usize)> = None;
        for (identity, place) in listed {
            steps::count(1);
            if let Some((_, other)) = last.filter(|last| last.0 == identity) {
                let (a, b) = (shown(other), shown(place));
                return Err(if label(other) == label(place) {
                    NodeFault::Duplicate { label: a }.into()
                } else {
                    NodeFault::SameIdentity { a, b, identity }.into()
                });
            }
            last = Some((identity, place));
            while let Some((_, slot)) = known.next_if(|entry| entry.0 < identity) {
                steps::count(1);
                leaving.push(NodeIdx::new(slot));
            }
            if let Some((_, slot)) = known.next_if(|entry| entry.0 == identity) {
                let at = NodeIdx::new(slot);
                // By chance another label may have this identity: that node leaves.
                if members.label(at) != Some(label(place)) {
                    leaving.push(at);
                } else if let Some(found) = slots.get_mut(place) {
                    *found = Some(at);
                }
            }
        }
        leaving.extend(known.map(|(_, slot)| NodeIdx::new(slot)));
        Ok(Self { slots, leaving })
    }
}

/// A topology under change: the next value, not yet published.
struct Draft<N> {
    values: Vec<Option<Arc<N>>>,
    members: Members,
    epoch: u64,
}

impl<N> Draft<N> {
    fn new(from: &Topology<N>) -> Self {
        let members = Members::clone(&from.members);
        let epoch = from.epoch.saturating_add(1);
        Self { values: from.values.to_vec(), members, epoch }
    }

    /// Removes nodes and adds others: see [`Members::exchange`].
    fn exchange(
        &mut self,
        removed: &[NodeIdx],
        nodes: impl IntoIterator<Item = Node<N>>,
    ) -> Result<Vec<NodeIdx>, Error> {
        let (mut members, mut values) = (Vec::new(), Vec::new());
        for node in nodes {
            let domain = Domain::new(node.domains, &node.label)?;
            members.push(Member::new(node.label, node.weight, domain)?);
            values.push(node.value);
        }
        for at in removed {
            if let Some(value) = self.values.get_mut(at.index()) {
                *value = None;
            }
        }
        let added = self.members.exchange(removed, members)?;
        for (at, value) in added.iter().zip(values) {
            self.set(*at, value);
        }
        Ok(added)
    }

    fn set(&mut self, at: NodeIdx, value: N) {
        if self.values.len() <= at.index() {
            self.values.resize_with(at.index() + 1, || None);
        }
        if let Some(slot) = self.values.get_mut(at.index()) {
            *slot = Some(Arc::new(value));
        }
    }

    fn done(mut self) -> Topology<N> {
        self.values.truncate(self.members.slots());
        Topology::from_parts(self.values, self.members, self.epoch)
    }
}
