//! Errors of partition tables and their planner.

use super::kind::ErrorKind;
use super::words::Count;
use super::words::{Label, quoted};
use alloc::string::String;
use alloc::vec::Vec;
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
    LeaderDrained { label: Label, weight: u64 },
    LeaderTwice { label: Label },
    NoLeader,
    LeadSize { found: (u32, u32), wanted: (u32, u32) },
    LeadLost { partition: u32, label: Label },
    Name { bytes: u64, max: u64 },
    RowBreaks { partition: u32, domain: String, limit: u32 },
    Infeasible(Infeasible),
}

/// The reason why no table satisfies the rules: the failure domain or node that binds, the replicas it
/// would have to hold and those it can hold.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct Infeasible {
    /// The kind of rule that cannot be satisfied.
    pub kind: InfeasibleKind,
    /// The number of different [affinities](crate::Planner::affinity) that the planner has, where they
    /// may bind beside pins and frozen partitions; otherwise 0.
    pub affinities: u64,
    /// The failure domain or node that binds; empty for the whole cluster. A failure domain is written
    /// as its names from the outermost level on, joined by `/`, and a node's label follows them.
    /// Several nodes that bind together are joined by `, `: at most eight, then how many more.
    pub domain: String,
    /// The replicas that it would have to hold: those of `partition`, if that is set.
    pub quota: u64,
    /// The replicas that it can hold or, with pinned or frozen partitions or affinities, may hold.
    pub limit: u64,
    /// The partition whose pins, frozen holders or affinities alone make the request infeasible.
    pub partition: Option<u32>,
    /// The requested replicas of each partition; 0 where they do not matter.
    pub replicas: u32,
    /// The maximum number of replicas of one partition that the nodes and limits admit.
    pub admitted: u32,
    /// The number of nodes with a weight above 0, if they are too few.
    pub nodes: u64,
    /// The levels whose limits make the request infeasible: the level's name, the number of its failure
    /// domains that have a node with a weight above 0, and the limit.
    pub domains: Vec<(String, u64, u32)>,
}

/// The kind of rule that an [`Infeasible`] request cannot satisfy.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub enum InfeasibleKind {
    /// No node has a weight above 0.
    #[default]
    NoLiveNode,
    /// The limits and the nodes have room for fewer replicas than requested.
    Capacity,
    /// The [slots](crate::Planner::slots) of the nodes have room for fewer replicas than requested.
    Slots,
    /// Pins, frozen partitions and affinities keep more replicas on some nodes than their quota.
    Bound,
    /// Pins, frozen partitions and affinities leave some nodes room for fewer replicas than their quota;
    /// or nodes that take nothing leave a partition places for fewer than it is to have.
    NoRoom,
    /// The affinities of one partition ask for more replicas than there can be.
    Affinity,
    /// The affinities of one partition leave no node that may lead it.
    Leader,
    /// The pins of one partition contradict each other or a rule.
    Pinned,
    /// A frozen partition breaks a rule, so it cannot stay as it is.
    Frozen,
}

impl InfeasibleKind {
    /// The name in lower case: `no-live-node`, `capacity`, `slots`, `bound`, `no-room`, `affinity`,
    /// `leader`, `pinned`, `frozen`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NoLiveNode => "no-live-node",
            Self::Capacity => "capacity",
            Self::Slots => "slots",
            Self::Bound => "bound",
            Self::NoRoom => "no-room",
            Self::Affinity => "affinity",
            Self::Leader => "leader",
            Self::Pinned => "pinned",
            Self::Frozen => "frozen",
        }
    }
}

fn replicas<T>(count: T) -> Count<T> {
    Count(count, "replica")
}

/// This many replicas as the subject of a sentence.
fn are(count: u64) -> String {
    let verb = if count == 1 { "is" } else { "are" };
    alloc::format!("{} {verb}", replicas(count))
}

impl fmt::Display for Infeasible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, domain, quota, limit, .. } = self;
        let (binds, give_up) = self.binding();
        match kind {
            InfeasibleKind::NoLiveNode => write!(
                f,
                "no node has a weight above 0 to hold {}; add a node or give one a weight",
                replicas(*quota)
            ),
            InfeasibleKind::Capacity => self.capacity(f),
            InfeasibleKind::Slots => write!(
                f,
                "all partitions are to have {} together, and the nodes have slots for {limit}; add nodes \
                 or slots, or ask for {} less",
                replicas(*quota),
                replicas(quota - limit)
            ),
            InfeasibleKind::Bound if quota <= limit => write!(
                f,
                "no balanced table keeps all {binds}; {give_up} some, or freeze them only if possible"
            ),
            InfeasibleKind::Bound => write!(
                f,
                "{binds} keep {} on {}, and the quota there is at most {limit}; {give_up} {}, or freeze \
                 them only if possible",
                replicas(*quota),
                quoted(domain),
                quota - limit
            ),
            InfeasibleKind::NoRoom if self.partition.is_some() => self.of_partition(f),
            InfeasibleKind::NoRoom => write!(
                f,
                "the quota of {} is at least {}, but {binds} leave room for {limit}; {give_up} {}, or \
                 freeze them only if possible",
                quoted(domain),
                replicas(*quota),
                quota - limit
            ),
            InfeasibleKind::Affinity
            | InfeasibleKind::Leader
            | InfeasibleKind::Pinned
            | InfeasibleKind::Frozen => self.of_partition(f),
        }
    }
}

