//! One change between two topologies.

use crate::node::{NodeIdx, Weight};

/// One change between two topologies: a node that joined, left or has a new weight.
///
/// The changes that lead to a whole new node list have a defined order: first nodes that leave, then
/// new weights of live nodes, then nodes that join, in the order of the list. See
/// [`Topology::replaced_by`](crate::Topology::replaced_by). A node that joins may take a slot that
/// an earlier change freed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Change {
    /// The node in this slot of the new topology joined.
    Add(NodeIdx),
    /// The node in this slot of the old topology left.
    Remove(NodeIdx),
    /// The node in this slot of both topologies has a new weight.
    Reweight(NodeIdx, Weight),
}

impl Change {
    /// The slot.
    pub(crate) fn node(self) -> NodeIdx {
        match self {
            Self::Add(node) | Self::Remove(node) | Self::Reweight(node, _) => node,
        }
    }
}
