//! The servers of a memcached pool, chosen as libmemcached chooses them.

use crate::Connection;
use apportion::Error;
use apportion::interop::NamedRing;
use apportion::interop::memcached::libmemcached::{self, Hash};
use std::collections::HashMap;
use std::io;

/// A pool that shares its keys with programs that use libmemcached, such as PHP's `memcached`.
#[derive(Debug)]
pub struct Pool {
    ring: NamedRing,
    connections: HashMap<String, Connection>,
}

impl Pool {
    /// `HOST:PORT` or `HOST:PORT weight=N`, as with `MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED`; in PHP
    /// `OPT_LIBKETAMA_COMPATIBLE`.
    ///
    /// # Errors
    /// A line that is wrong.
    pub fn weighted(servers: &[String]) -> Result<Self, Error> {
        let ring = libmemcached::weighted(servers.iter().map(String::as_str))?;
        Ok(Self { ring, connections: HashMap::new() })
    }

    /// The same with `MEMCACHED_BEHAVIOR_KETAMA` alone.
    ///
    /// # Errors
    /// A line that is wrong.
    pub fn unweighted(servers: &[String]) -> Result<Self, Error> {
        let ring = libmemcached::unweighted(servers.iter().map(String::as_str), Hash::Default)?;
        Ok(Self { ring, connections: HashMap::new() })
    }

    /// The server of a key, `HOST:PORT`.
    #[must_use]
    pub fn server(&self, key: &[u8]) -> &str {
        self.ring.get(key).map_or("", String::as_str)
    }

    /// Stores a value on the server of a key.
    ///
    /// # Errors
    /// A key that memcached does not take, or a server that does not answer. It is tried again by the
    /// next call.
    pub fn set(&mut self, key: &[u8], value: &[u8]) -> io::Result<()> {
        self.with_connection(key, |connection| connection.set(key, value))
    }

    /// The value that the server of a key has.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub fn get(&mut self, key: &[u8]) -> io::Result<Option<Vec<u8>>> {
        self.with_connection(key, |connection| connection.get(key))
    }

    fn with_connection<T>(
        &mut self,
        key: &[u8],
        ask: impl FnOnce(&mut Connection) -> io::Result<T>,
    ) -> io::Result<T> {
        let server = self.server(key).to_string();
        let mut connection = match self.connections.remove(&server) {
            Some(connection) => connection,
            None => Connection::open(&server)?,
        };
        let answer = ask(&mut connection)?;
        // After an error the connection may be in the middle of an answer, so it is not kept.
        self.connections.insert(server, connection);
        Ok(answer)
    }
}
