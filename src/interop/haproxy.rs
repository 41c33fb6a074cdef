//! HAProxy: `hash-type consistent` and `hash-type map-based`.
//!
//! Checked against 2.6.12 and 3.5-dev5. `balance source` hashes addresses without these functions, and
//! `balance uri` hashes only what stands before `?` unless `whole` is set.

use super::key_hash::{KeyFunction, high};
use super::named_ring::{Named, NamedRing, PointRules};
use super::server_line::{Notation, ServerLine};
use crate::error::{Error, InteropFault};
use crate::ring::{Rule, Ties};
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;
use core::net::{IpAddr, SocketAddr};
use core::str::FromStr;

const SYSTEM: &str = "haproxy";

/// Points to a unit of weight.
const POINTS: u64 = 16;

/// Distance of the points of one id from those of the next.
const RANGE: u32 = 4096;

const NOTATION: Notation = Notation {
    system: SYSTEM,
    options: &["id", "addr", "hash-key"],
    words: &[],
    weights: (0, 256),
};

/// The hash function of a `hash-type`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Function {
    /// `sdbm`, the default.
    #[default]
    Sdbm,
    /// `djb2`.
    Djb2,
    /// `wt6`.
    Wt6,
    /// `crc32`.
    Crc32,
}

impl Function {
    const ALL: [Self; 4] = [Self::Sdbm, Self::Djb2, Self::Wt6, Self::Crc32];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sdbm => "sdbm",
            Self::Djb2 => "djb2",
            Self::Wt6 => "wt6",
            Self::Crc32 => "crc32",
        }
    }

    pub(super) fn hash(self, key: &[u8], avalanche: bool) -> u32 {
        let hash = match self {
            Self::Sdbm => key.iter().fold(0_u32, |hash, byte| {
                let sum = u32::from(*byte).wrapping_add(hash << 6).wrapping_add(hash << 16);
                sum.wrapping_sub(hash)
            }),
            Self::Djb2 => key.iter().fold(5381_u32, |hash, byte| {
                (hash << 5).wrapping_add(hash).wrapping_add(u32::from(*byte))
            }),
            Self::Wt6 => wt6(key),
            Self::Crc32 => crc32fast::hash(key),
        };
        if avalanche { mixed(hash) } else { hash }
    }
}

/// Bytes are unsigned, as the recorded answers for keys above 0x7f show. A rotation by 0 leaves a word as it
/// is.
fn wt6(key: &[u8]) -> u32 {
    let (mut a, mut b) = (0xa53c_965a_u32, 0x5ca6_953a_u32);
    let (mut first, mut second) = (6, 18);
    for byte in key {
        let byte = u32::from(*byte);
        a = !(a ^ byte);
        b = !b.wrapping_add(byte);
        let next = b.rotate_left(first);
        b = a.rotate_left(second);
        a = next;
        let steps = ((a >> 16) ^ b) & 0xffff;
        (first, second) = (steps & 31, steps >> 11);
    }
    a ^ b
}

/// HAProxy's `full_hash`, which is its avalanche.
fn mixed(word: u32) -> u32 {
    let mut a = word;
    a = a.wrapping_add(0x7ed5_5d16).wrapping_add(a << 12);
    a = (a ^ 0xc761_c23c) ^ (a >> 19);
    a = a.wrapping_add(0x1656_67b1).wrapping_add(a << 5);
    a = a.wrapping_add(0xd3a2_646c) ^ (a << 9);
    a = a.wrapping_add(0xfd70_46c5).wrapping_add(a << 3);
    a = (a ^ 0xb55a_4f09) ^ (a >> 16);
    a.wrapping_mul(3_221_225_473)
}

