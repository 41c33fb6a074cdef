//! Transfers from one placement to another, and the rounds in which they run.

#[allow(dead_code)] // until a migration is scheduled
mod schedule;

pub use schedule::{Guarantee, Limits, Schedule};
