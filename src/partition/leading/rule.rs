//! How a planner balances leaders, and what a plan keeps of it.

use super::super::problem::Problem;
use super::certificate::LeaderCertificate;
use super::weights;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// How a planner balances leaders.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(in super::super) struct LeaderRule {
    /// Weights given to leaves; `None` for quotas in proportion to those of replicas.
    given: Option<BTreeMap<u32, u64>>,
}

impl LeaderRule {
    /// By these weights of leaves; the others have their weights for replicas.
    pub(super) fn given(weights: BTreeMap<u32, u64>) -> Self {
        Self { given: Some(weights) }
    }

    /// A weight for each leaf; 0 for one that leads only what no other holder can.
    pub(super) fn weights(&self, problem: &Problem<'_>) -> Vec<u128> {
        let Problem { tree, quotas, .. } = problem;
        let Some(given) = &self.given else { return weights::in_proportion(&quotas.ratios) };
        let own = |(leaf, weight): (u32, &u64)| {
            let weight = given.get(&leaf).copied().unwrap_or(*weight);
            if quotas.is_empty(tree, leaf) { 0 } else { weight.into() }
        };
        (0..).zip(&tree.weights).map(own).collect()
    }

    /// What distinguishes planners with different rules.
    pub(in super::super) fn identity(&self) -> impl Iterator<Item = u64> {
        let given = self.given.iter().flatten();
        let given = given.flat_map(|(leaf, weight)| [u64::from(*leaf), *weight]);
        [u64::MAX, u64::from(self.given.is_some())].into_iter().chain(given)
    }
}

/// The leaders of a plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in super::super) struct LeaderFigures {
    pub(in super::super) certificate: LeaderCertificate,
    pub(in super::super) lower_bound: u64,
}
