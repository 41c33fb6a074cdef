//! Changes of the nodes: each method returns a new topology.

use super::change::Change;
use super::draft::Draft;
use super::values::Topology;
use crate::error::{Error, NodeFault};
use crate::hash::StableHash;
use crate::node::{Node, NodeIdx, Weight};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Changes of the nodes. Each method returns a new topology and the changes that lead to it, and
/// leaves this topology unchanged. [`Locator`](crate::Locator) has the same methods and updates the
/// algorithm as well.
impl<N> Topology<N> {
    /// Adds a node of weight 1 that is its own label.
    ///
    /// # Errors
    /// As [`with_node`](Self::with_node).
    #[doc(alias = "add")]
    #[doc(alias = "insert")]
    pub fn with(&self, id: N) -> Result<(Self, Change), Error>
    where
        N: StableHash,
    {
        self.with_node(Node::new(id))
    }

    /// Adds nodes of weight 1 that are their own labels, in the order given.
    ///
    /// # Errors
    /// As [`with_nodes`](Self::with_nodes).
    #[doc(alias = "extend")]
    pub fn with_all(&self, ids: impl IntoIterator<Item = N>) -> Result<(Self, Vec<Change>), Error>
    where
        N: StableHash,
    {
        self.with_nodes(ids.into_iter().map(Node::new))
    }

    /// Adds a node in the lowest free slot.
    ///
    /// # Errors
    /// A node with this label exists already, a failure domain is malformed, or one of the
    /// [`limits`](crate::limits) is exceeded.
    ///
    /// # Complexity
    /// O(slots).
    #[doc(alias = "add_node")]
    pub fn with_node(&self, node: Node<N>) -> Result<(Self, Change), Error> {
        let at = self.members().first_free();
        let (topology, _) = self.with_nodes([node])?;
        Ok((topology, Change::Add(at)))
    }

    /// Adds nodes in the order given, each in the lowest free slot.
    ///
    /// # Errors
    /// As [`with_node`](Self::with_node), or a label is given twice.
    ///
    /// # Complexity
    /// O(slots), as for one node.
    #[doc(alias = "add_nodes")]
    pub fn with_nodes(
        &self,
        nodes: impl IntoIterator<Item = Node<N>>,
    ) -> Result<(Self, Vec<Change>), Error> {
        Ok(self.adding(nodes)?.finish(self, fresh))
    }

    /// Removes a node.
    ///
    /// # Errors
    /// There is no such node.
    ///
    /// # Complexity
    /// O(slots).
    #[doc(alias = "remove")]
    #[doc(alias = "remove_node")]
    pub fn without(&self, id: &(impl StableHash + ?Sized)) -> Result<(Self, Change), Error> {
        let at = self.expect(id)?;
        let (topology, _) = Draft::removing(self, &[at])?.finish(self, fresh);
        Ok((topology, Change::Remove(at)))
    }

    /// Removes nodes in one step. The changes are in the order of the ids.
    ///
    /// # Errors
    /// There is no such node, or a node is given twice.
    ///
    /// # Complexity
    /// O(slots), as for one node.
    pub fn without_all(
        &self,
        ids: impl IntoIterator<Item = impl StableHash>,
    ) -> Result<(Self, Vec<Change>), Error> {
        Ok(self.removing(ids)?.finish(self, fresh))
    }

    /// Changes the weight of a node; 0 drains it.
    ///
    /// # Errors
    /// There is no such node.
    ///
    /// # Complexity
    /// O(slots).
    #[doc(alias = "set_weight")]
    pub fn reweighted(
        &self,
        id: &(impl StableHash + ?Sized),
        weight: u64,
    ) -> Result<(Self, Change), Error> {
        let change = (self.expect(id)?, Weight::new(weight));
        let (topology, _) = Draft::reweighting(self, &[change]).finish(self, fresh);
        Ok((topology, Change::Reweight(change.0, change.1)))
    }

    /// Changes the weights of nodes in one step.
    ///
    /// # Errors
    /// There is no such node, or a node is given twice.
    ///
    /// # Complexity
    /// O(slots), as for one node.
    pub fn reweighted_all(
        &self,
        weights: impl IntoIterator<Item = (impl StableHash, u64)>,
    ) -> Result<(Self, Vec<Change>), Error> {
        Ok(self.reweighting(weights)?.finish(self, fresh))
    }

