//! Partitions of a table and their holders.

use super::Locator;
use crate::hash::{Key, StableHash};
use crate::partition::PartitionTable;

impl<N, H> Locator<N, PartitionTable, H> {
    /// The partition that a key is in.
    ///
    /// ```
    /// use apportion::{Locator, Topology};
    /// use apportion::partition::TableConfig;
    ///
    /// let table = Locator::table_of(Topology::new(["a", "b", "c"])?, TableConfig::new(64, 2))?;
    /// let partition = table.partition("user:42");
    /// assert!(table.holders(partition).eq(&table.replicas::<2>("user:42")));
    /// let owner = table.get("user:42").ok_or("no node")?;
    /// assert!(table.partitions_of(owner).any(|held| held == partition));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "vnode")]
    #[doc(alias = "slot")]
    #[doc(alias = "token")]
    #[inline]
    pub fn partition(&self, key: &(impl Key<H> + ?Sized)) -> u32 {
        self.placement().partition(self.hash(key))
    }

    /// The nodes that hold a partition, its owner first; none for a number that is not a partition.
    pub fn holders(&self, partition: u32) -> impl Iterator<Item = &N> {
        self.placement().row(partition).filter_map(|at| self.topology().get(at))
    }

    /// The partitions of which the node with this id holds a replica, in ascending order; none if
    /// there is no such node. See [`PartitionTable::partitions_of`].
    pub fn partitions_of<I: StableHash + ?Sized>(
        &self,
        id: &I,
    ) -> impl Iterator<Item = u32> + use<'_, N, H, I> {
        let node = self.find(id);
        node.into_iter().flat_map(|node| self.placement().partitions_of(node))
    }
}
