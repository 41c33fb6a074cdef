//! One adapter a file.

mod apportion;
mod choose_k;
mod consistent_hash;
mod floors;
mod hash_rings;
mod hashring;
mod hrw;
mod hrw_hash;
mod jump_consistent_hash;
mod pingora_ketama;

pub use apportion::{
    JumpBackFunction, JumpFunction, JumpThree, PlainRendezvous, RingAlone, RingCrc32, RingNode,
    RingSlot, WeightedRendezvous,
};
pub use choose_k::{ChooseK, ChooseKMixed, ChooseThree};
pub use consistent_hash::ConsistentHash;
pub use floors::{CacheMiss, HashOnly, Modulo};
pub use hash_rings::HashRings;
pub use hashring::HashRing;
pub use hrw::Hrw;
pub use hrw_hash::HrwHash;
pub use jump_consistent_hash::JumpConsistentHash;
pub use pingora_ketama::PingoraKetama;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Points a node on every ring: what nginx, and so pingora-ketama, gives a node of weight 1.
pub const POINTS: u32 = 160;

/// Node `i` as an address. The port is its number again.
pub fn address(i: u32) -> SocketAddr {
    let [_, _, high, low] = i.to_be_bytes();
    SocketAddr::from(([10, 0, high, low], i as u16))
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
