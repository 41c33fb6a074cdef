//! Every limit at its edge, and an error of each kind.

mod edges;
mod errors;
#[path = "../support/mod.rs"]
mod support;
