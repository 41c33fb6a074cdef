//! redis-protocol: the slot of a key in a Redis Cluster, by the crate crc16.

use crate::peer::{Locate, Peer};
use ::redis_protocol::redis_keyslot;
use std::hint::black_box;

/// The slot alone. Each of the nodes has one range of slots.
pub struct RedisProtocol(u32);

impl Peer for RedisProtocol {
    const NAME: &'static str = "redis-protocol";
    const FAMILY: &'static str = "interop";
    type Plan = u32;

    fn plan(n: u32) -> u32 {
        black_box(n)
    }

    fn build(n: &u32) -> Self {
        Self(*n)
    }
}

impl Locate<u64> for RedisProtocol {
    fn locate(&self, key: &u64) -> u32 {
        super::node_of_slot(redis_keyslot(&key.to_le_bytes()), self.0)
    }
}

impl Locate<str> for RedisProtocol {
    fn locate(&self, key: &str) -> u32 {
        super::node_of_slot(redis_keyslot(key.as_bytes()), self.0)
    }
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
