//! The bodies of the fuzz targets, as plain functions of a byte string: `fuzz/` feeds them from
//! libFuzzer, `tests/properties/tests/replay.rs` from files and from a fixed stream of random bytes.
#![allow(unreachable_pub)]
#![cfg_attr(not(feature = "serde"), allow(dead_code))]

pub mod anchors;
mod anchors_diff;
mod anchors_kinds;
mod anchors_nodes;
pub mod boards;
mod boards_diff;
mod boards_history;
mod boards_model;
pub mod bounded;
mod bounded_flight;
mod bounded_nodes;
mod bounded_rules;
pub mod diff;
mod diff_formulas;
mod diff_pieces;
mod diff_sides;
#[cfg(feature = "serde")]
mod forms;
mod formulas;
pub mod history;
mod input;
#[cfg(feature = "interop")]
pub mod interop;
#[cfg(feature = "interop")]
#[allow(dead_code)]
#[path = "../support/presets.rs"]
mod interop_presets;
#[cfg(all(feature = "md5", feature = "sha1"))]
pub mod keys;
mod laws;
mod log2;
pub mod maglev;
mod maglev_diff;
#[path = "../support/meter.rs"]
mod meter;
mod model;
#[path = "../support/anchor.rs"]
mod paper;
pub mod picks;
#[allow(dead_code)]
#[path = "../bounded/pick_model.rs"]
mod picks_model;
pub mod plans;
mod plans_check;
mod plans_cluster;
mod plans_flow;
mod plans_quota;
mod plans_spread;
#[path = "../support/asura.rs"]
mod reference;
pub mod rings;
#[cfg(feature = "serde")]
pub mod saved;
#[cfg(feature = "serde")]
mod saved_edit;
#[cfg(feature = "serde")]
mod saved_kinds;
#[cfg(feature = "serde")]
pub mod saved_values;
#[cfg(feature = "serde")]
pub mod scenarios;
#[cfg(feature = "serde")]
pub mod tables;
#[cfg(feature = "serde")]
mod tables_proofs;
#[cfg(feature = "serde")]
mod tables_scenario;
pub mod transitions;
#[path = "../support/transitions.rs"]
mod transitions_model;
pub mod walks;
pub mod weighted;

pub use formulas::word;
