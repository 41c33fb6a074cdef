//! twemproxy (nutcracker). Checked against 0.5.0.

use super::super::key_hash::KeyFunction;
use super::super::named_ring::{Named, NamedRing, PointRules};
use super::super::server_line::decimal;
use super::{PORT, ketama};
use crate::error::{Error, InteropFault};
use crate::ring::{Rule, Ties};
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

const SYSTEM: &str = "twemproxy";

/// The option `hash` of a pool.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Hash {
    /// `md5`.
    Md5,
    /// `fnv1a_64`, the default, which has 32 bits and sign-extended bytes.
    #[default]
    Fnv1a64,
    /// `one_at_a_time`.
    OneAtATime,
    /// `crc32`, which has 15 bits.
    Crc32,
    /// `crc32a`, which is CRC-32.
    Crc32a,
    /// `murmur`.
    Murmur,
}

impl Hash {
    fn function(self) -> KeyFunction {
        match self {
            Self::Md5 => KeyFunction::Md5,
            Self::Fnv1a64 => KeyFunction::Fnv1a64Short,
            Self::OneAtATime => KeyFunction::OneAtATime,
            Self::Crc32 => KeyFunction::Crc32Short,
            Self::Crc32a => KeyFunction::Crc32,
            Self::Murmur => KeyFunction::Murmur2Twemproxy,
        }
    }
}

/// The ring of `distribution: ketama`, over servers as a pool lists them: `HOST:PORT:WEIGHT` or
/// `/PATH:WEIGHT`, with an optional name.
///
/// A server with a name has the points of its name, so its address may change. Equal points belong to
/// the server that is listed first; twemproxy does not specify it. With a `hash_tag`, look up
/// [`tagged`] keys.
///
/// # Errors
/// A token that is wrong, two servers of the same name, and no server.
pub fn ketama<'a>(
    servers: impl IntoIterator<Item = &'a str>,
    hash: Hash,
) -> Result<NamedRing, Error> {
    let counts = |weights: &[u64]| ketama::weighted(weights).map(|groups| 4 * groups).collect();
    let (rule, ties, key) = (Rule::FirstAtOrAfter, Ties::First, hash.function());
    PointRules { counts, points: ketama::groups(4), rule, ties, key }.ring(read_all(servers)?)
}

/// The part of a key that is hashed under the option `hash_tag`, which is two characters, for example
/// `{}`: the bytes between the first open character and the first close character after it, if there
/// are any; otherwise the whole key.
#[must_use]
pub fn tagged(key: &[u8], tag: [u8; 2]) -> &[u8] {
    let [open, close] = tag;
    let inner = || {
        let first = key.iter().position(|byte| *byte == open)? + 1;
        let len = key.get(first..)?.iter().position(|byte| *byte == close)?;
        key.get(first..first + len).filter(|inner| !inner.is_empty())
    };
    inner().unwrap_or(key)
}

/// `distribution: modula`: the hash of the key modulo the sum of the weights. The places belong to the
/// servers in the order of their names, shorter ones first, whatever the order of the list.
#[derive(Clone, Debug)]
pub struct Modula {
    /// The end of each server's places, and its place in the list.
    ends: Vec<(u64, usize)>,
    function: KeyFunction,
}

impl Modula {
    /// Over servers as [`ketama`](fn@ketama) takes them.
    ///
    /// # Errors
    /// As [`ketama`](fn@ketama).
    pub fn new<'a>(servers: impl IntoIterator<Item = &'a str>, hash: Hash) -> Result<Self, Error> {
        let servers = read_all(servers)?;
        let mut order: Vec<(usize, &Named)> = servers.iter().enumerate().collect();
        order.sort_by_key(|(_, server)| (server.name.len(), &server.name));
        let mut end = 0;
        let ends = order.into_iter().map(|(place, server)| {
            end += server.weight;
            (end, place)
        });
        Ok(Self { ends: ends.collect(), function: hash.function() })
    }

    /// The server of a key, by its place in the list.
    #[must_use]
    pub fn get(&self, key: &[u8]) -> usize {
        let all = self.ends.last().map_or(1, |(end, _)| *end);
        let hash = u64::from(self.function.short(key)) % all;
        let server = self.ends.get(self.ends.partition_point(|(end, _)| *end <= hash));
        server.map_or(0, |(_, place)| *place)
    }
}

fn read_all<'a>(lines: impl IntoIterator<Item = &'a str>) -> Result<Vec<Named>, Error> {
    let mut names = BTreeSet::new();
    let read = |line: &'a str| {
        let server = read(line)?;
        if names.insert(server.name.clone()) {
            return Ok(server);
        }
        let expected = "a name that no other server has";
        Err(InteropFault::token(SYSTEM, line, &server.name, expected).into())
    };
    let servers: Vec<Named> = lines.into_iter().map(read).collect::<Result<_, Error>>()?;
    if servers.is_empty() {
        return Err(InteropFault::NoServer { system: SYSTEM }.into());
    }
    Ok(servers)
}

fn read(line: &str) -> Result<Named, Error> {
    let refused = |token: &str, expected: &str| {
        Error::from(InteropFault::token(SYSTEM, line, token, expected))
    };
    let mut tokens = line.split_ascii_whitespace();
    let server = tokens.next().ok_or_else(|| refused("", "HOST:PORT:WEIGHT"))?;
    let name = tokens.next();
    if let Some(more) = tokens.next() {
        return Err(refused(more, "the end of the line after the name"));
    }
    let (address, weight) =
        server.rsplit_once(':').ok_or_else(|| refused(server, "HOST:PORT:WEIGHT"))?;
    let parsed = decimal(weight).filter(|weight| (1..=i32::MAX as u64).contains(weight));
    let weight = parsed.ok_or_else(|| refused(weight, "a weight in 1..=2147483647"))?;
    let text = String::from(name.unwrap_or(address));
    if address.starts_with('/') {
        // Without a name, that of `HOST:PORT` with nothing for the port.
        let name = name.map_or_else(|| format!("{address}:"), String::from);
        return Ok(Named { text, name, weight });
    }
    let (host, port) =
        address.rsplit_once(':').ok_or_else(|| refused(address, "HOST:PORT before the weight"))?;
    if host.is_empty() {
        return Err(refused(address, "a host before the port"));
    }
    let parsed = decimal(port).filter(|port: &u16| *port > 0);
    let port = parsed.ok_or_else(|| refused(port, "a port in 1..=65535"))?;
    let own = || if port == PORT { host.into() } else { format!("{host}:{port}") };
    let name = name.map_or_else(own, String::from);
    Ok(Named { text, name, weight })
}
