//! Apache Cassandra and ScyllaDB: tokens, and the replicas of a token.
//!
//! Checked against cassandra-driver 3.30.1, scylla 1.9 for Rust, and the source of the server.

use super::key_hash::KeyFunction;
use crate::error::{Error, InteropFault};
use crate::hash::KeyHash;
use crate::locator::Locator;
use crate::ring::{GivenPoints, GivenPointsConfig, Ring};
use crate::topology::Topology;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

pub use super::functions::cassandra::{random_token, token};

const SYSTEM: &str = "cassandra";

/// The bytes of a composite partition key: each column with its length before it and a zero byte after it.
/// A column has at most 65,535 bytes; of a longer one the length is cut, as in drivers.
#[must_use]
pub fn composite(columns: &[&[u8]]) -> Vec<u8> {
    let column = |column: &&[u8]| {
        let length = (column.len() as u16).to_be_bytes();
        [&length[..], column, &[0]].concat()
    };
    columns.iter().flat_map(column).collect()
}

/// In which order the replicas of a `NetworkTopologyStrategy` come. The set is the same.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Order {
    /// As the server has them: along the ring, over all data centers at once.
    #[default]
    Server,
    /// As the Python driver has them: data center by data center, in the order of their first tokens.
    ///
    /// With more replicas in a data center than racks, driver 3.30.1 may list a host with several tokens
    /// twice, in place of another replica. The hosts here are distinct, as on the server.
    PythonDriver,
}

/// A cluster: hosts with their data centers, racks and tokens.
///
/// ```
/// use apportion::interop::cassandra::{Cluster, Order, token};
///
/// let cluster = Cluster::new([
///     "a dc=dc1 rack=r1 tokens=-6000000000000000000,3000000000000000000",
///     "b dc=dc1 rack=r2 tokens=-3000000000000000000,6000000000000000000",
///     "c dc=dc2 rack=r1 tokens=0",
/// ])?;
/// assert_eq!(cluster.simple(token(b"a"), 2), [0, 1]);
/// assert_eq!(cluster.network(token(b"a"), &[("dc1", 1), ("dc2", 1)], Order::Server), [0, 2]);
/// # Ok::<(), apportion::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Cluster {
    ring: Locator<String, Ring<GivenPoints>, KeyFunction>,
    /// The data center and the rack of each host.
    places: Vec<(String, String)>,
}

