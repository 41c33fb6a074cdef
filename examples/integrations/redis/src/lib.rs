//! Redis without Redis Cluster: [`Sharded`] over several servers, whose keys move while they are read and
//! written, a [`lock`] of which a majority of three servers decides, and a [`queue`] sharded by key. Each is
//! one file to copy; [`servers`] starts what they talk to.

pub mod servers;
