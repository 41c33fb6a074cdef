//! New values from old ones.

use super::Locator;
use crate::error::Error;
use crate::hash::StableHash;
use crate::node::Node;
use crate::placement::Build;
use crate::topology::{Draft, fresh};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::iter::once;

/// Changes. Each returns a new value and leaves this one as it is. Nodes that stay keep their slots;
/// both values share the nodes' values and labels.
impl<N, P, H> Locator<N, P, H> {
    /// Adds a node of weight 1 that is its own label.
    ///
    /// # Errors
    /// A label that is there already, and what the algorithm cannot do.
    #[doc(alias = "add")]
    #[doc(alias = "insert")]
    pub fn with(&self, id: N) -> Result<Self, Error>
    where
        N: StableHash,
        P: Build,
        H: Clone,
    {
        self.with_node(Node::new(id))
    }

    /// Removes a node.
    ///
    /// # Errors
    /// No such node, or one the algorithm cannot give up.
    #[doc(alias = "remove")]
    #[doc(alias = "remove_node")]
    pub fn without(&self, id: &(impl StableHash + ?Sized)) -> Result<Self, Error>
    where
        P: Build,
        H: Clone,
    {
        self.without_all(once(id))
    }

    /// Changes a weight; 0 drains the node.
    ///
    /// # Errors
    /// No such node, or a weight the algorithm cannot serve.
    #[doc(alias = "set_weight")]
    #[doc(alias = "drain")]
    pub fn reweighted(&self, id: &(impl StableHash + ?Sized), weight: u64) -> Result<Self, Error>
    where
        P: Build,
        H: Clone,
    {
        self.reweighted_all(once((id, weight)))
    }

    /// Adds a described node.
    ///
    /// # Errors
    /// As [`with`](Self::with).
    #[doc(alias = "add_node")]
    pub fn with_node(&self, node: Node<N>) -> Result<Self, Error>
    where
        P: Build,
        H: Clone,
    {
        self.with_nodes(once(node))
    }

    /// Adds described nodes, in the order given, in one step.
    ///
    /// One step with many nodes costs about as much as a step with one: a ring merges its points
    /// once, O(points), where adding one node after the other merges them each time.
    ///
    /// # Errors
    /// As [`with`](Self::with), and a label that comes twice; then none of the nodes is added.
    #[doc(alias = "add_nodes")]
    pub fn with_nodes(&self, nodes: impl IntoIterator<Item = Node<N>>) -> Result<Self, Error>
    where
        P: Build,
        H: Clone,
    {
        self.follow(self.topology.adding(nodes)?, fresh)
    }

    /// Adds nodes of weight 1 that are their own labels, in the order given, in one step.
    ///
    /// ```
    /// use apportion::Locator;
    ///
    /// let ring = Locator::ring(["a", "b"])?;
    /// let five = ring.with_all(["c", "d", "e"])?;
    /// assert_eq!(five.len(), 5);
    /// assert_eq!(five.without_all(["a", "e"])?.len(), 3);
    /// # Ok::<(), apportion::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`with_nodes`](Self::with_nodes).
    #[doc(alias = "extend")]
    pub fn with_all(&self, ids: impl IntoIterator<Item = N>) -> Result<Self, Error>
    where
        N: StableHash,
        P: Build,
        H: Clone,
    {
        self.with_nodes(ids.into_iter().map(Node::new))
    }

    /// Removes nodes in one step. It may be possible where removing one after the other is not: a
    /// jump hash can lose its last two buckets together, whatever the order of the ids.
    ///
    /// # Errors
    /// As [`without`](Self::without), and a node that comes twice; then none of them is removed.
    #[doc(alias = "retain")]
    pub fn without_all(&self, ids: impl IntoIterator<Item = impl StableHash>) -> Result<Self, Error>
    where
        P: Build,
        H: Clone,
    {
        self.follow(self.topology.removing(ids)?, fresh)
    }

    /// Changes weights in one step. It may be possible where changing one after the other is not: an
    /// unweighted algorithm accepts weight 2 for all nodes, but not for one of them.
    ///
    /// # Errors
    /// As [`reweighted`](Self::reweighted), and a node that comes twice; then all weights stay.
    pub fn reweighted_all(
        &self,
        weights: impl IntoIterator<Item = (impl StableHash, u64)>,
    ) -> Result<Self, Error>
    where
        P: Build,
        H: Clone,
    {
        self.follow(self.topology.reweighting(weights)?, fresh)
    }

