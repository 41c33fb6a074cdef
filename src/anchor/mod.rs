//! AnchorHash over JumpBackHash: constant time, equal shares, any node may leave, and the order in
//! which nodes left is state.
//!
//! # Source
//! Gal Mendelson, Shay Vargaftik, Katherine Barabash, Dean H. Lorenz, Isaac Keslassy,
//! Ariel Orda, *AnchorHash: A Scalable Consistent Hash*, IEEE/ACM Transactions on Networking 29(2),
//! 2021, DOI 10.1109/TNET.2020.3039547, arXiv 1812.09674; on top of Otmar Ertl, *JumpBackHash*, arXiv
//! 2403.18682, combined as in hash4j's `jumpBackAnchorHash`.

mod buckets;
#[cfg(test)]
mod cost_tests;
mod placement;
mod places;
#[cfg(feature = "serde")]
mod saved;
mod state;

pub use buckets::AnchorBuckets;
pub use placement::JumpBackAnchor;
#[cfg(feature = "serde")]
pub(crate) use saved::AnchorState;
