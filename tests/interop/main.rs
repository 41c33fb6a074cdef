//! Presets of other systems, against answers recorded from these systems. The recordings are in
//! `tests/vectors/interop`; `README.md` there says where they come from.

mod envoy;
mod go;
mod haproxy;
mod keys;
mod malformed;
mod memcached;
mod named;
mod nginx;
#[allow(dead_code)]
#[path = "../support/presets.rs"]
mod presets;
mod recorded;
#[path = "../support/wrong_lines.rs"]
mod wrong_lines;
