//! The oracle of partition plans, itself checked: against all tables, and against definitions.

mod plans;
mod quotas;
mod random;
mod statistics;
mod tables;

use apportion_properties::plan_oracle::{Instance, NodeSpec};

/// An instance of nodes given as paths and weights.
fn instance(partitions: usize, replicas: usize, caps: &[u64], nodes: &[(&[u32], u64)]) -> Instance {
    let node = |(path, weight): &(&[u32], u64)| NodeSpec { path: path.to_vec(), weight: *weight };
    let caps = caps.iter().map(|&cap| (cap > 0).then_some(cap)).collect();
    let nodes = nodes.iter().map(node).collect();
    Instance { caps, nodes, partitions, replicas, old: None, pins: vec![], frozen: vec![] }
}
