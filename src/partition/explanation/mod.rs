//! Why each replica of a partition stays, moves, comes or goes.

mod explain;
mod facts;
mod leader;
mod sentences;

pub use leader::{ExplainedLeader, LeaderReason};

use super::inputs::Inputs;
use crate::node::NodeIdx;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Why the replicas of one partition stay or move. See [`Plan::explain`](super::Plan::explain).
///
/// Every claim is counted from the plan's tables and rules. It prints as one line for the partition
/// and one sentence for each replica, and one for its leader if leaders are balanced.
#[derive(Clone, Debug)]
pub struct Explanation {
    partition: u32,
    /// The partition of the old table from which this one comes; `None` in a fresh table.
    old_partition: Option<u32>,
    ways: u32,
    thawed: bool,
    replicas: Vec<ExplainedReplica>,
    leader: Option<ExplainedLeader>,
}

/// One replica of an [`Explanation`], with the reasons why it stays, moves, comes or goes. It prints
/// as a sentence.
#[derive(Clone, Debug)]
pub struct ExplainedReplica {
    from: Option<NodeIdx>,
    to: Option<NodeIdx>,
    stays: bool,
    reasons: Vec<Reason>,
    /// For the labels of its nodes.
    inputs: Arc<Inputs>,
}

/// A reason why a replica stays, moves, comes or goes.
///
/// A quota is a pair of its floor and its ceiling, as
/// [`Planner::quota`](crate::Planner::quota) returns it. What a node or failure domain held is counted
/// in the old table (split as the new one is) over the nodes that are still there; what it holds, in
/// the new table. A failure domain is the path of its names, as in `"eu/zone-1"`.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Reason {
    /// The partition is [pinned](crate::Planner::pinned) to the node that holds the replica.
    Pinned,
    /// The node is [in maintenance](crate::Planner::in_maintenance), so it keeps what it holds.
    Maintenance,
    /// The partition is [frozen](crate::Planner::frozen).
    Frozen,
    /// The partition is [frozen if possible](crate::Planner::frozen_if_possible), and none of its
    /// replicas had to move.
    FrozenIfPossible,
    /// The node had so many replicas, and so many others of them leave it.
    Kept {
        /// Replicas that the node held.
        held: u64,
        /// Replicas of other partitions that leave it.
        gives: u64,
        /// Its quota.
        quota: (u64, u64),
    },
    /// The table is fresh, and the node holds so many replicas in it.
    Fresh {
        /// Replicas that the node holds.
        holds: u64,
        /// Its quota.
        quota: (u64, u64),
    },

    /// The old holder is no longer among the nodes.
    Removed,
    /// The old holder has weight 0.
    Drained,
    /// The failure domain of the old holder had more replicas of this partition, on live nodes, than
    /// its limit.
    OverLimit {
        /// The failure domain.
        domain: String,
        /// Replicas of the partition that it held.
        held: u32,
        /// Its limit.
        limit: u32,
    },
    /// The partition had more replicas on some nodes than its [affinities](crate::Planner::affinity)
    /// allow there.
    AboveAffinity {
        /// The failure domain of exactly these nodes, or the nodes, as in
        /// [`Infeasible`](crate::error::Infeasible).
        nodes: String,
        /// Replicas of the partition that they held.
        held: u32,
        /// Replicas of it that may be there.
        at_most: u32,
    },
    /// The partition had fewer replicas on some nodes than its [affinities](crate::Planner::affinity)
    /// ask for.
    BelowAffinity {
        /// The failure domain of exactly these nodes, or the nodes.
        nodes: String,
        /// Replicas of the partition that they held.
        held: u32,
        /// Replicas of it that have to be there.
        at_least: u32,
    },
    /// A pin takes a place which the old holder had, or which the limit of its failure domain leaves.
    MakesRoom {
        /// The node to which the partition is pinned.
        pinned: NodeIdx,
        /// The failure domain of both that cannot hold more; empty for the partition as a whole.
        domain: String,
        /// Replicas of the partition that may be there.
        limit: u32,
    },
    /// The old holder had more replicas than its quota.
    OverQuota {
        /// Replicas that it held.
        held: u64,
        /// Its quota.
        quota: (u64, u64),
    },
    /// A failure domain of the old holder had more replicas than its quota.
    DomainOverQuota {
        /// The failure domain.
        domain: String,
        /// Replicas that it held.
        held: u64,
        /// Its quota.
        quota: (u64, u64),
    },
    /// The old holder was within its quota and gives a replica to others that are not.
    GivesWithinQuota {
        /// Replicas that it held.
        held: u64,
        /// Replicas that it holds now, fewer.
        holds: u64,
        /// Its quota.
        quota: (u64, u64),
    },
    /// The old holder gives this replica and takes others: the move is part of a chain of moves, for
    /// which there is no shorter one.
    GivesInExchange {
        /// Replicas of other partitions that come to it.
        takes: u64,
    },
    /// There are fewer replicas of each partition than before.
    LoweredReplicas {
        /// Replicas of each partition before.
        from: u32,
        /// Replicas of each partition now.
        to: u32,
    },

    /// The new holder was not among the nodes before.
    Joined {
        /// Its quota.
        quota: (u64, u64),
    },
    /// The new holder had fewer replicas than its quota.
    BelowQuota {
        /// Replicas that it held.
        held: u64,
        /// Its quota.
        quota: (u64, u64),
    },
    /// A failure domain of the new holder had fewer replicas than its quota.
    DomainBelowQuota {
        /// The failure domain.
        domain: String,
        /// Replicas that it held.
        held: u64,
        /// Its quota.
        quota: (u64, u64),
    },
    /// The new holder was within its quota and has room for more.
    TakesWithinQuota {
        /// Replicas that it held.
        held: u64,
        /// Replicas that it holds now, more.
        holds: u64,
        /// Its quota.
        quota: (u64, u64),
    },
    /// The new holder takes this replica and gives others: the move is part of a chain of moves, for
    /// which there is no shorter one.
    TakesInExchange {
        /// Replicas of other partitions that leave it.
        gives: u64,
    },
    /// There are more replicas of each partition than before.
    RaisedReplicas {
        /// Replicas of each partition before.
        from: u32,
        /// Replicas of each partition now.
        to: u32,
    },

    /// Which partition moves its replica on the old holder was a free choice: a plan in which this one
    /// and another partition change roles has as few moves and keeps every rule.
    ///
    /// For a replica that stays, the other partition is one that moved instead of it.
    FreePartition {
        /// The other partition.
        partition: u32,
        /// True if [`Planner::disperse`](crate::Planner::disperse) has made the choice.
        dispersed: bool,
    },
    /// Which node takes the replica was a free choice: a plan in which this and another partition
    /// exchange their new holders has as few moves and keeps every rule.
    FreeNode {
        /// The other partition.
        partition: u32,
        /// True if [`Planner::disperse`](crate::Planner::disperse) has made the choice.
        dispersed: bool,
    },
}

