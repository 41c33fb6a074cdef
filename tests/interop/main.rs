//! Presets of other systems, against answers recorded from these systems. The recordings are in
//! `tests/vectors/interop`; `tests/vectors/README.md` says where they come from.

mod envoy;
mod go;
mod haproxy;
mod keys;
mod memcached;
mod nginx;
mod recorded;
