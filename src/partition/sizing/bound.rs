//! A lower bound on the greatest ratio of size to quota, of all tables that move no more replicas.
//!
//! ```text
//!  one node        what it holds at least, over its quota
//!  one partition   it is on r nodes: the r-th best of those that could hold it
//!  a domain        it holds at least L, and its nodes at most max(v) each:
//!                  the lowest level with  Σ min(max(v), level · quota(v)) >= L
//! ```
//!
//! The whole cluster is a domain that holds everything. Another one holds at least what the limits
//! leave no room for elsewhere.

use super::super::cells::{add, at, put};
use super::super::old_rows::OldRows;
use super::super::problem::Problem;
use super::extremes::{Extremes, Staying};
use super::given::PartitionSizes;
use super::ratio::{self, Ratio};
use alloc::vec;
use alloc::vec::Vec;

/// The bound for tables in which at least `kept` old replicas stay. O(P·R·log P + n·levels·log n).
pub(super) fn lower_bound(
    problem: &Problem<'_>,
    sizes: &PartitionSizes,
    before: &OldRows,
    kept: u64,
) -> Ratio {
    let tree = &problem.tree;
    let quotas = ratio::quotas(&problem.quotas);
    let staying = Staying::new(problem, sizes, before, kept);
    let extremes: Vec<Extremes> = (0..tree.leaves() as u32).map(|leaf| staying.of(leaf)).collect();
    let nodes = extremes.iter().zip(&quotas);
    let nodes = nodes.map(|(extremes, quota)| Ratio::new(extremes.min, *quota));
    let bound = nodes.fold(Ratio::default(), Ratio::max);
    let bound = bound.max(by_partition(problem, sizes, &extremes, &quotas));
    bound.max(by_domain(problem, sizes, &extremes, &quotas))
}

/// A partition of r replicas is on r nodes, each of which holds others as well.
fn by_partition(
    problem: &Problem<'_>,
    sizes: &PartitionSizes,
    extremes: &[Extremes],
    quotas: &[u64],
) -> Ratio {
    let mut largest = vec![0; problem.sizes.stride() + 1];
    for partition in 0..problem.config.partitions() {
        let replicas = problem.sizes.of_partition(partition);
        let size = at(&largest, replicas).max(sizes.of(partition));
        put(&mut largest, replicas, size);
    }
    let mut bound = Ratio::default();
    for (replicas, size) in largest.into_iter().enumerate().filter(|(_, size)| *size > 0) {
        let with = |(extremes, quota): (&Extremes, &u64)| {
            Ratio::new(extremes.min_but_one.saturating_add(size), *quota)
        };
        let mut ratios: Vec<Ratio> =
            extremes.iter().zip(quotas).filter(|(_, quota)| **quota > 0).map(with).collect();
        ratios.sort_unstable_by(|a, b| a.cmp(*b));
        let last = ratios.get(replicas.saturating_sub(1)).copied();
        bound = bound.max(last.unwrap_or_default());
    }
    bound
}

/// The level to which each domain has to fill its nodes.
fn by_domain(
    problem: &Problem<'_>,
    sizes: &PartitionSizes,
    extremes: &[Extremes],
    quotas: &[u64],
) -> Ratio {
    let tree = &problem.tree;
    let least = least_sizes(problem, sizes);
    let mut leaves: Vec<Vec<u32>> = vec![Vec::new(); tree.domains()];
    for leaf in 0..tree.leaves() as u32 {
        let mut vertex = tree.parent(tree.vertex(leaf));
        while let Some(domain) = vertex {
            if at(&least, domain) > 0 && at(quotas, leaf as usize) > 0 {
                leaves.get_mut(domain).into_iter().for_each(|list| list.push(leaf));
            }
            vertex = tree.parent(domain);
        }
    }
    let max = |leaf: &u32| {
        let leaf = *leaf as usize;
        Ratio::new(extremes.get(leaf).map_or(0, |extremes| extremes.max), at(quotas, leaf))
    };
    let mut bound = Ratio::default();
    for (domain, leaves) in leaves.iter().enumerate().filter(|(_, leaves)| !leaves.is_empty()) {
        let mut full: Vec<Ratio> = leaves.iter().map(max).collect();
        full.sort_unstable_by(|a, b| a.cmp(*b));
        let quota = leaves.iter().map(|leaf| at(quotas, *leaf as usize)).sum();
        let mut level = Ratio::new(at(&least, domain), quota);
        for full in full {
            if !level.exceeds(full) || level.quota <= full.quota {
                break;
            }
            level = Ratio::new(level.size.saturating_sub(full.size), level.quota - full.quota);
        }
        bound = bound.max(level);
    }
    bound
}

/// What each domain holds at least: for every partition the replicas for which the limits leave no room
/// elsewhere.
fn least_sizes(problem: &Problem<'_>, sizes: &PartitionSizes) -> Vec<u64> {
    let tree = &problem.tree;
    // Replicas of one partition below each vertex, and below its children together.
    let (mut rooms, mut below) = (vec![0_u64; tree.vertices()], vec![0_u64; tree.vertices()]);
    for vertex in (0..tree.vertices()).rev() {
        let inner = tree.leaf(vertex).is_none();
        let live = u64::from(at(&problem.quotas.ceils, vertex) > 0);
        let room = if inner { at(&below, vertex) } else { live };
        put(&mut rooms, vertex, room.min(at(&tree.caps, vertex).into()));
        if let Some(parent) = tree.parent(vertex) {
            let room = at(&rooms, vertex);
            add(&mut below, parent, room);
        }
    }
    let mut by_replicas = vec![0_u64; problem.sizes.stride() + 1];
    for partition in 0..problem.config.partitions() {
        add(&mut by_replicas, problem.sizes.of_partition(partition), sizes.of(partition));
    }
    let mut outside = vec![0_u64; tree.domains()];
    let mut least = vec![0; tree.domains()];
    for domain in 0..tree.domains() {
        if let Some(parent) = tree.parent(domain) {
            let siblings = at(&below, parent) - at(&rooms, domain);
            let siblings = siblings.min(at(&tree.caps, parent).into());
            let room = at(&outside, parent) + siblings;
            put(&mut outside, domain, room);
        }
        let inside = |replicas: u64| replicas.saturating_sub(at(&outside, domain));
        let sizes = (0..).zip(&by_replicas).map(|(replicas, size)| inside(replicas) * size);
        put(&mut least, domain, sizes.sum());
    }
    least
}
