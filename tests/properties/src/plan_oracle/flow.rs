//! The least movement as a min-cost flow, every edge written down:
//! source → partition → its domains, level by level → node → domains, innermost first → sink.

use super::{Bounds, Instance, Network, Table, bounds};
use crate::support::Draws;
use std::collections::BTreeMap;

/// Outweighs all costs of replicas together.
const MUST: i64 = 1 << 32;

/// The fewest moves of a balanced legal table; none if there is no such table.
pub fn min_moves(instance: &Instance) -> Option<u64> {
    let table = min_table(instance)?;
    let moves = table.iter().enumerate().map(|(p, set)| instance.moves(p, set));
    Some(moves.sum())
}

/// A balanced legal table with the fewest moves.
pub fn min_table(instance: &Instance) -> Option<Table> {
    solve(instance, |p, v| -i64::from(instance.held_before(p, v)))
}

/// Some balanced legal table, whatever the old one was.
pub fn fresh_table(instance: &Instance, draws: &mut Draws) -> Option<Table> {
    solve(instance, |_, _| draws.below(1 << 16) as i64)
}

/// A balanced legal table of least cost.
fn solve(instance: &Instance, cost: impl FnMut(usize, usize) -> i64) -> Option<Table> {
    Model::new(instance, &bounds(instance).ok()?, cost).solve(instance)
}

struct Model {
    network: Network,
    source: usize,
    sink: usize,
    /// Edges that are full in every balanced legal table: floors and pins.
    full: Vec<usize>,
    /// The edge of a partition to a node.
    slots: BTreeMap<(usize, usize), usize>,
}

impl Model {
    fn new(
        instance: &Instance,
        bounds: &Bounds,
        mut cost: impl FnMut(usize, usize) -> i64,
    ) -> Self {
        let mut network = Network::default();
        let (source, sink) = (network.vertex(), network.vertex());
        let mut model = Self { network, source, sink, full: Vec::new(), slots: BTreeMap::new() };
        let nodes = model.counters(instance, bounds);
        let domains = instance.domains();
        for p in 0..instance.partitions {
            let start = model.network.vertex();
            model.network.edge(source, start, instance.replicas as u64, 0);
            let mut at = BTreeMap::from([(Vec::new(), start)]);
            for domain in &domains {
                let within = at[&domain.path[..domain.path.len() - 1]];
                let here = model.network.vertex();
                let most = domain.cap.unwrap_or(instance.replicas as u64);
                model.network.edge(within, here, most, 0);
                at.insert(domain.path.clone(), here);
            }
            for (v, node) in instance.nodes.iter().enumerate() {
                if instance.may_have(p, v) {
                    let pinned = instance.pins.contains(&(p, v));
                    let cost = cost(p, v) - if pinned { MUST } else { 0 };
                    let edge = model.network.edge(at[&node.path], nodes[v], 1, cost);
                    model.slots.insert((p, v), edge);
                    model.full.extend(pinned.then_some(edge));
                }
            }
        }
        model
    }

    /// What counts the replicas of each node and each domain on the way to the sink; the vertices
    /// of the nodes.
    fn counters(&mut self, instance: &Instance, bounds: &Bounds) -> Vec<usize> {
        let mut at = BTreeMap::from([(Vec::new(), self.sink)]);
        for (domain, limits) in instance.domains().iter().zip(&bounds.domains) {
            let here = self.counter(at[&domain.path[..domain.path.len() - 1]], *limits);
            at.insert(domain.path.clone(), here);
        }
        let nodes = instance.nodes.iter().zip(&bounds.nodes);
        nodes.map(|(node, limits)| self.counter(at[&node.path], *limits)).collect()
    }

    fn counter(&mut self, towards: usize, (floor, ceil): (u64, u64)) -> usize {
        let here = self.network.vertex();
        let must = self.network.edge(here, towards, floor, -MUST);
        self.network.edge(here, towards, ceil - floor, 0);
        self.full.push(must);
        here
    }

    fn solve(mut self, instance: &Instance) -> Option<Table> {
        // As many of these edges as can be are full, since each outweighs everything else.
        let sent = self.network.send(self.source, self.sink, instance.total());
        let pinned = |(p, v): &(usize, usize)| self.slots.contains_key(&(*p, *v));
        if !sent
            || !instance.pins.iter().all(pinned)
            || !self.full.iter().all(|&e| self.network.is_full(e))
        {
            return None;
        }
        let mut table = vec![Vec::new(); instance.partitions];
        for ((p, v), edge) in &self.slots {
            if self.network.flow(*edge) == 1 {
                table[*p].push(*v);
            }
        }
        Some(table)
    }
}
