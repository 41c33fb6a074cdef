//! What all topics share: numbers without a generator's dependency, and how values are written.

use apportion::{KeyHash, Node, NodeIdx, Topology};
use serde_json::{Value, json};

/// A Weyl sequence under the mixing function of SPEC.md.
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(KeyHash::of_id(seed).get())
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        KeyHash::of_id(self.0).get()
    }

    /// A number below `n`; 0 if `n` is 0.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(n)) >> 64) as u64
    }

    pub(crate) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len() as u64) as usize]
    }

    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for i in (1..list.len()).rev() {
            list.swap(i, self.below(i as u64 + 1) as usize);
        }
    }
}

pub(crate) fn hex(number: u64) -> Value {
    Value::String(format!("{number:016x}"))
}

pub(crate) fn hashes(rng: &mut Rng, count: usize) -> Vec<KeyHash> {
    (0..count).map(|_| KeyHash::from_hash(rng.next())).collect()
}

pub(crate) fn hex_list(hashes: &[KeyHash]) -> Value {
    hashes.iter().map(|hash| hex(hash.get())).collect()
}

pub(crate) fn slots(nodes: &[NodeIdx]) -> Value {
    nodes.iter().map(|node| node.get()).collect()
}

/// Writes up to `k` nodes by `find` and returns their slots.
pub(crate) fn found(k: usize, find: impl FnOnce(&mut [NodeIdx]) -> usize) -> Value {
    let mut out = vec![NodeIdx::default(); k];
    let count = find(&mut out);
    slots(&out[..count])
}

/// A node as the vectors write it.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub(crate) label: String,
    pub(crate) weight: u64,
    pub(crate) domains: Vec<(&'static str, String)>,
}

impl Listed {
    pub(crate) fn new(label: impl Into<String>, weight: u64) -> Self {
        Self { label: label.into(), weight, domains: Vec::new() }
    }

    pub(crate) fn node(&self) -> Node<String> {
        let node = Node::new(self.label.clone()).weight(self.weight);
        self.domains.iter().fold(node, |node, (level, name)| node.domain(level, name))
    }

    pub(crate) fn json(&self) -> Value {
        let mut json = json!({"label": self.label, "weight": self.weight});
        if !self.domains.is_empty() {
            json["domains"] = json!(self.domains);
        }
        json
    }
}

/// A fresh topology: the slot of a node is its place in the list.
pub(crate) fn topology(nodes: &[Listed]) -> Topology<String> {
    Topology::of(nodes.iter().map(Listed::node)).unwrap()
}

pub(crate) fn listed(nodes: &[Listed]) -> Value {
    nodes.iter().map(Listed::json).collect()
}
