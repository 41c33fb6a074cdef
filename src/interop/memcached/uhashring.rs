//! uhashring, of Python. Checked against 2.5.

use super::super::functions::digests::{high, md5_words};
use super::super::key_hash::KeyFunction;
use super::super::named_ring::{Named, NamedRing, PointRules};
use super::super::server_line::ServerLine;
use super::{ketama, notation};
use crate::error::Error;
use crate::ring::{Rule, Ties};
use alloc::format;
use alloc::vec::Vec;

const SYSTEM: &str = "uhashring";

/// `HashRing(nodes, hash_fn="ketama")`, over names with an optional `weight=N`.
///
/// A key that is not a `str` is hashed as `str(key)` prints it: `b"a"` as `b'a'`. Equal points belong to
/// the node that is listed last.
///
/// # Errors
/// A token that is wrong, and no server.
pub fn ketama<'a>(nodes: impl IntoIterator<Item = &'a str>) -> Result<NamedRing, Error> {
    let counts = |weights: &[u64]| {
        let all: u64 = weights.iter().sum();
        let (n, all) = (weights.len() as u128, u128::from(all.max(1)));
        // At most 40 · n, which fits.
        let groups = |weight: &u64| (40 * n * u128::from(*weight) / all) as u64;
        weights.iter().map(|weight| 4 * groups(weight)).collect()
    };
    let (rule, ties, key) = (Rule::FirstAfter, Ties::Last, KeyFunction::Md5);
    PointRules { counts, points: ketama::groups(4), rule, ties, key }.ring(read(nodes)?)
}

/// `HashRing(nodes)`: 160 points to a unit of weight, on a circle of 2^128, of which this ring has the
/// upper 64 bits.
///
/// # Errors
/// As [`ketama`](fn@ketama).
pub fn default<'a>(nodes: impl IntoIterator<Item = &'a str>) -> Result<NamedRing, Error> {
    let counts = |weights: &[u64]| weights.iter().map(|weight| 160 * weight).collect();
    let points = |name: &[u8], count: u64, emit: &mut dyn FnMut(u64)| {
        for i in 0..count {
            let [a, b, ..] = md5_words(&[name, format!("-{i}").as_bytes()]);
            emit(high(a.swap_bytes()) | u64::from(b.swap_bytes()));
        }
    };
    let (rule, ties, key) = (Rule::FirstAfter, Ties::Last, KeyFunction::Md5Wide);
    PointRules { counts, points, rule, ties, key }.ring(read(nodes)?)
}

fn read<'a>(nodes: impl IntoIterator<Item = &'a str>) -> Result<Vec<Named>, Error> {
    let named = |line: &ServerLine<'_>| Named {
        text: line.server.into(),
        name: line.server.into(),
        weight: line.weight.max(1),
    };
    Ok(notation(SYSTEM).read_all(nodes)?.iter().map(named).collect())
}
