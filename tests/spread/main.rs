//! Replicas under failure domains: what the rules say, what moves, what is refused.

mod errors;
mod filters;
mod model;
mod movement;
mod oracles;
mod orders;
#[path = "../support/mod.rs"]
mod support;
mod walks;
