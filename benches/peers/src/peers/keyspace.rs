//! keyspace: a table of 2^16 shards, filled by hrw-hash's weighted rendezvous under a strategy that
//! chooses among the candidates. A change comes with a plan of what to fetch from which node.
//!
//! It has no choice of the number of partitions, no quotas (balance is random), no bound or proof
//! of the movement, and no dispersion.

use crate::planning::{Member, System};
use ::keyspace::{Keyspace, KeyspaceBuilder, KeyspaceNode, ReplicationStrategy};

/// The table with its default hasher.
pub struct KeyspaceCrate(Keyspace<Zoned, OneAZone>);

/// A node that is hashed by its identity alone. The score hashes the whole node, so otherwise a
/// change of weight would change all its scores.
#[derive(Clone, Debug)]
pub struct Zoned(Member);

impl PartialEq for Zoned {
    fn eq(&self, other: &Self) -> bool {
        self.0.id == other.0.id
    }
}

impl Eq for Zoned {}

impl std::hash::Hash for Zoned {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.id.hash(state);
    }
}

impl KeyspaceNode for Zoned {
    type Id = u32;

    fn id(&self) -> &u32 {
        &self.0.id
    }

    fn capacity(&self) -> usize {
        self.0.weight as usize
    }
}

/// Keeps replicas in distinct zones as in the crate's documentation, with fewer steps.
#[derive(Debug, Default)]
pub struct OneAZone(Vec<u32>);

/// Each shard starts without replicas.
impl Clone for OneAZone {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl ReplicationStrategy<Zoned> for OneAZone {
    fn is_eligible_replica(&mut self, node: &Zoned) -> bool {
        let fits = !self.0.contains(&node.0.zone);
        if fits {
            self.0.push(node.0.zone);
        }
        fits
    }
}

impl System for KeyspaceCrate {
    const NAME: &'static str = "keyspace, one a zone";
    const PARTITIONS: Option<u32> = Some(1 << 16);
    type Nodes = Vec<Zoned>;

    fn nodes(members: &[Member]) -> Vec<Zoned> {
        members.iter().copied().map(Zoned).collect()
    }

    fn fresh(nodes: &Vec<Zoned>, _: u32) -> Self {
        let builder = KeyspaceBuilder::new(nodes.iter().cloned());
        Self(builder.with_replication_strategy(OneAZone::default()).build().expect("a keyspace"))
    }

    /// The crate changes one node at a time, rebuilds the whole table and then compares the two.
    /// The comparison is left out, in its favour; the table is the same.
    fn change(&self, _: &Vec<Zoned>, after: &Vec<Zoned>) -> Self {
        Self::fresh(after, 1 << 16)
    }

    fn holders(&self, _: &Vec<Zoned>) -> Vec<u32> {
        self.0.iter().map(|(_, node)| *node.id()).collect()
    }
}