impl Cluster {
    /// Reads hosts: a name, then `dc=DC`, `rack=RACK` (`datacenter1` and `rack1` where they are missing)
    /// and `tokens=T,T,…`.
    ///
    /// # Errors
    /// A token that is wrong or that two hosts have, a host that is given twice, and no host.
    pub fn new<'a>(hosts: impl IntoIterator<Item = &'a str>) -> Result<Self, Error> {
        let notation = super::server_line::Notation {
            system: SYSTEM,
            options: &["dc", "rack", "tokens"],
            words: &[],
            weights: (1, 1),
        };
        let lines = notation.read_all(hosts)?;
        let mut points = GivenPointsConfig::default();
        let (mut names, mut places) = (Vec::new(), Vec::new());
        let mut known = BTreeSet::new();
        for line in &lines {
            let refused = |token: &str, expected: &str| {
                Error::from(InteropFault::token(SYSTEM, line.server, token, expected))
            };
            let tokens = line.value("tokens").unwrap_or("");
            let mut own = Vec::new();
            for token in tokens.split(',') {
                let value = token.parse::<i64>().map_err(|_| refused(token, "a token"))?;
                if !known.insert(value) {
                    return Err(refused(token, "a token that no other host has"));
                }
                own.push(point(value));
            }
            points = points.points(line.server, own);
            names.push(String::from(line.server));
            let place = |option, other: &str| String::from(line.value(option).unwrap_or(other));
            places.push((place("dc", "datacenter1"), place("rack", "rack1")));
        }
        let ring = Locator::given_points_of(Topology::new(names)?, points)?;
        Ok(Self { ring: ring.with_hasher(KeyFunction::CassandraToken), places })
    }

    /// The ring: keys are looked up by their tokens, and its replicas are those of a `SimpleStrategy`.
    #[must_use]
    pub fn ring(&self) -> &Locator<String, Ring<GivenPoints>, KeyFunction> {
        &self.ring
    }

    /// The hosts of the points from a token on.
    fn walk(&self, token: i64) -> impl Iterator<Item = usize> + '_ {
        let key = KeyHash::from_hash(point(token));
        self.ring.placement().owners_from(key).map(crate::node::NodeIdx::index)
    }

    /// The replicas of a token under `SimpleStrategy`, by their places in the list.
    #[must_use]
    pub fn simple(&self, token: i64, replication_factor: usize) -> Vec<usize> {
        let mut replicas: Vec<usize> = Vec::new();
        for host in self.walk(token) {
            if replicas.len() >= replication_factor.min(self.places.len()) {
                break;
            }
            if !replicas.contains(&host) {
                replicas.push(host);
            }
        }
        replicas
    }

    /// The replicas of a token under `NetworkTopologyStrategy`, by their places in the list, for data
    /// centers and their replication factors.
    #[must_use]
    pub fn network(&self, token: i64, factors: &[(&str, usize)], order: Order) -> Vec<usize> {
        match order {
            Order::Server => self.as_server(token, factors),
            Order::PythonDriver => self.as_driver(token, factors),
        }
    }

    /// The hosts and racks of a data center.
    fn sizes(&self, dc: &str) -> (usize, usize) {
        let inside = || self.places.iter().filter(|(own, _)| own == dc);
        (inside().count(), inside().map(|(_, rack)| rack).collect::<BTreeSet<_>>().len())
    }

    fn as_server(&self, token: i64, factors: &[(&str, usize)]) -> Vec<usize> {
        struct Center<'a> {
            left: usize,
            repeats: isize,
            racks: BTreeSet<&'a str>,
        }
        let center = |(dc, factor): &(&str, usize)| {
            let (hosts, racks) = self.sizes(dc);
            let repeats = *factor as isize - racks as isize;
            let center = Center { left: hosts.min(*factor), repeats, racks: BTreeSet::new() };
            (String::from(*dc), center)
        };
        let mut centers: BTreeMap<String, Center<'_>> = factors.iter().map(center).collect();
        let mut replicas: Vec<usize> = Vec::new();
        for host in self.walk(token) {
            if centers.values().all(|center| center.left == 0) {
                break;
            }
            let Some((dc, rack)) = self.places.get(host) else { continue };
            let Some(center) = centers.get_mut(dc).filter(|center| center.left > 0) else {
                continue;
            };
            if replicas.contains(&host) {
                continue;
            }
            if !center.racks.insert(rack) {
                if center.repeats <= 0 {
                    continue;
                }
                center.repeats -= 1;
            }
            center.left -= 1;
            replicas.push(host);
        }
        replicas
    }

    fn as_driver(&self, token: i64, factors: &[(&str, usize)]) -> Vec<usize> {
        let mut centers: Vec<&str> = Vec::new();
        for host in self.walk(i64::MIN) {
            let Some((dc, _)) = self.places.get(host) else { continue };
            if !centers.contains(&dc.as_str()) {
                centers.push(dc);
            }
        }
        let mut replicas: Vec<usize> = Vec::new();
        for dc in centers {
            let factor =
                factors.iter().find(|(own, _)| *own == dc).map_or(0, |(_, factor)| *factor);
            let (hosts, racks) = self.sizes(dc);
            let mut own: Vec<usize> = Vec::new();
            let (mut placed, mut skipped): (BTreeSet<&str>, Vec<usize>) = Default::default();
            for host in self.walk(token) {
                if own.len() >= factor.min(hosts) {
                    break;
                }
                let Some((center, rack)) = self.places.get(host) else { continue };
                if center != dc || own.contains(&host) {
                    continue;
                }
                if placed.contains(rack.as_str()) && placed.len() < racks {
                    skipped.push(host);
                    continue;
                }
                own.push(host);
                placed.insert(rack);
                if placed.len() == racks {
                    for host in skipped.drain(..) {
                        if own.len() < factor && !own.contains(&host) {
                            own.push(host);
                        }
                    }
                }
            }
            replicas.extend(own);
        }
        replicas
    }
}

/// A token as a point of the circle.
fn point(token: i64) -> u64 {
    super::functions::digests::signed(token as u64)
}
