//! nginx, HAProxy, Envoy, gRPC.

use super::given::Given;
use super::lookup::Lookup;
use crate::text::decimal;
use apportion::interop::envoy::{self, Hash, RingOptions};
use apportion::interop::grpc;
use apportion::interop::haproxy::{self, HashType, MapBased};
use apportion::interop::nginx::Upstream;
use apportion::{KeyHash, NodeIdx};

fn text(e: apportion::Error) -> String {
    e.to_string()
}

pub(super) fn nginx(given: &Given) -> Result<Lookup, String> {
    let upstream = Upstream::consistent(given.lines()).map_err(text)?;
    Ok(Lookup::place(move |key| upstream.get(key.bytes())))
}

pub(super) fn nginx_modulo(given: &Given) -> Result<Lookup, String> {
    let upstream = Upstream::modulo(given.lines()).map_err(text)?;
    Ok(Lookup::place(move |key| upstream.get(key.bytes())))
}

pub(super) fn haproxy(given: &Given) -> Result<Lookup, String> {
    let hash_type: HashType = given.needed("hash-type")?.parse().map_err(text)?;
    if hash_type.consistent {
        let ring = haproxy::consistent(given.lines(), hash_type).map_err(text)?;
        return Ok(Lookup::ring(ring, given.replicas));
    }
    if given.replicas > 1 {
        return Err(format!("--replicas {}: a map-based hash-type has one", given.replicas));
    }
    let map = MapBased::new(given.lines(), hash_type).map_err(text)?;
    Ok(Lookup::place(move |key| Some(map.get(key.bytes()))))
}

pub(super) fn envoy_ring(given: &Given) -> Result<Lookup, String> {
    let defaults = RingOptions::default();
    let known = [("xxhash64", Hash::Xx), ("murmurhash2_64", Hash::Murmur2)];
    let options = sizes(given, RingOptions { hash: given.choice("hash", &known)?, ..defaults })?;
    let ring = envoy::ring_hash(given.lines(), options).map_err(text)?;
    let attempt = given.number("attempt", 0_u32)?;
    if attempt == 0 {
        return Ok(Lookup::ring(ring, given.replicas));
    }
    if given.replicas > 1 {
        return Err(format!("--replicas {}: an attempt has one host", given.replicas));
    }
    Ok(Lookup::place(move |key| {
        let hash = KeyHash::from_hash(key.hash());
        envoy::retry(&ring, hash, attempt).map(NodeIdx::index)
    }))
}

pub(super) fn envoy_maglev(given: &Given) -> Result<Lookup, String> {
    let entries = given.number("table-size", 65_537_u32)?;
    let table = envoy::maglev(given.lines(), entries).map_err(text)?;
    let attempt = given.number("attempt", 0_u32)?;
    Ok(Lookup::located(table, 1, move |_, key| envoy::maglev_key(key.hash(), attempt, entries)))
}

pub(super) fn grpc_ring(given: &Given) -> Result<Lookup, String> {
    let defaults = RingOptions { max_size: 4096, ..RingOptions::default() };
    let options = sizes(given, defaults)?;
    let ring = envoy::grpc_ring_hash(given.lines(), options).map_err(text)?;
    Ok(Lookup::ring(ring, given.replicas))
}

/// Keys are seeds of clients, as decimal numbers.
pub(super) fn grpc_subset(given: &Given) -> Result<Lookup, String> {
    let size = given.count("subset-size")?;
    let nodes: Vec<String> = given.nodes.clone();
    grpc::random_subset(given.lines(), size, 0).map_err(text)?;
    Ok(Lookup::places(move |key| {
        let seed = decimal(key.bytes()).ok_or_else(|| "not a seed of 64 bits".to_owned())?;
        grpc::random_subset(nodes.iter().map(String::as_str), size, seed).map_err(text)
    }))
}

fn sizes(given: &Given, mut options: RingOptions) -> Result<RingOptions, String> {
    options.min_size = given.number("min-size", options.min_size)?;
    options.max_size = given.number("max-size", options.max_size)?;
    Ok(options)
}