impl Infeasible {
    /// What binds one partition.
    fn of_partition(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, domain, quota, limit, partition, .. } = self;
        let partition = partition.unwrap_or_default();
        match kind {
            InfeasibleKind::NoRoom => write!(
                f,
                "partition {partition} is to have {}, but {} leave places for {limit}; let more nodes take \
                 replicas, or ask for fewer",
                replicas(*quota),
                match self.affinities {
                    0 => "limits and the states of nodes",
                    _ => "limits, affinities and the states of nodes",
                }
            ),
            InfeasibleKind::Affinity if !domain.is_empty() => write!(
                f,
                "the affinities of partition {partition} ask for {} in {}, which can hold {limit}; ask \
                 for fewer, or allow more nodes",
                replicas(*quota),
                quoted(domain)
            ),
            InfeasibleKind::Affinity if self.admitted < self.replicas => write!(
                f,
                "partition {partition} is to have {}, and its affinities leave places for {limit}; ask \
                 for fewer, or allow more nodes",
                replicas(*quota)
            ),
            InfeasibleKind::Affinity => write!(
                f,
                "the affinities of partition {partition} ask for {} together, and it has {limit}; ask \
                 for fewer, or give it more replicas",
                replicas(*quota)
            ),
            InfeasibleKind::Leader => write!(
                f,
                "the affinities of partition {partition} leave no node that may lead it; remove one \
                 about its leader, or let more nodes hold it"
            ),
            InfeasibleKind::Pinned if self.affinities > 0 && domain.is_empty() => write!(
                f,
                "the pins and affinities of partition {partition} ask for {} together, and it has \
                 {limit}; remove some, or give it more replicas",
                replicas(*quota)
            ),
            InfeasibleKind::Pinned if self.affinities > 0 => write!(
                f,
                "the pins and affinities of partition {partition} ask for {} in {}, and at most {limit} \
                 may be there; remove {} of them",
                replicas(*quota),
                quoted(domain),
                quota - limit
            ),
            InfeasibleKind::Pinned if domain.is_empty() => write!(
                f,
                "partition {partition} has {}, but only {} requested; remove pins or request more \
                 replicas",
                Count(*quota, "pin"),
                are(*limit)
            ),
            InfeasibleKind::Pinned => write!(
                f,
                "the pins of partition {partition} ask for {} in {domain:?}, and at most {limit} may be \
                 there; remove {} of them",
                replicas(*quota),
                quota - limit
            ),
            InfeasibleKind::Frozen if domain.is_empty() => write!(
                f,
                "partition {partition} is frozen and has {} among the nodes, but {} requested; thaw \
                 it, or freeze it only if possible",
                Count(*limit, "holder"),
                are(*quota)
            ),
            InfeasibleKind::Frozen if *limit == 0 && self.affinities == 0 => write!(
                f,
                "partition {partition} is frozen, and pinned to {domain:?}, which does not hold it; thaw \
                 it or remove the pin"
            ),
            InfeasibleKind::Frozen if quota < limit => write!(
                f,
                "partition {partition} is frozen and has {} in {}, where its affinities ask for at least \
                 {limit}; thaw it, or freeze it only if possible",
                replicas(*quota),
                quoted(domain)
            ),
            InfeasibleKind::Frozen => write!(
                f,
                "partition {partition} is frozen and has {} in {}, where at most {limit} may be; thaw it, \
                 or freeze it only if possible",
                replicas(*quota),
                quoted(domain)
            ),
            _ => write!(f, "there is no table for partition {partition}"),
        }
    }

    /// What keeps replicas where they are, and how to give it up.
    fn binding(&self) -> (&'static str, &'static str) {
        match self.affinities {
            0 => ("pins and frozen partitions", "unpin or thaw"),
            _ => ("pins, frozen partitions and affinities", "unpin, thaw or relax"),
        }
    }

    /// What is asked, what is there, and what would help.
    fn capacity(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { replicas: asked, admitted, nodes, domains, .. } = self;
        write!(f, "each partition is to have {}, and ", replicas(*asked))?;
        match domains.as_slice() {
            [] => write!(f, "there {} for one each", Live(*nodes))?,
            domains => {
                write!(f, "the limits admit {admitted}: there {}", Live(*nodes))?;
                for (i, (level, count, limit)) in domains.iter().enumerate() {
                    let before = if i == 0 { ", in" } else { " and in" };
                    let domain = Count(*count, "domain");
                    write!(
                        f,
                        "{before} {domain} of level {level:?} with at most {} each",
                        replicas(*limit)
                    )?;
                }
            }
        }
        let more = if domains.is_empty() { "nodes" } else { "failure domains, raise the limits" };
        write!(f, "; add {more}, ask for {}, or allow under-replicated tables", replicas(*admitted))
    }
}

/// "is 1 live node", "are 2 live nodes".
struct Live(u64);

impl fmt::Display for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.0 == 1 { "is" } else { "are" };
        write!(f, "{verb} {}", Count(self.0, "live node"))
    }
}

impl PartitionFault {
    pub(super) fn kind(&self) -> ErrorKind {
        match self {
            Self::Size { .. }
            | Self::Copies { .. }
            | Self::CopiesTwice { .. }
            | Self::UnknownLevel { .. }
            | Self::RepeatedLevel { .. }
            | Self::LimitZero { .. } => ErrorKind::InvalidConfiguration,
            Self::Slots { .. }
            | Self::SizeSum { .. }
            | Self::Name { .. }
            | Self::Affinities { .. } => ErrorKind::OverLimit,
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
