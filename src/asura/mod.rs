//! An ASURA-class algorithm: keys throw darts at a board of slots until one hits.
//!
//! **Source** — Ken-ichiro Ishikawa, *ASURA: Scalable and Uniform Data Distribution Algorithm for
//! Storage Clusters*, 2013, arXiv 1309.7720. The principle is ASURA's: darts that hit in
//! proportion to the weights, and layers that let the board grow. This form of it is in integers only:
//! one word with the coins of all layers, a first dart without branches, and a bounded number of
//! darts with weighted rendezvous hashing below them.

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
