//! Plans that are not what they say.

use super::Label;
use alloc::string::String;
use core::fmt;

/// What an independent check finds wrong with a table, a certificate or a plan's figures.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum VerifyFault {
    Size { what: &'static str, found: u32, wanted: u32 },
    Potentials { found: usize, wanted: usize },
    NoNode { partition: u32, slot: u32 },
    Drained { partition: u32, label: Label },
    Repeated { partition: u32, label: Label, holds: u32 },
    Limit { partition: u32, domain: String, holds: u32, limit: u32 },
    Unpinned { partition: u32, label: Label },
    Thawed { partition: u32, label: Label },
    Share { name: String, node: bool, holds: u64, floor: u64, ceil: u64 },
    Claim { what: &'static str, claimed: u64, found: u64 },
}

impl fmt::Display for VerifyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Size { what, found, wanted } => {
                write!(f, "the table has {found} {what}, and the planner is for {wanted}")
            }
            Self::Potentials { found, wanted } => write!(
                f,
                "the certificate has {found} potentials, and the nodes, their failure domains and \
                 the cluster are {wanted}"
            ),
            Self::NoNode { partition, slot } => {
                write!(f, "partition {partition} is on slot {slot}, which has no node")
            }
            Self::Drained { partition, label } => {
                write!(f, "partition {partition} is on node {label}, which has weight 0")
            }
            Self::Repeated { partition, label, holds } => {
                write!(f, "partition {partition} has {holds} replicas on node {label}")
            }
            Self::Limit { partition, domain, holds, limit } => write!(
                f,
                "partition {partition} has {holds} replicas in {domain:?}, where {limit} may be"
            ),
            Self::Unpinned { partition, label } => {
                write!(f, "partition {partition} is not on node {label}, to which it is pinned")
            }
            Self::Thawed { partition, label } => {
                write!(f, "partition {partition} is frozen, and is no longer on node {label}")
            }
            Self::Share { name, node, holds, floor, ceil } => {
                let kind = if *node { "node" } else { "failure domain" };
                match name.as_str() {
                    "" => f.write_str("the cluster")?,
                    name => write!(f, "{kind} {name:?}")?,
                }
                write!(f, " holds {holds} replicas, and its quota is {floor}")?;
                if ceil > floor { write!(f, " or {ceil}") } else { Ok(()) }
            }
            Self::Claim { what, claimed, found } => {
                write!(f, "the plan says {claimed} {what}; counted anew, it is {found}")
            }
        }
    }
}
