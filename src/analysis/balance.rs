//! How much each node holds against its quota.

use super::chi_squared::ChiSquared;
use super::square_root::square_root;
use crate::error::{CompareFault, Error};
use crate::hash::Key;
use crate::locator::Locator;
use crate::node::NodeIdx;
use crate::placement::Placement;
use crate::steps;
use crate::topology::{Member, Topology};
use alloc::vec;
use alloc::vec::Vec;

/// What one node holds.
#[derive(PartialEq, Debug)]
#[non_exhaustive]
pub struct NodeLoad<'a, N> {
    /// The node.
    pub node: &'a N,
    /// Its slot.
    pub slot: NodeIdx,
    /// Replicas it holds.
    pub load: u64,
    /// Replicas it should hold: all of them, times its weight, over the total weight.
    ///
    /// With one replica a key that is what exact shares give on average. With k replicas it can be
    /// out of reach: no node holds two replicas of one key, so none holds more than one part in k,
    /// whatever its weight. What an algorithm gives on average is its
    /// [`inclusion`](crate::analysis::inclusion), and [`Balance::against`] puts that in place of
    /// this.
    pub quota: f64,
}

// Derived, these would ask the same of `N`, which is only referred to.
impl<N> Clone for NodeLoad<'_, N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<N> Copy for NodeLoad<'_, N> {}

/// How much each live node holds against its quota.
///
/// ```
/// use apportion::Locator;
/// use apportion::analysis::Balance;
///
/// let store = Locator::rendezvous(0..10)?;
/// let balance = Balance::of_keys(&store, 1, 0..100_000_u64)?;
/// assert_eq!((balance.sum(), balance.mean()), (100_000, Some(10_000.0)));
/// // By chance alone a node has 10,000 ± √9000 keys.
/// assert!(balance.deviation_over_quota().is_some_and(|deviation| deviation < 0.02));
/// # Ok::<(), apportion::Error>(())
/// ```
#[derive(PartialEq, Debug)]
pub struct Balance<'a, N> {
    nodes: Vec<NodeLoad<'a, N>>,
    keys: u64,
}

impl<N> Clone for Balance<'_, N> {
    fn clone(&self) -> Self {
        Self { nodes: self.nodes.clone(), keys: self.keys }
    }
}

impl<'a, N> Balance<'a, N> {
    /// Places keys and counts what each live node holds of their replicas, against its weight's
    /// part of them. Any placement will do, one's own too.
    ///
    /// Keys are not kept: memory is O(nodes). Time is that of the lookups.
    ///
    /// # Errors
    /// 0 replicas.
    pub fn of_keys<P, H, K>(
        locator: &'a Locator<N, P, H>,
        replicas: usize,
        keys: impl IntoIterator<Item = K>,
    ) -> Result<Self, Error>
    where
        P: Placement,
        K: Key<H>,
    {
        if replicas == 0 {
            return Err(CompareFault::NoReplicas.into());
        }
        let placement = locator.placement();
        let mut holders = vec![NodeIdx::default(); replicas.min(placement.live())];
        let mut loads = vec![0_u64; placement.slots()];
        let mut count = 0;
        for key in keys {
            let found = locator.replicas_into(&key, &mut holders);
            for node in holders.iter().take(found) {
                if let Some(load) = loads.get_mut(node.index()) {
                    *load += 1;
                }
            }
            count += 1;
        }
        let load = |node: NodeIdx| loads.get(node.index()).copied().unwrap_or_default();
        Ok(Self::by_weight(locator.topology(), count, load))
    }

    /// Against the weights: what the live nodes hold of the replicas of so many keys.
    pub(crate) fn by_weight(
        topology: &'a Topology<N>,
        keys: u64,
        load: impl Fn(NodeIdx) -> u64,
    ) -> Self {
        let members = topology.members();
        let total = members.iter_live().map(&load).sum::<u64>() as f64;
        let weights = members.total_weight() as f64;
        let node = |(slot, member): (NodeIdx, &Member)| {
            steps::count(1);
            let quota = total * (member.weight.get() as f64 / weights);
            Some(NodeLoad { node: topology.get(slot)?, slot, load: load(slot), quota })
        };
        Self { nodes: members.live_entries().filter_map(node).collect(), keys }
    }

    /// The same counts against other quotas.
    pub(crate) fn with_quotas(&self, quotas: impl Iterator<Item = f64>) -> Self {
        let nodes = self.nodes.iter().zip(quotas).map(|(node, quota)| NodeLoad { quota, ..*node });
        Self { nodes: nodes.collect(), keys: self.keys }
    }

    /// The live nodes, in the order of their slots.
    #[must_use]
    pub fn nodes(&self) -> &[NodeLoad<'a, N>] {
        &self.nodes
    }

    /// Keys counted.
    #[must_use]
    pub fn keys(&self) -> u64 {
        self.keys
    }

    /// The sum of all loads, in replicas.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.nodes.iter().map(|node| node.load).sum()
    }

    /// The mean load of a node, in replicas; `None` if there is no node.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (!self.nodes.is_empty()).then(|| self.sum() as f64 / self.nodes.len() as f64)
    }

    /// The highest load over quota of a node. `None` if there is no node or no key.
    #[must_use]
    pub fn max_over_quota(&self) -> Option<f64> {
        self.ratios().reduce(f64::max)
    }

    /// The lowest load over quota of a node. `None` if there is no node or no key.
    #[must_use]
    pub fn min_over_quota(&self) -> Option<f64> {
        self.ratios().reduce(f64::min)
    }

    /// The mean of load over quota, each node counting alike: 1 up to rounding where the quotas
    /// are equal. `None` if there is no node or no key.
    #[must_use]
    pub fn mean_over_quota(&self) -> Option<f64> {
        mean(self.ratios())
    }

    /// How far a node is from its quota, as a part of it: the standard deviation of load over
    /// quota about 1, each node counting alike. `None` if there is no node or no key.
    ///
    /// Chance alone makes it about 1/√quota, an uneven placement more.
    #[must_use]
    pub fn deviation_over_quota(&self) -> Option<f64> {
        mean(self.ratios().map(|ratio| (ratio - 1.0) * (ratio - 1.0))).map(square_root)
    }

    /// How well the quotas explain what was counted: Pearson's statistic. `None` for fewer than
    /// two [cells](ChiSquared::of), and where a key has more than one replica: its holders are
    /// distinct, so the counts of different nodes depend on one another and the statistic does not
    /// follow the distribution.
    ///
    /// A ring or a Maglev table does not place exactly by weight, so enough keys always tell.
    /// Against its [`shares`](crate::analysis::shares()), by [`against`](Self::against), they tell
    /// whether it places as it says.
    #[must_use]
    pub fn chi_squared(&self) -> Option<ChiSquared> {
        let cells = self.nodes.iter().map(|node| (node.load, node.quota));
        (self.sum() == self.keys).then(|| ChiSquared::of(cells))?
    }

    fn ratios(&self) -> impl Iterator<Item = f64> {
        self.nodes.iter().filter(|n| n.quota > 0.0).map(|n| n.load as f64 / n.quota)
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), x| (sum + x, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}
