//! What holds with a probability, at fixed seeds.

mod levels;
mod points;
mod shares;
#[path = "../support/mod.rs"]
mod support;
