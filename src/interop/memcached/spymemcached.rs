//! spymemcached's `KetamaNodeLocator`. Checked against 2.12.3.

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

const SYSTEM: &str = "spymemcached";

/// Points of a server without weights.
const POINTS: u64 = 160;

/// How points name a server, `KetamaNodeKeyFormatter.Format`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Format {
    /// `SPYMEMCACHED`: as Java prints a socket address, `NAME/IP:PORT` or `IP:PORT`.
    #[default]
    Spymemcached,
    /// `LIBMEMCACHED`: the host's name, with the port unless it is 11211.
    Libmemcached,
}

/// The hash of points and keys, `DefaultHashAlgorithm`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Hash {
    /// `KETAMA_HASH`.
    #[default]
    Ketama,
    /// `FNV1A_64_HASH`.
    Fnv1a64,
}

/// The ring over servers as Java prints them: `NAME/IP:PORT`, or `IP:PORT` where the address has no name.
/// With `weighted`, a server may have `weight=N`.
///
/// In the format of libmemcached, Java asks for the name of an address without one; give it as
/// `NAME/IP:PORT` if the answer differs from the address. Equal points belong to the server that is listed
/// last.
///
/// # Errors
/// A token that is wrong, and no server.
pub fn ketama<'a>(
    servers: impl IntoIterator<Item = &'a str>,
    format: Format,
    hash: Hash,
    weighted: bool,
) -> Result<NamedRing, Error> {
    let named = |line: &ServerLine<'_>| {
        let (name, address) = match line.server.split_once('/') {
            Some((name, address)) => (Some(name), address),
            None => (None, line.server),
        };
        let (host, port) = host_port(SYSTEM, line.server, address)?;
        let text = String::from(line.server);
        let name = match (format, name, port) {
            (Format::Spymemcached, Some(name), _) => format!("{name}/{host}:{port}"),
            (Format::Spymemcached, None, _) => format!("{host}:{port}"),
            (Format::Libmemcached, name, PORT) => name.unwrap_or(host).into(),
            (Format::Libmemcached, name, _) => format!("{}:{port}", name.unwrap_or(host)),
        };
        Ok(Named { text, name, weight: line.weight.max(1) })
    };
    let servers: Result<Vec<Named>, Error> =
        notation(SYSTEM).read_all(servers)?.iter().map(named).collect();
    let counts = move |weights: &[u64]| {
        if weighted {
            ketama::weighted(weights).map(|groups| 4 * groups).collect()
        } else {
            weights.iter().map(|_| POINTS).collect()
        }
    };
    let key = match hash {
        Hash::Ketama => KeyFunction::Md5,
        Hash::Fnv1a64 => KeyFunction::Fnv1a64Utf16,
    };
    let (in_groups, one_by_one) = (ketama::groups(4), move |name: &[u8], i: u64| {
        high(key.short(&[name, format!("-{i}").as_bytes()].concat()))
    });
    let points = move |name: &[u8], count: u64, emit: &mut dyn FnMut(u64)| match hash {
        Hash::Ketama => in_groups(name, count, emit),
        Hash::Fnv1a64 => (0..count).for_each(|i| emit(one_by_one(name, i))),
    };
    let (rule, ties) = (Rule::FirstAtOrAfter, Ties::Last);
    PointRules { counts, points, rule, ties, key }.ring(servers?)
}
