//! Scores: one number for each pair of a key and a node.
//!
//! A room of its own below the algorithms, because three of them need it and none imports another:
//! rendezvous hashing places by scores alone, an ASURA board falls back to them when no dart hits,
//! and a partition table continues with them behind the holders of a key.
//!
//! ```text
//!  key hash h                           identity of node s
//!      |                                        |
//!  mix(h ^ KEY_DOMAIN)              (identity + 1) * IDENTITY_FACTOR      odd factor: invertible
//!      |  Scorer, once a lookup                 |  Seed, once a node
//!      +-------------------> xor <--------------+
//!                             |
//!                    mix, a bijection of 64 bits
//!                             |
//!                          score u                 nodes differ, so their scores differ
//!                             |
//!       equal weights         |         weights w
//!       the highest u wins    |         the lowest -log2(u / 2^64) / w wins, as a fraction of
//!                             |         integers; equal fractions go to the smaller identity
//! ```
//!
//! [`score`](mod@score) has the number itself and its upper bound for a chunk of nodes, [`weighted`] the
//! order under weights, [`top_k`] the selection of the k best, and [`by_node`] the order of nodes
//! that have several entries each.

#[cfg(feature = "alloc")]
mod by_node;
#[allow(clippy::module_inception)] // the room's subject
mod score;
mod top_k;
mod weighted;

#[cfg(feature = "alloc")]
pub(crate) use by_node::next_nodes;
#[cfg(test)]
pub(crate) use score::crafted;
pub(crate) use score::{CHUNK, Scorer, Seed};
pub(crate) use top_k::{INLINE_MAX, k_smallest, k_smallest_in_lanes, k_smallest_into};
pub(crate) use weighted::{WeightedSeed, best, next, next_batch};
#[cfg(feature = "alloc")]
pub(crate) use weighted::{best_in_lanes, next_batch_in_lanes};
