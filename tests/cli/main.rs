//! The examples, run as programs.
#![cfg(feature = "std")]

mod key_movement;
mod plan;
mod resharding;
mod route;
mod short;
#[path = "../support/mod.rs"]
mod support;
mod values;
