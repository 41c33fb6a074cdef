//! Real redis-servers on the loopback.

use crate::sharded::Failure;
use apportion_real_server::{Server, find, free_address};
use redis::{Client, Connection};
use std::net::SocketAddr;

/// A running redis-server, which keeps nothing on disk.
#[derive(Debug)]
pub struct RedisServer {
    address: SocketAddr,
    _server: Server,
}

impl RedisServer {
    /// Starts one with these further arguments.
    ///
    /// # Errors
    /// There is no redis-server, or it does not start.
    pub fn start(arguments: &[&str]) -> Result<Self, Failure> {
        let program = find("redis-server", "redis-server")?;
        let address = free_address()?;
        let server = Server::start(&program, address, |folder, command| {
            command.args(["--port", &address.port().to_string(), "--bind", "127.0.0.1"]);
            command.args(["--save", "", "--appendonly", "no", "--dir"]).arg(folder);
            command.args(arguments);
            Ok(())
        })?;
        Ok(Self { address, _server: server })
    }

    /// Its address, `127.0.0.1:PORT`.
    #[must_use]
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// A connection to it.
    ///
    /// # Errors
    /// It does not answer.
    pub fn connect(&self) -> redis::RedisResult<Connection> {
        connect(&self.address())
    }
}

/// A connection to `HOST:PORT`.
///
/// # Errors
/// Nothing answers there.
pub fn connect(address: &str) -> redis::RedisResult<Connection> {
    Client::open(format!("redis://{address}/"))?.get_connection()
}
