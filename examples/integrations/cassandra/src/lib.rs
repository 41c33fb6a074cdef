//! Cassandra and ScyllaDB: what a driver knows of the cluster, as a [`Cluster`], and batches by replica.

use apportion::Error;
use apportion::interop::cassandra::{Cluster, Order, token};
use std::collections::BTreeMap;

/// A row of `system.peers_v2` or of `system.local`.
#[derive(Clone, Debug)]
pub struct Host {
    pub address: String,
    pub data_center: String,
    pub rack: String,
    pub tokens: Vec<i64>,
}

/// The cluster of these hosts, in their order. Names of data centers and racks are without blanks.
///
/// # Errors
/// An address or a token that comes twice, a host without tokens, and no host.
pub fn cluster(hosts: &[Host]) -> Result<Cluster, Error> {
    let line = |host: &Host| {
        let Host { address, data_center, rack, tokens } = host;
        let tokens: Vec<String> = tokens.iter().map(i64::to_string).collect();
        format!("{address} dc={data_center} rack={rack} tokens={}", tokens.join(","))
    };
    let lines: Vec<String> = hosts.iter().map(line).collect();
    Cluster::new(lines.iter().map(String::as_str))
}

/// Keys by the replica to which they are sent: one batch for each, so that no host coordinates for
/// another. The replica is the first one in the own data center. Keys without one are under `None`.
///
/// Keys are partition keys as they are serialised: the bytes of one column, or
/// [`composite`](apportion::interop::cassandra::composite) of several.
pub fn batches<'k>(
    hosts: &[Host],
    cluster: &Cluster,
    factors: &[(&str, usize)],
    own: &str,
    keys: impl IntoIterator<Item = &'k [u8]>,
) -> BTreeMap<Option<usize>, Vec<&'k [u8]>> {
    let mut batches: BTreeMap<Option<usize>, Vec<&[u8]>> = BTreeMap::new();
    for key in keys {
        let replicas = cluster.network(token(key), factors, Order::Server);
        let is_near = |host: &usize| hosts.get(*host).is_some_and(|host| host.data_center == own);
        batches.entry(replicas.into_iter().find(is_near)).or_default().push(key);
    }
    batches
}
