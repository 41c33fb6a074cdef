//! What holds with a probability, at fixed seeds.

mod levels;
mod shares;
#[path = "../support/mod.rs"]
mod support;
