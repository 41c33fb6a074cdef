//! Every maximum in one place. Each has a test at its edge.

/// Nodes in one topology, drained ones and free slots included: 2^20.
pub const MAX_NODES: usize = 1 << 20;

/// Bytes in one node label.
pub const MAX_LABEL_BYTES: usize = 65_535;

/// Levels in one failure domain path (region, zone, rack, …).
pub const MAX_DOMAIN_LEVELS: usize = 8;

/// Bytes in one level or name of a failure domain path.
pub const MAX_DOMAIN_BYTES: usize = 255;

/// Points a ring may be allowed to hold ([`RingConfig::budget`](crate::ring::RingConfig::budget)): 2^28.
pub const MAX_RING_BUDGET: u64 = 1 << 28;

/// Buckets of a `(hash, n) -> bucket` function: 2^31 − 1, the range of the signed 32-bit integers
/// in which the published algorithms count.
pub const MAX_BUCKETS: u32 = i32::MAX as u32;

/// Buckets of an anchor ([`AnchorBuckets`](crate::anchor::AnchorBuckets)), removed ones included: 2^26.
pub const MAX_ANCHOR_BUCKETS: u32 = 1 << 26;

/// Entries of a [`Maglev`](crate::Maglev) table: 2^26.
pub const MAX_MAGLEV_TABLE: u32 = 1 << 26;

/// Slots of an Asura board that may have a weight ([`AsuraBoard`](crate::asura::AsuraBoard)): 2^24. The
/// board itself may have 2^31.
pub const MAX_ASURA_SLOTS: usize = 1 << 24;

/// Darts that a key may throw at an Asura board before the fallback: 1023.
pub const MAX_ASURA_DARTS: u16 = (1 << 10) - 1;

/// Keys that [`BoundedLoads`](crate::bounded::BoundedLoads) holds: 2^32 − 1, so that every cap is exact in
/// 128 bits.
pub const MAX_BOUNDED_KEYS: u32 = u32::MAX;

/// Requests in flight at once ([`InFlight`](crate::bounded::InFlight)): 2^31 − 1.
pub const MAX_IN_FLIGHT: u32 = i32::MAX as u32;

/// Points of a ring or entries of a Maglev table that are saved and restored by default: 2^21, or
/// [`RESTORE_POINTS_PER_NODE`] for each live node if that is more. They are made anew from a few bytes, so
/// this bounds what hostile input can take. Larger values need a limit of the caller's own.
pub const RESTORE_POINTS: u64 = 1 << 21;

/// Points or entries for each live node, see [`RESTORE_POINTS`]: 512.
pub const RESTORE_POINTS_PER_NODE: u64 = 512;

/// Partitions of a [`PartitionTable`](crate::PartitionTable): 2^24.
pub const MAX_PARTITIONS: u32 = 1 << 24;

/// Replicas of a partition: 64.
pub const MAX_PARTITION_REPLICAS: u32 = 64;

/// Partitions times replicas of a table: 2^28.
pub const MAX_PARTITION_SLOTS: u64 = 1 << 28;

/// Candidates or replicas of one key that are listed without the heap: the first 64. Longer lists
/// use it, see [`Candidates`](crate::Candidates).
pub const INLINE_CANDIDATES: usize = 64;