/// What a line `hash-type` says: `consistent` or `map-based`, a function, and `avalanche`.
///
/// ```
/// use apportion::interop::haproxy::{Function, HashType};
///
/// // Alone, `consistent` mixes; with a function named, it does so only on request.
/// let alone: HashType = "consistent".parse()?;
/// assert_eq!((alone.function, alone.avalanche), (Function::Sdbm, true));
/// let named: HashType = "consistent sdbm".parse()?;
/// assert!(!named.avalanche);
/// # Ok::<(), apportion::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct HashType {
    /// `consistent`; otherwise `map-based`.
    pub consistent: bool,
    /// The hash function.
    pub function: Function,
    /// Whether hashes are mixed.
    pub avalanche: bool,
}

impl FromStr for HashType {
    type Err = Error;

    /// Reads the words after `hash-type`, which may stand before them.
    fn from_str(text: &str) -> Result<Self, Error> {
        let refused = |token: &str, expected: &str| {
            Error::from(InteropFault::token(SYSTEM, text, token, expected))
        };
        let mut words = text.split_ascii_whitespace().skip_while(|word| *word == "hash-type");
        let consistent = match words.next() {
            Some("consistent") => true,
            Some("map-based") => false,
            other => return Err(refused(other.unwrap_or(""), "consistent or map-based")),
        };
        let Some(word) = words.next() else {
            return Ok(Self { consistent, function: Function::Sdbm, avalanche: consistent });
        };
        let known = Function::ALL.into_iter().find(|function| function.name() == word);
        let function = known.ok_or_else(|| refused(word, "sdbm, djb2, wt6 or crc32"))?;
        let avalanche = match words.next() {
            None => false,
            Some("avalanche") => true,
            Some(other) => return Err(refused(other, "avalanche")),
        };
        match words.next() {
            Some(more) => Err(refused(more, "the end of the line")),
            None => Ok(Self { consistent, function, avalanche }),
        }
    }
}

/// The ring of `hash-type consistent`, over servers as `NAME` with the options `id=N`, `weight=N` (0 to
/// 256; 0 has no points), and, for `hash-key=addr`, `addr-port`, `id` or `id32`, `addr=IP:PORT`.
///
/// A server without an id gets the lowest unused one, in the order of the list. So taking a server out of
/// the middle of a list changes the ids, and the points, of those after it; give ids to prevent it. Each
/// key belongs to the nearest point in either direction. Keys from addresses depend on the order of
/// bytes: they are as on x86-64.
///
/// # Errors
/// A token that is wrong, an id that is given twice, an address that is missing, and no server. A hash
/// type that is not consistent.
pub fn consistent<'a>(
    servers: impl IntoIterator<Item = &'a str>,
    hash_type: HashType,
) -> Result<NamedRing, Error> {
    let lines = NOTATION.read_all(servers)?;
    if !hash_type.consistent {
        let expected = "a hash-type that is consistent";
        return Err(InteropFault::token(SYSTEM, "", "map-based", expected).into());
    }
    let servers = lines.iter().zip(ids(&lines)?).map(|(line, id)| {
        let name = format!("{}", base(line, id)?);
        Ok(Named { text: line.server.into(), name, weight: line.weight })
    });
    let servers: Result<Vec<Named>, Error> = servers.collect();
    let counts = |weights: &[u64]| weights.iter().map(|weight| POINTS * weight).collect();
    let points = |name: &[u8], count: u64, emit: &mut dyn FnMut(u64)| {
        let base = core::str::from_utf8(name).ok().and_then(|name| name.parse().ok());
        let base: u32 = base.unwrap_or_else(|| crc32fast::hash(name));
        (0..count as u32).for_each(|i| emit(high(mixed(base.wrapping_add(i)))));
    };
    let key = KeyFunction::Haproxy(hash_type.function, hash_type.avalanche);
    let (rule, ties) = (Rule::Nearest, Ties::First);
    PointRules { counts, points, rule, ties, key }.ring(servers?)
}

fn refused(line: &ServerLine<'_>, token: &str, expected: &str) -> Error {
    InteropFault::token(SYSTEM, line.server, token, expected).into()
}

