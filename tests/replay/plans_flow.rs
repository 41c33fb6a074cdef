//! Whether any table is balanced under pins and frozen partitions: a flow with lower bounds.

use super::plans_cluster::{Cluster, Rows};
use super::plans_quota::Quotas;
use std::collections::BTreeMap;

/// `before` are the holders under as many partitions as there are now.
pub fn possible(cluster: &Cluster, quotas: &Quotas, before: Option<&Rows>) -> bool {
    let mut net = Network::default();
    let domains = cluster.domains();
    let (source, sink, root) = (net.vertex(), net.vertex(), net.vertex());
    let places: BTreeMap<&Vec<u8>, usize> =
        domains.keys().map(|path| (path, net.vertex())).collect();
    let place = |path: &[u8]| if path.is_empty() { root } else { places[&path.to_vec()] };
    for (path, bounds) in &quotas.domains {
        net.bounded(place(path), place(&path[..path.len() - 1]), bounds.0, bounds.1);
    }
    let mut leaves = Vec::new();
    for (node, bounds) in cluster.nodes.iter().zip(&quotas.nodes) {
        let leaf = net.vertex();
        net.bounded(leaf, place(&node.path), bounds.0, bounds.1);
        leaves.push(leaf);
    }
    let each = u64::from(cluster.replicas);
    net.bounded(root, sink, 0, each * u64::from(cluster.partitions));
    for p in 0..cluster.partitions {
        let pins = cluster.pins_of(p);
        let fixed = before.filter(|_| cluster.frozen.contains(&p)).map(|rows| &rows[p as usize]);
        let first = net.vertex();
        net.bounded(source, first, each, each);
        let mut inner: BTreeMap<&[u8], usize> = BTreeMap::from([(&[][..], first)]);
        for (path, (_, limit)) in &domains {
            let vertex = net.vertex();
            let most = limit.map_or(each, u64::from);
            net.bounded(inner[&path[..path.len() - 1]], vertex, 0, most);
            inner.insert(path, vertex);
        }
        for (node, leaf) in cluster.nodes.iter().zip(&leaves) {
            let must =
                pins.contains(&node.name) || fixed.is_some_and(|row| row.contains(&node.name));
            let may = must || fixed.is_none();
            net.bounded(inner[&node.path[..]], *leaf, must.into(), may.into());
        }
    }
    net.bounded(sink, source, 0, u64::MAX >> 1);
    net.feasible()
}

#[derive(Default)]
struct Network {
    /// To whom, and what may still go there; an edge and its reverse follow one another.
    edges: Vec<(usize, u64)>,
    from: Vec<Vec<usize>>,
    /// What lower bounds bring to each vertex, and take from it.
    needs: Vec<(u64, u64)>,
}

impl Network {
    fn vertex(&mut self) -> usize {
        self.from.push(Vec::new());
        self.needs.push((0, 0));
        self.from.len() - 1
    }

    fn edge(&mut self, a: usize, b: usize, most: u64) {
        self.from[a].push(self.edges.len());
        self.from[b].push(self.edges.len() + 1);
        self.edges.extend([(b, most), (a, 0)]);
    }

    fn bounded(&mut self, a: usize, b: usize, least: u64, most: u64) {
        self.edge(a, b, most - least);
        self.needs[b].0 += least;
        self.needs[a].1 += least;
    }

    fn feasible(mut self) -> bool {
        let needs = std::mem::take(&mut self.needs);
        let (source, sink) = (self.vertex(), self.vertex());
        let mut left = 0;
        for (v, (brought, taken)) in needs.into_iter().enumerate() {
            let both = brought.min(taken);
            self.edge(source, v, brought - both);
            self.edge(v, sink, taken - both);
            left += brought - both;
        }
        while left > 0 {
            let mut seen = vec![false; self.from.len()];
            let sent = self.send(source, sink, left, &mut seen);
            if sent == 0 {
                return false;
            }
            left -= sent;
        }
        true
    }

    fn send(&mut self, at: usize, sink: usize, most: u64, seen: &mut [bool]) -> u64 {
        if at == sink {
            return most;
        }
        seen[at] = true;
        for i in 0..self.from[at].len() {
            let edge = self.from[at][i];
            let (next, room) = self.edges[edge];
            if room == 0 || seen[next] {
                continue;
            }
            let sent = self.send(next, sink, most.min(room), seen);
            if sent > 0 {
                self.edges[edge].1 -= sent;
                self.edges[edge ^ 1].1 += sent;
                return sent;
            }
        }
        0
    }
}
