//! Tests of joint plans from within, and of their costs in counted steps.

use super::evening::EFFORT;
use super::{JointPlan, JointPlanner};
use crate::error::ErrorKind;
use crate::partition::{Planner, TableConfig};
use crate::steps::during;
use crate::{Node, Topology};
use alloc::format;
use std::prelude::rust_2024::*;
use std::vec::Vec;

fn nodes(count: usize) -> Topology<u64> {
    let node = |id| Node::new(id).domain("zone", &format!("z{}", id % 5));
    Topology::of((0..count as u64).map(node)).expect("nodes")
}

fn configs(tables: usize, partitions: u32) -> Vec<TableConfig> {
    let config = |i| TableConfig::new(partitions, 3).named(&format!("t{i}"));
    (0..tables).map(|i| config(i).max_per_domain("zone", 1)).collect()
}

fn joint<'a>(nodes: &'a Topology<u64>, configs: &[TableConfig]) -> JointPlanner<'a> {
    let planners = configs.iter().map(|config| Planner::new(nodes.members(), config));
    let planners: Result<Vec<_>, _> = planners.collect();
    JointPlanner::new(planners.expect("planners")).expect("a planner")
}

/// Steps to plan fresh tables, and to let a node join.
fn steps(tables: usize, partitions: u32, count: usize) -> [u64; 3] {
    let (before, after) = (nodes(count), nodes(count + 1));
    let configs = configs(tables, partitions);
    let planner = joint(&before, &configs);
    let (plan, fresh) = during(|| planner.fresh().expect("a plan"));
    let planner = joint(&after, &configs);
    let old: Vec<_> = plan.tables().map(|table| Some((table, before.members()))).collect();
    let (change, joined) = during(|| planner.rebalance(&old).expect("a plan"));
    let (verified, checked) = during(|| planner.verify(&change, &old).expect("its plan"));
    assert!(verified.optimal());
    [fresh, joined, checked]
}

/// Neighbouring sizes may take more or fewer searches, so the bound is for each of many. Evening tables
/// within domains takes as many steps as it may, which are documented.
#[test]
fn costs_are_by_replicas_and_by_pairs_of_a_node_and_a_table() {
    let many = [(20, 24, 30), (80, 24, 30), (320, 24, 30), (8, 100, 30), (8, 1600, 30)];
    for (tables, partitions, count) in many.into_iter().chain([(8, 64, 100), (8, 64, 400)]) {
        let size = tables as u64 * (3 * u64::from(partitions) + count as u64);
        let found = steps(tables, partitions, count);
        let within = found.iter().all(|steps| *steps <= (32 + EFFORT) * size);
        assert!(within, "{tables} of {partitions} over {count}: {found:?}, {size}");
    }
}

#[test]
fn figures_of_other_tables_are_refused() {
    let (before, after) = (nodes(10), nodes(11));
    let configs = configs(3, 20);
    let plan = joint(&before, &configs).fresh().expect("a plan");
    let old: Vec<_> = plan.tables().map(|table| Some((table, before.members()))).collect();
    let planner = joint(&after, &configs);
    let change = planner.rebalance(&old).expect("a plan");
    assert!(planner.verify(&change, &old).expect("its plan").optimal());
    // The tables of the smaller cluster under the plan's figures.
    for table in 0..3 {
        let other = plan.plans()[table].table().clone();
        let error = planner.verify(&change.clone().with_table(table, &other), &old).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotVerified, "{error}");
    }
    let wrong = JointPlan { lower_bound: change.moved() + 1, ..change.clone() };
    let error = planner.verify(&wrong, &old).unwrap_err().to_string();
    assert!(error.contains("replicas that have to move"), "{error}");
}

#[test]
fn one_table_together_is_as_balanced_as_alone() {
    let nodes = nodes(10);
    let config = TableConfig::new(100, 2).named("alone");
    let alone = Planner::new(nodes.members(), &config).expect("a planner");
    let plan = alone.fresh().expect("a plan");
    let joint = joint(&nodes, &[config]);
    let together = joint.fresh().expect("a plan");
    assert_eq!(together.plans()[0].table(), plan.table());
}
