//! The keys that are held, with their nodes.

use crate::hash::KeyHash;
use crate::node::NodeIdx;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

#[derive(Clone, Debug, Default)]
pub(super) struct HeldKeys {
    holders: BTreeMap<KeyHash, NodeIdx>,
    loads: Vec<u32>,
    /// The same by node.
    by_node: BTreeSet<(NodeIdx, KeyHash)>,
}

impl HeldKeys {
    /// The number of keys held: at most `MAX_BOUNDED_KEYS`.
    pub(super) fn len(&self) -> u32 {
        self.holders.len() as u32
    }

    pub(super) fn holder(&self, key: KeyHash) -> Option<NodeIdx> {
        self.holders.get(&key).copied()
    }

    pub(super) fn load(&self, node: NodeIdx) -> u32 {
        self.loads.get(node.index()).copied().unwrap_or(0)
    }

    /// In ascending order of the keys.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = (KeyHash, NodeIdx)> {
        self.holders.iter().map(|(key, node)| (*key, *node))
    }

    /// The keys of a node in descending order.
    pub(super) fn last_of(&self, node: NodeIdx) -> impl Iterator<Item = KeyHash> {
        let keys = move |key| (node, KeyHash::from_hash(key));
        self.by_node.range(keys(0)..=keys(u64::MAX)).rev().map(|(_, key)| *key)
    }

    /// Assigns a key to a node, and removes it from its previous node if it has one.
    pub(super) fn set(&mut self, key: KeyHash, node: NodeIdx) {
        self.remove(key);
        self.holders.insert(key, node);
        if self.loads.len() <= node.index() {
            self.loads.resize(node.index() + 1, 0);
        }
        if let Some(load) = self.loads.get_mut(node.index()) {
            *load += 1;
        }
        self.by_node.insert((node, key));
    }

    pub(super) fn remove(&mut self, key: KeyHash) {
        let Some(node) = self.holders.remove(&key) else { return };
        if let Some(load) = self.loads.get_mut(node.index()) {
            *load = load.saturating_sub(1);
        }
        self.by_node.remove(&(node, key));
    }

    /// Replaces the whole assignment. `placed` is in ascending order of the keys.
    pub(super) fn replace(&mut self, placed: Vec<(KeyHash, NodeIdx)>, loads: Vec<u32>) {
        self.by_node = placed.iter().map(|(key, node)| (*node, *key)).collect();
        self.holders = placed.into_iter().collect();
        self.loads = loads;
    }
}
