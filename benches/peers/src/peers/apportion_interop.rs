//! apportion's module `interop`: the answers of other systems, as crates for these systems give
//! them.

use super::by_bytes::by_bytes;
use super::server;
use crate::peer::{Locate, Peer, Three};
use apportion::Locator;
use apportion::interop::kafka::Partitioner;
use apportion::interop::memcached::uhashring;
use apportion::interop::{KeyFunction, NamedRing, nginx, redis};
use apportion::{NodeIdx, partition::PartitionTable};

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

by_bytes! {
    /// The slot of a Redis Cluster. Each of the nodes has one range of slots.
    RedisSlot "apportion redis slot" node_by_slot
}

fn node_by_slot(key: &[u8], nodes: u32) -> u32 {
    super::node_of_slot(redis::slot(key), nodes)
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

by_bytes! {
    /// The partition that Kafka's Java client chooses.
    KafkaPartition "apportion kafka (murmur2)" partition
}

fn partition(key: &[u8], partitions: u32) -> u32 {
    Partitioner::Murmur2.partition(Some(key), partitions).unwrap_or_default()
}
