//! The data of a node that filling a table needs.

use crate::node::NodeIdx;

/// A live node that takes turns at the entries.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entrant {
    pub(super) identity: u64,
    pub(super) weight: u64,
    pub(super) node: NodeIdx,
}
