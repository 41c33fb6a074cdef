//! How many points the nodes of the native ring have.

use super::{RingConfig, Scale};
use crate::error::{Error, Kind, Label};
use crate::topology::Members;

/// How many points each node has, checked against the budget.
#[allow(unnameable_types)] // part of the seal
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Planner {
    scale: Option<Scale>,
    total: u64,
    #[cfg_attr(not(feature = "serde"), allow(dead_code))]
    live: u64,
}

impl Planner {
    /// Plans with the scale a ring has, or chooses one if it has none yet.
    pub(super) fn new(
        config: &RingConfig,
        scale: Option<Scale>,
        members: &Members,
    ) -> Result<Self, Error> {
        let live = members.live();
        let scale = scale.or_else(|| config.choose(live, members.total_weight()));
        let mut total = 0_u128;
        for (_, member) in members.live_entries() {
            let points = scale.map_or(0, |s| s.points_of(member.weight.get()));
            total += points;
            if total > u128::from(config.budget) {
                let (label, budget) = (Label::new(&member.label), config.budget);
                return Err(Kind::PointBudget { label, points, total, budget }.into());
            }
        }
        Ok(Self { scale, total: total as u64, live: live as u64 })
    }

    /// No nodes yet, and the scale for those to come.
    #[cfg(feature = "serde")]
    pub(super) fn of_scale(scale: Option<Scale>) -> Self {
        Self { scale, total: 0, live: 0 }
    }

    pub(crate) fn scale(&self) -> Option<Scale> {
        self.scale
    }

    pub(super) fn total(&self) -> usize {
        self.total as usize
    }

    /// Points of a node; within the budget, which fits 32 bits.
    #[inline]
    pub(super) fn count(&self, weight: u64) -> u32 {
        self.scale.map_or(0, |s| s.points_of(weight) as u32)
    }

    /// Refuses a saved ring that is out of proportion to its nodes.
    #[cfg(feature = "serde")]
    pub(super) fn check_restore(&self, limit: crate::placement::RestoreLimit) -> Result<(), Error> {
        let limit = limit.of(self.live);
        if self.total > limit {
            let points = u128::from(self.total);
            return Err(Kind::Saved(crate::error::SavedFault::Points { points, limit }).into());
        }
        Ok(())
    }
}
