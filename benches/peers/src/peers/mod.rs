//! The adapters, one per file.

mod anchorhash;
mod apportion;
mod apportion_anchor;
mod apportion_batch;
mod apportion_derived;
mod apportion_diff;
mod apportion_interop;
mod apportion_maglev;
mod apportion_nodes;
mod apportion_plan;
mod apportion_removable;
mod asura;
mod by_bytes;
mod choose_k;
mod consistent_hash;
mod consistent_hash_ring;
mod floors;
mod hash_rings;
mod hash_rings_others;
mod hashring;
mod hashring_coordinator;
mod hrw;
mod hrw_hash;
mod jump_consistent_hash;
mod ketama;
mod keyspace;
mod maglev;
mod mpchash;
mod murmur2;
mod pingora_ketama;
mod redis_protocol;

pub use anchorhash::{AnchorHash, AnchorHashHashed};
pub use apportion::{
    FlipFunction, JumpBackAnew, JumpBackFunction, JumpFunction, JumpThree, RingAlone, RingCrc32,
    RingNode, RingSlot,
};
pub use apportion_anchor::{CapacityHashed, CapacitySlot};
pub use apportion_batch::{
    FlipBatch, JumpBackBatch, JumpBatch, MaglevBatch, MaglevHashed, RendezvousBatch,
    RendezvousHashed, RingBatch, RingHashed,
};
pub use apportion_derived::{DerivedRendezvous, DerivedRing};
pub use apportion_diff::{HalfOther, OneMore, OneMoreSources};
pub use apportion_interop::{KafkaPartition, KetamaRing, NginxRing, RedisCluster, RedisSlot};
pub use apportion_maglev::{MaglevSlot, MaglevTable};
pub use apportion_nodes::{EqualRendezvous, JumpSlot, PlainRendezvous, UnequalRendezvous};
pub use apportion_plan::{PlannedAlone, PlannedDispersed};
pub use apportion_removable::{AnchorHashed, AnchorSlot, AsuraHashed, AsuraSlot};
pub use asura::AsuraCrate;
pub use choose_k::{ChooseK, ChooseKMixed, ChooseThree};
pub use consistent_hash::ConsistentHash;
pub use consistent_hash_ring::MigratedRanges;
pub use floors::{CacheMiss, HashOnly, Modulo, ReadPoints};
pub use hash_rings::{CopiedMap, HashRings};
pub use hash_rings_others::{
    HashRingsCarp, HashRingsJump, HashRingsMaglev, HashRingsProbes, HashRingsRendezvous,
    HashRingsWeighted,
};
pub use hashring::HashRing;
pub use hashring_coordinator::FindSources;
pub use hrw::Hrw;
pub use hrw_hash::{HrwHash, HrwHashUnequal};
pub use jump_consistent_hash::JumpConsistentHash;
pub use ketama::Ketama;
pub use keyspace::KeyspaceCrate;
pub use maglev::MaglevCrate;
pub use mpchash::MpcHash;
pub use murmur2::Murmur2;
pub use pingora_ketama::{PingoraKetama, PingoraServers};
pub use redis_protocol::{RedisProtocol, RedisProtocolTable};

use crate::keys::Random;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Points per node on every ring, as nginx and pingora-ketama give a node of weight 1.
pub const POINTS: u32 = 160;

/// Node `i` as an address. The port is the low 16 bits of its number.
pub fn address(i: u32) -> SocketAddr {
    let [_, high, middle, low] = i.to_be_bytes();
    SocketAddr::from(([10, high, middle, low], i as u16))
}

/// The address of server `i` in the rows of other systems, which refuse the port 0.
pub fn server_address(i: u32) -> SocketAddr {
    let [_, high, middle, low] = i.to_be_bytes();
    SocketAddr::from(([10, high, middle, low], i as u16 + 1))
}

/// Server `i` as text.
pub fn server(i: u32) -> String {
    server_address(i).to_string()
}

/// Slots of a Redis Cluster.
const SLOTS: u32 = 16_384;

/// The node of a slot, if each node has one range of slots.
pub fn node_of_slot(slot: u16, n: u32) -> u32 {
    u32::from(slot) * n / SLOTS
}

/// The node of each slot.
pub fn slot_owners(n: u32) -> Vec<u16> {
    (0..SLOTS).map(|slot| node_of_slot(slot as u16, n) as u16).collect()
}

/// The weight of node `i` in clusters of unequal weights.
pub fn one_to_ten(i: u32) -> u32 {
    1 + i % 10
}

/// The weights of `n` nodes.
pub fn weights(n: u32, unequal: bool) -> Vec<u32> {
    (0..n).map(|i| if unequal { one_to_ten(i) } else { 1 }).collect()
}

/// The nodes to remove, a given percentage of them. Their order is random and the same for all
/// adapters.
pub fn removals(n: u32, percent: u32) -> Vec<u32> {
    let mut random = Random(0x60_E5);
    let mut nodes: Vec<u32> = (0..n).collect();
    for i in 0..nodes.len() {
        let left = nodes.len() - i;
        nodes.swap(i, i + (random.next() % left as u64) as usize);
    }
    nodes.truncate((n * percent / 100) as usize);
    nodes
}

/// The weights of the remaining nodes.
pub fn remaining(n: u32, percent: u32) -> Vec<u32> {
    let mut weights = weights(n, false);
    for node in removals(n, percent) {
        weights[node as usize] = 0;
    }
    weights
}

/// The number of hashes in an inclusive range.
pub fn hashes(first: u64, last: u64) -> u128 {
    u128::from(last - first) + 1
}

/// A number of hashes as a share of all hashes.
pub fn share(hashes: u128) -> f64 {
    hashes as f64 / (1_u128 << 64) as f64
}

/// Measures `count` calls of `grown`, each with one of 64 new nodes. Dropping the results is not
/// timed.
pub fn grow_copies<T>(n: u32, count: u64, mut grown: impl FnMut(u32) -> T) -> Duration {
    let mut sum = Duration::ZERO;
    for turn in 0..count {
        let node = n + turn as u32 % 64;
        let start = Instant::now();
        let bigger = std::hint::black_box(grown(node));
        sum += start.elapsed();
        drop(bigger);
    }
    sum
}
