//! An instance of the oracle as a request to the planner.

use crate::plan_oracle::{Instance, NodeSpec};
use apportion::partition::TableConfig;
use apportion::{Node, Topology};

/// The instance's nodes, or with `old` all nodes of the old table: those that left have weight 1
/// and domains that do not matter.
pub fn topology(instance: &Instance, old: bool) -> Topology<String> {
    let gone = NodeSpec { path: vec![0; instance.caps.len()], weight: 1 };
    let count = if old { instance.indices() } else { instance.nodes.len() };
    let node = |v: usize| {
        let spec = instance.nodes.get(v).unwrap_or(&gone);
        let weight = if old { 1 } else { spec.weight };
        let node = Node::new(Instance::label(v)).weight(weight);
        spec.path.iter().enumerate().fold(node, |node, (level, name)| {
            node.domain(&Instance::level(level), &format!("d{name}"))
        })
    };
    Topology::of((0..count).map(node)).unwrap()
}

/// The number of partitions and replicas, and the limit of each level.
pub fn config(instance: &Instance) -> TableConfig {
    let config = TableConfig::new(instance.partitions as u32, instance.replicas as u32);
    let caps = instance.caps.iter().enumerate();
    caps.filter_map(|(level, cap)| Some((level, (*cap)?))).fold(config, |config, (level, cap)| {
        config.max_per_domain(&Instance::level(level), cap as u32)
    })
}
