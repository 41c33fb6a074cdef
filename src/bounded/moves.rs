//! What an operation moved.

use crate::node::NodeIdx;
use alloc::vec::Vec;

/// What one operation on [`BoundedLoads`](crate::BoundedLoads) did to the keys.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct Moves {
    /// Keys that were not held before and are now. Their first assignment is not a move.
    pub added: u32,
    /// Keys that were held before and are no longer.
    pub removed: u32,
    /// Keys held before and after whose node is another one now. Nodes are told apart by label.
    pub moved: u32,
    /// Keys whose holder left, or was drained to weight 0: those of `moved` that had to.
    pub orphaned: u32,
    /// After a change of nodes: what the nodes that joined or were raised hold, in the order of
    /// their labels. Few moves with a low load here are no achievement: the node stays empty.
    pub filled: Vec<Filled>,
}

/// How full a node is that joined or was given more weight.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Filled {
    /// The node, as a slot of the new locator.
    pub node: NodeIdx,
    /// Keys it holds.
    pub load: u32,
    /// Keys that are its share: ⌈keys · weight / total weight⌉.
    pub fair: u32,
}
