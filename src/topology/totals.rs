//! Sums over the nodes, kept up to date so that no change has to add all nodes up again.

use crate::node::Weight;

/// The number of live nodes, and the weight of all nodes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Totals {
    pub(super) live: usize,
    /// Below 2^84: there are at most 2^20 nodes.
    pub(super) weight: u128,
}

impl Totals {
    pub(super) fn add(&mut self, weight: Weight) {
        self.live += usize::from(weight.is_live());
        self.weight += u128::from(weight.get());
    }

    /// Of a node that was added.
    pub(super) fn remove(&mut self, weight: Weight) {
        self.live -= usize::from(weight.is_live());
        self.weight -= u128::from(weight.get());
    }

    pub(super) fn of(weights: impl Iterator<Item = Weight>) -> Self {
        let mut totals = Self::default();
        weights.for_each(|weight| totals.add(weight));
        totals
    }
}
