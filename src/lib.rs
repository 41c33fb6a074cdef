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
    // Most of the API answers questions.
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
#![doc = include_str!("docs/crate.md")]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

// The page of `Locator` has its methods in the order of these modules: its own room, with what people
// do first, comes first, and the constructors of all algorithms come last.
#[cfg(feature = "alloc")]
mod locator;

#[cfg(feature = "alloc")]
mod algorithms;
#[cfg(feature = "alloc")]
pub mod analysis;
#[cfg(feature = "alloc")]
mod anchor;
#[cfg(feature = "alloc")]
mod asura;
#[cfg(feature = "alloc")]
mod bounded;
mod bucket;
#[cfg(feature = "alloc")]
mod circle;
#[cfg(feature = "alloc")]
mod diff;
pub mod docs;
#[cfg(feature = "alloc")]
mod error;
mod hash;
pub mod limits;
#[cfg(feature = "alloc")]
mod maglev;
mod node;
#[cfg(feature = "alloc")]
mod parameters;
#[cfg(feature = "alloc")]
mod partition;
mod placement;
mod rendezvous;
#[cfg(feature = "alloc")]
mod replica;
#[cfg(feature = "alloc")]
mod ring;
#[cfg(feature = "serde")]
mod saved;
mod score;
mod seen;
mod slips;
mod steps;
#[cfg(feature = "alloc")]
mod topology;

#[cfg(feature = "alloc")]
mod constructors;

#[cfg(feature = "serde")]
pub use algorithms::Savable;
#[cfg(feature = "alloc")]
pub use algorithms::{Algorithm, AnyPlacement};
#[cfg(feature = "alloc")]
pub use analysis::{Balance, NodeLoad};
#[cfg(feature = "alloc")]
pub use analysis::{KeyFlow, MoveCounter, MoveReport, count_moves};
#[cfg(feature = "alloc")]
pub use anchor::{AnchorBuckets, JumpBackAnchor};
#[cfg(feature = "alloc")]
pub use asura::{Asura, AsuraBoard, AsuraConfig};
#[cfg(feature = "alloc")]
pub use bounded::{BoundedLoads, Filled, InFlight, Lease, LoadFactor, Mode, Moves};
#[cfg(feature = "alloc")]
pub use bucket::Numbered;
pub use bucket::{
    BucketHash, Buckets, FlipHash, Jump, JumpBack, JumpGuava, flip, jump, jump_back, jump_guava,
};
#[cfg(feature = "alloc")]
pub use circle::{RingArc, Rule, Scale};
#[cfg(feature = "alloc")]
pub use diff::{Diff, Extent, Flow, Move, PairMoves, Ratio};
#[cfg(feature = "alloc")]
pub use error::{Error, ErrorKind, Infeasible, InfeasibleKind};
#[cfg(feature = "ahash")]
pub use hash::AHash;
#[cfg(feature = "md5")]
pub use hash::Md5;
#[cfg(feature = "sha1")]
pub use hash::Sha1;
pub use hash::{
    BytesHasher, Encoder, Key, KeyHash, KeyHasher, Local, Parts, Portable, Seeded, SipHash13,
    StableHash, Xxh3,
};
#[cfg(feature = "alloc")]
pub use locator::{CandidateNodes, Locator, ReplicaIter, Replicas};
#[cfg(feature = "alloc")]
pub use maglev::{Maglev, MaglevConfig};
#[cfg(feature = "alloc")]
pub use node::{Domain, Node};
pub use node::{NodeIdx, Weight};
#[cfg(feature = "alloc")]
pub use partition::{
    Certificate, PartitionTable, Plan, Planner, TableConfig, TableReport, Verified,
};
#[cfg(feature = "alloc")]
pub use placement::{Build, Exact};
pub use placement::{Candidates, DynPlacement, Guarantees, Placement, Walk};
#[cfg(feature = "alloc")]
pub use rendezvous::{Rendezvous, WeightedRendezvous};
pub use rendezvous::{RendezvousSlice, WeightedRendezvousSlice};
#[cfg(feature = "alloc")]
pub use replica::Spread;
#[cfg(feature = "alloc")]
pub use ring::{
    GivenPoints, GivenPointsConfig, LabelPoints, LabelPointsConfig, Native, PointScheme, Ring,
    RingConfig,
};
#[cfg(feature = "serde")]
pub use saved::Saved;
#[cfg(feature = "alloc")]
pub use topology::{Change, Members, NodeIter, Topology};

/// The README's programs, compiled and run.
#[cfg(all(doctest, feature = "alloc"))]
#[doc = include_str!("../README.md")]
pub struct ReadmeDoctests;
