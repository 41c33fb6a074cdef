//! The code of the fuzz targets, shared with the crate's own tests.

#[path = "../../tests/replay/mod.rs"]
pub mod targets;
