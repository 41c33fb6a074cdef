//! Consistent hashing with bounded loads: no node above its cap, whatever the keys are.
//!
//! | who counts the loads | use |
//! |---|---|
//! | the value itself, key by key | [`BoundedLoads`] |
//! | the value itself, request by request; no keys are stored | [`InFlight`] |
//! | you, in requests, tokens or bytes | [`LoadLimit::pick`], which keeps nothing |
//!
//! # Source
//! Vahab Mirrokni, Mikkel Thorup, Morteza Zadimoghaddam, *Consistent hashing with bounded loads*,
//! SODA 2018, arXiv:1608.01350. In the variant of Chen, Coleman and Shrivastava, arXiv:1908.08762, a
//! key that finds its node full jumps to a random node instead of the neighbour, so full nodes do not
//! pile up in a row. The walks here come close to that without a separate algorithm: a ring has a
//! different neighbour at each of a node's points, and rendezvous hashing has a different order for
//! every key.

#[cfg(feature = "alloc")]
mod canonical;
#[cfg(feature = "alloc")]
mod caps;
#[cfg(feature = "alloc")]
mod change;
#[cfg(all(test, feature = "alloc"))]
mod cost_tests;
mod factor;
#[cfg(feature = "alloc")]
mod family;
#[cfg(feature = "alloc")]
mod held_keys;
#[cfg(feature = "alloc")]
mod in_flight;
#[cfg(feature = "alloc")]
mod keyed;
#[cfg(feature = "alloc")]
mod lease;
mod limit;
#[cfg(feature = "alloc")]
mod locator;
mod node_loads;
#[cfg(feature = "alloc")]
mod online;
mod pick;
#[cfg(feature = "serde")]
mod saved;
#[cfg(feature = "alloc")]
mod succession;

#[cfg(feature = "alloc")]
pub use change::{ChangeReport, Filled};
pub use factor::LoadFactor;
#[cfg(feature = "alloc")]
pub use in_flight::InFlight;
#[cfg(feature = "alloc")]
pub use keyed::{BoundedLoads, Mode};
#[cfg(feature = "alloc")]
pub use lease::Lease;
pub use limit::LoadLimit;
pub use node_loads::NodeLoads;
pub use pick::{Picked, Shed};
#[cfg(feature = "serde")]
pub use saved::SavedLoads;
