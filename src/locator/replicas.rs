//! The holders of a key.

use crate::node::NodeIdx;
use crate::slips::OrSlip;
use crate::topology::Topology;
use core::fmt;

/// The nodes that hold a key's replicas, the owner first; on the stack.
pub struct Replicas<'a, N, const R: usize> {
    topology: &'a Topology<N>,
    at: [NodeIdx; R],
    len: usize,
}

impl<'a, N, const R: usize> Replicas<'a, N, R> {
    pub(crate) fn new(topology: &'a Topology<N>, at: [NodeIdx; R], len: usize) -> Self {
        Self { topology, at, len }
    }

    /// Their slots.
    #[must_use]
    pub fn nodes(&self) -> &[NodeIdx] {
        self.at.get(..self.len).or_slip()
    }

    /// The nodes.
    pub fn iter(&self) -> impl Iterator<Item = &'a N> + use<'a, '_, N, R> {
        self.nodes().iter().filter_map(|at| self.topology.get(*at))
    }

    /// The i-th holder; 0 is the owner.
    #[must_use]
    pub fn get(&self, i: usize) -> Option<&'a N> {
        self.topology.get(*self.nodes().get(i)?)
    }

    /// How many there are: `R`, or fewer if fewer nodes are live.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// True if no node is live.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl<N: fmt::Debug, const R: usize> fmt::Debug for Replicas<'_, N, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
