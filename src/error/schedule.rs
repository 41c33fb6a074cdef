//! Schedules of transfers.

use super::ErrorKind;
use super::words::{Count, Label};
use alloc::string::String;
use core::fmt;

/// What is wrong with limits, or with a schedule that was not made under them.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum ScheduleFault {
    /// `node`: `None` for the limits of all nodes.
    NoTransfers {
        node: Option<Label>,
        what: &'static str,
    },
    Transfers {
        found: usize,
        wanted: usize,
    },
    Bound {
        claimed: u32,
        found: u32,
    },
    ExtraUnit {
        unit: usize,
    },
    /// What is said of the number of rounds is not known.
    Claim {
        claim: String,
        rounds: u32,
        bound: u32,
        why: &'static str,
    },
    UnitTwice {
        unit: u32,
        round: u32,
    },
    OverLimit {
        node: Label,
        round: u32,
        limit: u32,
    },
}

impl ScheduleFault {
    pub(super) fn kind(&self) -> ErrorKind {
        match self {
            Self::NoTransfers { .. } => ErrorKind::InvalidConfiguration,
            Self::Transfers { .. } => ErrorKind::InvalidArgument,
            Self::Bound { .. }
            | Self::ExtraUnit { .. }
            | Self::Claim { .. }
            | Self::UnitTwice { .. }
            | Self::OverLimit { .. } => ErrorKind::NotVerified,
        }
    }
}

impl fmt::Display for ScheduleFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTransfers { node, what } => {
                match node {
                    Some(node) => write!(f, "the limit of {what} of node {node} is 0")?,
                    None => write!(f, "the limit of {what} of every node is 0")?,
                }
                write!(f, ", so its transfers would never run; give it at least 1")
            }
            Self::Transfers { found, wanted } => write!(
                f,
                "the schedule has {}, but the migration has {wanted}; use the schedule of this \
                 migration",
                Count(*found as u64, "transfer")
            ),
            Self::Bound { claimed, found } => write!(
                f,
                "the schedule claims a bound of {}, but these transfers and limits have a bound of \
                 {found}",
                Count(*claimed, "round")
            ),
            Self::ExtraUnit { unit } => write!(
                f,
                "the schedule names unit {unit} as the reason for extra rounds, which has no two \
                 transfers"
            ),
            Self::Claim { claim, rounds, bound, why } => write!(
                f,
                "the schedule has {} with a bound of {bound} and claims to be {claim}, but {why}",
                Count(*rounds, "round")
            ),
            Self::UnitTwice { unit, round } => {
                write!(f, "round {round} of the schedule has two transfers of unit {unit}")
            }
            Self::OverLimit { node, round, limit } => write!(
                f,
                "node {node} has more than {} in round {round} of the schedule, which is its limit",
                Count(*limit, "transfer")
            ),
        }
    }
}
