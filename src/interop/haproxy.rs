//! HAProxy: `hash-type consistent` and `hash-type map-based`.
//!
//! Checked against 2.6.12 and 3.5-dev5. `balance source` hashes addresses without these functions, and
//! `balance uri` hashes only what stands before `?` unless `whole` is set.

use super::functions::digests::high;
use super::functions::haproxy::mixed;
use super::key_hash::KeyFunction;
use super::named_ring::{Named, NamedRing, PointRules};
use super::server_line::{Notation, ServerLine, decimal};
use crate::error::{Error, InteropFault};
use crate::ring::{Rule, Ties};
use alloc::collections::{BTreeSet, BinaryHeap};
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::net::{IpAddr, SocketAddr};
use core::str::FromStr;

pub use super::functions::haproxy::Function;

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
/// A token that is wrong, an id or a name without an id that is given twice, an address that is missing,
/// and no server. A hash type that is not consistent.
pub fn consistent<'a>(
    servers: impl IntoIterator<Item = &'a str>,
    hash_type: HashType,
) -> Result<NamedRing, Error> {
    let lines = NOTATION.read_all(servers)?;
    if !hash_type.consistent {
        let expected = "consistent";
        return Err(
            InteropFault::token(SYSTEM, "hash-type map-based", "map-based", expected).into()
        );
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
    let (mut taken, mut names) = (BTreeSet::new(), BTreeSet::new());
    let mut given = Vec::with_capacity(lines.len());
    for line in lines {
        // Ids tell servers of the same name apart.
        if line.value("id").is_none() && !names.insert(line.server) {
            return Err(refused(
                line,
                line.server,
                "a name that no other server without an id has",
            ));
        }
        let id = line.value("id").map(|id| {
            let parsed = decimal(id).filter(|id| (1..=i32::MAX as u32).contains(id));
            let parsed = parsed.ok_or_else(|| refused(line, id, "an id in 1..=2147483647"))?;
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
    /// A token that is wrong, an id or a name without an id that is given twice, no server, and only
    /// servers of weight 0.
    ///
    /// # Complexity
    /// O(m log m) for a map of m entries, which has four bytes each: m is the sum of the weights, divided
    /// by their greatest common divisor, so at most 256 a server.
    pub fn new<'a>(
        servers: impl IntoIterator<Item = &'a str>,
        hash_type: HashType,
    ) -> Result<Self, Error> {
        let lines = NOTATION.read_all(servers)?;
        ids(&lines)?;
        let divisor = lines.iter().fold(0, |a, line| gcd(a, line.weight));
        if divisor == 0 {
            return Err(InteropFault::NoWeight { system: SYSTEM }.into());
        }
        let weights: Vec<u64> = lines.iter().map(|line| line.weight / divisor).collect();
        let function = KeyFunction::Haproxy(hash_type.function, hash_type.avalanche);
        Ok(Self { map: turns(&weights), function })
    }

    /// The server of a key, by its place in the list.
    #[must_use]
    pub fn get(&self, key: &[u8]) -> usize {
        let place = self.function.short(key) as usize % self.map.len().max(1);
        self.map.get(place).copied().unwrap_or(0) as usize
    }
}

/// Which server takes each of as many turns as the weights add up to.
///
/// HAProxy gives every server its weight at each turn. The first of the servers whose credit, divided by
/// the number of turns and rounded down, is highest takes the turn, and pays the number of turns for it.
/// That is a loop over all servers at every turn. Here a server waits in `rising` for the turn at which
/// its quotient is next higher, which is known beforehand: turn `t` with `weight · t >= earned · turns`.
fn turns(weights: &[u64]) -> Vec<u32> {
    let turns: u64 = weights.iter().sum();
    let mut rising: BinaryHeap<Reverse<(u64, u32)>> = BinaryHeap::new();
    // How often the quotient rose, and how often the server took a turn.
    let mut counts: Vec<(u64, u64)> = vec![(0, 0); weights.len()];
    let live = (0..).zip(weights).filter(|(_, weight)| **weight > 0);
    rising.extend(live.map(|(server, _)| Reverse((1, server))));
    let mut ready: BTreeSet<(Reverse<u64>, u32)> = BTreeSet::new();
    let mut map = Vec::with_capacity(turns as usize);
    for turn in 1..=turns {
        while rising.peek().is_some_and(|Reverse((due, _))| *due <= turn) {
            let Some(Reverse((_, server))) = rising.pop() else { break };
            let Some((risen, taken)) = counts.get_mut(server as usize) else { continue };
            ready.remove(&(Reverse(*risen - *taken), server));
            *risen += 1;
            ready.insert((Reverse(*risen - *taken), server));
            let weight = weights.get(server as usize).copied().unwrap_or(1).max(1);
            rising.push(Reverse(((*risen * turns).div_ceil(weight), server)));
        }
        let Some((Reverse(quotient), server)) = ready.pop_first() else { break };
        if let Some((_, taken)) = counts.get_mut(server as usize) {
            *taken += 1;
        }
        if quotient > 1 {
            ready.insert((Reverse(quotient - 1), server));
        }
        map.push(server);
    }
    map
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
