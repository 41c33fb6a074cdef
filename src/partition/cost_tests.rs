//! Tests of the documented complexities, in counted steps.

use super::work::Work;
use super::{Affinity, Planner, TableConfig, flow, leaders, places};
use crate::steps::{assert_growth, during};
use crate::{Node, Topology};
use alloc::format;
use std::prelude::rust_2024::*;

fn nodes(count: usize, zones: usize) -> Topology<u64> {
    let node = |id| match zones {
        0 => Node::new(id),
        zones => Node::new(id).domain("zone", &format!("z{}", id % zones as u64)),
    };
    Topology::of((0..count as u64).map(node)).expect("nodes")
}

/// Steps to disperse a fresh table, and a table that a node joined.
fn dispersing(count: usize, zones: usize, partitions: usize, replicas: u32) -> [u64; 2] {
    let config = TableConfig::new(partitions as u32, replicas);
    let config = if zones > 0 { config.max_per_domain("zone", 1) } else { config };
    let before = nodes(count, zones);
    let planner = Planner::new(before.members(), &config).expect("a planner");
    let mut plan = planner.fresh().expect("a plan");
    let (dispersed, fresh) = during(|| planner.disperse(&mut plan));
    dispersed.expect("its plan");
    let after = nodes(count + 1, zones);
    let planner = Planner::new(after.members(), &config).expect("a planner");
    let mut change = planner.rebalance(plan.table(), before.members()).expect("a plan");
    let (dispersed, joined) = during(|| planner.disperse(&mut change));
    dispersed.expect("its plan");
    [fresh, joined]
}

/// Once pairs are within their shares, a pass looks at the few rows that are not: a node that joins
/// many takes steps for what moves, beside those of one look at every row.
#[test]
fn later_passes_look_at_few_rows() {
    let [_, joined] = dispersing(200, 5, 1 << 13, 3);
    let replicas = 3 * (1 << 13);
    assert!(joined <= 10 * replicas, "{joined} steps for {replicas} replicas");
    assert_growth("dispersion after a node joined", 1 << 12, 2.5, |p| dispersing(200, 5, p, 3)[1]);
}

/// With few nodes every pair shares many partitions, and some pairs stay above their limit forever.
#[test]
fn dispersion_is_bounded_where_pairs_stay_above_their_share() {
    for (count, zones, partitions, replicas) in
        [(5, 0, 1 << 13, 3), (5, 0, 1 << 14, 3), (12, 4, 1 << 13, 3), (12, 4, 1 << 14, 3)]
    {
        let steps = dispersing(count, zones, partitions, replicas);
        let max = 100 * partitions as u64 * u64::from(replicas);
        assert!(steps.iter().all(|steps| *steps <= max), "{count} nodes: {steps:?}, {max}");
    }
    // The documented 32 + 256 steps, plus one pass: 8 tries of a place with 4·R pairs each, and R
    // pairs.
    for (count, partitions, replicas) in [(40, 1 << 8, 32), (60, 1 << 9, 16), (100, 1 << 7, 64)] {
        let steps = dispersing(count, 0, partitions, replicas);
        let each = 32 + 256 + 8 * (4 * u64::from(replicas) + 1) + u64::from(replicas);
        let max = each * partitions as u64 * u64::from(replicas);
        assert!(steps.iter().all(|steps| *steps <= max), "{count} nodes: {steps:?}, {max}");
    }
}

/// Twelve nodes in four zones, with weights drawn anew for each seed.
fn drawn(seed: u64) -> Topology<u64> {
    let node = |id: u64| {
        let weight = 1 + crate::hash::mix::word(seed, id) % 10;
        Node::new(id).weight(weight).domain("zone", &format!("z{}", id % 4))
    };
    Topology::of((0..12).map(node)).expect("nodes")
}

