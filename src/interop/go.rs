//! Rings of Go: groupcache, stathat/consistent and serialx/hashring.

use super::functions::digests::high;
use super::key_hash::KeyFunction;
use super::named_ring::{Named, NamedRing, PointRules};
use super::server_line::{Notation, ServerLine};
use crate::error::{Error, InteropFault};
use crate::ring::{Rule, Ties};
use alloc::format;
use alloc::vec::Vec;

fn read<'a>(
    system: &'static str,
    nodes: impl IntoIterator<Item = &'a str>,
    weights: (u64, u64),
) -> Result<Vec<Named>, Error> {
    let notation = Notation { system, options: &[], words: &[], weights };
    let named = |line: &ServerLine<'_>| Named {
        text: line.server.into(),
        name: line.server.into(),
        weight: line.weight,
    };
    Ok(notation.read_all(nodes)?.iter().map(named).collect())
}

/// The same number of points for every node.
fn equal(system: &'static str, points: u32) -> Result<impl Fn(&[u64]) -> Vec<u64>, Error> {
    if points == 0 {
        let what = "the points of a node";
        return Err(InteropFault::token(system, what, "0", "at least 1").into());
    }
    Ok(move |weights: &[u64]| weights.iter().map(|_| points.into()).collect())
}

/// groupcache's `consistenthash`, which is on machines of 64 bits: so many points a node, 50 in its HTTP
/// pool. Equal points belong to the node that was added last.
///
/// # Errors
/// A token that is wrong, no node, and no points.
pub fn groupcache<'a>(
    nodes: impl IntoIterator<Item = &'a str>,
    points: u32,
) -> Result<NamedRing, Error> {
    const SYSTEM: &str = "groupcache";
    let (counts, rule, ties) = (equal(SYSTEM, points)?, Rule::FirstAtOrAfter, Ties::Last);
    let points = numbered_before(KeyFunction::Crc32);
    let key = KeyFunction::Crc32;
    PointRules { counts, points, rule, ties, key }.ring(read(SYSTEM, nodes, (1, 1))?)
}

/// stathat's `consistent`: so many points a node, 20 by default there, by CRC-32, or by FNV-1a-32 with
/// `UseFnv`. `GetN` is [`replicas`](crate::Locator::replicas). Equal points belong to the node that was
/// added last.
///
/// # Errors
/// As [`groupcache`].
pub fn stathat<'a>(
    nodes: impl IntoIterator<Item = &'a str>,
    points: u32,
    fnv: bool,
) -> Result<NamedRing, Error> {
    const SYSTEM: &str = "stathat";
    let key = if fnv { KeyFunction::Fnv1a32 } else { KeyFunction::Crc32 };
    let (counts, rule, ties) = (equal(SYSTEM, points)?, Rule::FirstAfter, Ties::Last);
    PointRules { counts, points: numbered_before(key), rule, ties, key }.ring(read(
        SYSTEM,
        nodes,
        (1, 1),
    )?)
}

/// Points that hash the number, then the name.
fn numbered_before(
    function: KeyFunction,
) -> impl Fn(&[u8], u64, &mut dyn FnMut(u64)) + Send + Sync + 'static {
    move |name, count, emit| {
        for i in 0..count {
            emit(high(function.short(&[format!("{i}").as_bytes(), name].concat())));
        }
    }
}

/// serialx's `hashring`: as many points as the weight of a node, 1 by default. With `sha1`, as with a hash
/// function of the first 16 bytes of SHA-1. The circle has 128 bits there, and their upper 64 here.
/// `GetNodes` is [`replicas`](crate::Locator::replicas).
///
/// # Errors
/// A token that is wrong, and no node.
pub fn serialx<'a>(
    nodes: impl IntoIterator<Item = &'a str>,
    sha1: bool,
) -> Result<NamedRing, Error> {
    let key = if sha1 { KeyFunction::Sha1Serialx } else { KeyFunction::Md5Serialx };
    let counts = |weights: &[u64]| weights.to_vec();
    let points = move |name: &[u8], count: u64, emit: &mut dyn FnMut(u64)| {
        (0..count).for_each(|i| emit(key.of(&[name, format!("-{i}").as_bytes()].concat())));
    };
    let (rule, ties) = (Rule::FirstAfter, Ties::Last);
    let nodes = read("serialx", nodes, (1, u32::MAX.into()))?;
    PointRules { counts, points, rule, ties, key }.ring(nodes)
}
