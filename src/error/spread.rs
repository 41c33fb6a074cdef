//! Replicas under failure domains.

use super::Label;
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

impl fmt::Display for SpreadFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoReplicas => f.write_str("0 replicas: at least 1 is needed"),
            Self::NoRoom { level } => write!(
                f,
                "at most 0 replicas in a domain of the level {level:?}: no node could hold any"
            ),
            Self::Repeated { level } => write!(f, "the level {level:?} is given twice"),
            Self::UnknownLevel { level } => {
                write!(f, "no live node has a failure domain of the level {level:?}")
            }
            Self::NoDomain { label, level } => {
                write!(f, "node {label} has no failure domain of the level {level:?}")
            }
            Self::OtherOrder { label, outer, inner, other } => write!(
                f,
                "node {label} has its level {outer:?} inside {inner:?}, node {other} has it outside"
            ),
            Self::TooFewNodes { replicas, live } => {
                write!(f, "{replicas} replicas need as many live nodes, and there are {live}")
            }
            Self::TooFewDomains { replicas, level, limit, domains, room } => write!(
                f,
                "{replicas} replicas, at most {limit} in a domain of the level {level:?}, need more \
                 domains than there are: the live nodes are in {domains}, which have room for {room}"
            ),
        }
    }
}
