//! Sizes: evened among the tables of minimum movement, with a lower bound that holds.

mod figures;
mod optimum;
mod rules;

use crate::support::Draws;
use crate::zoned::{Listed, Nodes, equal, topology};
use apportion::partition::{Plan, SizeFigures, TableConfig};
use apportion::{NodeIdx, PartitionTable, Planner};
use std::collections::BTreeMap;

fn sized<'a>(nodes: &'a Nodes, config: &TableConfig, sizes: &[u64]) -> Planner<'a> {
    let planner = Planner::new(nodes.members(), config).unwrap();
    planner.sizes((0..).zip(sizes.iter().copied())).unwrap()
}

fn figures(plan: &Plan) -> SizeFigures {
    *plan.sizes().expect("sizes")
}

fn rows(table: &PartitionTable, nodes: &Nodes) -> Vec<Vec<u64>> {
    let row = |p| table.row(p).map(|node| *nodes.get(node).unwrap()).collect();
    (0..table.partitions()).map(row).collect()
}

/// The greatest size over fair size, counted from the rows.
fn counted(planner: &Planner<'_>, table: &PartitionTable, sizes: &[u64]) -> f64 {
    let mut held: BTreeMap<NodeIdx, u64> = BTreeMap::new();
    for partition in 0..table.partitions() {
        for node in table.row(partition) {
            *held.entry(node).or_default() += sizes[partition as usize];
        }
    }
    let total: u64 = held.values().sum();
    let quotas: f64 = planner.members().iter().filter_map(|node| planner.exact_quota(node)).sum();
    let over = |(node, held): (&NodeIdx, &u64)| {
        *held as f64 / (total as f64 * planner.exact_quota(*node).unwrap() / quotas)
    };
    held.iter().filter(|(_, held)| **held > 0).map(over).fold(0.0, f64::max)
}

/// The size that moved, counted from the rows.
fn size_moved(old: &[Vec<u64>], new: &[Vec<u64>], sizes: &[u64]) -> u64 {
    let ways = new.len() / old.len();
    let moved = |(p, row): (usize, &Vec<u64>)| {
        let old = &old[p / ways];
        let kept = row.iter().filter(|id| old.contains(id)).count();
        sizes[p] * (row.len().min(old.len()) - kept) as u64
    };
    new.iter().enumerate().map(moved).sum()
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-6 * a.abs().max(1.0)
}

/// A plan is verified, its figures are those of its tables, and it was not dearer than without sizes.
fn checked(
    planner: &Planner<'_>,
    plan: &Plan,
    nodes: &Nodes,
    sizes: &[u64],
    old: Option<(&PartitionTable, &Nodes)>,
) -> SizeFigures {
    let from = old.map(|(table, nodes)| (table, nodes.members()));
    let verified = planner.verify(plan, from).unwrap();
    assert!(verified.optimal());
    let found = figures(plan);
    let reached = counted(planner, plan.table(), sizes);
    assert!(close(found.max_over_fair(), reached), "{found:?}, {reached}");
    assert_eq!(planner.max_size_over_fair(plan.table()), Some(found.max_over_fair()));
    assert!(found.lower_bound() >= 1.0 - 1e-9 && found.lower_bound() <= reached + 1e-9);
    let gap = found.max_over_fair() - found.lower_bound();
    assert!((found.gap() - gap).abs() < 1e-12, "{found:?}");
    assert!((0..plan.table().partitions()).all(|partition| plan.explain(partition).is_some()));
    if let Some((table, before)) = old {
        let (old, new) = (rows(table, before), rows(plan.table(), nodes));
        assert_eq!(found.moved(), size_moved(&old, &new, sizes));
    }
    found
}

/// Log-normal sizes, roughly: the product of four numbers from 1 to 16.
fn skewed(draws: &mut Draws, partitions: u32) -> Vec<u64> {
    (0..partitions).map(|_| (0..4).map(|_| 1 + draws.below(16)).product::<u64>() << 20).collect()
}
