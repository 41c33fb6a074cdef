//! Which connected components meet the bound without further ado, and which are halved.
//!
//! ```text
//! bipartite                 not bipartite, room in even capacities     neither
//! ● ● ●                          ●───●                                    ●───●
//! │╲│╱│                           ╲ ╱   each capacity counts as            ╲ ╱   capacity 1:
//! ● ● ●                            ●    2·⌊c / 2⌋                           ●    3 rounds, not 2
//! Kőnig 1916: the bound     halved along Eulerian trails: the bound    Shannon 1949: 3/2 of it
//! ```
//!
//! Separate limits make every component bipartite, and so do joint limits where no node both sends
//! and receives.

use super::cells::{at, put};
use super::graph::{Graph, NONE};
use crate::steps;
use alloc::vec;
use alloc::vec::Vec;

#[derive(Debug)]
pub(super) struct Components {
    /// Vertices whose edges are divided into two halves.
    pub(super) halved: Vec<bool>,
    /// True if some component is neither bipartite nor halved.
    pub(super) odd: bool,
    /// Rounds that every schedule needs, because a round has room for so many edges of a component.
    pub(super) min_rounds: u32,
}

impl Components {
    /// For a schedule of this many rounds. O(transfers + nodes).
    pub(super) fn new(graph: &Graph, rounds: u32) -> Self {
        let mut found =
            Self { halved: vec![false; graph.vertices() as usize], odd: false, min_rounds: 0 };
        let mut sides = vec![0_u8; graph.vertices() as usize];
        let mut members = Vec::new();
        for first in 0..graph.vertices() {
            if at(&sides, first) == 0 && graph.degree(first) > 0 {
                let bipartite = visit(graph, first, &mut sides, &mut members);
                found.classify(graph, rounds, bipartite, &members);
            }
        }
        found
    }

    fn classify(&mut self, graph: &Graph, rounds: u32, bipartite: bool, members: &[u32]) {
        let (mut ends, mut room) = (0, 0);
        let mut even = true;
        for vertex in members {
            let (degree, capacity) = (graph.degree(*vertex), at(&graph.capacities, *vertex));
            let two_ends = |edge: &&u32| graph.across(**edge, *vertex) != NONE;
            ends += graph.edges(*vertex).iter().filter(two_ends).count() as u64;
            room += u64::from(degree.min(capacity));
            even &= u64::from(degree) <= u64::from(capacity / 2 * 2) * u64::from(rounds);
        }
        self.min_rounds = self.min_rounds.max((ends / 2).div_ceil((room / 2).max(1)) as u32);
        if !bipartite && even {
            for vertex in members {
                put(&mut self.halved, *vertex, true);
            }
        }
        self.odd |= !bipartite && !even;
    }
}

/// Lists the vertices that are connected with the first one; true if two sides part them, so that
/// every edge goes from one side to the other.
fn visit(graph: &Graph, first: u32, sides: &mut [u8], members: &mut Vec<u32>) -> bool {
    let mut bipartite = true;
    members.clear();
    members.push(first);
    put(sides, first, 1);
    let mut next = 0;
    while let Some(&vertex) = members.get(next) {
        next += 1;
        let side = at(sides, vertex);
        for edge in graph.edges(vertex) {
            steps::count(1);
            let neighbour = graph.across(*edge, vertex);
            if neighbour == NONE {
                continue;
            }
            match at(sides, neighbour) {
                0 => {
                    put(sides, neighbour, 3 - side);
                    members.push(neighbour);
                }
                other => bipartite &= other != side,
            }
        }
    }
    bipartite
}
