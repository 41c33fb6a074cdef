//! One step between two topologies.

use crate::node::{NodeIdx, Weight};

/// One step between two topologies, as an algorithm sees it.
///
/// The changes of a whole new node list come in a defined order, see
/// [`Topology::replaced_by`](crate::Topology::replaced_by): nodes that leave, then new weights of
/// live nodes, then nodes that join in the order of the list. A slot freed by a removal may be used
/// again by an addition after it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Change {
    /// The node in this slot of the new topology joined.
    Add(NodeIdx),
    /// The node in this slot of the old topology left.
    Remove(NodeIdx),
    /// The node in this slot of both has a new weight.
    Reweight(NodeIdx, Weight),
}
