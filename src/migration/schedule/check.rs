//! Checks a schedule against transfers and limits, apart from how it was made.

use super::cells::{add, at, put};
use super::components::Components;
use super::exhaustive::{MAX_TRANSFERS, Search, search};
use super::graph::{Graph, NONE, Numbers};
use super::limits::NodeLimits;
use super::optimality::Optimality;
use super::schedule::Schedule;
use super::units::Units;
use crate::error::{Label, ScheduleFault};
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

impl Schedule {
    /// Checks the number of transfers, the bound, what is said of the number of rounds, and what takes
    /// place in each. `shown` has the label of a node.
    pub(crate) fn check(
        &self,
        transfers: &[Numbers],
        limits: &NodeLimits,
        shown: impl Fn(u32) -> Label,
    ) -> Result<(), ScheduleFault> {
        let (found, wanted) = (self.rounds_of().len(), transfers.len());
        if found != wanted {
            return Err(ScheduleFault::Transfers { found, wanted });
        }
        let graph = Graph::new(transfers, &limits.0);
        let units = Units::new(transfers);
        let bound = graph.bound().max(units.max_transfers);
        if self.bound() != bound {
            return Err(ScheduleFault::Bound { claimed: self.bound(), found: bound });
        }
        if let Some(unit) = self.extra_unit() {
            let several = transfers.iter().filter(|(of, ..)| *of as usize == unit).count() > 1;
            if !several {
                return Err(ScheduleFault::ExtraUnit { unit });
            }
        }
        if self.rounds() > bound {
            self.check_claim(&graph, &units)?;
        }
        let mut used = vec![0_u32; graph.capacities.len()];
        let mut units: Vec<u32> = Vec::new();
        for (round, members) in (0..).zip(self.iter()) {
            units.clear();
            units.extend(members.iter().map(|transfer| at(transfers, *transfer).0));
            units.sort_unstable();
            if let Some([unit, _]) = units.windows(2).find(|pair| pair.first() == pair.last()) {
                return Err(ScheduleFault::UnitTwice { unit: *unit, round });
            }
            let ends = |transfer: &u32| at(&graph.ends, *transfer);
            for vertex in members.iter().flat_map(ends).filter(|vertex| *vertex != NONE) {
                add(&mut used, vertex, 1);
                let limit = at(&graph.capacities, vertex);
                if at(&used, vertex) > limit {
                    let node = shown(vertex / 2);
                    return Err(ScheduleFault::OverLimit { node, round, limit });
                }
            }
            for vertex in members.iter().flat_map(ends).filter(|vertex| *vertex != NONE) {
                put(&mut used, vertex, 0);
            }
        }
        Ok(())
    }

    /// Checks what is said of the number of rounds, where it is above the bound.
    fn check_claim(&self, graph: &Graph, units: &Units) -> Result<(), ScheduleFault> {
        let components = Components::new(graph, self.bound());
        let false_claim = |why| {
            let (claim, rounds) = (format!("{}", self.optimality()), self.rounds());
            Err(ScheduleFault::Claim { claim, rounds, bound: self.bound(), why })
        };
        if !components.odd && self.extra_unit().is_none() {
            return false_claim("no unit needs extra rounds, and these limits need none");
        }
        match self.optimality() {
            Optimality::Optimal => {
                let fewer = self.rounds() - 1;
                let needed = fewer < components.min_rounds
                    || graph.ends.len() <= MAX_TRANSFERS
                        && matches!(search(graph, units, fewer), Search::Impossible);
                if !needed {
                    return false_claim("nothing shows that one round fewer is too few");
                }
            }
            Optimality::OptimalButForUnits if components.odd => {
                return false_claim("odd joint limits of nodes may need extra rounds as well");
            }
            Optimality::WithinThreeHalves | Optimality::WithinThree if !components.odd => {
                return false_claim("no odd joint limits of nodes stand in the way of the bound");
            }
            _ => {}
        }
        Ok(())
    }
}
