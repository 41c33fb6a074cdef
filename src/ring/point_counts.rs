//! How many points the nodes of the native ring have.

use super::config::{Points, RingConfig};
use super::fit;
use crate::circle::Scale;
use crate::error::Error;
#[cfg(feature = "serde")]
use crate::error::SavedFault;
use crate::topology::Members;

/// How many points each node has, checked against the budget.
#[allow(unnameable_types)] // part of the seal
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ScaledPoints {
    scale: Option<Scale>,
    total: u64,
    #[cfg_attr(not(feature = "serde"), allow(dead_code))]
    live: u64,
}

impl ScaledPoints {
    /// Uses the configured scale; a derived scale is kept once it exists.
    pub(super) fn new(
        config: &RingConfig,
        kept: Option<Scale>,
        members: &Members,
    ) -> Result<Self, Error> {
        let scale = match config.points {
            Points::Scale(points, weight) => Scale::new(points, weight),
            Points::PerNode(points) => {
                kept.or_else(|| fit::derived(points, config.budget, members))
            }
        };
        let total = match scale {
            Some(scale) => {
                let total = fit::total(scale, members);
                if total > u128::from(config.budget) {
                    return Err(fit::exceeded(config, scale, members));
                }
                total as u64
            }
            None => 0,
        };
        Ok(Self { scale, total, live: members.live() as u64 })
    }

    /// A plan without nodes, with the scale for later ones.
    pub(super) fn of_scale(scale: Option<Scale>) -> Self {
        Self { scale, total: 0, live: 0 }
    }

    pub(crate) fn scale(&self) -> Option<Scale> {
        self.scale
    }

    pub(super) fn total(&self) -> usize {
        self.total as usize
    }

    /// The number of points of a node. The budget bounds it, which fits 32 bits.
    #[inline]
    pub(crate) fn count(&self, weight: u64) -> u32 {
        self.scale.map_or(0, |s| s.points_of(weight) as u32)
    }

    /// Rejects a saved ring with more points than the limit allows for its nodes.
    #[cfg(feature = "serde")]
    pub(super) fn check_restore(&self, limit: crate::placement::RestoreLimit) -> Result<(), Error> {
        let limit = limit.of(self.live);
        if self.total > limit {
            let points = u128::from(self.total);
            return Err(SavedFault::Points { points, limit }.into());
        }
        Ok(())
    }
}
