//! Ports: a vertex of capacity c becomes c ports, each of which carries one transfer a round.
//!
//! ```text
//! capacity 3, degree 7            3 ports of degrees 3, 2, 2
//!
//!  0 1 2 3 4 5 6                  0 3 6     1 4     2 5
//!   ╲╲╲│╱╱╱            ─────►      ╲│╱       ╲╱      ╲╱
//!      ●                            ●         ●       ●
//! ```
//!
//! The edges go to the ports in turn, so a port has at most ⌈degree / capacity⌉ of them. A schedule
//! is now a proper edge colouring: edges that share a port have different rounds. A vertex that is
//! halved gives its ports to edges that leave it and to edges that enter it, half of them each.

use super::cells::{add, at, put};
use super::components::Components;
use super::euler;
use super::graph::{Graph, NONE};
use alloc::vec;
use alloc::vec::Vec;

#[derive(Debug)]
pub(super) struct Ports {
    /// The two ports of each transfer; the first is `NONE` without a source.
    pub(super) ends: Vec<[u32; 2]>,
    /// How many transfers each port has.
    pub(super) degrees: Vec<u32>,
}

impl Ports {
    /// At most two ports a transfer. O(transfers + nodes).
    pub(super) fn new(graph: &Graph, components: &Components) -> Self {
        let mut ports = Self { ends: vec![[NONE; 2]; graph.ends.len()], degrees: Vec::new() };
        let halved = &components.halved;
        let reversed =
            if halved.contains(&true) { euler::orient(graph, halved) } else { Vec::new() };
        let mut halves = [Vec::new(), Vec::new()];
        for vertex in 0..graph.vertices() {
            let capacity = at(&graph.capacities, vertex);
            if !at(halved, vertex) {
                ports.deal(graph, vertex, graph.edges(vertex), capacity);
                continue;
            }
            halves.iter_mut().for_each(Vec::clear);
            let [leaving, entering] = &mut halves;
            for edge in graph.edges(vertex) {
                let first = at(&graph.ends, *edge).first() == Some(&vertex);
                let leaves = first != at(&reversed, *edge);
                if leaves { &mut *leaving } else { &mut *entering }.push(*edge);
            }
            for half in &halves {
                ports.deal(graph, vertex, half, capacity / 2);
            }
        }
        ports
    }

    /// Deals some edges of a vertex to ports of their own, in turn.
    fn deal(&mut self, graph: &Graph, vertex: u32, edges: &[u32], ports: u32) {
        let ports = ports.min(edges.len() as u32);
        let first = self.degrees.len() as u32;
        self.degrees.resize((first + ports) as usize, 0);
        for (place, edge) in (0..).zip(edges) {
            let port = first + place % ports.max(1);
            add(&mut self.degrees, port, 1);
            let [a, b] = at(&self.ends, *edge);
            let is_first = at(&graph.ends, *edge).first() == Some(&vertex);
            put(&mut self.ends, *edge, if is_first { [port, b] } else { [a, port] });
        }
    }
}
