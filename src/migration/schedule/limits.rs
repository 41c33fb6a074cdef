//! How many transfers a node may take part in at once.

use super::graph::Limit;
use crate::error::{Error, NodeFault, ScheduleFault};
use crate::hash::StableHash;
use crate::node::NodeLabel;
use alloc::vec;
use alloc::vec::Vec;

/// How many transfers each node may send and receive at once.
///
/// A node has either two limits, one for sends and one for receives, or a joint limit for both
/// together. Nodes may differ.
///
/// ```
/// use apportion::migration::Limits;
///
/// // Everyone sends 2 and receives 1 at a time, the old machine takes part in one transfer.
/// let limits = Limits::each(2, 1).node_joint("old-1", 1);
/// # let _ = limits;
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    default: Limit,
    nodes: Vec<(NodeLabel, Limit)>,
}

impl Limits {
    /// Every node sends at most `send` transfers and receives at most `receive` at once.
    #[must_use]
    pub const fn each(send: u32, receive: u32) -> Self {
        Self { default: Limit::Each { send, receive }, nodes: Vec::new() }
    }

    /// Every node takes part in at most `transfers` at once, whether it sends or receives.
    ///
    /// Even limits are met in as few rounds as possible, odd ones where no node both sends and
    /// receives; see [`Optimality`](super::Optimality).
    #[must_use]
    pub const fn joint(transfers: u32) -> Self {
        Self { default: Limit::Joint(transfers), nodes: Vec::new() }
    }

    /// The same limits, except that this node has others. The last ones given for a node count.
    pub fn node(self, id: &(impl StableHash + ?Sized), send: u32, receive: u32) -> Self {
        self.with(id, Limit::Each { send, receive })
    }

    /// The same limits, except that this node has a joint limit of its own.
    pub fn node_joint(self, id: &(impl StableHash + ?Sized), transfers: u32) -> Self {
        self.with(id, Limit::Joint(transfers))
    }

    fn with(mut self, id: &(impl StableHash + ?Sized), limit: Limit) -> Self {
        self.nodes.push((NodeLabel::of(id), limit));
        self
    }

    /// The limits of nodes by number. `find` has the number of a label, below `nodes`.
    ///
    /// # Errors
    /// A limit of 0, and a node that is not among them.
    pub(crate) fn resolve(
        &self,
        nodes: usize,
        find: impl Fn(&NodeLabel) -> Option<usize>,
    ) -> Result<NodeLimits, Error> {
        check(self.default, None)?;
        let mut limits = vec![self.default; nodes];
        for (label, limit) in &self.nodes {
            check(*limit, Some(label))?;
            let entry = find(label).and_then(|node| limits.get_mut(node));
            *entry.ok_or_else(|| NodeFault::Unknown { label: label.shown() })? = *limit;
        }
        Ok(NodeLimits(limits))
    }
}

/// The limits of all nodes by number, each above 0.
#[derive(Debug)]
pub(crate) struct NodeLimits(pub(super) Vec<Limit>);

fn check(limit: Limit, label: Option<&NodeLabel>) -> Result<(), Error> {
    let what = match limit {
        Limit::Each { send: 0, .. } => "sends",
        Limit::Each { receive: 0, .. } => "receives",
        Limit::Joint(0) => "transfers",
        _ => return Ok(()),
    };
    Err(ScheduleFault::NoTransfers { node: label.map(NodeLabel::shown), what }.into())
}
