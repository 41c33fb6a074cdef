//! What a partition plan should be, computed slowly: quotas by filling, movement by an explicit
//! min-cost flow, doubles by dynamic programming, legality by counting. Shares no code with the
//! library.

mod bound;
mod change;
mod check;
mod exact;
mod flow;
mod network;
mod quota;
mod random;

pub use bound::lower_bound;
pub use check::{Outside, Report, Violation, check, check_within};
pub use exact::{Limit, legal_sets, min_doubles_and_moves, min_moves_and_doubles, search};
pub use flow::{fresh_table, min_moves, min_table};
pub use network::Network;
pub use quota::{Bounds, Infeasible, bounds, domain_quotas, quotas};
pub use random::{Shape, random_instance, tiny_instance};

use std::collections::BTreeMap;

/// A table: the nodes of each partition, by index.
pub type Table = Vec<Vec<usize>>;

/// A node: its domains' names, outermost level first, and its weight. The path may end early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeSpec {
    pub path: Vec<u32>,
    pub weight: u64,
}

/// A question to the planner.
#[derive(Clone, Debug)]
pub struct Instance {
    /// At most this many replicas of a partition in a domain, by level, outermost first.
    pub caps: Vec<Option<u64>>,
    pub nodes: Vec<NodeSpec>,
    pub partitions: usize,
    pub replicas: usize,
    /// Sets of one size. An index at or above `nodes.len()` is a node that left.
    pub old: Option<Table>,
    /// This partition has this node.
    pub pins: Vec<(usize, usize)>,
    /// These partitions keep their old set.
    pub frozen: Vec<usize>,
}

/// A domain: its whole path, what lies under it, and the cap of its level.
#[derive(Clone, Debug)]
pub struct Group {
    pub path: Vec<u32>,
    pub nodes: Vec<usize>,
    pub cap: Option<u64>,
}

impl Instance {
    /// Every domain, a parent before what it contains.
    pub fn domains(&self) -> Vec<Group> {
        let mut found: BTreeMap<Vec<u32>, Vec<usize>> = BTreeMap::new();
        for (v, node) in self.nodes.iter().enumerate() {
            for depth in 1..=node.path.len() {
                found.entry(node.path[..depth].to_vec()).or_default().push(v);
            }
        }
        let group = |(path, nodes): (Vec<u32>, Vec<usize>)| {
            let cap = self.caps.get(path.len() - 1).copied().flatten();
            Group { path, nodes, cap }
        };
        found.into_iter().map(group).collect()
    }

    pub fn total(&self) -> u64 {
        (self.partitions * self.replicas) as u64
    }

    /// Replicas of a partition in the old table; 0 without one.
    pub fn old_replicas(&self) -> usize {
        self.old.as_ref().map_or(0, |old| old[0].len())
    }

    /// What a partition could keep if nothing changed: min(R_old, R).
    pub fn keepable(&self) -> u64 {
        self.old_replicas().min(self.replicas) as u64
    }

    pub fn held_before(&self, p: usize, v: usize) -> bool {
        self.old.as_ref().is_some_and(|old| old[p].contains(&v))
    }

    /// Old replicas on each node that is still there.
    pub fn held(&self) -> Vec<u64> {
        let count = |v| (0..self.partitions).filter(|&p| self.held_before(p, v)).count() as u64;
        (0..self.nodes.len()).map(count).collect()
    }

    /// Moves of a partition that gets this set.
    pub fn moves(&self, p: usize, set: &[usize]) -> u64 {
        let kept = set.iter().filter(|&&v| self.held_before(p, v)).count() as u64;
        self.keepable() - kept
    }

    /// Whether pins and frozen sets let the partition have this node.
    pub fn may_have(&self, p: usize, v: usize) -> bool {
        !self.frozen.contains(&p)
            || (self.old_replicas() == self.replicas && self.held_before(p, v))
    }

    /// The label of a node, also of one that left.
    pub fn label(v: usize) -> String {
        format!("n{v}")
    }

    /// The label of a level.
    pub fn level(level: usize) -> String {
        format!("l{level}")
    }

    /// Levels and names of a node's domains, outermost first.
    pub fn domain(&self, v: usize) -> Vec<(String, String)> {
        let named = |(level, name): (usize, &u32)| (Self::level(level), format!("d{name}"));
        self.nodes[v].path.iter().enumerate().map(named).collect()
    }

    /// One more than the highest index in use, nodes that left included.
    pub fn indices(&self) -> usize {
        let old = self.old.iter().flatten().flatten().map(|v| v + 1);
        old.fold(self.nodes.len(), usize::max)
    }
}
