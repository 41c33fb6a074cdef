//! An ASURA-class algorithm: keys throw darts at a board of slots until one hits.
//!
//! # Source
//! Ken-ichiro Ishikawa, *ASURA: Scalable and Uniform Data Distribution Algorithm for Storage
//! Clusters*, 2013, arXiv 1309.7720. The principle is that of the paper: darts hit in proportion to
//! the weights, and layers let the board grow. This implementation uses integers only: one word holds
//! the coins of all layers, the first dart needs no branches, and after a bounded number of darts
//! weighted rendezvous hashing is the fallback.

mod board;
mod config;
#[cfg(test)]
mod cost_tests;
mod darts;
mod placement;
mod rank;
#[cfg(feature = "serde")]
mod saved;
mod slots;

pub use board::AsuraBoard;
pub use config::AsuraConfig;
pub use placement::Asura;
#[cfg(feature = "serde")]
pub(crate) use saved::AsuraState;
