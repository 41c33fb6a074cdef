//! Errors of replicas under failure domains.

use super::kind::ErrorKind;
use super::words::Count;
use super::words::Label;
use alloc::string::String;
use core::fmt;

/// What is wrong with a spread, or with the nodes it is for.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum SpreadFault {
    NoReplicas,
    NoRoom { level: String },
    Repeated { level: String },
    UnknownLevel { level: String },
    NoDomain { label: Label, level: String },
    OtherOrder { label: Label, outer: String, inner: String, other: Label },
    TooFewNodes { replicas: usize, live: usize },
    TooFewDomains { replicas: usize, level: String, limit: u32, domains: usize, room: usize },
}

impl SpreadFault {
    pub(super) fn kind(&self) -> ErrorKind {
        match self {
            Self::NoReplicas => ErrorKind::InvalidArgument,
            Self::NoRoom { .. } | Self::Repeated { .. } | Self::UnknownLevel { .. } => {
                ErrorKind::InvalidConfiguration
            }
            Self::NoDomain { .. } | Self::OtherOrder { .. } => ErrorKind::InvalidDomain,
            Self::TooFewNodes { .. } | Self::TooFewDomains { .. } => ErrorKind::Infeasible,
        }
    }
}

impl fmt::Display for SpreadFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoReplicas => f.write_str("expected at least 1 replica, got 0"),
            Self::NoRoom { level } => write!(
                f,
                "expected a limit of at least 1 replica in a domain of level {level:?}, got 0"
            ),
            Self::Repeated { level } => {
                write!(f, "the level {level:?} is given twice; give each level once")
            }
            Self::UnknownLevel { level } => {
                write!(f, "no live node has a failure domain of level {level:?}")
            }
            Self::NoDomain { label, level } => write!(
                f,
                "node {label} has no failure domain of level {level:?}; every live node needs one"
            ),
            Self::OtherOrder { label, outer, inner, other } => write!(
                f,
                "node {label} has level {outer:?} inside {inner:?}, and node {other} has it outside; \
                 list the levels of all nodes in the same order"
            ),
            Self::TooFewNodes { replicas, live } => write!(
                f,
                "{} need{} {}, and there {} {live}",
                Count(*replicas as u64, "replica"),
                if *replicas == 1 { "s" } else { "" },
                Count(*replicas as u64, "live node"),
                if *live == 1 { "is" } else { "are" }
            ),
            Self::TooFewDomains { replicas, level, limit, domains, room } => write!(
                f,
                "{}, at most {limit} in a domain of level {level:?}, need more domains: the live \
                 nodes are in {}, with room for {room}",
                Count(*replicas as u64, "replica"),
                Count(*domains as u64, "domain")
            ),
        }
    }
}
