//! Dalli, of Ruby, and so Rails. Checked against 3.0.6.

use super::super::functions::digests::high;
use super::super::key_hash::KeyFunction;
use super::super::named_ring::{Named, NamedRing, PointRules};
use super::super::server_line::ServerLine;
use super::{host_port, notation};
use crate::error::Error;
use crate::node::NodeIdx;
use crate::ring::{Rule, Ties};
use alloc::format;
use alloc::vec::Vec;
use sha1::Digest;

const SYSTEM: &str = "dalli";

/// How many keys Dalli tries to find a server that is alive.
const TRIES: u32 = 20;

/// `Dalli::Ring`, over servers as `HOST:PORT` with an optional `weight=N`. A server without a port has
/// 11211.
///
/// # Errors
/// A token that is wrong, and no server.
pub fn ring<'a>(servers: impl IntoIterator<Item = &'a str>) -> Result<NamedRing, Error> {
    let named = |line: &ServerLine<'_>| {
        let (host, port) = host_port(SYSTEM, line.server, line.server)?;
        let name = format!("{host}:{port}");
        Ok(Named { text: line.server.into(), name, weight: line.weight.max(1) })
    };
    let servers: Result<Vec<Named>, Error> =
        notation(SYSTEM).read_all(servers)?.iter().map(named).collect();
    let counts = |weights: &[u64]| {
        let all = weights.iter().sum::<u64>() as f64;
        // Ruby multiplies integers of any size, then rounds once.
        let n = weights.len() as u128;
        let points = |weight: &u64| ((n * 160 * u128::from(*weight)) as f64 / all) as u64;
        weights.iter().map(points).collect()
    };
    let points = |name: &[u8], count: u64, emit: &mut dyn FnMut(u64)| {
        for i in 0..count {
            let digest = sha1::Sha1::digest([name, format!(":{i}").as_bytes()].concat());
            let word = digest.first_chunk::<4>().copied().unwrap_or_default();
            emit(high(u32::from_be_bytes(word)));
        }
    };
    let (rule, ties, key) = (Rule::LastAtOrBefore, Ties::First, KeyFunction::Crc32);
    PointRules { counts, points, rule, ties, key }.ring(servers?)
}

/// The server of a key among those that are alive, as Dalli fails over: if the server is not alive, it
/// puts the number of the try before the key, up to 20 times. `None` if none is found.
#[must_use]
pub fn failover(ring: &NamedRing, key: &[u8], alive: impl Fn(usize) -> bool) -> Option<usize> {
    let tries = (0..TRIES).map(|attempt| match attempt {
        0 => key.to_vec(),
        _ => [format!("{attempt}").as_bytes(), key].concat(),
    });
    let servers = tries.filter_map(|key| ring.locate(key.as_slice())).map(NodeIdx::index);
    { servers }.find(|server| alive(*server))
}
