//! What every step has to keep.

use crate::hash::StableHash;
use crate::node::NodeLabel;
use crate::partition::{Planner, TableConfig};
use alloc::string::String;
use alloc::vec::Vec;

/// A node, and the floors and ceilings of its quota and of those of its domains.
pub(super) type NodeQuotas = (NodeLabel, Vec<(u64, u64)>);

/// What every step of a migration has to keep: see [`Migration::steps`](super::super::Migration::steps).
///
/// ```
/// use apportion::migration::StepRules;
///
/// // At most 100 transfers a step, at most one replica of a partition in a zone, and no disk may
/// // ever hold more than 10,000 replicas, the one of "old-1" no more than 2,000.
/// let rules = StepRules::new(100).max_per_domain("zone", 1).capacity(10_000);
/// let rules = rules.node_capacity("old-1", 2_000);
/// # let _ = rules;
/// ```
#[derive(Clone, Debug)]
pub struct StepRules {
    pub(super) max_transfers: u32,
    pub(super) limits: Vec<(String, u32)>,
    pub(super) capacity: Option<u128>,
    pub(super) capacities: Vec<(NodeLabel, u128)>,
    pub(super) by_size: bool,
    /// Quotas of nodes by label, and of their domains, the innermost first.
    pub(super) quotas: Option<Vec<NodeQuotas>>,
}

impl StepRules {
    /// At most so many transfers a step, and no other rule.
    #[must_use]
    pub fn new(max_transfers: u32) -> Self {
        Self {
            max_transfers,
            limits: Vec::new(),
            capacity: None,
            capacities: Vec::new(),
            by_size: false,
            quotas: None,
        }
    }

    /// The rules of a planner: the limits of its failure domains, and its quotas as the targets. Without
    /// a planner the targets are what each node and domain holds at the end.
    #[must_use]
    pub fn within(mut self, planner: &Planner<'_>) -> Self {
        let members = planner.members();
        let quotas = members
            .entries()
            .map(|(node, member)| (member.label.clone(), planner.quotas_of(node).collect()));
        self.quotas = Some(quotas.collect());
        self.limits_of(planner.config())
    }

    /// The limits of a table's failure domains.
    #[must_use]
    pub fn limits_of(self, config: &TableConfig) -> Self {
        config.limits().fold(self, |rules, (level, limit)| rules.max_per_domain(level, limit))
    }

    /// At most so many replicas of a unit in a failure domain of this level. The old placement may
    /// break the limit: then no domain gets more of a unit than it had.
    #[must_use]
    pub fn max_per_domain(mut self, level: &str, replicas: u32) -> Self {
        self.limits.push((level.into(), replicas));
        self
    }

    /// What each node can hold at any moment, in replicas, copies under way included. A node that
    /// holds more to begin with receives nothing until it holds less.
    #[must_use]
    pub fn capacity(mut self, capacity: u64) -> Self {
        self.capacity = Some(capacity.into());
        self
    }

    /// What one node can hold at any moment, instead.
    #[must_use]
    pub fn node_capacity(mut self, id: &(impl StableHash + ?Sized), capacity: u64) -> Self {
        self.capacities.push((NodeLabel::of(id), capacity.into()));
        self
    }

    /// Capacities count the sizes of units instead of replicas.
    #[must_use]
    pub fn by_size(mut self) -> Self {
        self.by_size = true;
        self
    }
}
