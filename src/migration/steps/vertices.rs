//! Nodes and failure domains of both sides, what they hold, and what they are to hold.
//!
//! ```text
//! nodes        0 1 2 3 4 …          numbered as in the migration
//! domains      n n+1 …              each path of names once
//! chain of 2:  2, n+3, n            the node, then its domains, the innermost first
//! ```
//!
//! The distance of a vertex is how far its load is outside its target; their sum over all vertices
//! is what no step may increase.

use super::super::transfers::Migration;
use super::rules::StepRules;
use crate::error::{Error, MigrationFault, NodeFault};
use crate::node::{Domain, NodeLabel};
use crate::slips::OrSlip;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

pub(super) struct Vertices {
    /// Each node's chain.
    chains: Vec<Vec<u32>>,
    /// The limit of each vertex for one unit; the largest number where there is none.
    limits: Vec<u32>,
    loads: Vec<u64>,
    targets: Vec<(u64, u64)>,
}

impl Vertices {
    pub(super) fn new<N>(migration: &Migration<N>, rules: &StepRules) -> Result<Self, Error> {
        let nodes = migration.nodes.len();
        let mut known: BTreeMap<Vec<(String, String)>, u32> = BTreeMap::new();
        let mut chains = Vec::with_capacity(nodes);
        let mut limits = vec![u32::MAX; nodes];
        let mut levels_found = vec![false; rules.limits.len()];
        for node in 0..nodes as u32 {
            let mut chain = vec![node];
            let mut path: Vec<(String, String)> = Vec::new();
            let names = migration.domain(node).map(Domain::path).into_iter().flatten();
            for (level, name) in names {
                path.push((level.into(), name.into()));
                let number = limits.len() as u32;
                let vertex = *known.entry(path.clone()).or_insert(number);
                if vertex == number {
                    let rule = rules.limits.iter().rposition(|(ruled, _)| ruled == level);
                    let limit = rule.and_then(|rule| rules.limits.get(rule));
                    limits.push(limit.map_or(u32::MAX, |(_, limit)| *limit));
                    if let Some(found) = rule.and_then(|rule| levels_found.get_mut(rule)) {
                        *found = true;
                    }
                }
                chain.insert(1, vertex);
            }
            chains.push(chain);
        }
        for (found, (level, limit)) in levels_found.iter().zip(&rules.limits) {
            let later = rules.limits.iter().filter(|(other, _)| other == level).count() > 1;
            if *limit == 0 || !found && !later {
                return Err(
                    MigrationFault::StepLimit { level: level.clone(), limit: *limit }.into()
                );
            }
        }
        let (loads, targets) = (vec![0; limits.len()], vec![(0, 0); limits.len()]);
        let mut vertices = Self { chains, limits, loads, targets };
        vertices.aim(migration, rules);
        Ok(vertices)
    }

    /// Counts what is held before, and sets the targets.
    fn aim<N>(&mut self, migration: &Migration<N>, rules: &StepRules) {
        let mut after = vec![0; self.loads.len()];
        for unit in 0..migration.units.len() {
            let (old, new) = migration.holders(unit);
            for node in old {
                self.add(*node, 1);
            }
            for vertex in new.iter().flat_map(|node| self.chain(*node)) {
                if let Some(count) = after.get_mut(*vertex as usize) {
                    *count += 1;
                }
            }
        }
        let Some(quotas) = &rules.quotas else {
            self.targets = after.into_iter().map(|count| (count, count)).collect();
            return;
        };
        for (label, quotas) in quotas {
            let chain = migration.find(label).and_then(|node| self.chains.get(node as usize));
            for (vertex, quota) in chain.into_iter().flatten().zip(quotas) {
                if let Some(target) = self.targets.get_mut(*vertex as usize) {
                    *target = *quota;
                }
            }
        }
    }

    /// A node and its domains, the innermost first.
    pub(super) fn chain(&self, node: u32) -> &[u32] {
        self.chains.get(node as usize).map_or(&[], Vec::as_slice)
    }

    pub(super) fn limit(&self, vertex: u32) -> u32 {
        self.limits.get(vertex as usize).copied().or_slip()
    }

    /// True if a row may have one node for another: no domain of the new one then has more holders than
    /// its limit, or than the row at the beginning had.
    pub(super) fn admits(&self, first: &[u32], row: &[u32], (from, to): (u32, u32)) -> bool {
        self.chain(to).iter().skip(1).all(|domain| {
            if self.limit(*domain) == u32::MAX || self.chain(from).contains(domain) {
                return true;
            }
            let within =
                |row: &[u32]| row.iter().filter(|n| self.chain(**n).contains(domain)).count();
            within(row) < (self.limit(*domain) as usize).max(within(first))
        })
    }

    fn add(&mut self, node: u32, by: i64) {
        for vertex in self.chains.get(node as usize).into_iter().flatten() {
            if let Some(load) = self.loads.get_mut(*vertex as usize) {
                *load = load.saturating_add_signed(by);
            }
        }
    }

    /// How the sum of all distances changes if a replica goes from one node to another.
    pub(super) fn change(&self, from: Option<u32>, to: Option<u32>) -> i64 {
        let chain = |node: Option<u32>| node.map_or(&[][..], |node| self.chain(node));
        let (from, to) = (chain(from), chain(to));
        let less = from.iter().filter(|vertex| !to.contains(vertex));
        let more = to.iter().filter(|vertex| !from.contains(vertex));
        let less: i64 = less.map(|vertex| self.step(*vertex, -1)).sum();
        less + more.map(|vertex| self.step(*vertex, 1)).sum::<i64>()
    }

    /// How the distance of a vertex changes with its load.
    fn step(&self, vertex: u32, by: i64) -> i64 {
        let load = self.loads.get(vertex as usize).copied().or_slip();
        let (low, high) = self.targets.get(vertex as usize).copied().or_slip();
        let distance = |load: u64| low.saturating_sub(load) + load.saturating_sub(high);
        distance(load.saturating_add_signed(by)) as i64 - distance(load) as i64
    }

    pub(super) fn apply(&mut self, from: Option<u32>, to: Option<u32>) {
        if let Some(node) = from {
            self.add(node, -1);
        }
        if let Some(node) = to {
            self.add(node, 1);
        }
    }
}

/// What each node can hold.
pub(super) fn capacities<N>(
    migration: &Migration<N>,
    rules: &StepRules,
) -> Result<Vec<u128>, Error> {
    let mut capacities = vec![rules.capacity.unwrap_or(u128::MAX); migration.nodes.len()];
    for (label, capacity) in &rules.capacities {
        let node = migration.find(label).and_then(|node| capacities.get_mut(node as usize));
        *node.ok_or_else(|| NodeFault::Unknown { label: NodeLabel::shown(label) })? = *capacity;
    }
    Ok(capacities)
}