    /// Removes a node and returns its value too, to be closed or used elsewhere. This locator shares
    /// the value until it is dropped.
    ///
    /// ```
    /// use apportion::Locator;
    ///
    /// let pool = Locator::ring(["a".to_owned(), "b".to_owned()])?;
    /// let (smaller, removed) = pool.extract("a")?;
    /// drop(pool); // else two of them hold it
    /// assert_eq!(std::sync::Arc::into_inner(removed).as_deref(), Some("a"));
    /// assert_eq!(smaller.len(), 1);
    /// # Ok::<(), apportion::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`without`](Self::without).
    #[doc(alias = "take")]
    pub fn extract(&self, id: &(impl StableHash + ?Sized)) -> Result<(Self, Arc<N>), Error>
    where
        P: Build,
        H: Clone,
    {
        let removed = Arc::clone(self.topology.expect_arc(id)?);
        Ok((self.without(id)?, removed))
    }

    /// Removes nodes in one step and returns their values too, in the order of the ids.
    ///
    /// # Errors
    /// As [`without_all`](Self::without_all).
    pub fn extract_all(
        &self,
        ids: impl IntoIterator<Item = impl StableHash>,
    ) -> Result<(Self, Vec<Arc<N>>), Error>
    where
        P: Build,
        H: Clone,
    {
        let draft = self.topology.removing(ids)?;
        let values = draft.removed(&self.topology).cloned().collect();
        Ok((self.follow(draft, fresh)?, values))
    }

    /// Replaces the nodes by a whole new list, as after a reload, in one step: nodes whose label stays
    /// keep their slot, others leave or join. Nodes that join do so in the order of the list, which
    /// numbered algorithms depend on: see [`Topology::replaced_by`](crate::Topology::replaced_by). Several changes
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
        self.follow(self.topology.replacing(nodes)?, fresh)
    }

    /// As [`replaced_by`](Self::replaced_by) for a list of descriptions: `value` makes each node's
    /// value from its description and, if there is a node with this label, that node's current
    /// value. This keeps live connections across a reload:
    ///
    /// ```
    /// use apportion::{Locator, Node, Topology};
    /// use apportion::ring::RingConfig;
    /// use std::sync::Arc;
    ///
    /// struct Connection { address: &'static str }
    ///
    /// let connect = |address| Connection { address };
    /// let list = ["10.0.0.1:80", "10.0.0.2:80"].map(Node::new);
    /// let pool = Topology::of(list.map(|node| node.map(connect)))?;
    /// let pool = Locator::ring_of(pool, RingConfig::default())?;
    ///
    /// let reloaded = ["10.0.0.2:80", "10.0.0.3:80"].map(Node::new);
    /// let pool = pool.replaced_by_with(reloaded, |address, old| match old {
    ///     Some(connection) => Arc::clone(connection), // 10.0.0.2
    ///     None => Arc::new(connect(address)),         // 10.0.0.3
    /// })?;
    /// assert_eq!(pool.len(), 2);
    /// # Ok::<(), apportion::Error>(())
    /// ```
    ///
    /// `value` is called once for each node, in the order of the list, after the algorithm has
    /// accepted the change: no connection is opened for a change that is rejected.
    ///
    /// # Errors
    /// As [`replaced_by`](Self::replaced_by).
    #[doc(alias = "reload")]
    pub fn replaced_by_with<T>(
        &self,
        nodes: impl IntoIterator<Item = Node<T>>,
        value: impl FnMut(T, Option<&Arc<N>>) -> Arc<N>,
    ) -> Result<Self, Error>
    where
        P: Build,
        H: Clone,
    {
        self.follow(self.topology.replacing(nodes)?, value)
    }

    /// The algorithm comes first: no value is made for a change that it rejects.
    fn follow<T>(
        &self,
        draft: Draft<T>,
        value: impl FnMut(T, Option<&Arc<N>>) -> Arc<N>,
    ) -> Result<Self, Error>
    where
        P: Build,
        H: Clone,
    {
        let before = self.topology.members();
        let placement = self.placement.update(draft.changes(), before, draft.members())?;
        let (topology, _) = draft.finish(&self.topology, value);
        Self::from_parts(topology, placement, self.hasher.clone())
    }
}
