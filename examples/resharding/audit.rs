//! The check at the end: who has which key.

use crate::Move;
use crate::cluster::Cluster;
use crate::keys::Keys;
use crate::node::Request;
use std::collections::BTreeSet;

/// Every holder has every acknowledged write, and nobody else has anything. Returns the number of
/// replicas that were looked at.
pub(crate) fn check(
    nodes: u32,
    crashed: &[u32],
    transition: &Move,
    cluster: &Cluster,
    keys: &Keys,
) -> Result<u64, String> {
    let mut stores = Vec::new();
    for node in 0..nodes {
        let store = cluster.ask(node, |reply| Request::List { reply });
        if store.is_none() != crashed.contains(&node) {
            return Err(format!("n{node} does not answer"));
        }
        stores.push(store.unwrap_or_default());
    }
    let mut replicas = 0;
    for key in 0..keys.len() {
        let partition = keys.partition(key);
        let set = transition.read_set(&key);
        let holders: BTreeSet<u32> = set.iter().copied().collect();
        if holders.len() != crate::REPLICAS {
            return Err(format!("key {key} has holders {holders:?}"));
        }
        for (node, store) in (0..).zip(&stores) {
            let found = store.get(&partition).and_then(|entries| entries.get(&key));
            let newest = keys.acknowledged(key);
            match (found, holders.contains(&node)) {
                (None, false) => {}
                (Some(value), true) if value.version >= newest && value.is_intact(key) => {
                    replicas += 1;
                }
                (Some(_), false) => return Err(format!("n{node} still has key {key}")),
                (found, true) => {
                    let found = found.map_or(0, |value| value.version);
                    return Err(format!(
                        "n{node} has write {found} of key {key}, and write {newest} was acknowledged"
                    ));
                }
            }
        }
    }
    Ok(replicas)
}