impl Explanation {
    /// The partition.
    #[must_use]
    pub fn partition(&self) -> u32 {
        self.partition
    }

    /// The partition of the old table from which it comes: itself, or the one that was
    /// [split](crate::PartitionTable::split). `None` in a fresh table.
    #[must_use]
    pub fn old_partition(&self) -> Option<u32> {
        self.old_partition
    }

    /// True if the partition was to be [frozen if possible](crate::Planner::frozen_if_possible), and
    /// one of its replicas moved nevertheless.
    #[must_use]
    pub fn thawed(&self) -> bool {
        self.thawed
    }

    /// The replicas: those that stay or come in the order of the new table's row, then those that are
    /// dropped.
    #[must_use]
    pub fn replicas(&self) -> &[ExplainedReplica] {
        &self.replicas
    }

    /// Why its leader leads it; `None` unless the plan
    /// [balances leaders](crate::Planner::balance_leaders).
    #[must_use]
    pub fn leader(&self) -> Option<&ExplainedLeader> {
        self.leader.as_ref()
    }
}

impl ExplainedReplica {
    /// The node that held the replica, by its slot among the nodes of the old table; `None` if it is
    /// added, or the table is fresh.
    #[must_use]
    pub fn from(&self) -> Option<NodeIdx> {
        self.from
    }

    /// The node that holds the replica, by its slot among the nodes of the new table; `None` if it is
    /// dropped.
    #[must_use]
    pub fn to(&self) -> Option<NodeIdx> {
        self.to
    }

    /// True if the replica stays on its node, whose slot may be another one.
    #[must_use]
    pub fn stays(&self) -> bool {
        self.stays
    }

    /// The reasons: first why it leaves its old holder, then why the new one takes it, then whether
    /// there was a choice.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        &self.reasons
    }
}
