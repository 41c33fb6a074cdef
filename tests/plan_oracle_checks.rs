//! The oracle of partition plans, itself checked: against all tables, and against definitions.

mod plan_oracle;
#[path = "plan_oracle_checks/plans.rs"]
mod plans;
#[path = "plan_oracle_checks/quotas.rs"]
mod quotas;
#[path = "plan_oracle_checks/random.rs"]
mod random;
#[path = "plan_oracle_checks/statistics.rs"]
mod statistics;
mod support;
#[path = "plan_oracle_checks/tables.rs"]
mod tables;

use plan_oracle::{Instance, NodeSpec};

/// An instance of nodes given as paths and weights.
fn instance(partitions: usize, replicas: usize, caps: &[u64], nodes: &[(&[u32], u64)]) -> Instance {
    let node = |(path, weight): &(&[u32], u64)| NodeSpec { path: path.to_vec(), weight: *weight };
    let caps = caps.iter().map(|&cap| (cap > 0).then_some(cap)).collect();
    let nodes = nodes.iter().map(node).collect();
    Instance { caps, nodes, partitions, replicas, old: None, pins: vec![], frozen: vec![] }
}
