//! Eulerian trails: a direction for every edge, so that about half of a vertex's edges leave it.
//!
//! ```text
//! degree 4, capacity 2                            capacity 1 + 1, degree 2 + 2
//!
//!        ╲   ╱                ╲   ╱                 ╲  ╱
//!         ╲ ╱    trails        ▼ ▲     split         ▼▼  ● enters
//!          ●     ─────►         ●      ─────►
//!         ╱ ╲                  ▲ ▼                   ▲▲  ● leaves
//!        ╱   ╲                ╱   ╲                 ╱  ╲
//! ```
//!
//! A vertex of degree d is left by at most ⌈d / 2⌉ edges and entered by at most ⌈d / 2⌉. Split into
//! a vertex that is left and one that is entered, with half of the capacity each, it still needs no
//! more than ⌈d / c⌉ rounds if c is even, and the graph has become bipartite (J. Petersen, 1891;
//! S. L. Hakimi & O. Kariv, "A generalization of edge-coloring in graphs", 1986).
//!
//! Trails that begin or end without a vertex, at an edge with one end, are walked first; then those
//! that begin at a vertex whose remaining degree is odd; what is left are closed trails. So each
//! vertex is the end of at most one trail, and its two halves differ by at most one.

use super::cells::{add, at, put};
use super::graph::{Graph, NONE};
use crate::steps;
use alloc::vec;
use alloc::vec::Vec;

/// True for edges that are walked from their second end to their first. Only edges of vertices that
/// are `halved` are walked. O(transfers + nodes).
pub(super) fn orient(graph: &Graph, halved: &[bool]) -> Vec<bool> {
    let mut walk = Walk {
        graph,
        next: vec![0; graph.vertices() as usize],
        left: (0..graph.vertices()).map(|vertex| graph.degree(vertex)).collect(),
        walked: vec![false; graph.ends.len()],
        reversed: vec![false; graph.ends.len()],
    };
    for (edge, &[from, to]) in (0..).zip(&graph.ends) {
        if from == NONE && at(halved, to) && !at(&walk.walked, edge) {
            walk.step(edge, NONE);
            walk.trail(to);
        }
    }
    let vertices = || (0..graph.vertices()).filter(|vertex| at(halved, *vertex));
    for vertex in vertices() {
        if at(&walk.left, vertex) % 2 == 1 {
            walk.trail(vertex);
        }
    }
    for vertex in vertices() {
        while at(&walk.left, vertex) > 0 {
            walk.trail(vertex);
        }
    }
    walk.reversed
}

struct Walk<'a> {
    graph: &'a Graph,
    /// How many edges of each vertex were looked at.
    next: Vec<u32>,
    /// How many edges of each vertex are not walked yet.
    left: Vec<u32>,
    walked: Vec<bool>,
    reversed: Vec<bool>,
}

impl Walk<'_> {
    /// Walks from a vertex until no edge leads on.
    fn trail(&mut self, mut vertex: u32) {
        while vertex != NONE {
            let Some(&edge) = self.graph.edges(vertex).get(at(&self.next, vertex) as usize) else {
                return;
            };
            add(&mut self.next, vertex, 1);
            if !at(&self.walked, edge) {
                self.step(edge, vertex);
                vertex = self.graph.across(edge, vertex);
            }
        }
    }

    fn step(&mut self, edge: u32, from: u32) {
        steps::count(1);
        let ends = at(&self.graph.ends, edge);
        put(&mut self.walked, edge, true);
        put(&mut self.reversed, edge, ends != [from, self.graph.across(edge, from)]);
        for vertex in ends.into_iter().filter(|vertex| *vertex != NONE) {
            let left = at(&self.left, vertex).saturating_sub(1);
            put(&mut self.left, vertex, left);
        }
    }
}
