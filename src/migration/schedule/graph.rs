//! Transfers as edges of a graph, and the bound that follows from its degrees.
//!
//! ```text
//! separate limits: a node is two vertices         a joint limit: a node is one vertex
//!
//!   a sends ●────────● a receives                     a ●──────● b
//!            ╲      ╱                                    ╲    ╱
//!             ╲    ╱     every edge joins a sender        ╲  ╱   edges have no direction,
//!              ╲  ╱      and a receiver: bipartite         ●     odd cycles are possible
//!   b sends ●───╳──── ● b receives                         c
//! ```
//!
//! A round is a set of edges of which each vertex has at most as many as its capacity. A vertex of
//! degree d and capacity c therefore needs ⌈d / c⌉ rounds. A transfer without a source is an edge
//! with one end.

use super::cells::{add, at, put};
use alloc::vec;
use alloc::vec::Vec;

/// No vertex, no port, no transfer.
pub(super) const NONE: u32 = u32::MAX;

/// How many transfers a node takes part in at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Limit {
    Each { send: u32, receive: u32 },
    Joint(u32),
}

/// A transfer by numbers: its unit, its source if there is one, its destination.
pub(super) type Numbers = (u32, Option<u32>, u32);

#[derive(Debug)]
pub(super) struct Graph {
    /// Of each transfer: the vertex that sends, `NONE` without a source, and the one that receives.
    pub(super) ends: Vec<[u32; 2]>,
    pub(super) capacities: Vec<u32>,
    /// Where the edges of each vertex begin in `edges`, and the end of the last.
    starts: Vec<u32>,
    edges: Vec<u32>,
}

impl Graph {
    /// `limits`: of all nodes by number, each above 0. O(transfers + nodes).
    pub(super) fn new(transfers: &[Numbers], limits: &[Limit]) -> Self {
        let mut capacities = Vec::with_capacity(2 * limits.len());
        for limit in limits {
            capacities.extend(match *limit {
                Limit::Each { send, receive } => [send, receive],
                Limit::Joint(both) => [both, 0],
            });
        }
        let receiver = |node: u32| match limits.get(node as usize) {
            Some(Limit::Joint(_)) => 2 * node,
            _ => 2 * node + 1,
        };
        let edge = |&(_, from, to): &Numbers| {
            let to = receiver(to);
            [from.map(|node| 2 * node).filter(|from| *from != to).unwrap_or(NONE), to]
        };
        let ends: Vec<[u32; 2]> = transfers.iter().map(edge).collect();
        let mut starts = vec![0; capacities.len() + 1];
        for vertex in ends.iter().flatten().filter(|vertex| **vertex != NONE) {
            add(&mut starts, vertex + 1, 1);
        }
        let mut total = 0;
        for start in &mut starts {
            total += *start;
            *start = total;
        }
        let mut next = starts.clone();
        let mut edges = vec![0; total as usize];
        for (edge, pair) in (0..).zip(&ends) {
            for vertex in pair.iter().filter(|vertex| **vertex != NONE) {
                put(&mut edges, at(&next, *vertex), edge);
                add(&mut next, *vertex, 1);
            }
        }
        Self { ends, capacities, starts, edges }
    }

    pub(super) fn vertices(&self) -> u32 {
        self.capacities.len() as u32
    }

    /// The transfers of a vertex, in their order.
    pub(super) fn edges(&self, vertex: u32) -> &[u32] {
        let range = at(&self.starts, vertex) as usize..at(&self.starts, vertex + 1) as usize;
        self.edges.get(range).unwrap_or_default()
    }

    pub(super) fn degree(&self, vertex: u32) -> u32 {
        self.edges(vertex).len() as u32
    }

    /// The vertex at the other end, `NONE` without a source.
    pub(super) fn across(&self, edge: u32, vertex: u32) -> u32 {
        let [a, b] = at(&self.ends, edge);
        if a == vertex { b } else { a }
    }

    /// The maximum over the vertices of ⌈degree / capacity⌉.
    pub(super) fn bound(&self) -> u32 {
        let rounds = |vertex| self.degree(vertex).div_ceil(at(&self.capacities, vertex).max(1));
        (0..self.vertices()).map(rounds).max().unwrap_or(0)
    }
}
