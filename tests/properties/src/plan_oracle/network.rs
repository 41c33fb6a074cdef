//! Min-cost flow by successive shortest paths, each found by Bellman and Ford's relaxations.

use std::collections::VecDeque;

struct Edge {
    to: usize,
    room: u64,
    cost: i64,
}

/// Edges come in pairs: the reverse of edge `e` is `e ^ 1`.
#[derive(Default)]
pub struct Network {
    edges: Vec<Edge>,
    leaving: Vec<Vec<usize>>,
}

impl Network {
    pub fn vertex(&mut self) -> usize {
        self.leaving.push(Vec::new());
        self.leaving.len() - 1
    }

    /// The number of the new edge.
    pub fn edge(&mut self, from: usize, to: usize, room: u64, cost: i64) -> usize {
        let number = self.edges.len();
        self.leaving[from].push(number);
        self.leaving[to].push(number + 1);
        self.edges.push(Edge { to, room, cost });
        self.edges.push(Edge { to: from, room: 0, cost: -cost });
        number
    }

    /// The edge's flow after [`send`](Self::send).
    pub fn flow(&self, edge: usize) -> u64 {
        self.edges[edge ^ 1].room
    }

    pub fn is_full(&self, edge: usize) -> bool {
        self.edges[edge].room == 0
    }

    /// Sends this much at least cost, and says whether all of it went.
    pub fn send(&mut self, source: usize, sink: usize, amount: u64) -> bool {
        let mut left = amount;
        while left > 0 {
            let Some(path) = self.shortest(source, sink) else { return false };
            let narrowest = path.iter().map(|&e| self.edges[e].room).min().unwrap_or(0);
            let amount = narrowest.min(left);
            for e in path {
                self.edges[e].room -= amount;
                self.edges[e ^ 1].room += amount;
            }
            left -= amount;
        }
        true
    }

    fn shortest(&self, source: usize, sink: usize) -> Option<Vec<usize>> {
        let mut best = vec![i64::MAX; self.leaving.len()];
        let mut by = vec![usize::MAX; self.leaving.len()];
        let mut queued = vec![false; self.leaving.len()];
        let mut queue = VecDeque::from([source]);
        best[source] = 0;
        while let Some(at) = queue.pop_front() {
            queued[at] = false;
            for &e in &self.leaving[at] {
                let Edge { to, room, cost } = self.edges[e];
                if room > 0 && best[at] + cost < best[to] {
                    best[to] = best[at] + cost;
                    by[to] = e;
                    if !std::mem::replace(&mut queued[to], true) {
                        queue.push_back(to);
                    }
                }
            }
        }
        let mut path = Vec::new();
        let mut at = sink;
        while at != source {
            let e = *by.get(at).filter(|&&e| e != usize::MAX)?;
            path.push(e);
            at = self.edges[e ^ 1].to;
        }
        Some(path)
    }
}
