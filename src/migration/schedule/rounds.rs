//! From transfers and limits to rounds.

use super::cells::{at, put};
use super::colouring::Colouring;
use super::components::Components;
use super::exhaustive::{MAX_TRANSFERS, Search, search};
use super::graph::{Graph, Limit, NONE, Numbers};
use super::optimality::Optimality;
use super::ports::Ports;
use super::units::Units;
use alloc::vec;
use alloc::vec::Vec;

/// The rounds of transfers, and what is known of them.
#[derive(Debug)]
pub(super) struct Rounds {
    pub(super) round_of: Vec<u32>,
    pub(super) number: u32,
    pub(super) bound: u32,
    pub(super) guarantee: Optimality,
    /// A transfer that had to be kept apart from another one of its unit.
    pub(super) forcing: Option<u32>,
}

impl Rounds {
    pub(super) fn new(transfers: &[Numbers], limits: &[Limit]) -> Self {
        let graph = Graph::new(transfers, limits);
        let mut units = Units::new(transfers);
        let bound = graph.bound().max(units.max_transfers);
        let components = Components::new(&graph, bound);
        let minimum = bound.max(components.min_rounds);
        let (round_of, rounds, forcing) = coloured(&graph, &mut units, &components, minimum);
        let mut found =
            Self { round_of, number: rounds, bound, guarantee: Optimality::Optimal, forcing };
        let proved = found.search(&graph, &units, minimum);
        found.guarantee = match (found.number > proved, components.odd) {
            (false, _) => Optimality::Optimal,
            (true, false) => Optimality::OptimalButForUnits,
            (true, true) if found.number <= bound + bound / 2 => Optimality::WithinThreeHalves,
            (true, true) => Optimality::WithinThree,
        };
        found.forcing = forcing.filter(|_| found.number > bound);
        found
    }

    /// Tries everything if there are few transfers. Returns the rounds that are certainly needed.
    fn search(&mut self, graph: &Graph, units: &Units, mut minimum: u32) -> u32 {
        if graph.ends.len() > MAX_TRANSFERS {
            return minimum;
        }
        while minimum < self.number {
            match search(graph, units, minimum) {
                Search::Found(round_of) => {
                    (self.round_of, self.number) = (round_of, minimum);
                }
                Search::Impossible => minimum += 1,
                Search::GaveUp => break,
            }
        }
        minimum
    }
}

/// Colours the transfers in as few rounds as it can, from a minimum on: rounds of the transfers,
/// their number, and a transfer for the sake of whose unit the last round was added.
pub(super) fn coloured(
    graph: &Graph,
    units: &mut Units,
    components: &Components,
    minimum: u32,
) -> (Vec<u32>, u32, Option<u32>) {
    let ports = Ports::new(graph, components);
    let spare = if components.odd { minimum / 2 } else { 0 };
    let mut colouring = Colouring::new(&ports, minimum, spare);
    for transfer in units.order() {
        while !colouring.insert(units, transfer) {
            colouring.widen();
        }
    }
    let mut forcing = None;
    while let Some(transfer) = units.separate(&mut colouring) {
        forcing = Some(transfer);
        colouring.widen();
    }
    let (rounds, round_of) = (colouring.rounds, colouring.round_of);
    let (round_of, used) = without_empty_rounds(round_of, rounds);
    (round_of, used, forcing)
}

/// Rounds that were added may have emptied others.
fn without_empty_rounds(mut round_of: Vec<u32>, rounds: u32) -> (Vec<u32>, u32) {
    let mut numbers = vec![NONE; rounds as usize];
    for round in &round_of {
        put(&mut numbers, *round, 0);
    }
    let mut used = 0;
    for number in numbers.iter_mut().filter(|number| **number != NONE) {
        *number = used;
        used += 1;
    }
    for round in &mut round_of {
        *round = at(&numbers, *round);
    }
    (round_of, used)
}
