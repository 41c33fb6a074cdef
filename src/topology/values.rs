//! Nodes together with the user's values.

use super::{Change, Member, Members};
use crate::error::{Error, Kind, Label};
use crate::hash::StableHash;
use crate::node::{Domain, Node, NodeIdx, Weight};
use alloc::sync::Arc;
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
            slots.push(Some(Member::new(&node.label, node.weight, domain)?));
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

    /// One node more, in the lowest free slot.
    ///
    /// # Errors
    /// A label that is there already, and the limits.
    pub fn with_node(&self, node: Node<N>) -> Result<(Self, Change), Error> {
        let mut draft = Draft::new(self);
        let at = draft.add(node)?;
        Ok((draft.checked()?, Change::Add(at)))
    }

    /// One node less.
    ///
    /// # Errors
    /// No such node.
    pub fn without(&self, id: &(impl StableHash + ?Sized)) -> Result<(Self, Change), Error> {
        let at = self.find(id)?;
        let mut draft = Draft::new(self);
        draft.remove(at);
        Ok((draft.done(), Change::Remove(at)))
    }

    /// One weight changed.
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
    /// changes do not depend on the order of the list: removals, reweights, additions, each by
    /// label.
    ///
    /// # Errors
    /// As [`Topology::of`].
    pub fn replaced_by(
        &self,
        nodes: impl IntoIterator<Item = Node<N>>,
    ) -> Result<(Self, Vec<Change>), Error> {
        let mut list: Vec<Node<N>> = nodes.into_iter().collect();
        list.sort_by(|a, b| a.label.cmp(&b.label));
        for pair in list.windows(2) {
            if let [a, b] = pair {
                if a.label == b.label {
                    return Err(Kind::DuplicateLabel { label: Label::new(&a.label) }.into());
                }
            }
        }
        let mut old: Vec<(NodeIdx, &Member)> = self.members.entries().collect();
        old.sort_unstable_by(|(_, a), (_, b)| a.label.cmp(&b.label));
        let listed = |label: &[u8]| list.binary_search_by(|n| n.label.as_slice().cmp(label));

        let mut draft = Draft::new(self);
        let mut changes = Vec::new();
        for (at, member) in &old {
            if listed(&member.label).is_err() {
                draft.remove(*at);
                changes.push(Change::Remove(*at));
            }
        }
        let mut joining = Vec::new();
        for node in list {
            let known = old.binary_search_by(|(_, m)| (*m.label).cmp(node.label.as_slice())).ok();
            let Some((at, member)) = known.and_then(|i| old.get(i)) else {
                joining.push(node);
                continue;
            };
            if member.weight != node.weight {
                changes.push(Change::Reweight(*at, node.weight));
            }
            let domain = Domain::new(node.domains, &node.label)?;
            draft.members.amend(*at, node.weight, Some(domain));
            draft.set(*at, node.value);
        }
        for node in joining {
            changes.push(Change::Add(draft.add(node)?));
        }
        Ok((draft.checked()?, changes))
    }

    fn find(&self, id: &(impl StableHash + ?Sized)) -> Result<NodeIdx, Error> {
        let label = crate::node::label_of(id);
        let unknown = || Kind::UnknownNode { label: Label::new(&label) }.into();
        self.members.find(&label).ok_or_else(unknown)
    }
}

/// A topology under change: the next value, not yet published.
struct Draft<N> {
    values: Vec<Option<Arc<N>>>,
    members: Members,
    epoch: u64,
    /// No slot below this one is free.
    full: usize,
}

impl<N> Draft<N> {
    fn new(from: &Topology<N>) -> Self {
        let members = Members::clone(&from.members);
        let epoch = from.epoch.saturating_add(1);
        Self { values: from.values.to_vec(), members, epoch, full: 0 }
    }

    fn add(&mut self, node: Node<N>) -> Result<NodeIdx, Error> {
        let domain = Domain::new(node.domains, &node.label)?;
        let member = Member::new(&node.label, node.weight, domain)?;
        let at = self.members.insert(member, self.full);
        self.full = at.index() + 1;
        self.set(at, node.value);
        Ok(at)
    }

    fn remove(&mut self, at: NodeIdx) {
        self.members.remove(at);
        if let Some(value) = self.values.get_mut(at.index()) {
            *value = None;
        }
    }

    fn set(&mut self, at: NodeIdx, value: N) {
        if self.values.len() <= at.index() {
            self.values.resize_with(at.index() + 1, || None);
        }
        if let Some(slot) = self.values.get_mut(at.index()) {
            *slot = Some(Arc::new(value));
        }
    }

    /// Ends a change that added nodes.
    fn checked(mut self) -> Result<Topology<N>, Error> {
        self.members = self.members.checked()?;
        Ok(self.done())
    }

    fn done(mut self) -> Topology<N> {
        self.values.truncate(self.members.slots());
        Topology::from_parts(self.values, self.members, self.epoch)
    }
}
