//! What an adapter of the planning questions implements.

use super::scenario::Member;

/// A table of holders, and how a system comes by it.
pub trait System: Sized {
    /// How tables call it.
    const NAME: &'static str;

    /// The number of partitions where it is not ours to choose.
    const PARTITIONS: Option<u32> = None;

    /// The nodes in the form the system takes: not timed, not counted.
    type Nodes;

    /// Prepares nodes.
    fn nodes(members: &[Member]) -> Self::Nodes;

    /// A table from nothing, three replicas of each partition in distinct zones.
    fn fresh(nodes: &Self::Nodes, partitions: u32) -> Self;

    /// The table for other nodes.
    fn change(&self, before: &Self::Nodes, after: &Self::Nodes) -> Self;

    /// The ids of the holders, three a partition.
    fn holders(&self, nodes: &Self::Nodes) -> Vec<u32>;

    /// Further figures of a fresh table and what a change made of it: name and value.
    fn details(
        &self,
        _changed: &Self,
        _before: &Self::Nodes,
        _after: &Self::Nodes,
    ) -> Vec<(&'static str, f64)> {
        Vec::new()
    }
}
