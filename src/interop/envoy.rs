//! Envoy's ring hash and Maglev, and gRPC's ring hash (A42).
//!
//! Checked against the constants of Envoy's own tests and against grpc-go. Weights are shares in 64-bit
//! floating point there, and are computed here in the same order of operations.

use super::functions::digests::place_of;
use super::key_hash::KeyFunction;
use super::named_ring::{Named, NamedRing, PointRules, labels};
use super::server_line::{Notation, ServerLine, decimal};
use crate::error::{Error, InteropFault};
use crate::hash::KeyHash;
use crate::locator::Locator;
use crate::node::{Node, NodeIdx};
use crate::partition::PartitionTable;
use crate::ring::{Rule, Ties};
use crate::topology::Topology;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// A table of Envoy's Maglev as one of this crate: its partitions are the entries.
pub type MaglevTable = Locator<String, PartitionTable, KeyFunction>;

const NOTATION: Notation = Notation {
    system: "envoy",
    options: &["locality", "locality-weight"],
    words: &[],
    weights: (1, u32::MAX as u64),
};

/// Envoy's limit of `table_size`, a prime number.
const MAX_ENTRIES: u32 = 5_000_011;

/// `hash_function` of a ring.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Hash {
    /// `XX_HASH`, the default.
    #[default]
    Xx,
    /// `MURMUR_HASH_2`.
    Murmur2,
}

/// The options of a ring.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct RingOptions {
    /// `minimum_ring_size`.
    pub min_size: u64,
    /// `maximum_ring_size`.
    pub max_size: u64,
    /// `hash_function`.
    pub hash: Hash,
}

/// Envoy's: 1024 to 8,388,608 entries.
impl Default for RingOptions {
    fn default() -> Self {
        Self { min_size: 1024, max_size: 8_388_608, hash: Hash::Xx }
    }
}

/// Envoy's `ring_hash`, over hosts in the order of the cluster: their hash key (`IP:PORT`, with IPv6 in
/// brackets, or the host's name), then the options `weight=N`, `locality=NAME` and `locality-weight=N`.
///
/// Look up the hash of a request: [`KeyFunction::XxHash64`] is that of a header, a cookie or a query
/// parameter, [`combined`] that of several. A host may have no entry; it then gets no request. Equal
/// entries belong to the host that is listed first; Envoy does not specify it.
///
/// # Errors
/// A token that is wrong, no host, sizes of 0 or beyond 8,388,608, and only localities of weight 0.
pub fn ring_hash<'a>(
    hosts: impl IntoIterator<Item = &'a str>,
    options: RingOptions,
) -> Result<NamedRing, Error> {
    let hosts = Hosts::read(hosts)?;
    let order: Vec<usize> = (0..hosts.named.len()).collect();
    ring(hosts, order, options)
}

/// gRPC's `ring_hash` (A42): as Envoy's, but the hosts are sorted by their hash keys. The sizes are 1024
/// to 4096 by default there.
///
/// # Errors
/// As [`ring_hash`].
pub fn grpc_ring_hash<'a>(
    hosts: impl IntoIterator<Item = &'a str>,
    options: RingOptions,
) -> Result<NamedRing, Error> {
    let hosts = Hosts::read(hosts)?;
    let mut order: Vec<usize> = (0..hosts.named.len()).collect();
    order.sort_by_key(|i| hosts.named.get(*i).map(|named| named.name.clone()));
    ring(hosts, order, options)
}

/// The host of a ring for a retry: attempt 1 is the owner of the next entry, and so on.
#[must_use]
pub fn retry(ring: &NamedRing, hash: KeyHash, attempt: u32) -> Option<NodeIdx> {
    let entries = ring.placement().points().max(1);
    ring.placement().owners_from(hash).nth(attempt as usize % entries)
}

/// The hash of a request with several hash policies, in their order.
#[must_use]
pub fn combined(hashes: impl IntoIterator<Item = u64>) -> Option<u64> {
    hashes.into_iter().reduce(|before, hash| before.rotate_left(1) ^ hash)
}

struct Hosts {
    named: Vec<Named>,
    /// The share of each host, from its weight and that of its locality.
    shares: Vec<f64>,
}

