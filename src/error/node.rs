//! Errors of nodes and topologies, and of algorithms that need equal weights or numbered nodes.

use super::kind::ErrorKind;
use super::words::Count;
use super::words::Label;
use alloc::string::String;
use core::fmt;

/// What is wrong with a node, a list of nodes or a change of nodes.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum NodeFault {
    Duplicate { label: Label },
    SameIdentity { a: Label, b: Label, identity: u64 },
    Unknown { label: Label },
    TooMany { nodes: usize, max: usize },
    LabelTooLong { label: Label, bytes: usize, max: usize },
    Domain { label: Label, level: String, why: DomainFault },
    Unweighted { algorithm: &'static str, a: (Label, u64), b: (Label, u64) },
    NotLast { algorithm: &'static str, label: Label, bucket: usize, last: usize },
}

/// What is wrong with a node's failure domains.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum DomainFault {
    EmptyLevel,
    Repeated,
    TooDeep { levels: usize, max: usize },
    TooLong { bytes: usize, max: usize },
}

impl NodeFault {
    pub(super) fn kind(&self) -> ErrorKind {
        match self {
            Self::Duplicate { .. } | Self::SameIdentity { .. } => ErrorKind::DuplicateLabel,
            Self::Unknown { .. } => ErrorKind::UnknownNode,
            Self::TooMany { .. } | Self::LabelTooLong { .. } => ErrorKind::OverLimit,
            Self::Domain { why, .. } => match why {
                DomainFault::EmptyLevel | DomainFault::Repeated => ErrorKind::InvalidDomain,
                DomainFault::TooDeep { .. } | DomainFault::TooLong { .. } => ErrorKind::OverLimit,
            },
            Self::Unweighted { .. } => ErrorKind::UnequalWeights,
            Self::NotLast { .. } => ErrorKind::CannotRemove,
        }
    }
}

impl fmt::Display for NodeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Duplicate { label } => {
                write!(f, "node {label} is given twice; list each node once")
            }
            Self::SameIdentity { a, b, identity } => write!(
                f,
                "nodes {a} and {b} have the same identity hash 0x{identity:016x}; rename one of them"
            ),
            Self::Unknown { label } => {
                write!(f, "there is no node {label}; give the label of an existing node")
            }
            Self::TooMany { nodes, max } => {
                write!(f, "a topology holds at most {max} nodes, got {nodes}")
            }
            Self::LabelTooLong { label, bytes, max } => {
                write!(f, "a label has at most {max} bytes, got {bytes} in {label} …; shorten it")
            }
            Self::Domain { label, level, why } => {
                write!(f, "node {label}: ")?;
                match why {
                    DomainFault::EmptyLevel => f.write_str(
                        "a failure domain needs the name of its level, for example \"zone\"",
                    ),
                    DomainFault::Repeated => {
                        write!(
                            f,
                            "the failure domain level {level:?} is given twice; give each level once"
                        )
                    }
                    DomainFault::TooDeep { levels, max } => {
                        write!(f, "a node has at most {max} failure domain levels, got {levels}")
                    }
                    DomainFault::TooLong { bytes, max } => write!(
                        f,
                        "a failure domain's level and name have at most {max} bytes each, got \
                         {bytes} at level {level:?}"
                    ),
                }
            }
            Self::Unweighted { algorithm, a, b } => write!(
                f,
                "{algorithm} has no weights, but node {} has weight {} and node {} has weight {}; \
                 give all nodes the same weight or use an algorithm with weights",
                a.0, a.1, b.0, b.1
            ),
            Self::NotLast { algorithm, label, bucket, last } => write!(
                f,
                "{algorithm} can only remove its last node, bucket {last}, and node {label} is \
                 bucket {bucket}; remove {} after it first, or use an algorithm that removes any \
                 node",
                Count(last.saturating_sub(*bucket) as u64, "node")
            ),
        }
    }
}
