//! The nodes together with the user's values.

use super::NodeIter;
use super::members::{Member, Members};
use super::shared::SharedList;
use crate::error::{Error, NodeFault};
use crate::hash::StableHash;
use crate::node::{Domain, Node, NodeIdx, NodeLabel, Weight};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::iter::FusedIterator;

/// An immutable set of nodes, each with a value of yours, a label, a weight and failure domains.
///
/// Changes return new topologies that share the nodes' values and labels with the old one. Every node
/// that stays keeps its slot. Cloning a topology only increments two reference counts.
///
/// ```
/// use apportion::Topology;
///
/// let three = Topology::new(["a", "b", "c"])?;
/// let (two, _) = three.without("b")?;
/// assert!(three.contains("b") && !two.contains("b"));
/// assert!(two.nodes().eq(&["a", "c"]));
/// assert_eq!(two.find("c"), three.find("c")); // it keeps its slot
/// assert_eq!((two.len(), two.epoch()), (2, 1));
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// # Ids
/// Methods that take an id find the node whose label equals the bytes of the id. The id is the node's
/// value or a borrowed form of it (`&str` for `String`), or the label of a [`Node::labelled`].
///
/// # Equality
/// Two topologies are equal if the same slots hold nodes with equal labels, values, weights and
/// failure domains. Then anything built for one, slots included, is valid for the other. The
/// [epoch](Self::epoch) is ignored. To compare nodes without their slots and values, compare
/// [fingerprints](Self::fingerprint).
#[doc(alias = "cluster")]
#[doc(alias = "membership")]
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

/// A topology without nodes.
impl<N> Default for Topology<N> {
    fn default() -> Self {
        Self { values: Arc::new([]), members: Arc::default(), epoch: 0 }
    }
}

impl<N: PartialEq> PartialEq for Topology<N> {
    fn eq(&self, other: &Self) -> bool {
        self.members == other.members && self.values == other.values
    }
}

impl<N: Eq> Eq for Topology<N> {}

impl<N> Topology<N> {
    /// A topology of nodes of weight 1 that are their own labels, in the order given.
    ///
    /// # Errors
    /// A label is given twice, or one of the [`limits`](crate::limits) is exceeded.
    pub fn new(ids: impl IntoIterator<Item = N>) -> Result<Self, Error>
    where
        N: StableHash,
    {
        Self::of(ids.into_iter().map(Node::new))
    }

    /// A topology of nodes described by [`Node`]s, in the order given.
    ///
    /// # Errors
    /// As [`Topology::new`], or a failure domain is malformed.
    pub fn of(nodes: impl IntoIterator<Item = Node<N>>) -> Result<Self, Error> {
        let mut values = Vec::new();
        let mut slots = SharedList::default();
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

    /// The number of nodes, drained ones included. `members().live()` counts only those with a weight
    /// above 0.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// True if there are no nodes, not even drained ones.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// True if there is a node with this id. O(log n).
    #[must_use]
    pub fn contains(&self, id: &(impl StableHash + ?Sized)) -> bool {
        self.find(id).is_some()
    }

    /// The slot of the node with this id. O(log n).
    ///
    /// ```
    /// use apportion::{Node, Topology};
    ///
    /// let pools = Topology::of([Node::labelled(vec![1, 2], "eu"), Node::labelled(vec![3], "us")])?;
    /// let pool = pools.find("us").and_then(|at| pools.get(at));
    /// assert_eq!(pool, Some(&vec![3]));
    /// # Ok::<(), apportion::Error>(())
    /// ```
    #[doc(alias = "get_node")]
    #[doc(alias = "index_of")]
    #[doc(alias = "position")]
    #[must_use]
    pub fn find(&self, id: &(impl StableHash + ?Sized)) -> Option<NodeIdx> {
        self.members.find_id(id)
    }

    /// The weight of the node with this id; [`Weight::DRAINED`] if it is drained. O(log n).
    #[must_use]
    pub fn weight(&self, id: &(impl StableHash + ?Sized)) -> Option<Weight> {
        self.members.weight(self.find(id)?)
    }

    /// The failure domains of the node with this id. O(log n).
    #[must_use]
    pub fn domain(&self, id: &(impl StableHash + ?Sized)) -> Option<&Domain> {
        self.members.domain(self.find(id)?)
    }

    /// The value in a slot; `None` for a hole.
    #[inline]
    #[must_use]
    pub fn get(&self, node: NodeIdx) -> Option<&N> {
        self.values.get(node.index())?.as_deref()
    }

    /// The value in a slot, as an `Arc` that can outlive the topology.
    #[inline]
    #[must_use]
    pub fn get_arc(&self, node: NodeIdx) -> Option<&Arc<N>> {
        self.values.get(node.index())?.as_ref()
    }

    /// The value in the slot that a lookup found, if it found one. No slot and a slot beyond the end are
    /// one comparison.
    #[inline]
    pub(crate) fn found(&self, node: Option<NodeIdx>) -> Option<&Arc<N>> {
        let at = node.map_or(u32::MAX, NodeIdx::get);
        self.values.get(at as usize)?.as_ref()
    }

    /// The nodes with their slots, in the order of the slots.
    pub fn iter(&self) -> NodeIter<'_, N> {
        NodeIter::new(&self.values, self.members.len())
    }

    /// The nodes, in the order of their slots.
    pub fn nodes(
        &self,
    ) -> impl ExactSizeIterator<Item = &N> + DoubleEndedIterator + FusedIterator + Clone {
        self.iter().map(|(_, node)| node)
    }

    /// The nodes as algorithms see them: labels, weights and failure domains, without your values.
    #[must_use]
    pub fn members(&self) -> &Members {
        &self.members
    }

    /// The number of changes since the first topology was built. It is not part of the fingerprint.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// A hash of the nodes' labels, weights and failure domains: see [`Members::fingerprint`].
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        self.members.fingerprint()
    }

    pub(super) fn values(&self) -> &[Option<Arc<N>>] {
        &self.values
    }

    /// The slot of a node that must exist.
    pub(super) fn expect(&self, id: &(impl StableHash + ?Sized)) -> Result<NodeIdx, Error> {
        self.find(id).ok_or_else(|| unknown(id))
    }

    /// The value of a node that must exist.
    pub(crate) fn expect_arc(&self, id: &(impl StableHash + ?Sized)) -> Result<&Arc<N>, Error> {
        self.find(id).and_then(|at| self.get_arc(at)).ok_or_else(|| unknown(id))
    }
}

#[cold]
fn unknown(id: &(impl StableHash + ?Sized)) -> Error {
    NodeFault::Unknown { label: NodeLabel::of(id).shown() }.into()
}
