//! Consistent hashing with bounded loads: no node above its cap, whatever the keys are.
//!
//! [`BoundedLoads`] stores every key it holds; [`InFlight`] counts requests and stores no keys.
//!
//! # Source
//! Vahab Mirrokni, Mikkel Thorup, Morteza Zadimoghaddam, *Consistent hashing with bounded loads*,
//! SODA 2018, arXiv:1608.01350. In the variant of Chen, Coleman and Shrivastava, arXiv:1908.08762, a
//! key that finds its node full jumps to a random node instead of the neighbour, so full nodes do not
//! pile up in a row. The walks here come close to that without a separate algorithm: a ring has a
//! different neighbour at each of a node's points, and rendezvous hashing has a different order for
//! every key.

mod canonical;
mod caps;
mod change;
#[cfg(test)]
mod cost_tests;
mod factor;
mod family;
mod held_keys;
mod in_flight;
mod keyed;
mod lease;
mod online;
#[cfg(feature = "serde")]
mod saved;
mod succession;

pub use change::{ChangeReport, Filled};
pub use factor::LoadFactor;
pub use in_flight::InFlight;
pub use keyed::{BoundedLoads, Mode};
pub use lease::Lease;
#[cfg(feature = "serde")]
pub use saved::SavedLoads;
