//! Partition tables and their planner.

use super::Label;
use alloc::string::String;
use core::fmt;

/// What cannot be a table or a plan.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum PartitionFault {
    Size { what: &'static str, value: u64, max: u64 },
    Slots { partitions: u32, replicas: u32, max: u64 },
    Depth { label: Label, levels: String, other: Label, others: String },
    UnknownLevel { level: String, known: String },
    RepeatedLevel { level: String },
    LimitZero { level: String },
    NotAMultiple { from: u32, to: u32 },
    Splits { partitions: u32, ways: u32 },
    Partition { what: &'static str, partition: u32, partitions: u32 },
    Slot { what: &'static str, slot: u32 },
    FrozenFresh { partition: u32 },
    PinnedTwice { partition: u32, label: Label },
    Row { partition: u32, why: &'static str },
    Length { slots: usize, partitions: u32, replicas: u32 },
    Replicas { found: usize, partition: u32, replicas: u32 },
    OtherPlanner,
    Name { bytes: u64, max: u64 },
    RowBreaks { partition: u32, domain: String, limit: u32 },
    Infeasible(Infeasible),
}

/// Why no table can keep the rules: the failure domain or node that cannot hold what it would
/// have to.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Infeasible {
    /// What binds.
    pub kind: InfeasibleKind,
    /// The names of the failure domain from the outermost level on, joined by `/`; ends with the
    /// node's label if it is a node. Empty for the whole cluster.
    pub domain: String,
    /// Replicas it would have to hold; of one partition, if there is one.
    pub quota: u64,
    /// Replicas it can hold, or for what is pinned or frozen: may hold.
    pub limit: u64,
    /// The partition whose pins or frozen holders are impossible by themselves.
    pub partition: Option<u32>,
}

/// What binds an [`Infeasible`] request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum InfeasibleKind {
    /// No node has a weight above 0.
    NoLiveNode,
    /// The limits and the nodes leave less room than all replicas need.
    Capacity,
    /// Pinned replicas and frozen partitions are in the way of the quota.
    Bound,
    /// The pins of one partition cannot all be.
    Pinned,
    /// A frozen partition cannot stay as it is.
    Frozen,
}

impl InfeasibleKind {
    /// The name in lower case: `no-live-node`, `capacity`, `bound`, `pinned`, `frozen`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NoLiveNode => "no-live-node",
            Self::Capacity => "capacity",
            Self::Bound => "bound",
            Self::Pinned => "pinned",
            Self::Frozen => "frozen",
        }
    }
}

impl fmt::Display for Infeasible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, domain, quota, limit, partition } = self;
        let partition = partition.unwrap_or_default();
        let place = match domain.as_str() {
            "" => String::from("the cluster"),
            domain => alloc::format!("{domain:?}"),
        };
        match kind {
            InfeasibleKind::NoLiveNode => {
                write!(f, "no node has a weight above 0 to hold {quota} replicas")
            }
            InfeasibleKind::Capacity => write!(
                f,
                "the replicas do not fit: the share of {place} is {quota}, and it can hold {limit}"
            ),
            InfeasibleKind::Bound => write!(
                f,
                "pinned replicas and frozen partitions leave {place} with {quota} replicas, where \
                 its quota is {limit}"
            ),
            InfeasibleKind::Pinned => write!(
                f,
                "the pins of partition {partition} ask for {quota} replicas in {place}, and {limit} \
                 may be there"
            ),
            InfeasibleKind::Frozen => write!(
                f,
                "partition {partition} is frozen, but would have {quota} replicas in {place} where \
                 {limit} can be"
            ),
        }
    }
}

impl fmt::Display for PartitionFault {
    #[allow(clippy::too_many_lines)] // one line a fault
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Size { what, value, max } => {
                write!(f, "a partition table has 1..={max} {what}, not {value}")
            }
            Self::Slots { partitions, replicas, max } => write!(
                f,
                "{partitions} partitions of {replicas} replicas are more than {max} replicas"
            ),
            Self::Depth { label, levels, other, others } => write!(
                f,
                "all nodes of a plan have the same levels of failure domains: node {label} has \
                 [{levels}], node {other} has [{others}]"
            ),
            Self::UnknownLevel { level, known } => {
                write!(f, "no node has a failure domain level {level:?}; there are [{known}]")
            }
            Self::RepeatedLevel { level } => {
                write!(f, "the failure domain level {level:?} has two limits")
            }
            Self::LimitZero { level } => {
                write!(f, "a limit of 0 replicas in a {level:?} leaves no place for any")
            }
            Self::NotAMultiple { from, to } => write!(
                f,
                "{from} partitions can become a multiple of {from}, each split alike, not {to}"
            ),
            Self::Splits { partitions, ways } => {
                write!(f, "{partitions} partitions cannot be split {ways} ways")
            }
            Self::Partition { what, partition, partitions } => write!(
                f,
                "{what} partition {partition} is not below the {partitions} partitions there are"
            ),
            Self::Slot { what, slot } => write!(f, "{what}: there is no node in slot {slot}"),
            Self::FrozenFresh { partition } => write!(
                f,
                "partition {partition} is frozen, but a fresh table has nothing to freeze"
            ),
            Self::PinnedTwice { partition, label } => {
                write!(f, "partition {partition} is pinned to node {label} twice")
            }
            Self::Row { partition, why } => write!(f, "partition {partition}: {why}"),
            Self::Length { slots, partitions, replicas } => write!(
                f,
                "a table of {partitions} partitions of {replicas} replicas has not {slots} slots"
            ),
            Self::Replicas { found, partition, replicas } => {
                write!(f, "partition {partition} finds {found} nodes for its {replicas} replicas")
            }
            Self::RowBreaks { partition, domain, limit } => {
                write!(f, "partition {partition} has more than {limit} replicas in {domain:?}")
            }
            Self::Name { bytes, max } => {
                write!(f, "the name of a table has {bytes} bytes, expected at most {max}")
            }
            Self::OtherPlanner => f.write_str(
                "the plan was made by a planner for other nodes, another configuration, other pins or other \
                 frozen partitions; disperse it with the planner that made it",
            ),
            Self::Infeasible(infeasible) => infeasible.fmt(f),
        }
    }
}
