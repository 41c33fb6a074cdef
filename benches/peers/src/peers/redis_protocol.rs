//! redis-protocol: the slot of a key in a Redis Cluster, by the crate crc16.

use super::by_bytes::by_bytes;
use crate::peer::{Locate, Peer};
use ::redis_protocol::redis_keyslot;

by_bytes! {
    /// The slot alone. Each of the nodes has one range of slots.
    RedisProtocol "redis-protocol" node_by_slot
}

fn node_by_slot(key: &[u8], nodes: u32) -> u32 {
    super::node_of_slot(redis_keyslot(key), nodes)
}

/// The slot, then the node from an array of 16,384 numbers.
pub struct RedisProtocolTable(Box<[u16]>);

impl Peer for RedisProtocolTable {
    const NAME: &'static str = "redis-protocol and an array";
    const FAMILY: &'static str = "interop";
    type Plan = Vec<u16>;

    fn plan(n: u32) -> Vec<u16> {
        super::slot_owners(n)
    }

    fn build(plan: &Vec<u16>) -> Self {
        Self(plan.clone().into_boxed_slice())
    }
}

impl RedisProtocolTable {
    fn node(&self, key: &[u8]) -> u32 {
        self.0.get(usize::from(redis_keyslot(key))).map_or(0, |node| u32::from(*node))
    }
}

impl Locate<u64> for RedisProtocolTable {
    fn locate(&self, key: &u64) -> u32 {
        self.node(&key.to_le_bytes())
    }
}

impl Locate<str> for RedisProtocolTable {
    fn locate(&self, key: &str) -> u32 {
        self.node(key.as_bytes())
    }
}
