//! libmemcached, and what is built on it: PHP's `memcached` with `OPT_LIBKETAMA_COMPATIBLE`,
//! pylibmc and others. Checked against 1.1.4.

use super::super::functions::digests::high;
use super::super::key_hash::KeyFunction;
use super::super::named_ring::{Named, NamedRing, PointRules};
use super::super::server_line::ServerLine;
use super::{PORT, host_port, ketama, notation};
use crate::error::Error;
use crate::ring::{Rule, Ties};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

const SYSTEM: &str = "libmemcached";

/// Points of a server in an unweighted continuum.
const UNWEIGHTED: u64 = 100;

/// `MEMCACHED_BEHAVIOR_HASH`: the hash of keys, and of points in an unweighted continuum.
///
/// Without `MEMCACHED_HASH_HSIEH`, which Debian's library does not have, and so nothing was recorded.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Hash {
    /// One-at-a-time, the default.
    #[default]
    Default,
    /// `MEMCACHED_HASH_MD5`.
    Md5,
    /// `MEMCACHED_HASH_CRC`.
    Crc,
    /// `MEMCACHED_HASH_FNV1A_64`.
    Fnv1a64,
    /// `MEMCACHED_HASH_FNV1_64`.
    Fnv64,
    /// `MEMCACHED_HASH_FNV1_32`.
    Fnv32,
    /// `MEMCACHED_HASH_FNV1A_32`.
    Fnv1a32,
    /// `MEMCACHED_HASH_MURMUR`.
    Murmur,
    /// `MEMCACHED_HASH_JENKINS`.
    Jenkins,
    /// `MEMCACHED_HASH_MURMUR3`.
    Murmur3,
}

impl Hash {
    fn function(self) -> KeyFunction {
        match self {
            Self::Default => KeyFunction::OneAtATime,
            Self::Md5 => KeyFunction::Md5,
            Self::Crc => KeyFunction::Crc32Short,
            Self::Fnv1a64 => KeyFunction::Fnv1a64Short,
            Self::Fnv64 => KeyFunction::Fnv64Short,
            Self::Fnv32 => KeyFunction::Fnv32Signed,
            Self::Fnv1a32 => KeyFunction::Fnv1a32Signed,
            Self::Murmur => KeyFunction::Murmur2Twemproxy,
            Self::Jenkins => KeyFunction::Jenkins,
            Self::Murmur3 => KeyFunction::Murmur3Libmemcached,
        }
    }
}

/// `MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED`, over servers as `HOST:PORT` with an optional `weight=N`.
///
/// The number of a server's points depends on all weights, so a change moves keys between servers that
/// stay as well; [`Guarantees`](crate::Guarantees) say so.
///
/// # Errors
/// A token that is wrong, and no server.
pub fn weighted<'a>(servers: impl IntoIterator<Item = &'a str>) -> Result<NamedRing, Error> {
    let servers = read(servers, |host, port| match port {
        PORT => host.into(),
        port => format!("{host}:{port}"),
    })?;
    weighted_ring(servers, KeyFunction::Md5)
}

/// `MEMCACHED_BEHAVIOR_KETAMA`, without weights: 100 points a server. As in libmemcached, a weight above 1
/// changes the continuum to the [`weighted`] one, while keys keep their hash.
///
/// # Errors
/// As [`weighted`].
pub fn unweighted<'a>(
    servers: impl IntoIterator<Item = &'a str>,
    hash: Hash,
) -> Result<NamedRing, Error> {
    let servers = read(servers, |host, port| match port {
        PORT => host.into(),
        port => format!("{host}:{port}"),
    })?;
    ring(servers, hash)
}

/// `MEMCACHED_DISTRIBUTION_CONSISTENT_KETAMA_SPY`, whose points are those of `/HOST:PORT`. It does not
/// agree with spymemcached.
///
/// # Errors
/// As [`weighted`].
pub fn spy<'a>(servers: impl IntoIterator<Item = &'a str>, hash: Hash) -> Result<NamedRing, Error> {
    ring(read(servers, |host, port| format!("/{host}:{port}"))?, hash)
}

fn ring(servers: Vec<Named>, hash: Hash) -> Result<NamedRing, Error> {
    let function = hash.function();
    if servers.iter().any(|server| server.weight > 1) {
        return weighted_ring(servers, function);
    }
    let points = move |name: &[u8], count: u64, emit: &mut dyn FnMut(u64)| {
        for i in 0..count {
            let text = [name, format!("-{i}").as_bytes()].concat();
            emit(high(function.short(&text)));
        }
    };
    let counts = |weights: &[u64]| weights.iter().map(|_| UNWEIGHTED).collect();
    let (rule, ties) = (Rule::FirstAtOrAfter, Ties::First);
    PointRules { counts, points, rule, ties, key: function }.ring(servers)
}

fn weighted_ring(servers: Vec<Named>, key: KeyFunction) -> Result<NamedRing, Error> {
    let counts = |weights: &[u64]| ketama::weighted(weights).map(|groups| 4 * groups).collect();
    let (rule, ties) = (Rule::FirstAtOrAfter, Ties::First);
    PointRules { counts, points: ketama::groups(4), rule, ties, key }.ring(servers)
}

fn read<'a>(
    servers: impl IntoIterator<Item = &'a str>,
    name: impl Fn(&str, u16) -> String,
) -> Result<Vec<Named>, Error> {
    let named = |line: &ServerLine<'_>| {
        let (host, port) = host_port(SYSTEM, line.server, line.server)?;
        let text = String::from(line.server);
        Ok(Named { text, name: name(host, port), weight: line.weight.max(1) })
    };
    notation(SYSTEM).read_all(servers)?.iter().map(named).collect()
}

/// `MEMCACHED_DISTRIBUTION_MODULA`: the hash of the key modulo the number of servers.
#[derive(Clone, Debug)]
pub struct Modula {
    servers: Vec<String>,
    function: KeyFunction,
}

impl Modula {
    /// Over these servers, whose weights do not matter.
    ///
    /// # Errors
    /// As [`weighted`].
    pub fn new<'a>(servers: impl IntoIterator<Item = &'a str>, hash: Hash) -> Result<Self, Error> {
        let servers = read(servers, |host, port| format!("{host}:{port}"))?;
        let servers = servers.into_iter().map(|server| server.text).collect();
        Ok(Self { servers, function: hash.function() })
    }

    /// The server of a key, by its place in the list.
    #[must_use]
    pub fn get(&self, key: &[u8]) -> usize {
        self.function.short(key) as usize % self.servers.len().max(1)
    }

    /// The servers.
    #[must_use]
    pub fn servers(&self) -> &[String] {
        &self.servers
    }
}