impl Hosts {
    fn read<'a>(hosts: impl IntoIterator<Item = &'a str>) -> Result<Self, Error> {
        let lines = NOTATION.read_all(hosts)?;
        let locality = |line: &ServerLine<'_>| line.value("locality").map(String::from);
        // Localities in the order of their first hosts, with their weights and those of their hosts.
        let mut localities: BTreeMap<Option<String>, (u64, u64)> = BTreeMap::new();
        let mut order: Vec<Option<String>> = Vec::new();
        for line in &lines {
            let weight = line.value("locality-weight").map(|weight| {
                decimal::<u32>(weight).ok_or_else(|| {
                    InteropFault::token("envoy", line.server, weight, "a locality-weight")
                })
            });
            let name = locality(line);
            let known = localities.contains_key(&name);
            let (own, hosts) = localities.entry(name.clone()).or_insert((1, 0));
            if let Some(weight) = weight.transpose()? {
                *own = weight.into();
            }
            *hosts += line.weight;
            if !known {
                order.push(name);
            }
        }
        let weights = order.iter().filter_map(|name| localities.get(name)).map(|(own, _)| *own);
        let all: u64 = weights.sum();
        if all == 0 {
            return Err(InteropFault::NoWeight { system: "envoy" }.into());
        }
        let share = |line: &ServerLine<'_>| {
            let (own, hosts) = localities.get(&locality(line)).copied().unwrap_or((1, 1));
            let own = own as f64 / all as f64;
            line.weight as f64 * own / hosts as f64
        };
        let shares = lines.iter().map(share).collect();
        let named = |line: &ServerLine<'_>| Named {
            text: line.server.into(),
            name: line.server.into(),
            weight: line.weight,
        };
        Ok(Self { named: lines.iter().map(named).collect(), shares })
    }

    /// Shares of hosts that a ring counts: as they were read, or in proportion to weights after a change.
    fn shares_of(shares: &[f64], weights: &[u64]) -> Vec<f64> {
        if shares.len() == weights.len() {
            return shares.to_vec();
        }
        let all: u64 = weights.iter().sum();
        weights.iter().map(|weight| *weight as f64 / all as f64).collect()
    }
}

fn ring(hosts: Hosts, order: Vec<usize>, options: RingOptions) -> Result<NamedRing, Error> {
    const MAX: u64 = 8_388_608;
    let sizes = 1..=MAX;
    if !sizes.contains(&options.min_size) || !sizes.contains(&options.max_size) {
        let wrong =
            if sizes.contains(&options.min_size) { options.max_size } else { options.min_size };
        let (what, given) = ("the sizes of the ring", format!("{wrong}"));
        let expected = format!("a size in 1..={MAX}");
        return Err(InteropFault::token("envoy", what, &given, &expected).into());
    }
    let Hosts { named, shares } = hosts;
    let counts = move |weights: &[u64]| {
        let shares = Hosts::shares_of(&shares, weights);
        let least = shares.iter().copied().filter(|share| *share > 0.0).fold(1.0, f64::min);
        let scale = (ceiling(least * options.min_size as f64) / least).min(options.max_size as f64);
        let (mut current, mut target) = (0.0, 0.0);
        let mut counts = vec![0; shares.len()];
        let whole = order.len() == shares.len();
        for i in 0..shares.len() {
            let i = if whole { order.get(i).copied().unwrap_or(i) } else { i };
            target += scale * shares.get(i).copied().unwrap_or(0.0);
            while current < target {
                counts.get_mut(i).into_iter().for_each(|count| *count += 1);
                current += 1.0;
            }
        }
        counts
    };
    let hash = options.hash;
    let points = move |name: &[u8], count: u64, emit: &mut dyn FnMut(u64)| {
        for i in 0..count {
            let text = [name, format!("_{i}").as_bytes()].concat();
            emit(match hash {
                Hash::Xx => twox_hash::XxHash64::oneshot(0, &text),
                Hash::Murmur2 => murmur2::murmur64a(&text, 0xc70f_6907),
            });
        }
    };
    let (rule, ties, key) = (Rule::FirstAtOrAfter, Ties::First, KeyFunction::XxHash64);
    PointRules { counts, points, rule, ties, key }.ring(named)
}

