//! nginx: `hash KEY consistent` and `hash KEY` in an `upstream`.
//!
//! Checked against nginx 1.22.1. What it does by counting, this module leaves to the caller: an empty
//! key, an upstream of one server, and a key for which no usable server is found in 20 tries go to the
//! servers in turn.

use super::functions::digests::high;
use super::key_hash::KeyFunction;
use super::named_ring::NamedRing;
use super::server_line::{Notation, ServerLine, decimal};
use crate::error::{Error, InteropFault};
use crate::locator::Locator;
use crate::node::Node;
use crate::ring::{ClusterNode, ClusterPointsConfig};
use crate::topology::Topology;
use alloc::string::String;
use alloc::vec::Vec;

/// Points to a unit of weight.
const POINTS: u64 = 160;

/// How often nginx looks for a usable server before it takes turns.
const TRIES: u32 = 20;

const NOTATION: Notation = Notation {
    system: "nginx",
    options: &["max_conns", "max_fails", "fail_timeout", "route", "slow_start", "service"],
    words: &["down", "backup", "resolve", "drain"],
    weights: (1, i32::MAX as u64),
};

/// The ring of `hash KEY consistent` over servers as their directives name them, for example
/// `10.0.0.1:80 weight=2` or `unix:/run/app.sock`.
///
/// A server that is `down` keeps its points, as in nginx: [`Upstream`] skips it.
///
/// Equal points belong to the server that is listed first; nginx does not specify it.
///
/// # Errors
/// A token that nginx would refuse, a server that is listed twice, no server, and more points than a
/// ring may have.
pub fn consistent<'a>(servers: impl IntoIterator<Item = &'a str>) -> Result<NamedRing, Error> {
    ring(&read_all(servers)?)
}

fn ring(servers: &[ServerLine<'_>]) -> Result<NamedRing, Error> {
    let nodes = servers.iter().map(|line| Node::new(String::from(line.server)).weight(line.weight));
    let count = |_: &[ClusterNode<'_>], node: &ClusterNode<'_>| node.weight.get() * POINTS;
    let config = ClusterPointsConfig::new(count, chained).independent();
    let ring = Locator::cluster_points_of(Topology::of(nodes)?, config)?;
    Ok(ring.with_hasher(KeyFunction::Crc32))
}

/// Each point is the CRC-32 of host, a zero byte, port, and the point before.
fn chained(node: &ClusterNode<'_>, count: u64, emit: &mut dyn FnMut(u64)) {
    let (host, port) = host_and_port(node.label);
    let mut base = crc32fast::Hasher::new();
    for part in [host, &[0], port] {
        base.update(part);
    }
    let mut point = 0_u32;
    for _ in 0..count {
        let mut next = base.clone();
        next.update(&point.to_le_bytes());
        point = next.finalize();
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
    Consistent(NamedRing),
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
        Ok(Self { kind: Kind::Consistent(ring(&servers)?), usable: usable(&servers) })
    }

    /// `hash KEY`, without `consistent`.
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
    /// with a single server, and if no usable server is found in 20 tries.
    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<usize> {
        if key.is_empty() || self.usable.len() == 1 {
            return None;
        }
        match &self.kind {
            Kind::Consistent(ring) => self.on_ring(ring, key),
            Kind::Modulo(weights) => self.by_modulo(weights, key),
        }
    }

    fn is_usable(&self, server: usize) -> bool {
        self.usable.get(server).copied().unwrap_or(false)
    }

    fn on_ring(&self, ring: &NamedRing, key: &[u8]) -> Option<usize> {
        let owners = ring.placement().owners_from(ring.hash(key));
        let owners = owners.take(TRIES as usize).map(crate::node::NodeIdx::index);
        { owners }.find(|server| self.is_usable(*server))
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

/// Reads servers, and refuses the addresses that nginx refuses when it reads its configuration.
fn read_all<'a>(servers: impl IntoIterator<Item = &'a str>) -> Result<Vec<ServerLine<'a>>, Error> {
    let lines = NOTATION.read_all(servers)?;
    for line in &lines {
        let unix = line.server.get(..5).is_some_and(|head| head.eq_ignore_ascii_case("unix:"));
        let (host, port) = match line.server.strip_prefix('[').and_then(|rest| rest.split_once(']'))
        {
            Some((host, rest)) => (host, rest.strip_prefix(':')),
            None => match line.server.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (line.server, None),
            },
        };
        let known = port.is_none_or(|port| decimal::<u16>(port).is_some_and(|port| port > 0));
        let expected = match (unix, host.is_empty(), known) {
            (true, ..) | (_, false, true) => continue,
            (_, true, _) => "a host before the port",
            _ => "a port in 1..=65535",
        };
        return Err(InteropFault::token("nginx", line.server, line.server, expected).into());
    }
    Ok(lines)
}
