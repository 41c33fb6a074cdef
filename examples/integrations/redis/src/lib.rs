//! Redis without Redis Cluster: [`sharded`] keys that move between servers while they are read and written, a
//! [`lock`] of which a majority of three servers decides, and a [`queue`] sharded by key. Each is one file
//! to copy; [`servers`] starts what they talk to, and [`workload`] checks that nothing is lost.

pub mod lock;
pub mod queue;
pub mod servers;
pub mod sharded;
pub mod workload;

mod connections;

pub use connections::Connections;
