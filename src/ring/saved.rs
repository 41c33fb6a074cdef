//! What a ring saves beyond the nodes: its scale and its budget.

use super::points::Planner;
use super::{Ring, RingConfig, Scale};
use crate::error::{Error, Kind, SavedFault};
use crate::placement::{RestoreLimit, State, sealed};
use crate::topology::Members;

impl sealed::Sealed for Ring {
    fn save(&self) -> State {
        let config = &self.config;
        // A scale that was asked for and one that was chosen are saved alike.
        let chosen = self.scale.map(|s| (s.points(), s.weight())).or(config.scale);
        let points_per_node = config.points_per_node;
        State::Ring { points_per_node, scale: chosen, budget: config.budget }
    }

    fn restore(state: State, members: &Members, limit: RestoreLimit) -> Result<Self, Error> {
        let State::Ring { points_per_node, scale, budget } = state else {
            return Err(state.not("ring"));
        };
        let config = RingConfig::default().points_per_node(points_per_node).budget(budget);
        config.check()?;
        let ratio = |(points, weight)| {
            let fault = || Error::from(Kind::Saved(SavedFault::Scale { points, weight }));
            Scale::new(points, weight).ok_or_else(fault)
        };
        let scale = scale.map(ratio).transpose()?;
        Planner::new(&config, scale, members)?.check_restore(limit)?;
        Self::new(&config, scale, members)
    }
}
