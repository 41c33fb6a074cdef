//! Why no table satisfies the rules.

use super::words::{Count, quoted, replicas};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

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
