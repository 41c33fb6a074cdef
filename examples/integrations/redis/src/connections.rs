//! Connections to servers by address, opened when they are first needed.

use redis::{Client, Connection, RedisResult};
use std::collections::HashMap;
use std::time::Duration;

/// How long a server may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A connection to each server that was asked. One that fails is opened again by the next call.
#[derive(Default)]
pub struct Connections(HashMap<String, Connection>);

impl Connections {
    /// Asks the server at `HOST:PORT`.
    ///
    /// # Errors
    /// What `ask` returns, or the server does not answer.
    pub fn with<T>(
        &mut self,
        server: &str,
        ask: impl FnOnce(&mut Connection) -> RedisResult<T>,
    ) -> RedisResult<T> {
        // Out of the map meanwhile, so that a connection with an answer under way is never used again.
        let mut connection = match self.0.remove(server) {
            Some(connection) => connection,
            None => open(server)?,
        };
        let answer = ask(&mut connection)?;
        self.0.insert(server.to_string(), connection);
        Ok(answer)
    }
}

fn open(server: &str) -> RedisResult<Connection> {
    let connection =
        Client::open(format!("redis://{server}/"))?.get_connection_with_timeout(TIMEOUT)?;
    connection.set_read_timeout(Some(TIMEOUT))?;
    connection.set_write_timeout(Some(TIMEOUT))?;
    Ok(connection)
}
