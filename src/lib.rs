#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    warn(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]
#![warn(clippy::pedantic)]
#![allow(
    // Names follow the papers.
    clippy::module_name_repetitions,
    clippy::similar_names,
    clippy::many_single_char_names,
    clippy::doc_markdown,
    // Most methods are pure queries.
    clippy::must_use_candidate,
    clippy::return_self_not_must_use,
    clippy::unreadable_literal,
    // Integer conversions are the subject here; a narrowing one is guarded by a stated limit.
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_lossless,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    // Branches on unpredictable data are what a lookup avoids.
    clippy::needless_bitwise_bool
)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![doc = include_str!("docs/links.txt")]
#![doc = include_str!("docs/crate.md")]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

// The page of `Locator` lists its methods in the order of these modules: the common operations first,
// then `diff`, and the constructors of all algorithms last. The empty lines keep the formatter from
// sorting.
#[cfg(feature = "alloc")]
pub mod locator;

#[cfg(feature = "alloc")]
pub mod diff;

#[cfg(feature = "alloc")]
mod algorithms;
#[cfg(feature = "alloc")]
pub mod analysis;
#[cfg(feature = "alloc")]
pub mod anchor;
#[cfg(feature = "alloc")]
pub mod asura;
pub mod bounded;
pub mod bucket;
#[cfg(feature = "alloc")]
mod circle;
pub mod docs;
#[cfg(feature = "alloc")]
pub mod error;
#[cfg(feature = "serde")]
mod form;
pub mod hash;
#[cfg(feature = "interop")]
pub mod interop;
pub mod limits;
#[cfg(feature = "alloc")]
pub mod maglev;
#[cfg(feature = "alloc")]
pub mod migration;
mod node;
#[cfg(feature = "alloc")]
mod parameters;
#[cfg(feature = "alloc")]
pub mod partition;
pub mod placement;
pub mod rendezvous;
#[cfg(feature = "alloc")]
pub mod replica;
#[cfg(feature = "alloc")]
pub mod ring;
#[cfg(feature = "serde")]
pub mod saved;
mod score;
mod seen;
mod slips;
mod steps;
#[cfg(feature = "alloc")]
pub mod subset;
#[cfg(feature = "alloc")]
pub mod topology;
mod vector;

#[cfg(feature = "alloc")]
mod constructors;

// What a first program needs; everything else is reached through its module. `DESIGN.md` lists both,
// and a test compares the list with the code.
#[cfg(feature = "alloc")]
pub use algorithms::{Algorithm, AnyPlacement};
#[cfg(feature = "alloc")]
pub use asura::Asura;
pub use bucket::JumpBack;
#[cfg(feature = "alloc")]
pub use diff::Diff;
#[cfg(feature = "alloc")]
pub use error::{Error, ErrorKind};
pub use hash::{KeyHash, Portable, SipHash13, StableHash, Xxh3};
#[cfg(feature = "alloc")]
pub use locator::{Locator, Replicas};
#[cfg(feature = "alloc")]
pub use maglev::Maglev;
#[cfg(feature = "alloc")]
pub use node::Node;
pub use node::{NodeIdx, Weight};
#[cfg(feature = "alloc")]
pub use partition::{PartitionTable, Planner};
pub use placement::{Candidates, Guarantees, Placement, Walk};
#[cfg(feature = "alloc")]
pub use rendezvous::{Rendezvous, WeightedRendezvous};
#[cfg(feature = "alloc")]
pub use replica::Spread;
#[cfg(feature = "alloc")]
pub use ring::Ring;
#[cfg(feature = "alloc")]
pub use topology::Topology;

/// Compiles and runs the README's programs.
#[cfg(all(doctest, feature = "alloc"))]
#[doc = include_str!("../README.md")]
pub struct ReadmeDoctests;
