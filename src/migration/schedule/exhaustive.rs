//! The minimum number of rounds of a small migration, by trying everything.
//!
//! Keeping the transfers of a unit apart, and odd joint limits, are hard problems (a triangle of
//! nodes that may each take part in one transfer needs three rounds, not two). In a migration of a
//! few transfers everything can be tried, which finds a schedule in fewer rounds or proves that there
//! is none.

use super::cells::{at, put};
use super::graph::{Graph, NONE};
use super::units::Units;
use crate::steps;
use alloc::vec;
use alloc::vec::Vec;

/// Transfers of a migration that is searched.
pub(super) const MAX_TRANSFERS: usize = 24;

/// Rounds tried for transfers, after which the search gives up.
const MAX_STEPS: u32 = 1 << 16;

#[derive(Debug)]
pub(super) enum Search {
    Found(Vec<u32>),
    Impossible,
    GaveUp,
}

/// Searches for a schedule in so many rounds.
pub(super) fn search(graph: &Graph, units: &Units, rounds: u32) -> Search {
    let transfers = graph.ends.len() as u32;
    let degree = |vertex: &u32| if *vertex == NONE { 0 } else { graph.degree(*vertex) };
    let mut order: Vec<u32> = (0..transfers).collect();
    order.sort_by_key(|transfer| {
        let ends = at(&graph.ends, *transfer);
        core::cmp::Reverse(ends.iter().map(degree).sum::<u32>())
    });
    let mut trial =
        Trial { graph, units, rounds, order, round_of: vec![NONE; transfers as usize], steps: 0 };
    match trial.place(0, 0) {
        Some(true) => Search::Found(trial.round_of),
        Some(false) => Search::Impossible,
        None => Search::GaveUp,
    }
}

struct Trial<'a> {
    graph: &'a Graph,
    units: &'a Units,
    rounds: u32,
    order: Vec<u32>,
    round_of: Vec<u32>,
    steps: u32,
}

impl Trial<'_> {
    /// Places the transfers from `next` on; `used` rounds have transfers, and the others are all
    /// alike. `None` if it gave up. As deep as there are transfers.
    fn place(&mut self, next: usize, used: u32) -> Option<bool> {
        let Some(&transfer) = self.order.get(next) else { return Some(true) };
        let ends = at(&self.graph.ends, transfer);
        for round in 0..self.rounds.min(used + 1) {
            steps::count(1);
            self.steps += 1;
            if self.steps > MAX_STEPS {
                return None;
            }
            let has_room = |vertex: &u32| {
                let edges = self.graph.edges(*vertex).iter();
                let load = edges.filter(|edge| at(&self.round_of, **edge) == round).count();
                load < at(&self.graph.capacities, *vertex) as usize
            };
            if !ends.iter().filter(|vertex| **vertex != NONE).all(has_room)
                || self.units.busy(&self.round_of, transfer, round)
            {
                continue;
            }
            put(&mut self.round_of, transfer, round);
            let placed = self.place(next + 1, used.max(round + 1));
            if placed != Some(false) {
                return placed;
            }
            put(&mut self.round_of, transfer, NONE);
        }
        Some(false)
    }
}
