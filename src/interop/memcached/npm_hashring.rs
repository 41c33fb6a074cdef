//! hashring, of npm (node-hashring). Checked against 3.2.0.

use super::super::key_hash::KeyFunction;
use super::super::named_ring::{Named, NamedRing, PointRules};
use super::super::server_line::ServerLine;
use super::{ketama, notation};
use crate::error::Error;
use crate::ring::{Rule, Ties};
use alloc::format;
use alloc::vec::Vec;

/// The options of the constructor that decide points.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Options {
    /// `default port`: a server with this port is named by its host alone.
    pub default_port: Option<u16>,
    /// `compatibility: "hash_ring"`: three points a digest in place of four.
    pub hash_ring: bool,
}

/// `new HashRing(servers, "md5", options)`, over names with an optional `weight=N`.
///
/// # Errors
/// A token that is wrong, and no server.
pub fn ring<'a>(
    servers: impl IntoIterator<Item = &'a str>,
    options: Options,
) -> Result<NamedRing, Error> {
    let suffix = options.default_port.map(|port| format!(":{port}"));
    let named = |line: &ServerLine<'_>| {
        let own = suffix.as_ref().and_then(|suffix| line.server.strip_suffix(suffix.as_str()));
        let name = own.unwrap_or(line.server).into();
        Named { text: line.server.into(), name, weight: line.weight.max(1) }
    };
    let servers: Vec<Named> =
        notation("npm hashring").read_all(servers)?.iter().map(named).collect();
    let words = if options.hash_ring { 3 } else { 4 };
    let counts = move |weights: &[u64]| {
        let all = weights.iter().sum::<u64>() as f64;
        let n = weights.len() as f64;
        // From left to right, in 64 bits: for some n, 39 in place of 40.
        let groups = |weight: &u64| (*weight as f64 / all * 40.0 * n) as u64;
        weights.iter().map(|weight| words * groups(weight)).collect()
    };
    let (rule, ties, key) = (Rule::FirstAtOrAfter, Ties::First, KeyFunction::Md5);
    PointRules { counts, points: ketama::groups(words as usize), rule, ties, key }.ring(servers)
}
