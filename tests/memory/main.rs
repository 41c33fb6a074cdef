//! How much memory a piece of work takes: the only tests beside an allocator that counts.

mod diffs;
mod lookups;
#[path = "../support/meter.rs"]
mod meter;
mod plans;
#[path = "../support/mod.rs"]
mod support;
