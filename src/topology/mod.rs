//! The set of nodes: [`Topology`], immutable and cheap to clone, and the changes between two of them.

mod change;
mod changes;
#[cfg(test)]
mod cost_tests;
mod draft;
mod iter;
mod label_order;
mod members;
mod shared;
mod totals;
mod union;
mod values;

pub use change::Change;
pub(crate) use changes::fresh;
pub(crate) use draft::Draft;
pub use iter::NodeIter;
pub(crate) use members::Member;
pub use members::Members;
#[cfg(feature = "serde")]
pub(crate) use shared::SharedList;
pub(crate) use union::{Identity, Union};
pub use values::Topology;

pub use crate::node::{Domain, Node, NodeIdx, Weight};
