//! apportion's module `interop`: the answers of other systems, as crates for these systems give
//! them.

use super::server;
use crate::peer::{Locate, Peer, Three};
use apportion::Locator;
use apportion::interop::kafka::Partitioner;
use apportion::interop::memcached::uhashring;
use apportion::interop::{KeyFunction, NamedRing, nginx, redis};
use apportion::{NodeIdx, partition::PartitionTable};
use std::hint::black_box;

fn number(node: Option<NodeIdx>) -> u32 {
    node.map_or(0, NodeIdx::get)
}

/// The rings of other systems, from lines of their configuration.
macro_rules! rings {
    ($($(#[$doc:meta])* $name:ident $title:literal $constructor:path;)*) => {$(
        $(#[$doc])*
        pub struct $name(NamedRing);

        impl Peer for $name {
            const NAME: &'static str = $title;
            const FAMILY: &'static str = "interop";
            type Plan = Vec<String>;

            fn plan(n: u32) -> Vec<String> {
                (0..n).map(server).collect()
            }

            fn build(plan: &Vec<String>) -> Self {
                Self($constructor(plan.iter().map(String::as_str)).expect("a ring"))
            }
        }

        impl Locate<u64> for $name {
            fn locate(&self, key: &u64) -> u32 {
                number(self.0.locate(key))
            }
        }

        impl Locate<str> for $name {
            fn locate(&self, key: &str) -> u32 {
                number(self.0.locate(key))
            }
        }

        impl Three for $name {
            fn three(&self, key: u64) -> [u32; 3] {
                let holders = self.0.replicas::<3>(&key);
                [0, 1, 2].map(|i| number(holders.indices().get(i).copied()))
            }
        }
    )*};
}

rings! {
    /// nginx's `hash KEY consistent`.
    NginxRing "apportion nginx" nginx::consistent;
    /// libketama's points, as uhashring has them. The preset of libketama itself ends keys at their
    /// first zero byte, which the other crate does not.
    KetamaRing "apportion uhashring (ketama)" uhashring::ketama;
}

/// The slot of a Redis Cluster. Each of the nodes has one range of slots.
pub struct RedisSlot(u32);

impl Peer for RedisSlot {
    const NAME: &'static str = "apportion redis slot";
    const FAMILY: &'static str = "interop";
    type Plan = u32;

    fn plan(n: u32) -> u32 {
        black_box(n)
    }

    fn build(n: &u32) -> Self {
        Self(*n)
    }
}

impl Locate<u64> for RedisSlot {
    fn locate(&self, key: &u64) -> u32 {
        super::node_of_slot(redis::slot(&key.to_le_bytes()), self.0)
    }
}

impl Locate<str> for RedisSlot {
    fn locate(&self, key: &str) -> u32 {
        super::node_of_slot(redis::slot(key.as_bytes()), self.0)
    }
}

/// A Redis Cluster as a locator: from the key to its node.
pub struct RedisCluster(Locator<String, PartitionTable, KeyFunction>);

impl Peer for RedisCluster {
    const NAME: &'static str = "apportion redis cluster";
    const FAMILY: &'static str = "interop";
    type Plan = Vec<String>;

    fn plan(n: u32) -> Vec<String> {
        let slots = super::slot_owners(n);
        let mut lines: Vec<String> = (0..n).map(server).collect();
        for (slot, owner) in slots.iter().enumerate() {
            lines[*owner as usize].push_str(&format!(" {slot}"));
        }
        lines
    }

    fn build(plan: &Vec<String>) -> Self {
        Self(redis::cluster(plan.iter().map(String::as_str)).expect("a cluster"))
    }
}

impl Locate<u64> for RedisCluster {
    fn locate(&self, key: &u64) -> u32 {
        number(self.0.locate(key))
    }
}

impl Locate<str> for RedisCluster {
    fn locate(&self, key: &str) -> u32 {
        number(self.0.locate(key))
    }
}

/// The partition that Kafka's Java client chooses.
pub struct KafkaPartition(u32);

impl Peer for KafkaPartition {
    const NAME: &'static str = "apportion kafka (murmur2)";
    const FAMILY: &'static str = "interop";
    type Plan = u32;

    fn plan(n: u32) -> u32 {
        black_box(n)
    }

    fn build(n: &u32) -> Self {
        Self(*n)
    }
}

impl KafkaPartition {
    fn partition(&self, key: &[u8]) -> u32 {
        Partitioner::Murmur2.partition(Some(key), self.0).unwrap_or_default()
    }
}

impl Locate<u64> for KafkaPartition {
    fn locate(&self, key: &u64) -> u32 {
        self.partition(&key.to_le_bytes())
    }
}

impl Locate<str> for KafkaPartition {
    fn locate(&self, key: &str) -> u32 {
        self.partition(key.as_bytes())
    }
}
