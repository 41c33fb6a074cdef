//! Clients and proxies of memcached: the ketama family, and rings beside it.

pub mod dalli;
mod ketama;
pub mod libketama;
pub mod libmemcached;
pub mod npm_hashring;
pub mod pymemcache;
pub mod spymemcached;
pub mod twemproxy;
pub mod uhashring;

use super::server_line::{Notation, decimal};
use crate::error::{Error, InteropFault};

/// The port of memcached where a server names none.
const PORT: u16 = 11211;

/// The host and the port of `HOST:PORT` or `HOST`. An IPv6 address is in brackets where a port follows.
fn host_port<'a>(
    system: &'static str,
    line: &str,
    server: &'a str,
) -> Result<(&'a str, u16), Error> {
    let refused = |token: &str, expected: &str| {
        Err(InteropFault::token(system, line, token, expected).into())
    };
    let (host, port) = match server.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, Some(port)),
        _ => (server, None),
    };
    if host.is_empty() {
        return refused(server, "a host before the port");
    }
    match port.map_or(Some(PORT), decimal) {
        Some(port) => Ok((host, port)),
        None => refused(server, "a port in 0..=65535"),
    }
}

const fn notation(system: &'static str) -> Notation {
    Notation { system, options: &[], words: &[], weights: (0, u32::MAX as u64) }
}
