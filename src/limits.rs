//! Every limit of the crate in one place. A test checks each at its edge.

/// Maximum number of nodes in one topology, drained nodes and free slots included: 2^20.
pub const MAX_NODES: usize = 1 << 20;

/// Maximum number of bytes in a node label.
pub const MAX_LABEL_BYTES: usize = 65_535;

/// Maximum number of levels in a failure domain path (region, zone, rack, …).
pub const MAX_DOMAIN_LEVELS: usize = 8;

/// Maximum number of bytes in one level or one name of a failure domain path.
pub const MAX_DOMAIN_BYTES: usize = 255;

/// Maximum budget of points of a ring ([`RingConfig::budget`](crate::ring::RingConfig::budget)): 2^28.
pub const MAX_RING_BUDGET: u64 = 1 << 28;

/// Maximum number of buckets of a `(hash, n) -> bucket` function: 2^31 − 1. The published algorithms
/// count buckets in signed 32-bit integers.
pub const MAX_BUCKETS: u32 = i32::MAX as u32;

/// Maximum number of buckets of an anchor ([`AnchorBuckets`](crate::anchor::AnchorBuckets)), removed
/// ones included, and maximum capacity of an [`AnchorHash`](crate::anchor::AnchorHash): 2^26.
pub const MAX_ANCHOR_BUCKETS: u32 = 1 << 26;

/// Maximum number of entries of a [`Maglev`](crate::Maglev) table: 2^26.
pub const MAX_MAGLEV_TABLE: u32 = 1 << 26;

/// Maximum number of slots with a weight on an Asura board
/// ([`AsuraBoard`](crate::asura::AsuraBoard)): 2^24. The board itself may have 2^31 slots.
pub const MAX_ASURA_SLOTS: usize = 1 << 24;

/// Maximum number of darts that a key throws at an Asura board before the fallback: 1023.
pub const MAX_ASURA_DARTS: u16 = (1 << 10) - 1;

/// Maximum number of keys in [`BoundedLoads`](crate::bounded::BoundedLoads): 2^32 − 1. Up to it every
/// cap is exact in 128 bits.
pub const MAX_BOUNDED_KEYS: u32 = u32::MAX;

/// Maximum number of requests in flight at once, or the maximum sum of their costs
/// ([`InFlight`](crate::bounded::InFlight)): 2^31 − 1.
pub const MAX_IN_FLIGHT: u32 = i32::MAX as u32;

/// Maximum number of ring points or Maglev table entries that are saved and restored by default: 2^21,
/// or [`RESTORE_POINTS_PER_NODE`] for each live node if that is more.
///
/// It also bounds the full nodes that the keys of [`BoundedLoads`](crate::bounded::BoundedLoads) pass,
/// or 64 for each key if that is more.
///
/// Points and entries are recomputed from a few bytes, so this bounds the memory and time that hostile
/// input can cost. To save or restore a larger value, pass a limit of your own.
pub const RESTORE_POINTS: u64 = 1 << 21;

/// Points or entries that [`RESTORE_POINTS`] allows for each live node: 512.
pub const RESTORE_POINTS_PER_NODE: u64 = 512;

/// Maximum number of partitions of a [`PartitionTable`](crate::PartitionTable): 2^24.
pub const MAX_PARTITIONS: u32 = 1 << 24;

/// Maximum number of replicas of a partition: 64.
pub const MAX_PARTITION_REPLICAS: u32 = 64;

/// Maximum number of partitions times replicas of a table: 2^28.
pub const MAX_PARTITION_SLOTS: u64 = 1 << 28;

/// Number of candidates or replicas of one key that are listed without the heap: 64. Longer lists use
/// the heap, see [`Candidates`](crate::Candidates).
pub const INLINE_CANDIDATES: usize = 64;
