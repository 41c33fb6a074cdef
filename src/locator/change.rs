//! New values from old ones.

use super::Locator;
use crate::error::Error;
use crate::hash::StableHash;
use crate::node::Node;
use crate::placement::Build;
use crate::topology::{Change, Topology};

/// Changes. Each gives a new value and leaves this one as it is; nodes that stay keep their slots,
/// values and labels are shared.
impl<N, P, H> Locator<N, P, H> {
    /// One node more, of weight 1 and its own label.
    ///
    /// # Errors
    /// A label that is there already, and what the algorithm cannot do.
    pub fn with(&self, id: N) -> Result<Self, Error>
    where
        N: StableHash,
        P: Build,
        H: Clone,
    {
        self.with_node(Node::new(id))
    }

    /// One node more.
    ///
    /// # Errors
    /// As [`with`](Self::with).
    pub fn with_node(&self, node: Node<N>) -> Result<Self, Error>
    where
        P: Build,
        H: Clone,
    {
        let (topology, change) = self.topology.with_node(node)?;
        self.follow(topology, &[change])
    }

    /// Several nodes more, in the order given, in one step.
    ///
    /// A change copies what it changes, so one step with many nodes costs about as much as a step
    /// with one: a ring merges its points once, O(points), where node after node merges them every
    /// time.
    ///
    /// # Errors
    /// As [`with`](Self::with); then none of the nodes is added.
    pub fn with_nodes(&self, nodes: impl IntoIterator<Item = Node<N>>) -> Result<Self, Error>
    where
        P: Build,
        H: Clone,
    {
        let (topology, changes) = self.topology.with_nodes(nodes)?;
        self.follow(topology, &changes)
    }

    /// One node less.
    ///
    /// # Errors
    /// No such node, or one the algorithm cannot give up.
    pub fn without(&self, id: &(impl StableHash + ?Sized)) -> Result<Self, Error>
    where
        P: Build,
        H: Clone,
    {
        let (topology, change) = self.topology.without(id)?;
        self.follow(topology, &[change])
    }

    /// One weight changed; 0 drains the node.
    ///
    /// # Errors
    /// No such node, or a weight the algorithm cannot serve.
    pub fn reweighted(&self, id: &(impl StableHash + ?Sized), weight: u64) -> Result<Self, Error>
    where
        P: Build,
        H: Clone,
    {
        let (topology, change) = self.topology.reweighted(id, weight)?;
        self.follow(topology, &[change])
    }

    /// A whole new node list, as a reload gives it, in one step: nodes whose label stays keep
    /// their slot, others leave or join. Those that join keep the order of the list, which numbers
    /// them where numbers decide; [`Topology::replaced_by`] says all of the order. Several changes
    /// together may be possible where each alone is not, for instance new weights for all nodes of
    /// an unweighted algorithm.
    ///
    /// ```
    /// use apportion::{Locator, Node};
    ///
    /// let list = |n: u32| (0..n).map(|shard| Node::new(shard));
    /// let grown = Locator::jump(0..8_u32)?.replaced_by(list(300))?;
    /// assert_eq!(grown.fingerprint(), Locator::jump(0..300_u32)?.fingerprint());
    /// # Ok::<(), apportion::Error>(())
    /// ```
    ///
    /// # Errors
    /// A label given twice, and what the algorithm cannot do.
    pub fn replaced_by(&self, nodes: impl IntoIterator<Item = Node<N>>) -> Result<Self, Error>
    where
        P: Build,
        H: Clone,
    {
        let (topology, changes) = self.topology.replaced_by(nodes)?;
        self.follow(topology, &changes)
    }

    fn follow(&self, topology: Topology<N>, changes: &[Change]) -> Result<Self, Error>
    where
        P: Build,
        H: Clone,
    {
        let (before, after) = (self.topology.members(), topology.members());
        let placement = self.placement.update(changes, before, after)?;
        Self::from_parts(topology, placement, self.hasher.clone())
    }
}
