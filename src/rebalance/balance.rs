//! How much each node holds against its quota.

use alloc::vec::Vec;

/// What one node holds.
#[derive(Debug)]
pub struct Held<'a, N> {
    /// The node.
    pub node: &'a N,
    /// Replicas it holds.
    pub held: u64,
    /// Replicas it should hold: all of them, times its weight, over the total weight.
    pub quota: f64,
}

// Derived, these would ask the same of `N`, which is only referred to.
impl<N> Clone for Held<'_, N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<N> Copy for Held<'_, N> {}

/// How much each live node holds against its quota.
#[derive(Clone, Debug)]
pub struct Balance<'a, N> {
    nodes: Vec<Held<'a, N>>,
}

impl<'a, N> Balance<'a, N> {
    pub(super) fn new(nodes: Vec<Held<'a, N>>) -> Self {
        Self { nodes }
    }

    /// The live nodes, in the order of their slots.
    #[must_use]
    pub fn nodes(&self) -> &[Held<'a, N>] {
        &self.nodes
    }

    /// The fullest node: held over quota. `None` if there is no node or no key.
    #[must_use]
    pub fn max_over_quota(&self) -> Option<f64> {
        self.ratios().reduce(f64::max)
    }

    /// The emptiest node: held over quota. `None` if there is no node or no key.
    #[must_use]
    pub fn min_over_quota(&self) -> Option<f64> {
        self.ratios().reduce(f64::min)
    }

    fn ratios(&self) -> impl Iterator<Item = f64> {
        self.nodes.iter().filter(|n| n.quota > 0.0).map(|n| n.held as f64 / n.quota)
    }
}