/// The ids of servers: those that are given, and the lowest unused ones for the others.
fn ids(lines: &[ServerLine<'_>]) -> Result<Vec<u32>, Error> {
    let mut taken = BTreeSet::new();
    let mut given = Vec::with_capacity(lines.len());
    for line in lines {
        let id = line.value("id").map(|id| {
            let parsed = id.parse().ok().filter(|id| (1..=u32::MAX).contains(id));
            let parsed = parsed.ok_or_else(|| refused(line, id, "an id of at least 1"))?;
            if taken.insert(parsed) {
                Ok(parsed)
            } else {
                Err(refused(line, id, "an id that no other server has"))
            }
        });
        given.push(id.transpose()?);
    }
    let mut next = 1;
    let id = |id: Option<u32>| {
        id.unwrap_or_else(|| {
            while taken.contains(&next) {
                next += 1;
            }
            next += 1;
            next - 1
        })
    };
    Ok(given.into_iter().map(id).collect())
}

/// The word from which a server's points come.
fn base(line: &ServerLine<'_>, id: u32) -> Result<u32, Error> {
    let address = || {
        let addr = line.value("addr").unwrap_or("");
        let socket = addr.parse::<SocketAddr>().map(|socket| (socket.ip(), socket.port()));
        let address = socket.or_else(|_| addr.parse::<IpAddr>().map(|ip| (ip, 0)));
        address.map_err(|_| refused(line, addr, "addr=IP:PORT"))
    };
    let of = |ip, seed: u32| match ip {
        IpAddr::V4(ip) => mixed(u32::from_le_bytes(ip.octets()).wrapping_add(seed)),
        IpAddr::V6(ip) => twox_hash::XxHash32::oneshot(seed, &ip.octets()),
    };
    match line.value("hash-key") {
        None | Some("id") => Ok(id.wrapping_mul(RANGE)),
        Some("id32") => Ok(mixed(id.swap_bytes())),
        Some("addr") => address().map(|(ip, _)| of(ip, 0)),
        Some("addr-port") => address().map(|(ip, port)| of(ip, mixed(port.into()))),
        Some(other) => Err(refused(line, other, "a hash-key of addr, addr-port, id or id32")),
    }
}

/// `hash-type map-based`: the hash of the key modulo a map of servers in proportion to their weights.
#[derive(Clone, Debug)]
pub struct MapBased {
    map: Vec<u32>,
    function: KeyFunction,
}

impl MapBased {
    /// Over servers as [`consistent`] takes them.
    ///
    /// # Errors
    /// A token that is wrong, no server, and only servers of weight 0.
    pub fn new<'a>(
        servers: impl IntoIterator<Item = &'a str>,
        hash_type: HashType,
    ) -> Result<Self, Error> {
        let lines = NOTATION.read_all(servers)?;
        let divisor = lines.iter().fold(0, |a, line| gcd(a, line.weight));
        let weights: Vec<u64> = lines.iter().map(|line| line.weight / divisor.max(1)).collect();
        let total: u64 = weights.iter().sum();
        if total == 0 {
            return Err(InteropFault::NoServer { system: SYSTEM }.into());
        }
        let mut current = vec![0_i64; weights.len()];
        let size = total as i64;
        let mut map = Vec::with_capacity(total as usize);
        for _ in 0..total {
            let (mut best, mut most) = (0, 0);
            for (i, (current, weight)) in current.iter_mut().zip(&weights).enumerate() {
                *current += *weight as i64;
                let value = (*current + size).div_euclid(size);
                if *weight > 0 && value > most {
                    (best, most) = (i, value);
                }
            }
            if let Some(current) = current.get_mut(best) {
                *current -= size;
            }
            map.push(best as u32);
        }
        let function = KeyFunction::Haproxy(hash_type.function, hash_type.avalanche);
        Ok(Self { map, function })
    }

    /// The server of a key, by its place in the list.
    #[must_use]
    pub fn get(&self, key: &[u8]) -> usize {
        let place = self.function.short(key) as usize % self.map.len().max(1);
        self.map.get(place).copied().unwrap_or(0) as usize
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
