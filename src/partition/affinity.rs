//! Affinity: at least or at most so many replicas of some partitions on some nodes.

use crate::node::NodeIdx;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

/// A rule for some partitions: how many of their replicas some nodes hold, at least or at most, and
/// whether these nodes lead them. For [`Planner::affinity`](crate::Planner::affinity).
///
/// The nodes are those of a failure domain, or are listed. Without [`partitions`](Self::partitions) the
/// rule is for all partitions.
///
/// ```
/// use apportion::{Node, Planner, Topology};
/// use apportion::partition::{Affinity, TableConfig};
///
/// let node = |id: u32| Node::new(id).domain("zone", ["x", "y", "z"][id as usize % 3]);
/// let nine = Topology::of((0..9).map(node))?;
/// let config = TableConfig::new(300, 2).max_per_domain("zone", 1);
///
/// // The first hundred partitions have a replica in zone x, the next fifty have none there.
/// let near = Affinity::domain("zone", "x").partitions(0..100).at_least(1);
/// let far = Affinity::domain("zone", "x").partitions(100..150).at_most(0);
/// let planner = Planner::new(nine.members(), &config)?.affinity([near, far])?;
/// let table = planner.fresh()?.into_table();
///
/// let in_x = |partition| table.row(partition).filter(|node| node.get() % 3 == 0).count();
/// assert!((0..100).all(|partition| in_x(partition) == 1));
/// assert!((100..150).all(|partition| in_x(partition) == 0));
/// # Ok::<(), apportion::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Affinity {
    pub(super) partitions: Option<Range<u32>>,
    /// The nodes; `None` for all within the domains.
    pub(super) nodes: Option<Vec<NodeIdx>>,
    /// Levels and names of failure domains; the nodes are in all of them.
    pub(super) domains: Vec<(String, String)>,
    pub(super) at_least: u32,
    pub(super) at_most: Option<u32>,
    /// Whether the leader is among the nodes; `None` if it does not matter.
    pub(super) leads: Option<bool>,
}

impl Affinity {
    /// A rule about the nodes of a failure domain, for example of the level `zone` and the name `z0`. If
    /// several domains of the level have this name, it is about the nodes of all of them: see
    /// [`within`](Self::within).
    #[must_use]
    pub fn domain(level: &str, name: &str) -> Self {
        let domains = vec![(level.into(), name.into())];
        Self { partitions: None, nodes: None, domains, at_least: 0, at_most: None, leads: None }
    }

    /// A rule about these nodes, for example all those that have a label.
    #[must_use]
    pub fn nodes(nodes: impl IntoIterator<Item = NodeIdx>) -> Self {
        let nodes = Some(nodes.into_iter().collect());
        let domains = Vec::new();
        Self { partitions: None, nodes, domains, at_least: 0, at_most: None, leads: None }
    }

    /// Only about those of the nodes that are in this failure domain too: rack `r1` within zone `z0`.
    #[must_use]
    pub fn within(mut self, level: &str, name: &str) -> Self {
        self.domains.push((level.into(), name.into()));
        self
    }

    /// For these partitions alone.
    #[must_use]
    pub fn partitions(mut self, partitions: Range<u32>) -> Self {
        self.partitions = Some(partitions);
        self
    }

    /// Each partition has at least so many replicas there.
    #[must_use]
    pub fn at_least(mut self, replicas: u32) -> Self {
        self.at_least = replicas;
        self
    }

    /// Each partition has at most so many replicas there; with 0 it has none.
    #[must_use]
    pub fn at_most(mut self, replicas: u32) -> Self {
        self.at_most = Some(replicas);
        self
    }

    /// Each partition is led from there, so it has a replica there. The planner must
    /// [balance leaders](crate::Planner::balance_leaders).
    #[must_use]
    pub fn leads(mut self) -> Self {
        self.leads = Some(true);
        self
    }

    /// No partition is led from there, so each has a replica elsewhere. The planner must
    /// [balance leaders](crate::Planner::balance_leaders).
    #[must_use]
    pub fn never_leads(mut self) -> Self {
        self.leads = Some(false);
        self
    }
}
