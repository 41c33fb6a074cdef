//! How keys are placed on partitions, whichever client writes them.

use apportion::bucket::Buckets;
use apportion::hash::KeyHasher;
use apportion::interop::kafka;
use apportion::{JumpBack, Placement, Xxh3};

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
