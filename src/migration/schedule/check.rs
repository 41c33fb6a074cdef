//! Checks a schedule against transfers and limits, apart from how it was made.

use super::cells::{add, at, put};
use super::graph::{Graph, NONE, Numbers};
use super::limits::NodeLimits;
use super::schedule::Schedule;
use super::units::Units;
use crate::error::{Label, ScheduleFault};
use alloc::vec;
use alloc::vec::Vec;

impl Schedule {
    /// Checks the number of transfers, the bound, and what takes place in each round. `shown` has the
    /// label of a node.
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
        let bound = graph.bound().max(Units::new(transfers).max_transfers);
        if self.bound() != bound {
            return Err(ScheduleFault::Bound { claimed: self.bound(), found: bound });
        }
        if let Some(unit) = self.extra_unit() {
            let several = transfers.iter().filter(|(of, ..)| *of as usize == unit).count() > 1;
            if !several {
                return Err(ScheduleFault::ExtraUnit { unit });
            }
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
}
