//! memcached shared with programs that use libmemcached: [`Pool`] is the file to copy, [`CClient`] is a
//! program of libmemcached, and [`servers`] starts real memcached instances.

mod c_client;
mod connection;
mod pool;
pub mod servers;

pub use c_client::{CClient, Continuum};
pub use connection::Connection;
pub use pool::Pool;
