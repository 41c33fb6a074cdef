//! Rendezvous (highest random weight) hashing: every node has a score for the key, and the node
//! with the highest score owns it.
//!
//! A score depends only on the key and on that node. So nodes can join, leave and (with weights) be
//! reweighted in any order, only the keys that must move do move, and k replicas are the k best
//! scores. The price is O(n) per lookup.
//!
//! Both forms share their scores; with equal weights they give the same answers up to the last bit
//! of the logarithm.
//!
//! # Source
//! David G. Thaler, Chinya V. Ravishankar, *Using name-based mappings to increase hit rates*,
//! IEEE/ACM Transactions on Networking 6(1), 1998, DOI 10.1109/90.663936. Weights by the logarithmic
//! method: Christian Schindelhauer, Gunnar Schomaker, *Weighted distributed hash tables*, SPAA 2005,
//! DOI 10.1145/1073970.1074008.

mod guarantees;
#[cfg(all(test, feature = "simd"))]
mod lanes_tests;
#[cfg(feature = "alloc")]
mod named;
mod plain;
#[cfg(all(feature = "alloc", feature = "serde"))]
mod saved;
mod slice;
#[cfg(feature = "alloc")]
mod view;
#[cfg(feature = "alloc")]
mod weighted;

#[cfg(feature = "alloc")]
pub use named::Rendezvous;
#[cfg(all(feature = "alloc", feature = "serde"))]
pub(crate) use saved::{RendezvousState, WeightedRendezvousState};
pub use slice::{RendezvousSlice, WeightedRendezvousSlice};
#[cfg(feature = "alloc")]
pub use weighted::WeightedRendezvous;
