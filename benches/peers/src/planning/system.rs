//! The trait of a planning system's adapter.

use super::scenario::Member;

/// A system that plans tables of holders.
pub trait System: Sized {
    /// Its name in tables.
    const NAME: &'static str;

    /// The number of partitions, if the system fixes it.
    const PARTITIONS: Option<u32> = None;

    /// The nodes in the form the system takes; neither timed nor counted.
    type Nodes;

    /// Prepares nodes.
    fn nodes(members: &[Member]) -> Self::Nodes;

    /// Plans a fresh table with three replicas of each partition in distinct zones.
    fn fresh(nodes: &Self::Nodes, partitions: u32) -> Self;

    /// Plans the table for changed nodes.
    fn change(&self, before: &Self::Nodes, after: &Self::Nodes) -> Self;

    /// The ids of the holders, three per partition.
    fn holders(&self, nodes: &Self::Nodes) -> Vec<u32>;

    /// Further figures of a fresh table and the table after a change, as pairs of name and value.
    fn details(
        &self,
        _changed: &Self,
        _before: &Self::Nodes,
        _after: &Self::Nodes,
    ) -> Vec<(&'static str, f64)> {
        Vec::new()
    }
}
