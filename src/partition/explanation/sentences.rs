//! What an explanation prints.

use super::{ExplainedReplica, Explanation, Reason};
use crate::error::{Count, Label, quoted};
use crate::node::NodeIdx;
use core::fmt::{self, Display, Formatter};

impl Display for Explanation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { partition, old_partition, ways, thawed, replicas, leader } = self;
        write!(f, "partition {partition}")?;
        if let Some(old) = old_partition.filter(|_| *ways > 1) {
            write!(f, ", one of {ways} into which partition {old} was split without a move")?;
        }
        if *thawed {
            f.write_str(", to be frozen if possible, of which a replica had to move")?;
        }
        replicas.iter().try_for_each(|replica| write!(f, "\n  {replica}"))?;
        leader.iter().try_for_each(|leader| write!(f, "\n  {leader}"))
    }
}

impl Display for ExplainedReplica {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let from = self.from.map(|node| self.inputs.old_label(node)).unwrap_or_default();
        let to = self.to.map(|node| self.inputs.label(node)).unwrap_or_default();
        match (self.from, self.to) {
            _ if self.stays => write!(f, "stays on node {to}")?,
            (Some(_), Some(_)) => write!(f, "moves from node {from} to node {to}")?,
            (Some(_), None) => write!(f, "is dropped from node {from}")?,
            (None, _) => write!(f, "is placed on node {to}")?,
        }
        let mut before = ": ";
        for reason in &self.reasons {
            if *reason == Reason::Pinned && before != ": " && self.made_room() {
                continue;
            }
            let free = matches!(reason, Reason::FreePartition { .. } | Reason::FreeNode { .. });
            f.write_str(if free { "; " } else { before })?;
            before = ", and ";
            self.clause(reason, (&from, &to), f)?;
        }
        Ok(())
    }
}

impl ExplainedReplica {
    /// True if the reason for leaving has already said that the partition is pinned to the new holder.
    fn made_room(&self) -> bool {
        let says = |reason: &Reason| matches!(reason, Reason::MakesRoom { pinned, .. } if Some(*pinned) == self.to);
        self.reasons.iter().any(says)
    }

