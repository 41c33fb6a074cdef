//! Changes of the nodes: each method returns a new locator.

use super::Locator;
use crate::error::Error;
use crate::hash::StableHash;
use crate::node::Node;
use crate::placement::Build;
use crate::topology::{Draft, fresh};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::iter::once;

/// Changes of the nodes. Each method returns a new locator and leaves this one unchanged. Nodes that
/// stay keep their slots, and both locators share the nodes' values and labels.
impl<N, P, H> Locator<N, P, H> {
    /// Adds a node of weight 1 that is its own label.
    ///
    /// # Errors
    /// A node with this label exists already, or the algorithm cannot serve the new nodes.
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
    /// There is no such node, or the algorithm cannot remove it.
    #[doc(alias = "remove")]
    #[doc(alias = "remove_node")]
    pub fn without(&self, id: &(impl StableHash + ?Sized)) -> Result<Self, Error>
    where
        P: Build,
        H: Clone,
    {
        self.without_all(once(id))
    }

    /// Changes the weight of a node; 0 drains it.
    ///
    /// # Errors
    /// There is no such node, or the algorithm cannot serve this weight.
    #[doc(alias = "set_weight")]
    #[doc(alias = "drain")]
    pub fn reweighted(&self, id: &(impl StableHash + ?Sized), weight: u64) -> Result<Self, Error>
    where
        P: Build,
        H: Clone,
    {
        self.reweighted_all(once((id, weight)))
    }

    /// Adds a node described by a [`Node`]: with a weight, failure domains or a label of its own.
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

    /// Adds nodes described by [`Node`]s, in the order given, in one step.
    ///
    /// # Errors
    /// As [`with`](Self::with), or a label is given twice. Then none of the nodes is added.
    ///
    /// # Complexity
    /// Adding many nodes in one step costs less than adding them one after the other: a ring merges its
    /// points once, or writes each page of its points once.
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

    /// Removes nodes in one step.
    ///
    /// This may succeed where removing one node after the other fails: a jump hash can lose its last
    /// two buckets together, in any order of the ids.
    ///
    /// # Errors
    /// As [`without`](Self::without), or a node is given twice. Then none of them is removed.
    #[doc(alias = "retain")]
    pub fn without_all(&self, ids: impl IntoIterator<Item = impl StableHash>) -> Result<Self, Error>
    where
        P: Build,
        H: Clone,
    {
        self.follow(self.topology.removing(ids)?, fresh)
    }

    /// Changes the weights of nodes in one step.
    ///
    /// This may succeed where changing one weight after the other fails: an unweighted algorithm
    /// accepts weight 2 for all nodes, but not for one of them.
    ///
    /// # Errors
    /// As [`reweighted`](Self::reweighted), or a node is given twice. Then all weights stay.
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

    /// Removes a node and returns its value as well, so that you can close it or use it elsewhere.
    /// This locator shares the value until it is dropped.
    ///
    /// ```
    /// use apportion::Locator;
    ///
    /// let pool = Locator::ring(["a".to_owned(), "b".to_owned()])?;
    /// let (smaller, removed) = pool.extract("a")?;
    /// drop(pool); // otherwise `pool` still shares the value
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

    /// Removes nodes in one step and returns their values as well, in the order of the ids.
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

    /// Replaces the nodes by a whole new list in one step, for example after a configuration reload.
    ///
    /// Nodes whose label is in both lists keep their slot; the others leave or join. Nodes join in the
    /// order of the list, which matters to numbered algorithms: see
    /// [`Topology::replaced_by`](crate::Topology::replaced_by). Several changes together may succeed
    /// where each alone fails, for instance new weights for all nodes of an unweighted algorithm.
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
    /// A label is given twice, or the algorithm cannot make the change.
    pub fn replaced_by(&self, nodes: impl IntoIterator<Item = Node<N>>) -> Result<Self, Error>
    where
        P: Build,
        H: Clone,
    {
        self.follow(self.topology.replacing(nodes)?, fresh)
    }

    /// As [`replaced_by`](Self::replaced_by), for a list of descriptions. `value` makes each node's
    /// value from its description and, if a node with this label exists, from that node's current
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

    /// Asks the algorithm first, so that no value is made for a change that it rejects.
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
