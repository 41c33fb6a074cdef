//! Sizes of partitions as they are given to a planner.

use super::super::planner::Planner;
use super::super::problem::Problem;
use crate::error::{Error, PartitionFault};
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

/// The size of each partition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in super::super) struct PartitionSizes(Arc<[u64]>);

impl PartitionSizes {
    /// `None` if all sizes are 0. The replicas of all partitions together are at most `u64::MAX`.
    fn new(
        problem: &Problem<'_>,
        given: impl IntoIterator<Item = (u32, u64)>,
    ) -> Result<Option<Self>, Error> {
        let partitions = problem.config.partitions() as usize;
        let (mut sizes, mut named) = (vec![0_u64; partitions], vec![false; partitions]);
        let mut total = 0_u64;
        for (partition, size) in given {
            problem.check_partition("sizes: the", partition)?;
            let place = partition as usize;
            let twice = named.get_mut(place).is_none_or(|named| core::mem::replace(named, true));
            if twice {
                return Err(PartitionFault::SizedTwice { partition }.into());
            }
            let replicas = problem.sizes.of_partition(partition) as u64;
            let sum = size.checked_mul(replicas).and_then(|size| total.checked_add(size));
            total = sum.ok_or(PartitionFault::SizeSum { partition, size, replicas })?;
            if let Some(entry) = sizes.get_mut(place) {
                *entry = size;
            }
        }
        Ok((total > 0).then(|| Self(sizes.into())))
    }

    #[inline]
    pub(super) fn of(&self, partition: u32) -> u64 {
        self.0.get(partition as usize).copied().unwrap_or(0)
    }

    /// Partitions by size, the smallest first; of the same size by number.
    pub(super) fn sorted(&self) -> Vec<(u64, u32)> {
        let mut sorted: Vec<(u64, u32)> = self.0.iter().copied().zip(0..).collect();
        sorted.sort_unstable();
        sorted
    }

    /// What distinguishes planners with different sizes.
    pub(in super::super) fn identity(&self) -> impl Iterator<Item = u64> {
        let sized = (0..).zip(self.0.iter()).filter(|(_, size)| **size > 0);
        let sized = sized.flat_map(|(partition, size): (u64, &u64)| [partition, *size]);
        [u64::MAX, 2].into_iter().chain(sized)
    }
}

impl Planner<'_> {
    /// Gives partitions sizes, in bytes or any other unit: its plans then also even the size that each
    /// node holds. A partition that is not named has size 0, as one that is still empty. Sizes replace
    /// those of an earlier call; if all of them are 0, the planner has none.
    ///
    /// The *fair size* of a node is its share of the size of all replicas by its exact
    /// [quota](Self::quota). Sizes change nothing that is promised without them: counts are at the
    /// floor or ceiling of the quotas and the movement is the minimum. Among the tables that keep
    /// this, a local search lowers the greatest ratio of a node's size to its fair size, as far as
    /// exchanges of two replicas get. In a change these are replicas that moved, or that then move in
    /// place of others; if nothing has to move, nothing moves for sizes. [`Plan::sizes`] states the
    /// ratio that was reached, and a lower bound that no table of minimum movement is below.
    ///
    /// [Balanced leaders](Self::balance_leaders) and [`disperse`](Self::disperse) do not raise the
    /// greatest ratio, or to at most 1 + 2^-20.
    ///
    /// # Complexity
    /// The search ends after 8 steps for each replica of the table and 2^20 more; a step is a look at a
    /// replica that could be exchanged. Its lists take O(P·R·log P) time and O(P·R) memory, and so does
    /// the lower bound. A node within 2^-20 of its fair size is even enough.
    ///
    /// # Example
    ///
    /// ```
    /// use apportion::{Node, Planner, Topology};
    /// use apportion::partition::TableConfig;
    ///
    /// // 256 tablets of 1 to 64 GiB over six nodes in three racks.
    /// let node = |id: u32| Node::new(id).domain("rack", ["r1", "r2", "r3"][id as usize % 3]);
    /// let six = Topology::of((0..6).map(node))?;
    /// let config = TableConfig::new(256, 3).max_per_domain("rack", 1);
    /// let bytes = |tablet: u32| (tablet, (1 + u64::from(tablet * 37 % 64)) << 30);
    ///
    /// let planner = Planner::new(six.members(), &config)?.sizes((0..256).map(bytes))?;
    /// let plan = planner.fresh()?;
    /// let sizes = plan.sizes().ok_or("sizes")?;
    /// assert!(sizes.max_over_fair() < 1.001, "{sizes:?}");
    /// assert!(sizes.gap() < 0.001);
    ///
    /// // A seventh node takes its share: the minimum moves, and sizes decide which tablets do.
    /// let (seven, _) = six.with_node(node(6))?;
    /// let planner = Planner::new(seven.members(), &config)?.sizes((0..256).map(bytes))?;
    /// let change = planner.rebalance(plan.table(), six.members())?;
    /// assert_eq!(change.moved(), change.lower_bound());
    /// let sizes = change.sizes().ok_or("sizes")?;
    /// assert!(sizes.max_over_fair() < 1.05, "{sizes:?}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A partition out of range or given twice, and sizes whose sum over all replicas exceeds 2^64 − 1.
    ///
    /// [`Plan::sizes`]: crate::partition::Plan::sizes
    pub fn sizes(mut self, sizes: impl IntoIterator<Item = (u32, u64)>) -> Result<Self, Error> {
        self.sizes = PartitionSizes::new(&self.problem, sizes)?;
        Ok(self)
    }
}