/// The next integer at or above a positive number.
fn ceiling(number: f64) -> f64 {
    let whole = number as u64 as f64;
    if whole < number { whole + 1.0 } else { whole }
}

/// Envoy's Maglev table of a prime number of entries, 65,537 by default there, over hosts as
/// [`ring_hash`] takes them.
///
/// Its partitions are the entries, so diffs and migrations count entries. Keys are hashed by XXH64; for
/// another hash of the request, look up [`maglev_key`].
///
/// # Errors
/// As [`ring_hash`], and a number of entries that is no prime or more than Envoy allows, 5,000,011.
pub fn maglev<'a>(
    hosts: impl IntoIterator<Item = &'a str>,
    entries: u32,
) -> Result<MaglevTable, Error> {
    let prime = entries > 1 && (2..=entries.isqrt()).all(|d| entries % d != 0);
    if !prime || entries > MAX_ENTRIES {
        let (what, given) = ("the size of the table", format!("{entries}"));
        let expected = format!("a prime number of entries of at most {MAX_ENTRIES}");
        return Err(InteropFault::token("envoy", what, &given, &expected).into());
    }
    let Hosts { named, shares } = Hosts::read(hosts)?;
    let table = filled(&named, &shares, entries);
    let labels = labels(&named).into_iter();
    let nodes = labels.zip(named).map(|(label, host)| Node::new(label).weight(host.weight));
    let topology = Topology::of(nodes)?;
    let rows: Vec<Vec<NodeIdx>> = table.into_iter().map(|host| vec![NodeIdx::new(host)]).collect();
    let table = PartitionTable::from_lists(topology.members(), &rows)?;
    Locator::from_parts(topology, table, KeyFunction::EnvoyMaglev(entries))
}

/// Where a Maglev table of so many entries has the hash of a request. For a retry, `attempt` is above 0.
#[must_use]
pub fn maglev_key(hash: u64, attempt: u32, entries: u32) -> KeyHash {
    let hash = if attempt > 0 { hash ^ (u64::MAX - u64::from(attempt) + 1) } else { hash };
    let entry = (hash % u64::from(entries.max(1))) as u32;
    KeyHash::from_hash(place_of(entry, entries))
}

/// The host of each entry.
fn filled(hosts: &[Named], shares: &[f64], entries: u32) -> Vec<u32> {
    struct Filling {
        host: u32,
        offset: u64,
        skip: u64,
        next: u64,
        share: f64,
        target: f64,
    }
    let size = u64::from(entries);
    let xx = |name: &str, seed| twox_hash::XxHash64::oneshot(seed, name.as_bytes());
    let filling = |(host, (named, share)): (u32, (&Named, &f64))| Filling {
        host,
        offset: xx(&named.name, 0) % size,
        skip: xx(&named.name, 1) % (size - 1) + 1,
        next: 0,
        share: *share,
        target: 0.0,
    };
    let with_share = (0..).zip(hosts.iter().zip(shares)).filter(|(_, (_, share))| **share > 0.0);
    let mut order: Vec<Filling> = with_share.map(filling).collect();
    order.sort_by_key(|f| hosts.get(f.host as usize).map(|host| host.name.clone()));
    let most = shares.iter().copied().fold(0.0, f64::max);
    let mut table: Vec<Option<u32>> = vec![None; entries as usize];
    let (mut full, mut iteration) = (0, 1.0);
    while full < entries && !order.is_empty() {
        for host in &mut order {
            if full >= entries {
                break;
            }
            if iteration * host.share < host.target {
                continue;
            }
            host.target += most;
            // A prime number of entries and a skip below it: every entry comes once.
            for _ in 0..size {
                let place = (u128::from(host.offset)
                    + u128::from(host.skip) * u128::from(host.next))
                    % u128::from(size);
                host.next += 1;
                let entry = table.get_mut(place as usize).filter(|entry| entry.is_none());
                if let Some(entry) = entry {
                    *entry = Some(host.host);
                    break;
                }
            }
            full += 1;
        }
        iteration += 1.0;
    }
    table.into_iter().map(|host| host.unwrap_or(0)).collect()
}
