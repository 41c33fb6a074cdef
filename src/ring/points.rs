//! Where a node's points are.

use super::{RingConfig, Scale};
use crate::error::{Error, Kind, Label};
use crate::hash::mix::{mix, word};
use crate::topology::{Member, Members};

/// Separates points from every other word derived from an identity.
const DOMAIN: u64 = 0x7269_6E67_706F_696E;

/// The points of a node: the SplitMix64 stream that starts at its mixed identity hash. They depend
/// on the label alone, so the first k points are the same whatever the weight is.
#[inline]
pub(super) fn points_of(identity: u64, count: u32) -> impl Iterator<Item = u64> {
    let seed = mix(identity ^ DOMAIN);
    (0..u64::from(count)).map(move |replica| word(seed, replica))
}

/// How many points each node has, checked against the budget.
#[derive(Clone, Copy, Debug)]
pub(super) struct Planner {
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

    pub(super) fn scale(&self) -> Option<Scale> {
        self.scale
    }

    pub(super) fn total(&self) -> usize {
        self.total as usize
    }

    /// Points of a node; within the budget, which fits 32 bits.
    pub(super) fn count(&self, member: &Member) -> u32 {
        self.scale.map_or(0, |s| s.points_of(member.weight.get()) as u32)
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
