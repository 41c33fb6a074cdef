//! Errors of partition tables and their planner.

use super::infeasible::Infeasible;
use super::kind::ErrorKind;
use super::words::Count;
use super::words::{Label, quoted, replicas};
use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

/// What is wrong with a table, a plan or a request for one.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum PartitionFault {
    Size { what: &'static str, value: u64, max: u64 },
    Copies { partition: u32, copies: u32, max: u32 },
    CopiesTwice { partition: u32 },
    SizedTwice { partition: u32 },
    SizeSum { partition: u32, size: u64, replicas: u64 },
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
    MaintenanceDrained { label: Label },
    PinnedTwice { partition: u32, label: Label },
    AffinityRange { start: u32, end: u32 },
    AffinityIdle,
    AffinityDomain { level: String, name: String },
    AffinityNoNode { partition: u32 },
    AffinityUnbalanced { partition: u32 },
    Affinities { partition: u32, max: u64 },
    AffinitiesCross { partition: u32, a: String, b: String },
    Row { partition: u32, why: &'static str },
    Length { slots: usize, partitions: u32, replicas: u32 },
    Replicas { found: usize, partition: u32, replicas: u32 },
    OtherPlanner,
    NoTables,
    TableTwice { name: String },
    TableNodes { name: String },
    TableCount { found: usize, wanted: usize },
    JointCells { nodes: u64, tables: u64, max: u64 },
    InTable { name: String, fault: Box<PartitionFault> },
    LeaderDrained { label: Label, weight: u64 },
    LeaderTwice { label: Label },
    NoLeader,
    LeadSize { found: (u32, u32), wanted: (u32, u32) },
    LeadLost { partition: u32, label: Label },
    Name { bytes: u64, max: u64 },
    RowBreaks { partition: u32, domain: String, limit: u32 },
    Infeasible(Infeasible),
}

impl PartitionFault {
    pub(super) fn infeasible(&self) -> Option<&Infeasible> {
        match self {
            Self::Infeasible(infeasible) => Some(infeasible),
            Self::InTable { fault, .. } => fault.infeasible(),
            _ => None,
        }
    }

    pub(super) fn kind(&self) -> ErrorKind {
        match self {
            Self::Size { .. }
            | Self::Copies { .. }
            | Self::CopiesTwice { .. }
            | Self::UnknownLevel { .. }
            | Self::RepeatedLevel { .. }
            | Self::LimitZero { .. }
            | Self::TableTwice { .. } => ErrorKind::InvalidConfiguration,
            Self::Slots { .. }
            | Self::Name { .. }
            | Self::SizeSum { .. }
            | Self::JointCells { .. }
            | Self::Affinities { .. } => ErrorKind::OverLimit,
            Self::InTable { fault, .. } => fault.kind(),
            Self::Depth { .. } => ErrorKind::InvalidDomain,
            Self::Slot { .. } => ErrorKind::UnknownNode,
            Self::NotAMultiple { .. }
            | Self::Splits { .. }
            | Self::Partition { .. }
            | Self::FrozenFresh { .. }
            | Self::MaintenanceDrained { .. }
            | Self::PinnedTwice { .. }
            | Self::SizedTwice { .. }
            | Self::AffinityRange { .. }
            | Self::AffinityIdle
            | Self::AffinityDomain { .. }
            | Self::AffinityNoNode { .. }
            | Self::AffinityUnbalanced { .. }
            | Self::AffinitiesCross { .. }
            | Self::Row { .. }
            | Self::Length { .. }
            | Self::Replicas { .. }
            | Self::OtherPlanner
            | Self::NoTables
            | Self::TableNodes { .. }
            | Self::TableCount { .. }
            | Self::LeaderDrained { .. }
            | Self::LeaderTwice { .. }
            | Self::NoLeader
            | Self::LeadSize { .. }
            | Self::LeadLost { .. }
            | Self::RowBreaks { .. } => ErrorKind::InvalidArgument,
            Self::Infeasible(_) => ErrorKind::Infeasible,
        }
    }
}

impl fmt::Display for PartitionFault {
    #[allow(clippy::too_many_lines)] // one line a fault
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Size { what, value, max } => {
                write!(f, "a partition table has 1..={max} {what}, got {value}")
            }
            Self::Copies { partition, copies, max } => {
                write!(f, "copies: partition {partition} has 1..={max} replicas, got {copies}")
            }
            Self::CopiesTwice { partition } => {
                write!(f, "copies: partition {partition} is given twice; give it one number")
            }
            Self::SizedTwice { partition } => {
                write!(f, "sizes: partition {partition} is given twice; give it one size")
            }
            Self::SizeSum { partition, size, replicas: each } => write!(
                f,
                "sizes: the replicas of all partitions have a size of at most {} together, which {} of \
                 size {size} of partition {partition} exceed; give sizes in a larger unit",
                u64::MAX,
                replicas(*each)
            ),
            Self::Slots { partitions, replicas: each, max } => write!(
                f,
                "a partition table has at most {max} replicas in all, got {} of {}",
                Count(*partitions, "partition"),
                replicas(*each)
            ),
            Self::Depth { label, levels, other, others } => write!(
                f,
                "all nodes of a plan need the same levels of failure domains, and node {label} has \
                 [{levels}], node {other} has [{others}]"
            ),
            Self::UnknownLevel { level, known } => {
                write!(f, "no node has a failure domain of level {level:?}; there are [{known}]")
            }
            Self::RepeatedLevel { level } => {
                write!(f, "the failure domain level {level:?} has two limits; give it one")
            }
            Self::LimitZero { level } => {
                write!(
                f,
                "expected a limit of at least 1 replica in a domain of level {level:?}, got 0"
            )
            }
            Self::NotAMultiple { from, to } => write!(
                f,
                "{} can be split into a multiple of {from}, got {to}",
                Count(*from, "partition")
            ),
            Self::Splits { partitions, ways } => {
                write!(f, "{} cannot be split {ways} ways", Count(*partitions, "partition"))
            }
            Self::Partition { what, partition, partitions } => write!(
                f,
                "{what} partition {partition} is out of range: there {} {}, numbered from 0",
                if *partitions == 1 { "is" } else { "are" },
                Count(*partitions, "partition")
            ),
            Self::Slot { what, slot } => write!(f, "{what}: there is no node in slot {slot}"),
            Self::FrozenFresh { partition } => write!(
                f,
                "partition {partition} is frozen, but a fresh plan has no holders to keep; rebalance a \
                 table, or remove the freeze"
            ),
            Self::MaintenanceDrained { label } => write!(
                f,
                "node {label} is in maintenance and has weight 0: give it a weight, or drain it"
            ),
            Self::PinnedTwice { partition, label } => {
                write!(f, "partition {partition} is pinned to node {label} twice; pin it once")
            }
            Self::AffinityRange { start, end } => {
                write!(
                    f,
                    "an affinity is for partitions {start}..{end}, an empty range; end it after its start"
                )
            }
            Self::AffinityIdle => f.write_str(
                "an affinity asks for nothing; give it at_least, at_most, leads or never_leads",
            ),
            Self::AffinityDomain { level, name } => {
                write!(
                    f,
                    "an affinity: no node is in a failure domain {name:?} of level {level:?}; name one that \
                     a node has"
                )
            }
            Self::AffinityNoNode { partition } => write!(
                f,
                "an affinity of partition {partition} asks for replicas on no node; list the nodes, or \
                 name a failure domain of theirs"
            ),
            Self::AffinityUnbalanced { partition } => write!(
                f,
                "an affinity from partition {partition} on is about leaders, which are not balanced; \
                 balance leaders"
            ),
            Self::Affinities { partition, max } => write!(
                f,
                "partition {partition} has more than {max} affinities and failure domains around them; join \
                 some"
            ),
            Self::AffinitiesCross { partition, a, b } => write!(
                f,
                "the affinities of partition {partition} ask about {} and {}, which have some nodes in \
                 common; choose nodes that are nested or have none in common",
                quoted(a),
                quoted(b)
            ),
            Self::Row { partition, why } => write!(f, "partition {partition}: {why}"),
            Self::Length { slots, partitions, replicas: each } => write!(
                f,
                "a table of {} of {} does not fit {}",
                Count(*partitions, "partition"),
                replicas(*each),
                Count(*slots, "slot")
            ),
            Self::Replicas { found, partition, replicas: each } => {
                let found = Count(*found, "node");
                write!(f, "partition {partition} needs {} and got {found}", replicas(*each))
            }
            Self::RowBreaks { partition, domain, limit } => {
                let limit = replicas(*limit);
                write!(f, "partition {partition} has more than {limit} in {domain:?}")
            }
            Self::Name { bytes, max } => {
                write!(f, "a table's name has at most {max} bytes, got {bytes}")
            }
            Self::OtherPlanner => f.write_str(
                "the plan was made by a planner with other nodes, configuration, pins or frozen partitions; \
                 disperse it with the planner that made it",
            ),
            Self::NoTables => f.write_str("there is no table to plan; give at least one planner"),
            Self::TableTwice { name } => write!(
                f,
                "two tables are named {name:?}; give each table of a joint plan its own name"
            ),
            Self::TableNodes { name } => write!(
                f,
                "the planner of table {name:?} has other nodes than the first one; make all planners \
                 of a joint plan for the same nodes"
            ),
            Self::TableCount { found, wanted } => write!(
                f,
                "expected an old table or none for each of {}, got {found}",
                Count(*wanted as u64, "table")
            ),
            Self::JointCells { nodes, tables, max } => write!(
                f,
                "a joint plan has at most {max} pairs of a node and a table, got {} and {}; plan \
                 fewer tables together",
                Count(*nodes, "node"),
                Count(*tables, "table")
            ),
            Self::InTable { name, fault } => write!(f, "table {name:?}: {fault}"),
            Self::LeaderDrained { label, weight } => write!(
                f,
                "node {label} has weight 0 and a leader weight of {weight}; a drained node leads \
                 nothing, so leave it out or give it 0"
            ),
            Self::LeaderTwice { label } => {
                write!(f, "node {label} has two leader weights; give it one")
            }
            Self::NoLeader => f.write_str(
                "the leader weights leave no node to lead; give a live node a weight above 0",
            ),
            Self::LeadSize { found, wanted } => {
                let table = |(partitions, each): &(u32, u32)| {
                    alloc::format!("{} of {}", Count(*partitions, "partition"), replicas(*each))
                };
                write!(f, "the table has {}, and the planner is for ", table(found))?;
                write!(f, "{}; rebalance the table to change its size", table(wanted))
            }
            Self::LeadLost { partition, label } => write!(
                f,
                "partition {partition} is on node {label}, which is not among the planner's nodes; \
                 rebalance the table to move it away"
            ),
            Self::Infeasible(infeasible) => infeasible.fmt(f),
        }
    }
}
