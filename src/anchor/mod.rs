//! Anchors: constant time, equal shares, any node may leave, and the order in which nodes left is state.
//! [`AnchorHash`] as published has a fixed capacity; [`JumpBackAnchor`] draws the first bucket by
//! JumpBackHash and may have any number of nodes.
//!
//! # Source
//! Gal Mendelson, Shay Vargaftik, Katherine Barabash, Dean H. Lorenz, Isaac Keslassy,
//! Ariel Orda, *AnchorHash: A Scalable Consistent Hash*, IEEE/ACM Transactions on Networking 29(2),
//! 2021, DOI 10.1109/TNET.2020.3039547, arXiv 1812.09674. `JumpBackAnchor` combines it with Otmar Ertl,
//! *JumpBackHash*, arXiv 2403.18682, as hash4j's `jumpBackAnchorHash` does.

mod anchor_hash;
mod buckets;
mod changing;
#[cfg(test)]
mod cost_tests;
mod placement;
mod places;
#[cfg(feature = "serde")]
mod saved;
mod state;

#[cfg(feature = "serde")]
pub(crate) use anchor_hash::AnchorHashState;
pub use anchor_hash::{AnchorConfig, AnchorHash};
pub use buckets::AnchorBuckets;
pub use placement::JumpBackAnchor;
#[cfg(feature = "serde")]
pub(crate) use saved::AnchorState;
