//! A partitioner for producers of `rdkafka`.

use crate::Rule;
use rdkafka::producer::{PARTITION_UA, Partitioner};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

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
