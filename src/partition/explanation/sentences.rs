//! What an explanation prints.

use super::{ExplainedReplica, Explanation, Reason};
use crate::error::{Count, Label};
use crate::node::NodeIdx;
use core::fmt::{self, Display, Formatter};

impl Display for Explanation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { partition, old_partition, ways, thawed, replicas } = self;
        write!(f, "partition {partition}")?;
        if let Some(old) = old_partition.filter(|_| *ways > 1) {
            write!(f, ", one of {ways} into which partition {old} was split without a move")?;
        }
        if *thawed {
            f.write_str(", to be frozen if possible, of which a replica had to move")?;
        }
        replicas.iter().try_for_each(|replica| write!(f, "\n  {replica}"))
    }
}

impl Display for ExplainedReplica {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let from = self.from.map(|node| self.inputs.old_label(node)).unwrap_or_default();
        let to = self.to.map(|node| self.inputs.label(node)).unwrap_or_default();
        match (self.from, self.to) {
            _ if self.stays => write!(f, "stays on {to}")?,
            (Some(_), Some(_)) => write!(f, "moves from {from} to {to}")?,
            (Some(_), None) => write!(f, "is dropped from {from}")?,
            (None, _) => write!(f, "is placed on {to}")?,
        }
        let mut before = ": ";
        for reason in &self.reasons {
            let free = matches!(reason, Reason::FreePartition { .. } | Reason::FreeNode { .. });
            f.write_str(if free { "; " } else { before })?;
            before = ", and ";
            self.sentence(reason, &from, &to, f)?;
        }
        Ok(())
    }
}

impl ExplainedReplica {
    /// A reason as a clause.
    fn sentence(
        &self,
        reason: &Reason,
        from: &Label,
        to: &Label,
        f: &mut Formatter<'_>,
    ) -> fmt::Result {
        match reason {
            Reason::Pinned => write!(f, "the partition is pinned to {to}"),
            Reason::Frozen => f.write_str("the partition is frozen"),
            Reason::FrozenIfPossible => {
                f.write_str("the partition is to be frozen if possible, and it was possible")
            }
            Reason::Kept { held, gives: 0, quota } => {
                write!(f, "{to} held {} and gives none, with {}", Replicas(*held), Quota(*quota))
            }
            Reason::Kept { held, gives, quota } => write!(
                f,
                "{to} held {} and gives only {gives} of other partitions, with {}",
                Replicas(*held),
                Quota(*quota)
            ),
            Reason::Fresh { holds, quota } => {
                write!(f, "the table is fresh, and {to} holds {} of it", Replicas(*holds))?;
                write!(f, ", with {}", Quota(*quota))
            }
            Reason::Removed => write!(f, "{from} is no longer a node"),
            Reason::Drained => write!(f, "{from} is drained"),
            Reason::OverLimit { domain, held, limit } => write!(
                f,
                "failure domain {domain:?} of {from} had {} of the partition, where at most {limit} \
                 may be",
                Replicas((*held).into())
            ),
            Reason::MakesRoom { pinned, domain, limit } => {
                self.makes_room(*pinned, domain, *limit, f)
            }
            Reason::OverQuota { held, quota } => {
                write!(f, "{from} held {}, with {}", Replicas(*held), Quota(*quota))
            }
            Reason::DomainOverQuota { domain, held, quota } => {
                write!(f, "failure domain {domain:?} of {from} held {}", Replicas(*held))?;
                write!(f, ", with {}", Quota(*quota))
            }
            Reason::GivesWithinQuota { held, holds, quota } => write!(
                f,
                "{from} gives from {held} to {holds} within {}, so that others reach theirs",
                Quota(*quota)
            ),
            Reason::GivesInExchange { takes } => write!(
                f,
                "{from} takes {} of other partitions in exchange, in a chain of moves for which there \
                 is no shorter one",
                Replicas(*takes)
            ),
            Reason::LoweredReplicas { from, to } => {
                write!(f, "the replicas of each partition fall from {from} to {to}")
            }
            Reason::Joined { quota } => write!(f, "{to} is new, with {}", Quota(*quota)),
            Reason::BelowQuota { held, quota } => {
                write!(f, "{to} held {}, with {}", Replicas(*held), Quota(*quota))
            }
            Reason::DomainBelowQuota { domain, held, quota } => {
                write!(f, "failure domain {domain:?} of {to} held {}", Replicas(*held))?;
                write!(f, ", with {}", Quota(*quota))
            }
            Reason::TakesWithinQuota { held, holds, quota } => {
                write!(f, "{to} goes from {held} to {holds} within {}", Quota(*quota))
            }
            Reason::TakesInExchange { gives } => write!(
                f,
                "{to} gives {} of other partitions in exchange, in a chain of moves for which there \
                 is no shorter one",
                Replicas(*gives)
            ),
            Reason::RaisedReplicas { from, to } => {
                write!(f, "the replicas of each partition rise from {from} to {to}")
            }
            Reason::FreePartition { partition, dispersed } if self.stays => {
                f.write_str("it could have moved ")?;
                write!(f, "in place of partition {partition}{}", Chosen(*dispersed))
            }
            Reason::FreePartition { partition, dispersed } => {
                write!(f, "partition {partition} on {from} could have moved instead")?;
                write!(f, "{}", Chosen(*dispersed))
            }
            Reason::FreeNode { partition, dispersed } => {
                write!(f, "it could have exchanged its new holder with partition {partition}")?;
                write!(f, "{}", Chosen(*dispersed))
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
        write!(f, "the partition is pinned to {}, ", self.inputs.label(pinned))?;
        match domain {
            "" => write!(f, "and has {} in all", Replicas(limit.into())),
            _ => write!(f, "and at most {} may be in {domain:?}", Replicas(limit.into())),
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
        f.write_str(if self.0 { " (the choice of dispersion)" } else { " (a free choice)" })
    }
}
