//! The nodes of the clusters.

/// Replicas of each partition, at most one per zone.
pub(crate) const REPLICAS: usize = 3;

/// A node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    pub(crate) id: u32,
    pub(crate) zone: u32,
    pub(crate) weight: u64,
}
