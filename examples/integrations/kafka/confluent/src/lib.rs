//! A partitioner for producers of `confluent-kafka`.

use apportion_kafka::Rule;
use confluent_kafka::common::Cluster;
use confluent_kafka::producer::Partitioner;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// A partitioner for [`ProducerConfig::set_partitioner`]: by the same rules as that of `rdkafka`.
/// Records that may go to any partition take turns over those that have a leader.
///
/// [`ProducerConfig::set_partitioner`]: confluent_kafka::producer::ProducerConfig::set_partitioner
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

/// For any types of keys and values: only the serialized key decides.
impl<K, V> Partitioner<K, V> for KeyPartitioner {
    fn partition(
        &self,
        topic: &str,
        _: Option<&K>,
        key: Option<&[u8]>,
        _: Option<&V>,
        _: Option<&[u8]>,
        cluster: &Cluster,
    ) -> i32 {
        let all = cluster.partitions_for_topic(topic);
        if let Some(partition) = self.rule.partition(key, all.len() as u32) {
            return partition as i32;
        }
        let available = cluster.available_partitions_for_topic(topic);
        let list = if available.is_empty() { all } else { available };
        let turn = self.turn.fetch_add(1, Relaxed) as usize;
        list.get(turn % list.len().max(1)).map_or(0, |partition| partition.partition())
    }
}
