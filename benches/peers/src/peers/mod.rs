//! One adapter a file.

mod apportion;
mod apportion_diff;
mod apportion_maglev;
mod choose_k;
mod consistent_hash;
mod consistent_hash_ring;
mod floors;
mod hash_rings;
mod hashring;
mod hashring_coordinator;
mod hrw;
mod hrw_hash;
mod jump_consistent_hash;
mod maglev;
mod pingora_ketama;

pub use apportion::{
    FlipFunction, JumpBackAnew, JumpBackFunction, JumpFunction, JumpThree, PlainRendezvous,
    RingAlone, RingCrc32, RingNode, RingSlot, WeightedRendezvous,
};
pub use apportion_diff::{HalfOther, OneMore, OneMoreSources};
pub use apportion_maglev::{MaglevSlot, MaglevTable};
pub use choose_k::{ChooseK, ChooseKMixed, ChooseThree};
pub use consistent_hash::ConsistentHash;
pub use consistent_hash_ring::MigratedRanges;
pub use floors::{CacheMiss, HashOnly, Modulo, ReadPoints};
pub use hash_rings::HashRings;
pub use hashring::HashRing;
pub use hashring_coordinator::FindSources;
pub use hrw::Hrw;
pub use hrw_hash::HrwHash;
pub use jump_consistent_hash::JumpConsistentHash;
pub use maglev::MaglevCrate;
pub use pingora_ketama::PingoraKetama;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Points a node on every ring: what nginx, and so pingora-ketama, gives a node of weight 1.
pub const POINTS: u32 = 160;

/// Node `i` as an address. The port is its number again, as far as 16 bits go.
pub fn address(i: u32) -> SocketAddr {
    let [_, high, middle, low] = i.to_be_bytes();
    SocketAddr::from(([10, high, middle, low], i as u16))
}

/// Hashes in a range, its last one included.
pub fn hashes(first: u64, last: u64) -> u128 {
    u128::from(last - first) + 1
}

/// So many hashes as a share of all.
pub fn share(hashes: u128) -> f64 {
    hashes as f64 / (1_u128 << 64) as f64
}

/// Times `grown` alone, `count` times, with one of 64 new nodes each; what it gives is dropped
/// outside the clock.
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
