//! Replicas spread over a cluster's domains, beside the limits and what there is room for.

use super::input::Input;
use super::plans_cluster::{Cluster, level, rows};
use apportion::{KeyHash, Locator, NodeIdx, PartitionTable, Placement, Spread, Topology};

pub fn check(cluster: &Cluster, topology: &Topology<String>, input: &mut Input<'_>) {
    let locator = Locator::weighted_rendezvous_of(topology.clone()).unwrap();
    let (members, placement) = (topology.members(), locator.placement());
    let each = cluster.replicas as usize;
    let names: Vec<String> = (0..cluster.limits.len()).map(level).collect();
    let limits = || names.iter().zip(&cluster.limits).filter_map(|(n, c)| Some((&n[..], (*c)?)));
    let room = room(cluster, &[]);
    let strict = Spread::strict(members, each, limits());
    assert_eq!(strict.is_ok(), room >= each, "{cluster:?}");
    let levels = names.iter().map(String::as_str);
    let (effort, even) =
        (Spread::best_effort(members, each, limits()), Spread::even(members, each, levels));
    let key = KeyHash::from_hash(input.word());
    let holders = |spread: &Spread, k: usize| {
        let mut out = vec![NodeIdx::default(); k];
        let found = spread.replicas(placement, key, &mut out);
        out.truncate(found);
        out
    };
    for spread in [strict.as_ref(), effort.as_ref(), even.as_ref()].into_iter().flatten() {
        let all = holders(spread, each);
        assert_eq!(all.len(), each.min(members.live()));
        assert_eq!(all.first().copied(), placement.locate(key));
        for k in 0..each {
            assert!(all.starts_with(&holders(spread, k)), "not a beginning");
        }
        for (i, node) in all.iter().enumerate() {
            assert!(members.weight(*node).unwrap().is_live() && !all[..i].contains(node));
        }
    }
    let Ok(strict) = strict else { return };
    let most = |key: KeyHash, out: &mut [NodeIdx]| strict.replicas(placement, key, out);
    let table = PartitionTable::derived(members, cluster.partitions, cluster.replicas, most);
    let table = table.unwrap().under(cluster.config(), members).unwrap();
    assert!(rows(&table, topology).iter().all(|row| !cluster.breaks(row)));
    // As long as limits can be kept, they are.
    assert_eq!(holders(&strict, each), holders(effort.as_ref().unwrap(), each));
}

/// The most live nodes that a legal set has below a path.
fn room(cluster: &Cluster, path: &[u8]) -> usize {
    let at = |depth: usize| {
        let mut names: Vec<u8> = cluster
            .nodes
            .iter()
            .filter(|node| node.weight > 0 && node.path.starts_with(path))
            .filter_map(|node| node.path.get(depth).copied())
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    let inner: usize = if path.len() == cluster.limits.len() {
        cluster.nodes.iter().filter(|node| node.weight > 0 && node.path == path).count()
    } else {
        at(path.len()).into_iter().map(|name| room(cluster, &[path, &[name]].concat())).sum()
    };
    let limit = path.len().checked_sub(1).and_then(|depth| cluster.limits[depth]);
    limit.map_or(inner, |limit| inner.min(limit as usize))
}
