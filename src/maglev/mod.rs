//! Maglev hashing: a table of owners, filled by all nodes in turn.
//!
//! # Source
//! Daniel E. Eisenbud, Cheng Yi, Carlo Contavalli, Cody Smith, Roman Kononov, Eric
//! Mann-Hielscher, Ardas Cilingiroglu, Bin Cheyney, Wentao Shang, Jinnah Dylan Hosein, *Maglev: A
//! Fast and Reliable Software Network Load Balancer*, NSDI 2016.

mod config;
#[cfg(test)]
mod cost_tests;
mod entrant;
mod filling;
mod placement;
#[cfg(feature = "serde")]
mod saved;
mod table;
mod turns;

pub use config::MaglevConfig;
pub use placement::Maglev;
#[cfg(feature = "serde")]
pub(crate) use saved::MaglevState;
