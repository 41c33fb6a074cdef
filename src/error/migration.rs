//! Migrations, their steps and schedules, and transitions.

use super::words::Count;
use super::{ErrorKind, Label};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// What cannot be done on the way from one placement to another.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum MigrationFault {
    NoReplicas,
    MoreReplicas { placement: usize, transition: usize },
    NoNodes,
    Partitions { partitions: u32, max: u32 },
    Partition { partition: u32, partitions: u32 },
    State { partition: u32, is: &'static str, wanted: &'static str },
    OtherReplicas { saved: u32, given: usize },
    OtherVersion { saved: u64, given: Vec<u64> },
    OtherNodes { before: bool },
    NoTransfers,
    StepLimit { level: String, limit: u32 },
    StepTooSmall { max: u64 },
    Capacity { node: Label, peak: u128, capacity: u128, by_size: bool },
    Altered { why: String },
}

impl MigrationFault {
    pub(super) fn kind(&self) -> ErrorKind {
        match self {
            Self::NoReplicas
            | Self::MoreReplicas { .. }
            | Self::NoNodes
            | Self::Partition { .. }
            | Self::State { .. }
            | Self::OtherReplicas { .. }
            | Self::OtherVersion { .. }
            | Self::OtherNodes { .. } => ErrorKind::InvalidArgument,
            Self::StepTooSmall { .. } | Self::Capacity { .. } => ErrorKind::Infeasible,
            Self::NoTransfers | Self::StepLimit { .. } | Self::Partitions { .. } => {
                ErrorKind::InvalidConfiguration
            }
            Self::Altered { .. } => ErrorKind::Altered,
        }
    }
}

impl fmt::Display for MigrationFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoReplicas => f.write_str("expected at least 1 replica, got 0"),
            Self::MoreReplicas { placement, transition } => write!(
                f,
                "the placement has {}, and the transition is of R = {transition}: its other replicas \
                 would neither be read nor written; use a Transition of R = {placement}",
                Count(*placement as u64, "replica")
            ),
            Self::NoNodes => f.write_str(
                "the new placement has no live node, so no key would be left; give one with at least \
                 1 node of a weight above 0",
            ),
            Self::Partitions { partitions, max } => {
                write!(f, "expected 1 to {max} partitions, got {partitions}")
            }
            Self::Partition { partition, partitions } => write!(
                f,
                "there is no partition {partition}: the transition has {}, numbered from 0",
                Count(u64::from(*partitions), "partition")
            ),
            Self::State { partition, is, wanted } => write!(
                f,
                "partition {partition} is {is}, and this step is for a partition that is {wanted}"
            ),
            Self::OtherReplicas { saved, given } => write!(
                f,
                "the progress is of a transition with {}, and it is resumed with {given}",
                Count(u64::from(*saved), "replica")
            ),
            Self::OtherVersion { saved, given } => {
                let given: Vec<String> =
                    given.iter().map(|given| alloc::format!("0x{given:016x}")).collect();
                let given = if given.is_empty() { "none".into() } else { given.join(", ") };
                write!(
                    f,
                    "the progress refers to a placement with fingerprint 0x{saved:016x}; those given \
                     have {given}; resume with the same nodes, algorithm, hasher and spread as before"
                )
            }
            Self::OtherNodes { before } => {
                let (side, whose) = match before {
                    true => (
                        "before",
                        "of the table from which the plan started, or none if it is fresh",
                    ),
                    false => ("after", "that the planner was made with"),
                };
                write!(
                    f,
                    "the nodes {side} the change are not those of the plan; give the nodes {whose}"
                )
            }
            Self::NoTransfers => f.write_str("expected steps of at least 1 transfer, got 0"),
            Self::StepLimit { level, limit: 0 } => {
                write!(
                    f,
                    "expected a limit of at least 1 replica in a domain of level {level:?}, got 0"
                )
            }
            Self::StepLimit { level, .. } => {
                write!(f, "no node has a failure domain of level {level:?}")
            }
            Self::StepTooSmall { max } => write!(
                f,
                "found no order with at most {} in a step in which no node or domain moves away from \
                 its target; allow more transfers in a step",
                Count(*max, "transfer")
            ),
            Self::Capacity { node, peak, capacity, by_size } => {
                let peak = if *by_size {
                    alloc::format!("a size of {peak}")
                } else {
                    alloc::format!("{}", Count(*peak, "replica"))
                };
                write!(
                    f,
                    "node {node} would hold {peak} during a step, and its capacity is {capacity}; \
                     nothing else can move first to make room"
                )
            }
            Self::Altered { why } => write!(f, "the saved progress is malformed: {why}"),
        }
    }
}
