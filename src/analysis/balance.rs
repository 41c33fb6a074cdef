//! The load of each node against its quota.

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

/// The load of one node, and its quota.
#[derive(PartialEq, Debug)]
#[non_exhaustive]
pub struct NodeLoad<'a, N> {
    /// The node.
    pub node: &'a N,
    /// Its slot.
    pub slot: NodeIdx,
    /// The number of replicas it holds.
    pub load: u64,
    /// The number of replicas it should hold: all replicas, times its weight, over the total
    /// weight.
    ///
    /// With one replica per key, an algorithm with exact shares gives each node its quota on
    /// average. With k replicas a quota can be unreachable: no node holds two replicas of one key,
    /// so none can hold more than 1/k of all replicas, whatever its weight. The expected load is
    /// the [`inclusion`](crate::analysis::inclusion) of an algorithm; [`Balance::against`] uses it
    /// as the quota.
    pub quota: f64,
}

// Derived impls would require `N: Clone` and `N: Copy`, though `N` is only referenced.
impl<N> Clone for NodeLoad<'_, N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<N> Copy for NodeLoad<'_, N> {}

/// The load of each live node against its quota.
///
/// ```
/// use apportion::Locator;
/// use apportion::analysis::Balance;
///
/// let store = Locator::rendezvous(0..10)?;
/// let balance = Balance::of_keys(&store, 1, 0..100_000_u64)?;
/// assert_eq!((balance.sum(), balance.mean()), (100_000, Some(10_000.0)));
/// // With random placement a node has 10,000 ± √9000 keys.
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
    /// Places keys, counts the replicas on each live node, and compares them with its share by
    /// weight. Works with any placement, including your own. `par_of_keys` (feature `rayon`) does the
    /// same in parallel.
    ///
    /// # Complexity
    /// The time of the lookups. Keys are not stored: memory is O(nodes).
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
        let mut counts = LoadCounts::new(locator.placement(), replicas)?;
        for key in keys {
            counts.count(locator, &key);
        }
        Ok(counts.balance(locator.topology()))
    }

    /// The loads of the live nodes after `keys` keys, against the weights.
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

    /// Loads that were counted before.
    #[cfg(feature = "serde")]
    pub(super) fn of_loads(nodes: Vec<NodeLoad<'a, N>>, keys: u64) -> Self {
        Self { nodes, keys }
    }

    /// The same loads against other quotas.
    pub(crate) fn with_quotas(&self, quotas: impl Iterator<Item = f64>) -> Self {
        let nodes = self.nodes.iter().zip(quotas).map(|(node, quota)| NodeLoad { quota, ..*node });
        Self { nodes: nodes.collect(), keys: self.keys }
    }

    /// The live nodes, in the order of their slots.
    #[must_use]
    pub fn nodes(&self) -> &[NodeLoad<'a, N>] {
        &self.nodes
    }

    /// The number of keys counted.
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

    /// The maximum of load over quota. `None` if there is no node or no key.
    #[must_use]
    pub fn max_over_quota(&self) -> Option<f64> {
        self.ratios().reduce(f64::max)
    }

    /// The minimum of load over quota. `None` if there is no node or no key.
    #[must_use]
    pub fn min_over_quota(&self) -> Option<f64> {
        self.ratios().reduce(f64::min)
    }

    /// The mean of load over quota, with the same weight for every node. It is 1, up to rounding,
    /// if the quotas are equal. `None` if there is no node or no key.
    #[must_use]
    pub fn mean_over_quota(&self) -> Option<f64> {
        mean(self.ratios())
    }

    /// The relative deviation from the quotas: the standard deviation of load over quota about 1,
    /// with the same weight for every node. `None` if there is no node or no key.
    ///
    /// Random placement gives about 1/√quota, an uneven placement more.
    #[must_use]
    pub fn deviation_over_quota(&self) -> Option<f64> {
        mean(self.ratios().map(|ratio| (ratio - 1.0) * (ratio - 1.0))).map(square_root)
    }

    /// Pearson's statistic: how well the quotas explain the counted loads.
    ///
    /// `None` for fewer than two [cells](ChiSquared::of), and if keys have more than one replica:
    /// the holders of a key are distinct, so the loads of different nodes depend on one another and
    /// the statistic does not follow its distribution.
    ///
    /// A ring or a Maglev table follows weights only approximately, so with enough keys the
    /// statistic always shows it. To test whether keys follow the actual
    /// [`shares`](crate::analysis::shares()), compare [`against`](Self::against) them.
    #[must_use]
    pub fn chi_squared(&self) -> Option<ChiSquared> {
        let cells = self.nodes.iter().map(|node| (node.load, node.quota));
        (self.sum() == self.keys).then(|| ChiSquared::of(cells))?
    }

    fn ratios(&self) -> impl Iterator<Item = f64> {
        self.nodes.iter().filter(|n| n.quota > 0.0).map(|n| n.load as f64 / n.quota)
    }
}

/// The loads of all slots after some keys. Sums of integers, so the counts of any parts of the keys
/// add up to the same in any order.
#[cfg_attr(feature = "rayon", derive(Clone))]
pub(super) struct LoadCounts {
    loads: Vec<u64>,
    keys: u64,
    /// The holders of the current key.
    holders: Vec<NodeIdx>,
}

impl LoadCounts {
    /// Counts of no keys.
    pub(super) fn new<P: Placement>(placement: &P, replicas: usize) -> Result<Self, Error> {
        if replicas == 0 {
            return Err(CompareFault::NoReplicas.into());
        }
        let holders = vec![NodeIdx::default(); replicas.min(placement.live())];
        Ok(Self { loads: vec![0; placement.slots()], keys: 0, holders })
    }

    /// Counts the replicas of a key.
    pub(super) fn count<N, P, H, K>(&mut self, locator: &Locator<N, P, H>, key: &K)
    where
        P: Placement,
        K: Key<H>,
    {
        let found = locator.replicas_into(key, &mut self.holders);
        for node in self.holders.iter().take(found) {
            if let Some(load) = self.loads.get_mut(node.index()) {
                *load += 1;
            }
        }
        self.keys += 1;
    }

    /// Adds the counts of other keys.
    #[cfg(feature = "rayon")]
    pub(super) fn merge(&mut self, other: &Self) {
        self.loads.iter_mut().zip(&other.loads).for_each(|(load, more)| *load += more);
        self.keys += other.keys;
    }

    /// The loads of the live nodes, against the weights.
    pub(super) fn balance<N>(self, topology: &Topology<N>) -> Balance<'_, N> {
        let load = |node: NodeIdx| self.loads.get(node.index()).copied().unwrap_or_default();
        Balance::by_weight(topology, self.keys, load)
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), x| (sum + x, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}
