//! The bodies of the fuzz targets, as plain functions of a byte string: `fuzz/` feeds them from
//! libFuzzer, `tests/replay.rs` from files and from a fixed stream of random bytes.
#![allow(unreachable_pub)]
#![cfg_attr(not(feature = "serde"), allow(dead_code))]

pub mod diff;
mod diff_formulas;
mod diff_pieces;
mod diff_sides;
mod formulas;
pub mod history;
mod input;
#[cfg(all(feature = "md5", feature = "sha1"))]
pub mod keys;
mod log2;
pub mod maglev;
mod maglev_diff;
#[cfg(feature = "serde")]
mod meter;
mod model;
#[cfg(feature = "serde")]
pub mod saved;
#[cfg(feature = "serde")]
mod saved_edit;
pub mod walks;
pub mod weighted;

pub use formulas::word;
