//! Rings of names, and Cassandra's.

use super::given::Given;
use super::lookup::{Key, Lookup};
use crate::text::decimal;
use apportion::interop::cassandra::{self, Cluster, Order};
use apportion::interop::memcached::{npm_hashring, uhashring};
use apportion::interop::{NamedRing, go};

fn on(given: &Given, ring: Result<NamedRing, apportion::Error>) -> Result<Lookup, String> {
    ring.map(|ring| Lookup::ring(ring, given.replicas)).map_err(|e| e.to_string())
}

pub(super) fn uhashring(given: &Given) -> Result<Lookup, String> {
    let ketama = given.choice("mode", &[("ketama", true), ("default", false)])?;
    let lines = given.lines();
    on(given, if ketama { uhashring::ketama(lines) } else { uhashring::default(lines) })
}

pub(super) fn npm_hashring(given: &Given) -> Result<Lookup, String> {
    let mut options = npm_hashring::Options::default();
    if given.option("default-port").is_some() {
        options.default_port = Some(given.number("default-port", 0)?);
    }
    options.hash_ring = given.choice("compatibility", &[("none", false), ("hash_ring", true)])?;
    on(given, npm_hashring::ring(given.lines(), options))
}

pub(super) fn groupcache(given: &Given) -> Result<Lookup, String> {
    on(given, go::groupcache(given.lines(), given.number("points", 50)?))
}

pub(super) fn stathat(given: &Given) -> Result<Lookup, String> {
    let fnv = given.choice("hash", &[("crc32", false), ("fnv1a32", true)])?;
    on(given, go::stathat(given.lines(), given.number("points", 20)?, fnv))
}

pub(super) fn serialx(given: &Given) -> Result<Lookup, String> {
    let sha1 = given.choice("hash", &[("md5", false), ("sha1", true)])?;
    on(given, go::serialx(given.lines(), sha1))
}

/// The token of a key, or with `--raw` the token itself.
fn token(key: Key<'_>) -> i64 {
    match key {
        Key::Bytes(bytes) => cassandra::token(bytes),
        Key::Raw(token) => token as i64,
    }
}

fn cluster(given: &Given) -> Result<Cluster, String> {
    Cluster::new(given.lines()).map_err(|e| e.to_string())
}

pub(super) fn cassandra_simple(given: &Given) -> Result<Lookup, String> {
    let (cluster, replicas) = (cluster(given)?, given.replicas);
    Ok(Lookup::places(move |key| Ok(cluster.simple(token(key), replicas))))
}

pub(super) fn cassandra_network(given: &Given) -> Result<Lookup, String> {
    let cluster = cluster(given)?;
    let orders = [("server", Order::Server), ("python-driver", Order::PythonDriver)];
    let order = given.choice("order", &orders)?;
    let factor = |text: &str| {
        let (dc, factor) = text.split_once('=')?;
        Some((dc.to_owned(), decimal::<usize>(factor.as_bytes())?))
    };
    let factors: Option<Vec<(String, usize)>> =
        given.needed("replication")?.split(',').map(factor).collect();
    let factors = factors.ok_or_else(|| given.wrong("replication", "DC=N[,DC=N]..."))?;
    Ok(Lookup::places(move |key| {
        let factors: Vec<(&str, usize)> =
            factors.iter().map(|(dc, factor)| (dc.as_str(), *factor)).collect();
        Ok(cluster.network(token(key), &factors, order))
    }))
}
