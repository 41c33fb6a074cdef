//! Real memcached instances on the loopback.

use apportion_real_server::{Server, find};
use std::error::Error;
use std::net::SocketAddr;

/// A running memcached.
#[derive(Debug)]
pub struct Memcached {
    address: SocketAddr,
    _server: Server,
}

impl Memcached {
    /// Starts one that listens at an address of the loopback.
    ///
    /// # Errors
    /// There is no memcached, or it does not start.
    pub fn start(address: SocketAddr) -> Result<Self, Box<dyn Error>> {
        let program = find("memcached", "memcached")?;
        let server = Server::start(&program, address, |_, command| {
            let (ip, port) = (address.ip().to_string(), address.port().to_string());
            // Started by root it wants to be told as whom to run.
            command
                .args(["-l", &ip, "-p", &port, "-U", "0", "-t", "1", "-m", "32", "-u", "nobody"]);
            Ok(())
        })?;
        Ok(Self { address, _server: server })
    }

    /// Its address, `HOST:PORT`.
    #[must_use]
    pub fn address(&self) -> String {
        self.address.to_string()
    }
}
