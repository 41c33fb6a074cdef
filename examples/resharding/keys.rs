//! The keys, and the newest acknowledged write of each.

use crate::Move;
use crate::cluster::Cluster;
use crate::node::{Request, Value};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

pub(crate) struct Keys {
    acknowledged: Vec<AtomicU64>,
    partitions: Vec<u32>,
    /// The number of keys of each partition, and one of them.
    of_partition: Vec<(u64, u64)>,
}

impl Keys {
    /// Writes every key once, to all its holders. Each partition gets at least one key.
    pub(crate) fn written(keys: u64, transition: &Move, cluster: &Cluster) -> Result<Self, String> {
        let partitions: Vec<u32> = (0..keys).map(|key| transition.partition(&key)).collect();
        let mut of_partition = vec![(0, 0); transition.partitions() as usize];
        for (key, partition) in (0..).zip(&partitions) {
            if let Some((count, sample)) = of_partition.get_mut(*partition as usize) {
                (*count, *sample) = (*count + 1, key);
            }
            let value = Value::new(key, 1);
            let (partition, holders) = (*partition, transition.write_set(&key));
            let put = |reply| Request::Put { partition, key, value: value.clone(), reply };
            if !cluster.all_do(holders, put) {
                return Err(format!("key {key} cannot be written"));
            }
        }
        if let Some(empty) = of_partition.iter().position(|(count, _)| *count == 0) {
            return Err(format!("--keys {keys}: partition {empty} has no key; give more keys"));
        }
        let acknowledged = (0..keys).map(|_| AtomicU64::new(1)).collect();
        Ok(Self { acknowledged, partitions, of_partition })
    }

    pub(crate) fn len(&self) -> u64 {
        self.partitions.len() as u64
    }

    pub(crate) fn partition(&self, key: u64) -> u32 {
        self.partitions.get(key as usize).copied().unwrap_or(0)
    }

    /// The number of the newest acknowledged write.
    pub(crate) fn acknowledged(&self, key: u64) -> u64 {
        self.acknowledged.get(key as usize).map_or(0, |newest| newest.load(SeqCst))
    }

    pub(crate) fn acknowledge(&self, key: u64, version: u64) {
        if let Some(newest) = self.acknowledged.get(key as usize) {
            newest.fetch_max(version, SeqCst);
        }
    }

    /// The number of keys of a partition.
    pub(crate) fn count(&self, partition: u32) -> u64 {
        self.of_partition.get(partition as usize).map_or(0, |(count, _)| *count)
    }

    /// A key of a partition: its holders are those of all keys of it.
    pub(crate) fn sample(&self, partition: u32) -> u64 {
        self.of_partition.get(partition as usize).map_or(0, |(_, sample)| *sample)
    }
}
