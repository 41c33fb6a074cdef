//! Kafka's partitioners: those of the Java client, of librdkafka and of Confluent's client in Rust.
//!
//! Checked against librdkafka 2.0.2, kafka-python 3.0.12 and confluent-kafka 1.0 (Rust).

/// A partitioner. Its names are those of librdkafka; the Java client's default is
/// [`Murmur2Random`](Self::Murmur2Random).
///
/// ```
/// use apportion::interop::kafka::Partitioner;
///
/// assert_eq!(Partitioner::Murmur2Random.partition(Some(b"user-42"), 12), Some(4));
/// // A record without a key goes to any partition.
/// assert_eq!(Partitioner::Murmur2Random.partition(None, 12), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Partitioner {
    /// `consistent`: CRC-32. Records without a key go where the empty key goes.
    Consistent,
    /// `consistent_random`, the default of librdkafka and of the Rust crate `confluent-kafka`, though that
    /// one is translated from Java: records without a key **or with an empty one** go to any partition.
    ConsistentRandom,
    /// `murmur2`. Records without a key go where the empty key goes.
    Murmur2,
    /// `murmur2_random`, as in Java: records without a key go to any partition.
    #[default]
    Murmur2Random,
    /// `fnv1a`. Records without a key go where the empty key goes.
    Fnv1a,
    /// `fnv1a_random`: records without a key go to any partition.
    Fnv1aRandom,
}

impl Partitioner {
    /// The partition of a key, or of a record without one, among so many. `None` where the client chooses
    /// any partition, and without partitions.
    #[must_use]
    pub fn partition(self, key: Option<&[u8]>, partitions: u32) -> Option<u32> {
        let any = match self {
            Self::ConsistentRandom => key.is_none_or(<[u8]>::is_empty),
            Self::Murmur2Random | Self::Fnv1aRandom => key.is_none(),
            Self::Consistent | Self::Murmur2 | Self::Fnv1a => false,
        };
        if any || partitions == 0 {
            return None;
        }
        let key = key.unwrap_or_default();
        let hash = match self {
            Self::Consistent | Self::ConsistentRandom => crc32fast::hash(key),
            Self::Murmur2 | Self::Murmur2Random => murmur2(key) & 0x7fff_ffff,
            Self::Fnv1a | Self::Fnv1aRandom => {
                let hash = super::KeyFunction::Fnv1a32.short(key);
                (hash as i32).unsigned_abs()
            }
        };
        Some(hash % partitions)
    }
}

/// Kafka's 32-bit MurmurHash2, with its seed.
#[must_use]
pub fn murmur2(key: &[u8]) -> u32 {
    murmur2::murmur2(key, murmur2::KAFKA_SEED)
}