/// Steps to plan and to disperse after all weights of a few nodes were drawn anew.
fn redrawn(partitions: usize) -> [u64; 2] {
    let mut steps = [0; 2];
    for seed in 0..8 {
        let (before, after) = (drawn(seed), drawn(seed + 100));
        let config = TableConfig::new(partitions as u32, 3).max_per_domain("zone", 1);
        let planner = Planner::new(before.members(), &config).expect("a planner");
        let old = planner.fresh().expect("a plan").into_table();
        let planner = Planner::new(after.members(), &config).expect("a planner");
        let (plan, planned) = during(|| planner.rebalance(&old, before.members()));
        let mut plan = plan.expect("a plan");
        let (dispersed, spread) = during(|| planner.disperse(&mut plan));
        dispersed.expect("its plan");
        steps = [steps[0] + planned, steps[1] + spread];
    }
    steps
}

/// Thousands of partitions have the same holders.
#[test]
fn few_nodes_with_other_weights() {
    for (part, name) in [(0, "a plan for 12 nodes"), (1, "dispersion among 12 nodes")] {
        assert_growth(name, 1 << 12, 2.3, |partitions| redrawn(partitions)[part]);
    }
    // Kinds of rows are few, so a plan takes some dozens of steps for each replica.
    let [planned, _] = redrawn(1 << 13);
    let replicas = 8 * 3 * (1 << 13);
    assert!(planned <= 100 * replicas, "{planned} for {replicas}");
}

/// Steps to plan and to disperse a dispersed table that gets a third replica.
fn raised(count: usize, zones: usize) -> [u64; 2] {
    let nodes = nodes(count, zones);
    let config = TableConfig::new(count as u32, 2);
    let config = if zones > 0 { config.max_per_domain("zone", 1) } else { config };
    let planner = Planner::new(nodes.members(), &config).expect("a planner");
    let mut old = planner.fresh().expect("a plan");
    planner.disperse(&mut old).expect("its plan");
    let config = config.sized(count as u32, 3);
    let planner = Planner::new(nodes.members(), &config).expect("a planner");
    let (plan, planned) = during(|| planner.rebalance(old.table(), nodes.members()));
    let mut plan = plan.expect("a plan");
    let (dispersed, spread) = during(|| planner.disperse(&mut plan));
    dispersed.expect("its plan");
    [planned, spread]
}

#[test]
fn more_replicas_are_by_the_size_of_the_table() {
    for zones in [0, 10] {
        assert_growth("a third replica", 3000, 2.3, |count| raised(count, zones)[0]);
        assert_growth("dispersion after it", 3000, 2.5, |count| raised(count, zones)[1]);
    }
}

/// A few partitions of many replicas become many of one.
#[test]
fn another_shape_is_by_the_size_of_the_larger_table() {
    assert_growth("a table of another shape", 1 << 7, 2.3, |partitions| {
        let nodes = nodes(100, 0);
        let config = TableConfig::new(partitions as u32, 64);
        let planner = Planner::new(nodes.members(), &config).expect("a planner");
        let old = planner.fresh().expect("a plan").into_table();
        let config = TableConfig::new(64 * partitions as u32, 1);
        let planner = Planner::new(nodes.members(), &config).expect("a planner");
        let (plan, steps) = during(|| planner.rebalance(&old, nodes.members()));
        assert_eq!(plan.expect("a plan").moved(), 0);
        steps
    });
}

#[test]
fn verifying_reads_each_node_once() {
    assert_growth("verify", 500, 2.2, |count| {
        let config = TableConfig::new(64, 3);
        let (before, after) = (nodes(count, 0), nodes(count + 1, 0));
        let fresh = Planner::new(before.members(), &config).and_then(|planner| planner.fresh());
        let fresh = fresh.expect("a plan");
        let planner = Planner::new(after.members(), &config).expect("a planner");
        let change = planner.rebalance(fresh.table(), before.members()).expect("a plan");
        let old = Some((fresh.table(), before.members()));
        let (verified, steps) = during(|| planner.verify(&change, old));
        assert!(verified.is_ok());
        steps
    });
}

/// Only a fresh table, where all replicas may be exchanged: after a join the number of passes
/// varies.
#[test]
fn dispersion_is_by_the_size_of_the_table() {
    assert_growth("dispersion of a fresh table", 1 << 11, 2.5, |p| dispersing(40, 4, p, 3)[0]);
}

