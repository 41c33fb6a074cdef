//! nginx: `hash KEY consistent` and `hash KEY` in an `upstream`.
//!
//! Checked against nginx 1.22.1. What it does by counting, this module leaves to the caller: an empty
//! key, an upstream of one server, and a key for which 21 points or places lead to no usable server go
//! to the servers in turn.

use super::functions::digests::{crc32_after, high};
use super::key_hash::KeyFunction;
use super::named_ring::NamedRing;
use super::server_line::{Notation, ServerLine, decimal};
use crate::error::{Error, InteropFault};
use crate::locator::Locator;
use crate::node::{Node, NodeIdx};
use crate::ring::{ClusterNode, ClusterPointsConfig};
use crate::topology::Topology;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// Points to a unit of weight.
const POINTS: u64 = 160;

/// How often nginx looks for a usable server before it takes turns: until more than 20 were not.
const TRIES: u32 = 21;

/// Without `backup` and `slow_start`, which nginx does not allow beside `hash`.
const NOTATION: Notation = Notation {
    system: "nginx",
    options: &["max_conns", "max_fails", "fail_timeout", "route", "service"],
    words: &["down", "resolve", "drain"],
    weights: (1, i32::MAX as u64),
};

/// The ring of `hash KEY consistent` over servers as their directives name them, for example
/// `10.0.0.1:80 weight=2` or `unix:/run/app.sock`.
///
/// A server that is `down` keeps its points, as in nginx: [`Upstream`] skips it.
///
/// A server that is listed again is one node with the highest of its weights: equal texts have equal
/// points, and nginx takes turns among these lines, as it does among the addresses of a name.
///
/// Equal points of different servers belong to the one that is listed first; nginx does not specify it.
///
/// # Errors
/// A token that nginx would refuse, no server, and more points than a ring may have.
pub fn consistent<'a>(servers: impl IntoIterator<Item = &'a str>) -> Result<NamedRing, Error> {
    Ok(ring(&read_all(servers)?)?.0)
}

/// The ring, and for each line the slot of its node.
fn ring(lines: &[ServerLine<'_>]) -> Result<(NamedRing, Vec<usize>), Error> {
    let mut nodes: Vec<(&str, u64)> = Vec::with_capacity(lines.len());
    let mut slots: BTreeMap<&str, usize> = BTreeMap::new();
    let mut slot_of = Vec::with_capacity(lines.len());
    for line in lines {
        let slot = *slots.entry(line.server).or_insert(nodes.len());
        match nodes.get_mut(slot) {
            // Points are chained, so those of a lower weight are the first of a higher one.
            Some((_, weight)) => *weight = line.weight.max(*weight),
            None => nodes.push((line.server, line.weight)),
        }
        slot_of.push(slot);
    }
    let nodes = nodes.into_iter().map(|(server, weight)| Node::new(server.into()).weight(weight));
    let count = |_: &[ClusterNode<'_>], node: &ClusterNode<'_>| node.weight.get() * POINTS;
    let config = ClusterPointsConfig::new(count, chained).independent();
    let ring = Locator::cluster_points_of(Topology::<String>::of(nodes)?, config)?;
    Ok((ring.with_hasher(KeyFunction::Crc32), slot_of))
}

/// Each point is the CRC-32 of host, a zero byte, port, and the point before.
fn chained(node: &ClusterNode<'_>, count: u64, emit: &mut dyn FnMut(u64)) {
    let (host, port) = host_and_port(node.label);
    let mut base = crc32fast::Hasher::new();
    for part in [host, &[0], port] {
        base.update(part);
    }
    let base = base.finalize();
    let mut point = 0_u32;
    // Each point waits for the one before it.
    for _ in 0..count {
        point = crc32_after(base, point);
        emit(high(point));
    }
}

/// The text of a server before and after the last colon, if digits alone follow it.
fn host_and_port(server: &[u8]) -> (&[u8], &[u8]) {
    if let Some((head, path)) = server.split_at_checked(5) {
        if head.eq_ignore_ascii_case(b"unix:") {
            return (path, &[]);
        }
    }
    let digits = server.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let (host, port) = server.split_at(server.len() - digits);
    match host.split_last() {
        Some((b':', host)) => (host, port),
        _ => (server, &[]),
    }
}

/// An upstream with `hash KEY consistent` or `hash KEY`, some of whose servers may be down.
///
/// ```
/// use apportion::interop::nginx::Upstream;
///
/// let servers = ["10.0.0.1:80", "10.0.0.2:80 down", "10.0.0.3:80 weight=3"];
/// let upstream = Upstream::consistent(servers)?;
/// // Never the second server, whose keys go to the owners of the next points.
/// assert!((0..100).all(|i: u32| upstream.get(&i.to_le_bytes()) != Some(1)));
/// # Ok::<(), apportion::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Upstream {
    kind: Kind,
    /// False for servers that are down.
    usable: Vec<bool>,
}

#[derive(Clone, Debug)]
enum Kind {
    /// The ring, and for each of its nodes the places of its lines.
    Consistent(NamedRing, Vec<Vec<usize>>),
    /// The weights of the servers.
    Modulo(Vec<u64>),
}

impl Upstream {
    /// `hash KEY consistent`.
    ///
    /// # Errors
    /// As [`consistent`].
    pub fn consistent<'a>(servers: impl IntoIterator<Item = &'a str>) -> Result<Self, Error> {
        let servers = read_all(servers)?;
        let (ring, slot_of) = ring(&servers)?;
        let mut places: Vec<Vec<usize>> = vec![Vec::new(); ring.topology().len()];
        for (place, slot) in slot_of.into_iter().enumerate() {
            if let Some(places) = places.get_mut(slot) {
                places.push(place);
            }
        }
        Ok(Self { kind: Kind::Consistent(ring, places), usable: usable(&servers) })
    }

    /// `hash KEY`, without `consistent`. A name of several addresses counts once for each: list it as
    /// often.
    ///
    /// # Errors
    /// A token that nginx would refuse, and no server.
    pub fn modulo<'a>(servers: impl IntoIterator<Item = &'a str>) -> Result<Self, Error> {
        let servers = read_all(servers)?;
        let weights = servers.iter().map(|line| line.weight).collect();
        Ok(Self { kind: Kind::Modulo(weights), usable: usable(&servers) })
    }

    /// Sets whether a server, by its place in the list, is down.
    ///
    /// # Errors
    /// A place beyond the list.
    pub fn set_down(&mut self, server: usize, down: bool) -> Result<(), Error> {
        let servers = self.usable.len();
        let place = self.usable.get_mut(server);
        let place = place.ok_or(InteropFault::Place { system: "nginx", server, servers })?;
        *place = !down;
        Ok(())
    }

    /// The server of a key, by its place in the list. `None` where nginx takes turns: for an empty key,
    /// with a single server, and if 21 points or places lead to no usable server.
    ///
    /// Where `hash KEY consistent` leads to a server that is listed again, nginx takes turns among its
    /// lines, which have the same address; this is the first of them that is not down.
    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<usize> {
        if key.is_empty() || self.usable.len() == 1 {
            return None;
        }
        match &self.kind {
            Kind::Consistent(ring, places) => self.on_ring(ring, places, key),
            Kind::Modulo(weights) => self.by_modulo(weights, key),
        }
    }

    fn is_usable(&self, server: usize) -> bool {
        self.usable.get(server).copied().unwrap_or(false)
    }

    fn on_ring(&self, ring: &NamedRing, places: &[Vec<usize>], key: &[u8]) -> Option<usize> {
        let owners = ring.placement().owners_from(ring.hash(key));
        let usable = |owner: NodeIdx| {
            places.get(owner.index())?.iter().copied().find(|place| self.is_usable(*place))
        };
        { owners }.take(TRIES as usize).find_map(usable)
    }

    fn by_modulo(&self, weights: &[u64], key: &[u8]) -> Option<usize> {
        let all: u64 = weights.iter().sum();
        let mut hash = 0_u32;
        for attempt in 0..TRIES {
            let mut crc = crc32fast::Hasher::new();
            if attempt > 0 {
                crc.update(alloc::format!("{attempt}").as_bytes());
            }
            crc.update(key);
            hash = hash.wrapping_add((crc.finalize() >> 16) & 0x7fff);
            let mut left = u64::from(hash) % all.max(1);
            let server = weights.iter().position(|weight| {
                let here = left < *weight;
                left = left.saturating_sub(*weight);
                here
            });
            if let Some(server) = server.filter(|server| self.is_usable(*server)) {
                return Some(server);
            }
        }
        None
    }
}