    /// A reason as a clause.
    fn clause(
        &self,
        reason: &Reason,
        (from, to): (&Label, &Label),
        f: &mut Formatter<'_>,
    ) -> fmt::Result {
        match reason {
            // Of two nodes "it" would be the one that was named last.
            Reason::Pinned if !self.stays && self.from.is_some() => {
                write!(f, "the partition is pinned to node {to}")
            }
            Reason::Pinned => f.write_str("the partition is pinned to it"),
            Reason::Maintenance => f.write_str("it is in maintenance and keeps what it holds"),
            Reason::Frozen => f.write_str("the partition is frozen"),
            Reason::FrozenIfPossible => f.write_str(
                "the partition is frozen if possible, and none of its replicas has to move",
            ),
            Reason::Kept { held, gives: 0, quota } => {
                write!(f, "it held {} and gives none, with {}", Replicas(*held), Quota(*quota))
            }
            Reason::Kept { held, gives, quota } => {
                write!(f, "it held {} and gives ", Replicas(*held))?;
                write!(f, "{gives} of other partitions, with {}", Quota(*quota))
            }
            Reason::Fresh { holds, quota } => {
                write!(f, "the table is fresh, and the node holds {}", Replicas(*holds))?;
                write!(f, ", with {}", Quota(*quota))
            }
            Reason::Removed => write!(f, "node {from} was removed"),
            Reason::Drained => write!(f, "node {from} is drained"),
            Reason::OverLimit { domain, held, limit } => write!(
                f,
                "failure domain {domain:?} of node {from} had {} of the partition, where at most \
                 {limit} may be",
                Replicas((*held).into())
            ),
            Reason::AboveAffinity { nodes, held, at_most } => {
                write!(f, "it had {} in {}, where ", Replicas((*held).into()), quoted(nodes))?;
                write!(f, "affinities of the partition allow at most {at_most}")
            }
            Reason::BelowAffinity { nodes, held, at_least } => {
                write!(f, "it had {} in {}, where ", Replicas((*held).into()), quoted(nodes))?;
                write!(f, "affinities of the partition ask for at least {at_least}")
            }
            Reason::MakesRoom { pinned, domain, limit } => {
                self.makes_room(*pinned, domain, *limit, f)
            }
            Reason::OverQuota { held, quota } => {
                write!(f, "node {from} held {}, with {}", Replicas(*held), Quota(*quota))
            }
            Reason::DomainOverQuota { domain, held, quota } => {
                write!(f, "failure domain {domain:?} of node {from} held {}", Replicas(*held))?;
                write!(f, ", with {}", Quota(*quota))
            }
            Reason::GivesWithinQuota { held, holds, quota } => {
                write!(f, "node {from} goes from {held} to {} within ", Replicas(*holds))?;
                write!(f, "{}, so that others reach theirs", Quota(*quota))
            }
            Reason::GivesInExchange { takes } => {
                write!(f, "node {from} takes {} of other partitions", Replicas(*takes))?;
                f.write_str(" in exchange")
            }
            Reason::LoweredReplicas { from, to } => {
                write!(f, "the replicas of the partition fall from {from} to {to}")
            }
            Reason::Joined { quota } => write!(f, "node {to} is new, with {}", Quota(*quota)),
            Reason::BelowQuota { held, quota } => {
                write!(f, "node {to} held {}, with {}", Replicas(*held), Quota(*quota))
            }
            Reason::DomainBelowQuota { domain, held, quota } => {
                write!(f, "failure domain {domain:?} of node {to} held {}", Replicas(*held))?;
                write!(f, ", with {}", Quota(*quota))
            }
            Reason::TakesWithinQuota { held, holds, quota } => {
                write!(f, "node {to} goes from {held} to {} within ", Replicas(*holds))?;
                write!(f, "{}", Quota(*quota))
            }
            Reason::TakesInExchange { gives } => {
                write!(f, "node {to} gives {} of other partitions", Replicas(*gives))?;
                f.write_str(" in exchange, in a chain of moves that cannot be shorter")
            }
            Reason::RaisedReplicas { from, to } => {
                write!(f, "the replicas of the partition rise from {from} to {to}")
            }
            Reason::FreePartition { partition, dispersed } => {
                f.write_str(if self.stays { "it could have moved in place of " } else { "" })?;
                write!(f, "that of partition {partition}")?;
                f.write_str(if self.stays { "" } else { " could have moved instead" })?;
                write!(f, ", {}", Chosen(*dispersed))
            }
            Reason::FreeNode { partition, dispersed } => {
                f.write_str(
                    "the replica could have changed places with a moved one of partition ",
                )?;
                write!(f, "{partition}")?;
                write!(f, ", {}", Chosen(*dispersed))
            }
        }
    }

    fn makes_room(
        &self,
        pinned: NodeIdx,
        domain: &str,
        limit: u32,
        f: &mut Formatter<'_>,
    ) -> fmt::Result {
        write!(f, "the partition is pinned to node {}", self.inputs.label(pinned))?;
        match domain {
            "" => write!(f, " and has {} in all", Replicas(limit.into())),
            _ => write!(f, " and may have {} in {domain:?}", Replicas(limit.into())),
        }
    }
}

/// A number of replicas.
struct Replicas(u64);

impl Display for Replicas {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Count(self.0, "replica").fmt(f)
    }
}

/// A quota by its floor and its ceiling.
struct Quota((u64, u64));

impl Display for Quota {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (floor, ceil) = self.0;
        write!(f, "a quota of {floor}")?;
        if ceil > floor { write!(f, " or {ceil}") } else { Ok(()) }
    }
}

/// Who made a free choice.
struct Chosen(bool);

impl Display for Chosen {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0 { "as dispersion decided" } else { "a free choice" })
    }
}