/// Steps to bring leaders into proportion after nodes joined or left, and the number of partitions
/// that moved.
fn proportion((from, to): (usize, usize), partitions: usize, replicas: u32) -> (u64, u64) {
    let config = TableConfig::new(partitions as u32, replicas);
    let (before, after) = (nodes(from, 0), nodes(to, 0));
    let planner = Planner::new(before.members(), &config).expect("a planner");
    let old = planner.fresh().expect("a plan").into_table();
    let planner = Planner::new(after.members(), &config).expect("a planner");
    let old = planner.problem.rows_of(&old, before.members()).expect("rows");
    let (tree, constraints) = (&planner.problem.tree, &planner.problem.constraints);
    let sizes = &planner.problem.sizes;
    let mut work = Work::new(tree, constraints, planner.problem.config.partitions(), sizes, old);
    assert!(flow::rebalance(&mut work, &planner.problem.quotas).is_ok());
    places::keep(&mut work);
    let moved = (0..work.partitions).filter(|p| work.moved(*p) > 0).count() as u64;
    let ((), steps) = during(|| leaders::proportion(&mut work, &planner.problem.quotas, None));
    (steps, moved)
}

/// O(R²) for each replica that moved, as documented: no pass begins after 64 tries for each
/// partition that moved, a pass makes 32 for each old place and new holder, and a try orders two
/// rows.
#[test]
fn leaders_are_bounded_by_what_moved() {
    for (change, replicas) in [((10, 11), 3), ((12, 10), 3), ((20, 25), 5), ((40, 30), 2)] {
        let each = u64::from(replicas);
        let max = (64 + 32 * 4 * each) * (1 + 4 * each);
        for partitions in [1 << 11, 1 << 12, 1 << 13] {
            let (steps, moved) = proportion(change, partitions, replicas);
            assert!(steps > 0 && steps <= max * moved, "{change:?}: {steps} for {moved}");
        }
    }
}

/// Steps to plan a fresh table, and the table that a node joins. With `tenants`, each has a range of the
/// partitions and a replica of each of them among its nodes, which are scattered over all others.
fn affine(count: usize, partitions: usize, tenants: usize) -> [u64; 2] {
    let config = TableConfig::new(partitions as u32, 3);
    let (before, after) = (nodes(count, 0), nodes(count + 1, 0));
    let planner = |nodes: &Topology<u64>, members| {
        let each = partitions / tenants.max(1);
        let rule = |tenant: usize| {
            let own = |id: &u64| *id as usize % tenants == tenant;
            let own = (0..count as u64).filter(own).filter_map(|id| nodes.find(&id));
            let first = (tenant * each) as u32;
            Affinity::nodes(own).partitions(first..first + each as u32).at_least(1)
        };
        let planner = Planner::new(members, &config).expect("a planner");
        planner.affinity((0..tenants).map(rule)).expect("rules")
    };
    let (plan, fresh) = during(|| planner(&before, before.members()).fresh().expect("a plan"));
    let (change, joined) = during(|| {
        let planner = planner(&after, after.members());
        planner.rebalance(plan.table(), before.members()).expect("a plan")
    });
    assert!(change.moved() <= change.lower_bound() + partitions as u64 / 50);
    [fresh, joined]
}

/// Nodes of affinities that are scattered over the cluster are not skipped one by one.
#[test]
fn scattered_affinities_cost_as_much_as_none() {
    for (count, partitions) in [(100, 1 << 12), (400, 1 << 14)] {
        let (plain, with) = (affine(count, partitions, 0), affine(count, partitions, 8));
        let size = 3 * partitions as u64;
        std::println!("{count}: {plain:?} {with:?} of {size}");
        assert!(with[0] <= plain[0] + 30 * size, "fresh: {plain:?} {with:?}");
        assert!(with[1] <= 2 * plain[1] + 3 * size, "a node joined: {plain:?} {with:?}");
    }
    assert_growth("a fresh table with affinities", 1 << 11, 2.5, |p| affine(100, p, 8)[0]);
    assert_growth("a node and affinities", 1 << 11, 2.5, |p| affine(100, p, 8)[1]);
}
