//! What moves when nodes change, against counts and lookups.

mod across;
mod counted;
#[path = "../support/mod.rs"]
mod support;
