//! Rings whose points hash a name that may differ from the text of the server.

use super::key_hash::KeyFunction;
use crate::error::Error;
use crate::locator::Locator;
use crate::node::Node;
use crate::ring::{ClusterNode, ClusterPoints, ClusterPointsConfig, Ring, Rule, Ties};
use crate::topology::Topology;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// A ring of another system. Its nodes are the texts of the servers.
///
/// A text that is listed again has a space, `#` and its number after it: `10.0.0.1:11211 #2`.
pub type NamedRing = Locator<String, Ring<ClusterPoints>, KeyFunction>;

/// A server: its text, the name from which its points come, and its weight.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) text: String,
    pub(super) name: String,
    pub(super) weight: u64,
}

/// The text of each server; one that is listed again has its number after it.
pub(super) fn labels(servers: &[Named]) -> Vec<String> {
    let mut listed: BTreeMap<&str, u32> = BTreeMap::new();
    let label = |text: &str, times| {
        if times == 1 { text.into() } else { alloc::format!("{text} #{times}") }
    };
    let mut labels = Vec::with_capacity(servers.len());
    for Named { text, .. } in servers {
        let times = listed.entry(text).or_insert(0);
        *times += 1;
        labels.push(label(text, *times));
    }
    labels
}

/// How the points of a ring are made and found.
pub(super) struct PointRules<C, P> {
    /// How many points each server has, given all weights in the order of the list.
    pub(super) counts: C,
    /// Emits so many points of a name.
    pub(super) points: P,
    pub(super) rule: Rule,
    pub(super) ties: Ties,
    pub(super) key: KeyFunction,
}

impl<C, P> PointRules<C, P>
where
    C: Fn(&[u64]) -> Vec<u64> + Send + Sync + 'static,
    P: Fn(&[u8], u64, &mut dyn FnMut(u64)) + Send + Sync + 'static,
{
    /// The ring of these servers.
    pub(super) fn ring(self, servers: Vec<Named>) -> Result<NamedRing, Error> {
        let Self { counts, points, rule, ties, key } = self;
        let mut names: BTreeMap<Vec<u8>, String> = BTreeMap::new();
        let mut nodes = Vec::with_capacity(servers.len());
        for (label, Named { name, weight, .. }) in labels(&servers).into_iter().zip(servers) {
            names.insert(label.as_bytes().to_vec(), name);
            nodes.push(Node::new(label).weight(weight));
        }
        let names = Arc::new(names);
        let counts = move |nodes: &[ClusterNode<'_>]| {
            let weights: Vec<u64> = nodes.iter().map(|node| node.weight.get()).collect();
            counts(&weights)
        };
        let points = move |node: &ClusterNode<'_>, count: u64, emit: &mut dyn FnMut(u64)| {
            let name = names.get(node.label).map_or(node.label, |name| name.as_bytes());
            points(name, count, emit);
        };
        let config = ClusterPointsConfig::with_counts(counts, points).rule(rule).ties(ties);
        Ok(Locator::cluster_points_of(Topology::of(nodes)?, config)?.with_hasher(key))
    }
}
