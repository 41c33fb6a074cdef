//! The neighbours of a point.

use crate::node::NodeIdx;

/// What is next to a point on a circle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Beside {
    /// The point below, if there is one.
    pub(crate) below: Option<u64>,
    pub(crate) owner: NodeIdx,
    /// The owner of the next point, around the circle.
    pub(crate) next: NodeIdx,
}
