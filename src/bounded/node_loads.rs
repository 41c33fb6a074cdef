//! The loads of the nodes as a caller counts them.

use crate::node::{NodeIdx, Weight};
#[cfg(feature = "alloc")]
use crate::{steps, topology::Members};
use core::fmt;

/// The loads and weights of the nodes, and their totals: what [`LoadLimit::pick`] reads.
///
/// The loads are yours: any function of a slot, over counters, a table, or what the nodes reported.
/// The unit is that of the cost of a request. A value is built for each request and holds only the
/// two functions and the two totals.
///
/// | constructor | total load | cost |
/// |---|---|---|
/// | [`of`](Self::of) | summed over the live nodes | O(slots) |
/// | [`with_totals`](Self::with_totals) | given, for example from one counter more | O(1) |
/// | [`equal`](Self::equal) | given; nodes of equal weight, without `alloc` | O(1) |
/// | [`new`](Self::new) | given, with weights of your own, without `alloc` | O(1) |
///
/// [`LoadLimit::pick`]: super::LoadLimit::pick
#[derive(Clone, Copy)]
pub struct NodeLoads<W, L> {
    weight: W,
    load: L,
    total_load: u64,
    total_weight: u128,
}

impl<W: Fn(NodeIdx) -> Weight, L: Fn(NodeIdx) -> u64> NodeLoads<W, L> {
    /// Weights and loads by slot, with their totals over the live nodes. A weight of 0 stands for a hole
    /// or a drained node.
    pub fn new(weight: W, total_weight: u128, load: L, total_load: u64) -> Self {
        Self { weight, load, total_load, total_weight }
    }

    pub(super) fn weight(&self, node: NodeIdx) -> Weight {
        (self.weight)(node)
    }

    pub(super) fn load(&self, node: NodeIdx) -> u64 {
        (self.load)(node)
    }
}

impl<W, L> NodeLoads<W, L> {
    /// The sum of the loads of the live nodes, as it was summed or given.
    #[must_use]
    pub fn total_load(&self) -> u64 {
        self.total_load
    }

    /// The sum of the weights.
    #[must_use]
    pub fn total_weight(&self) -> u128 {
        self.total_weight
    }
}

impl NodeLoads<(), ()> {
    /// The loads of these nodes, with the total summed: `load` is called once for each live node.
    ///
    /// The sum is not a snapshot if other threads change the loads meanwhile.
    ///
    /// # Complexity
    /// O(slots).
    #[cfg(feature = "alloc")]
    pub fn of<L: Fn(NodeIdx) -> u64>(
        members: &Members,
        load: L,
    ) -> NodeLoads<impl Fn(NodeIdx) -> Weight + Copy + '_, L> {
        let (mut total_load, mut total_weight) = (0_u64, 0);
        for (node, member) in members.live_entries() {
            steps::count(1);
            total_load = total_load.saturating_add(load(node));
            total_weight += u128::from(member.weight.get());
        }
        Self::with_totals(members, total_weight, load, total_load)
    }

    /// The loads of these nodes, with totals that the caller keeps: [`Members::total_weight`], once for
    /// each list of nodes, and the sum of the loads.
    ///
    /// A sum that is too high by some percent raises every limit by as much. A sum that is too low may
    /// leave no node below its limit.
    ///
    /// # Complexity
    /// O(1).
    #[cfg(feature = "alloc")]
    pub fn with_totals<L: Fn(NodeIdx) -> u64>(
        members: &Members,
        total_weight: u128,
        load: L,
        total_load: u64,
    ) -> NodeLoads<impl Fn(NodeIdx) -> Weight + Copy + '_, L> {
        let weight = |node| members.weight(node).unwrap_or(Weight::DRAINED);
        NodeLoads::new(weight, total_weight, load, total_load)
    }

    /// The loads of the nodes in the slots below `nodes`, all of weight 1.
    pub fn equal<L: Fn(NodeIdx) -> u64>(
        nodes: u32,
        load: L,
        total_load: u64,
    ) -> NodeLoads<impl Fn(NodeIdx) -> Weight + Copy, L> {
        let weight =
            move |node: NodeIdx| if node.get() < nodes { Weight::ONE } else { Weight::DRAINED };
        NodeLoads::new(weight, nodes.into(), load, total_load)
    }
}

impl<W, L> fmt::Debug for NodeLoads<W, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodeLoads")
            .field("total_load", &self.total_load)
            .field("total_weight", &self.total_weight)
            .finish_non_exhaustive()
    }
}
