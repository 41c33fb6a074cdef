//! Why a partition is led by the node that leads it.

use super::super::cells::add;
use super::super::inputs::Inputs;
use super::super::leading::Candidates;
use super::super::plan::Plan;
use super::super::planner::Planner;
use super::super::tree::NONE;
use super::facts::Facts;
use crate::error::{Count, Label};
use crate::node::NodeIdx;
use alloc::sync::Arc;
use alloc::vec;
use core::fmt::{self, Display, Formatter};

/// Why the first holder of a partition leads it, under
/// [balanced leaders](crate::Planner::balance_leaders). It prints as a sentence.
#[derive(Clone, Debug)]
pub struct ExplainedLeader {
    from: Option<NodeIdx>,
    to: NodeIdx,
    reason: LeaderReason,
    /// For the labels of its nodes.
    inputs: Arc<Inputs>,
}

/// The reason why a node leads a partition. A quota is a pair of its floor and its ceiling: how many
/// partitions the node should lead.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum LeaderReason {
    /// The table is fresh.
    Fresh {
        /// Partitions that the node leads.
        leads: u64,
        /// Its quota.
        quota: (u64, u64),
    },
    /// It led the partition before.
    Stays {
        /// Partitions that the node leads.
        leads: u64,
        /// Its quota.
        quota: (u64, u64),
    },
    /// The old leader does not hold the partition any more.
    Left {
        /// Partitions that the new leader leads.
        leads: u64,
        /// The quota of the new leader.
        quota: (u64, u64),
    },
    /// The old leader led more partitions than its quota.
    OverQuota {
        /// Partitions that the old leader led.
        led: u64,
        /// The quota of the old leader.
        quota: (u64, u64),
    },
    /// The new leader led fewer partitions than its quota.
    BelowQuota {
        /// Partitions that the new leader led.
        led: u64,
        /// The quota of the new leader.
        quota: (u64, u64),
    },
    /// Both were within their quotas: the change is part of a chain of changes, for which there is no
    /// cheaper one.
    InExchange,
    /// The old leader has a replica, but [affinities](crate::Planner::affinity) do not allow it to lead.
    MayNotLead,
}

impl ExplainedLeader {
    /// The node that led the partition before, by its slot among the nodes of the old table; `None` in
    /// a fresh table.
    #[must_use]
    pub fn from(&self) -> Option<NodeIdx> {
        self.from
    }

    /// The node that leads the partition.
    #[must_use]
    pub fn to(&self) -> NodeIdx {
        self.to
    }

    /// The reason.
    #[must_use]
    pub fn reason(&self) -> &LeaderReason {
        &self.reason
    }
}

impl Plan {
    /// O(P·R + n log n).
    pub(super) fn explain_leader(
        &self,
        facts: &Facts<'_>,
        partition: u32,
    ) -> Option<ExplainedLeader> {
        self.leaders()?;
        let (planner, work) = (Planner::of_plan(self).ok()?, &facts.work);
        let rules = &work.constraints.rules;
        let candidates = Candidates::of(rules, &work.rows, &work.sizes);
        let quotas = planner.leader_quotas(candidates.rows());
        let (mut led, mut leads) = (vec![0; quotas.floors.len()], vec![0; quotas.floors.len()]);
        let first = |row: &[u32]| row.first().copied().filter(|leaf| *leaf != NONE);
        for partition in 0..work.partitions {
            let both = [(&mut led, work.old_row(partition)), (&mut leads, work.row(partition))];
            for (counts, row) in both {
                if let Some(leaf) = first(row) {
                    add(counts, leaf as usize, 1);
                }
            }
        }
        let of = |counts: &[u64], leaf: u32| counts.get(leaf as usize).copied().unwrap_or(0);
        let quota = |leaf| (of(&quotas.floors, leaf), of(&quotas.ceils, leaf));
        let now = first(work.row(partition))?;
        let before = first(work.old_row(partition));
        let leads = of(&leads, now);
        let reason = match before {
            _ if work.before.is_empty() => LeaderReason::Fresh { leads, quota: quota(now) },
            Some(before) if before == now => LeaderReason::Stays { leads, quota: quota(now) },
            Some(before)
                if work.is_on(partition, before)
                    && !candidates.rows().row(partition).contains(&before) =>
            {
                LeaderReason::MayNotLead
            }
            Some(before) if work.is_on(partition, before) => {
                let (led_before, led_now) = (of(&led, before), of(&led, now));
                if led_before > quota(before).1 {
                    LeaderReason::OverQuota { led: led_before, quota: quota(before) }
                } else if led_now < quota(now).0 {
                    LeaderReason::BelowQuota { led: led_now, quota: quota(now) }
                } else {
                    LeaderReason::InExchange
                }
            }
            _ => LeaderReason::Left { leads, quota: quota(now) },
        };
        let ways = self.inputs().ways(self.table());
        let from = self.old().and_then(|(old, _)| old.row(partition / ways).next());
        let to = self.table().row(partition).next()?;
        Some(ExplainedLeader { from, to, reason, inputs: Arc::clone(self.inputs()) })
    }
}

impl Display for ExplainedLeader {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let to = self.inputs.label(self.to);
        let from = self.from.map(|node| self.inputs.old_label(node)).unwrap_or_default();
        match &self.reason {
            LeaderReason::Fresh { leads, quota } => {
                write!(f, "is led by node {to}: the table is fresh, and ")?;
                leading(f, *leads, *quota)
            }
            LeaderReason::Stays { leads, quota } => {
                write!(f, "is led by node {to}, as before: ")?;
                leading(f, *leads, *quota)
            }
            LeaderReason::Left { leads, quota } => {
                write!(
                    f,
                    "is led by node {to}: node {from}, the old leader, has no replica of it "
                )?;
                f.write_str("any more, and ")?;
                named(f, &to, "leads", *leads, *quota)
            }
            LeaderReason::OverQuota { led, quota } => {
                write!(f, "is led by node {to} in place of node {from}: ")?;
                named(f, &from, "led", *led, *quota)
            }
            LeaderReason::BelowQuota { led, quota } => {
                write!(f, "is led by node {to} in place of node {from}: ")?;
                named(f, &to, "led", *led, *quota)
            }
            LeaderReason::MayNotLead => {
                write!(
                    f,
                    "is led by node {to} in place of node {from}, which the affinities of the "
                )?;
                f.write_str("partition do not allow to lead it")
            }
            LeaderReason::InExchange => {
                write!(f, "is led by node {to} in place of node {from}, which leads another one ")?;
                f.write_str("instead, in a chain of changes that cannot be cheaper")
            }
        }
    }
}

fn leading(f: &mut Formatter<'_>, leads: u64, quota: (u64, u64)) -> fmt::Result {
    write!(f, "it leads {}, with {}", Count(leads, "partition"), LeaderQuota(quota))
}

fn named(
    f: &mut Formatter<'_>,
    node: &Label,
    verb: &str,
    count: u64,
    quota: (u64, u64),
) -> fmt::Result {
    let count = Count(count, "partition");
    write!(f, "node {node} {verb} {count}, with {}", LeaderQuota(quota))
}

/// A quota of leaders by its floor and its ceiling.
struct LeaderQuota((u64, u64));

impl Display for LeaderQuota {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (floor, ceil) = self.0;
        write!(f, "a leader quota of {floor}")?;
        if ceil > floor { write!(f, " or {ceil}") } else { Ok(()) }
    }
}