    /// Replaces the nodes by a whole new list, for example after a configuration reload.
    ///
    /// Nodes whose label stays keep their slot and take the new value, weight and domains. The
    /// changes come in this order:
    ///
    /// 1. nodes that leave, by label;
    /// 2. new weights of nodes that were live, by label;
    /// 3. nodes that join, **in the order of the list**: new nodes, and nodes of weight 0 that get
    ///    another weight.
    ///
    /// So a numbered algorithm that grows from 8 to 300 shards numbers them like one that is built
    /// from the 300. Where the order of joining does not matter, the order of the list does not
    /// matter either.
    ///
    /// # Errors
    /// As [`Topology::of`].
    ///
    /// # Complexity
    /// O(n log n).
    #[doc(alias = "reload")]
    pub fn replaced_by(
        &self,
        nodes: impl IntoIterator<Item = Node<N>>,
    ) -> Result<(Self, Vec<Change>), Error> {
        self.replaced_by_with(nodes, fresh)
    }

    /// As [`replaced_by`](Self::replaced_by), for a list of descriptions. `value` makes each node's
    /// value from its description and, if a node with this label exists, from that node's current
    /// value. This keeps live connections across a reload.
    ///
    /// `value` is called once for each node, in the order of the list, after the whole list has been
    /// checked.
    ///
    /// # Errors
    /// As [`Topology::of`].
    pub fn replaced_by_with<T>(
        &self,
        nodes: impl IntoIterator<Item = Node<T>>,
        value: impl FnMut(T, Option<&Arc<N>>) -> Arc<N>,
    ) -> Result<(Self, Vec<Change>), Error> {
        Ok(self.replacing(nodes)?.finish(self, value))
    }

    /// The draft of [`with_nodes`](Self::with_nodes).
    pub(crate) fn adding(
        &self,
        nodes: impl IntoIterator<Item = Node<N>>,
    ) -> Result<Draft<N>, Error> {
        Draft::adding(self, nodes)
    }

    /// The draft of [`replaced_by_with`](Self::replaced_by_with).
    pub(crate) fn replacing<T>(
        &self,
        nodes: impl IntoIterator<Item = Node<T>>,
    ) -> Result<Draft<T>, Error> {
        Draft::replacing(self, nodes)
    }

    /// The draft of [`without_all`](Self::without_all).
    pub(crate) fn removing(
        &self,
        ids: impl IntoIterator<Item = impl StableHash>,
    ) -> Result<Draft<N>, Error> {
        let known: Result<Vec<NodeIdx>, Error> =
            ids.into_iter().map(|id| self.expect(&id)).collect();
        let known = known?;
        self.distinct(known.iter().copied())?;
        Draft::removing(self, &known)
    }

    /// The draft of [`reweighted_all`](Self::reweighted_all).
    pub(crate) fn reweighting(
        &self,
        weights: impl IntoIterator<Item = (impl StableHash, u64)>,
    ) -> Result<Draft<N>, Error> {
        let known: Result<Vec<(NodeIdx, Weight)>, Error> = weights
            .into_iter()
            .map(|(id, weight)| Ok((self.expect(&id)?, Weight::new(weight))))
            .collect();
        let known = known?;
        self.distinct(known.iter().map(|(at, _)| *at))?;
        Ok(Draft::reweighting(self, &known))
    }

    /// Rejects a list that names a node twice, because it is unclear which of two weights is meant.
    fn distinct(&self, nodes: impl Iterator<Item = NodeIdx>) -> Result<(), Error> {
        let mut sorted: Vec<NodeIdx> = nodes.collect();
        sorted.sort_unstable();
        let same = |pair: &[NodeIdx]| match pair {
            [a, b] if a == b => Some(*a),
            _ => None,
        };
        let Some(twice) = sorted.windows(2).find_map(same) else { return Ok(()) };
        let label = self.members().shown(twice);
        Err(NodeFault::Duplicate { label }.into())
    }
}

/// Makes a node's value from the given one and ignores the current one.
pub(crate) fn fresh<N>(value: N, _: Option<&Arc<N>>) -> Arc<N> {
    Arc::new(value)
}
