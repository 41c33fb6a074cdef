//! Consistent hashing with bounded loads: no node above its cap, whatever the keys are.
//!
//! **Source** — Vahab Mirrokni, Mikkel Thorup, Morteza Zadimoghaddam, *Consistent hashing with
//! bounded loads*, SODA 2018, arXiv:1608.01350. In the variant of Chen, Coleman and Shrivastava,
//! arXiv:1908.08762, a key that finds its node full jumps to a random one and not to the neighbour,
//! so that full nodes do not pile up in a row. Walks here come close to that without an algorithm
//! of their own: a ring has another neighbour at each of a node's many points, and rendezvous
//! hashing has an order of its own for every key.
//!
//! [`BoundedLoads`] knows every key that is held; [`InFlight`] counts requests and knows none.

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
mod succession;

pub use change::{ChangeReport, Filled};
pub use factor::LoadFactor;
pub use in_flight::InFlight;
pub use keyed::{BoundedLoads, Mode};
pub use lease::Lease;
