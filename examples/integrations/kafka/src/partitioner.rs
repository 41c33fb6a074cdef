//! Partitioners for producers of `rdkafka`.

use apportion::bucket::Buckets;
use apportion::hash::KeyHasher;
use apportion::interop::kafka;
use apportion::{JumpBack, Placement, Xxh3};
use rdkafka::producer::{PARTITION_UA, Partitioner};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// How keys are placed on the partitions of a topic.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Rule {
    /// As another client does, for topics that it writes too.
    As(kafka::Partitioner),
    /// By a consistent hash, for topics that only this program writes: when a topic of n partitions
    /// gets m, the fraction (m − n) / m of the keys moves, all of them to new partitions. Any other
    /// partitioner moves nearly all.
    Consistent,
}

impl Rule {
    /// The partition of a key; `None` where any partition will do.
    pub fn partition(self, key: Option<&[u8]>, partitions: u32) -> Option<u32> {
        match self {
            Self::As(client) => client.partition(key, partitions),
            Self::Consistent => {
                let key = Xxh3.hash_key(key?);
                Buckets::new(JumpBack, partitions)?.locate(key).map(|bucket| bucket.get())
            }
        }
    }
}

/// A partitioner for [`ProducerContext`](rdkafka::producer::ProducerContext). Records that may go to
/// any partition take turns over those that have a leader.
#[derive(Debug)]
pub struct KeyPartitioner {
    rule: Rule,
    turn: AtomicU32,
}

impl KeyPartitioner {
    /// A partitioner by a rule.
    pub fn new(rule: Rule) -> Self {
        Self { rule, turn: AtomicU32::new(0) }
    }
}

impl Partitioner for KeyPartitioner {
    fn partition(
        &self,
        _topic: &str,
        key: Option<&[u8]>,
        partitions: i32,
        is_available: impl Fn(i32) -> bool,
    ) -> i32 {
        let count = partitions.unsigned_abs();
        if let Some(partition) = self.rule.partition(key, count) {
            return partition as i32;
        }
        let first = self.turn.fetch_add(1, Relaxed);
        let mut turns = (0..count).map(|turn| (first.wrapping_add(turn) % count) as i32);
        // Right after the start no partition counts as available. A record without a partition would
        // then wait for the next refresh of the metadata, minutes later.
        let next = turns.clone().next().unwrap_or(PARTITION_UA);
        turns.find(|partition| is_available(*partition)).unwrap_or(next)
    }
}
