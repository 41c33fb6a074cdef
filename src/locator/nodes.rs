//! The nodes of a locator.

use super::Locator;
use crate::hash::StableHash;
use crate::node::{NodeIdx, Weight};
use crate::topology::NodeIter;
use core::iter::FusedIterator;

/// Queries about the nodes, answered by the [topology](Self::topology). They take the id of a node,
/// not a key.
impl<N, P, H> Locator<N, P, H> {
    /// The number of nodes, drained ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.topology.len()
    }

    /// True if there are no nodes, not even drained ones.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.topology.is_empty()
    }

    /// True if there is a node with this id. O(log n).
    #[doc(alias = "has_node")]
    #[must_use]
    pub fn contains(&self, id: &(impl StableHash + ?Sized)) -> bool {
        self.topology.contains(id)
    }

    /// The slot of the node with this id. O(log n).
    #[must_use]
    pub fn find(&self, id: &(impl StableHash + ?Sized)) -> Option<NodeIdx> {
        self.topology.find(id)
    }

    /// The weight of the node with this id; [`Weight::DRAINED`] if it is drained. O(log n).
    #[must_use]
    pub fn weight(&self, id: &(impl StableHash + ?Sized)) -> Option<Weight> {
        self.topology.weight(id)
    }

    /// The nodes, in the order of their slots.
    ///
    /// ```
    /// use apportion::Locator;
    ///
    /// let ring = Locator::ring(["a", "b", "c"])?.without("b")?;
    /// assert!(ring.nodes().eq(&["a", "c"]));
    /// for (slot, node) in &ring {
    ///     println!("{node} is in slot {slot}");
    /// }
    /// # Ok::<(), apportion::Error>(())
    /// ```
    pub fn nodes(
        &self,
    ) -> impl ExactSizeIterator<Item = &N> + DoubleEndedIterator + FusedIterator + Clone {
        self.topology.nodes()
    }

    /// The nodes with their slots, in the order of the slots.
    pub fn iter(&self) -> NodeIter<'_, N> {
        self.topology.iter()
    }
}

impl<'a, N, P, H> IntoIterator for &'a Locator<N, P, H> {
    type Item = (NodeIdx, &'a N);
    type IntoIter = NodeIter<'a, N>;

    fn into_iter(self) -> NodeIter<'a, N> {
        self.iter()
    }
}