fn usable(servers: &[ServerLine<'_>]) -> Vec<bool> {
    servers.iter().map(|line| !line.has("down")).collect()
}

/// Reads servers, and refuses what nginx refuses when it reads its configuration.
fn read_all<'a>(servers: impl IntoIterator<Item = &'a str>) -> Result<Vec<ServerLine<'a>>, Error> {
    let lines = NOTATION.read_all(servers)?;
    for line in &lines {
        if let Some(expected) = wrong_address(line.server) {
            return Err(InteropFault::token("nginx", line.server, line.server, expected).into());
        }
    }
    Ok(lines)
}

/// What is expected in place of this address, if nginx refuses it.
fn wrong_address(server: &str) -> Option<&'static str> {
    if let Some((head, path)) = server.split_at_checked(5) {
        if head.eq_ignore_ascii_case("unix:") {
            return path.is_empty().then_some("a path after `unix:`");
        }
    }
    let (host, port) = match server.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, "")) => (host, None),
        Some((host, rest)) => match rest.strip_prefix(':') {
            Some(port) => (host, Some(port)),
            None => return Some("`:` and a port after `]`"),
        },
        None => match server.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (server, None),
        },
    };
    if host.is_empty() {
        return Some("a host before the port");
    }
    if server.contains(['/', '?']) {
        return Some("a host and a port without a path");
    }
    let known = port.is_none_or(|port| decimal::<u16>(port).is_some_and(|port| port > 0));
    (!known).then_some("a port in 1..=65535")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a real nginx with these servers down: it looks at a first point and at 20 more.
    #[test]
    fn an_answer_needs_a_usable_server_at_one_of_21_points() {
        let servers: Vec<String> = (0..40).map(|i| alloc::format!("10.0.0.{i}:80")).collect();
        let servers = || servers.iter().map(String::as_str);
        let ring = consistent(servers()).unwrap();
        let mut upstream = Upstream::consistent(servers()).unwrap();
        (0..40).for_each(|server| upstream.set_down(server, server != 7).unwrap());
        let mut seen = [false; 2];
        for key in 0..20_000_u32 {
            let key = key.to_le_bytes();
            let mut owners = ring.placement().owners_from(ring.hash(&key));
            match owners.position(|owner| owner.index() == 7) {
                Some(points @ 0..=20) => {
                    assert_eq!(upstream.get(&key), Some(7));
                    seen[0] |= points == 20;
                }
                points => {
                    assert_eq!(upstream.get(&key), None);
                    seen[1] |= points == Some(21);
                }
            }
        }
        assert_eq!(seen, [true; 2]);
    }
}
