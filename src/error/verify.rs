//! Plans that are not what they say.

use super::kind::ErrorKind;
use super::words::Count;
use super::words::{Label, quoted};
use alloc::boxed::Box;
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
    Affinity { partition: u32, nodes: String, holds: u32, at_least: u32, at_most: u32 },
    LeaderAffinity { partition: u32, label: Label },
    Unpinned { partition: u32, label: Label },
    Closed { partition: u32, label: Label },
    Thawed { partition: u32, label: Label },
    Share { name: String, node: bool, holds: u64, floor: u64, ceil: u64 },
    LeaderParts { found: usize, wanted: usize },
    LeaderBlock { label: Label, block: u32 },
    LeaderOrder { block: u32 },
    LeaderShare { label: Label, leads: u64, floor: u64, ceil: u64 },
    Claim { what: &'static str, claimed: u64, found: u64 },
    InTable { name: String, fault: Box<VerifyFault> },
}

impl VerifyFault {
    /// Sizes are those of the arguments; all else is what was planned.
    pub(super) fn kind(&self) -> ErrorKind {
        match self {
            Self::Size { .. } => ErrorKind::InvalidArgument,
            Self::InTable { fault, .. } => fault.kind(),
            Self::Potentials { .. }
            | Self::NoNode { .. }
            | Self::Drained { .. }
            | Self::Repeated { .. }
            | Self::Limit { .. }
            | Self::Affinity { .. }
            | Self::LeaderAffinity { .. }
            | Self::Unpinned { .. }
            | Self::Closed { .. }
            | Self::Thawed { .. }
            | Self::Share { .. }
            | Self::LeaderParts { .. }
            | Self::LeaderBlock { .. }
            | Self::LeaderOrder { .. }
            | Self::LeaderShare { .. }
            | Self::Claim { .. } => ErrorKind::NotVerified,
        }
    }
}

impl fmt::Display for VerifyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let replicas = |count: u64| Count(count, "replica");
        match self {
            Self::Size { what, found, wanted } => {
                write!(f, "the table has {found} {what}, but the planner is for {wanted}")
            }
            Self::Potentials { found, wanted } => write!(
                f,
                "expected a certificate of 0 or {wanted} potentials (one for each node, each failure \
                 domain and the cluster), got {found}"
            ),
            Self::NoNode { partition, slot } => {
                write!(f, "partition {partition} is on slot {slot}, which has no node")
            }
            Self::Drained { partition, label } => {
                write!(f, "partition {partition} is on node {label}, which has weight 0")
            }
            Self::Repeated { partition, label, holds } => {
                let holds = replicas((*holds).into());
                write!(f, "partition {partition} has {holds} on node {label}")
            }
            Self::Limit { partition, domain, holds, limit } => write!(
                f,
                "partition {partition} has {} in {domain:?}, where at most {limit} may be",
                replicas((*holds).into())
            ),
            Self::Affinity { partition, nodes, holds, at_least, at_most } => {
                let holds_them = replicas((*holds).into());
                write!(
                    f,
                    "partition {partition} has {holds_them} in {}, where at ",
                    quoted(nodes)
                )?;
                if holds < at_least {
                    write!(f, "least {at_least} should be")
                } else {
                    write!(f, "most {at_most} may be")
                }
            }
            Self::LeaderAffinity { partition, label } => write!(
                f,
                "partition {partition} is led by node {label}, which its affinities do not allow"
            ),
            Self::Closed { partition, label } => write!(
                f,
                "partition {partition} has a new replica on node {label}, which takes none"
            ),
            Self::Unpinned { partition, label } => {
                write!(f, "partition {partition} is not on node {label}, to which it is pinned")
            }
            Self::Thawed { partition, label } => {
                write!(f, "partition {partition} is frozen, but is no longer on node {label}")
            }
            Self::Share { name, node, holds, floor, ceil } => {
                match (name.as_str(), node) {
                    ("", _) => f.write_str("the cluster")?,
                    (name, true) => write!(f, "node {name:?}")?,
                    (name, false) => write!(f, "failure domain {name:?}")?,
                }
                write!(f, " holds {}, and its quota is {floor}", replicas(*holds))?;
                if ceil > floor { write!(f, " or {ceil}") } else { Ok(()) }
            }
            Self::LeaderParts { found, wanted } => write!(
                f,
                "expected a certificate of leaders with {wanted} potentials and blocks (one of each \
                 for every node), got {found}"
            ),
            Self::LeaderBlock { label, block } => write!(
                f,
                "the certificate of leaders has node {label} in block {block}, which is none or has \
                 nodes both with and without a weight"
            ),
            Self::LeaderOrder { block } => write!(
                f,
                "block {block} of the certificate of leaders leads fewer partitions per weight than \
                 the one before"
            ),
            Self::LeaderShare { label, leads, floor, ceil } => {
                let leads = Count(*leads, "partition");
                write!(f, "node {label} leads {leads}, and its leader quota is {floor}")?;
                if ceil > floor { write!(f, " or {ceil}") } else { Ok(()) }
            }
            Self::InTable { name, fault } => write!(f, "table {name:?}: {fault}"),
            Self::Claim { what, claimed, found } => {
                write!(f, "the plan says {claimed} {what}; counted again, it is {found}")
            }
        }
    }
}
