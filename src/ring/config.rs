//! How many points a ring may have.

use super::Scale;
use crate::error::{Error, Kind};
use crate::limits::MAX_RING_BUDGET;

/// How many points a ring has.
///
/// By default the ring is built with 160 points to a node of *average* weight, so weights of 1, 2
/// and 3 and capacities of 1, 2 and 3 terabytes give the same ring. That choice becomes a fixed
/// [`Scale`]; nodes that join later get points by it. If it would exceed the budget, the scale is
/// lowered to fit when the ring is built; a later change that would exceed the budget is an error
/// and nothing changes.
///
/// ```
/// use apportion::{Locator, RingConfig, Topology};
///
/// // 100 points for each unit of weight, at most a million in all.
/// let config = RingConfig::default().scale(100, 1).budget(1_000_000);
/// let ring = Locator::ring_of(Topology::new(["a", "b"])?, config)?;
/// assert_eq!(ring.placement().points(), 200);
/// # Ok::<(), apportion::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RingConfig {
    pub(super) points_per_node: u32,
    pub(super) scale: Option<(u64, u64)>,
    pub(super) budget: u64,
}

impl Default for RingConfig {
    /// 160 points to a node of average weight, at most 2^24 points.
    fn default() -> Self {
        Self { points_per_node: 160, scale: None, budget: 1 << 24 }
    }
}

impl RingConfig {
    /// Points to a node of average weight when the ring is built. More points make shares more
    /// even and take more memory.
    #[must_use]
    pub fn points_per_node(mut self, points: u32) -> Self {
        self.points_per_node = points;
        self.scale = None;
        self
    }

    /// Fixes the scale: `points` points for every `weight` of weight.
    #[must_use]
    pub fn scale(mut self, points: u64, weight: u64) -> Self {
        self.scale = Some((points, weight));
        self
    }

    /// The most points the ring may ever have, up to
    /// [`MAX_RING_BUDGET`].
    #[must_use]
    pub fn budget(mut self, points: u64) -> Self {
        self.budget = points;
        self
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        within("budget", self.budget, 1, MAX_RING_BUDGET)?;
        within("number of points to a node", self.points_per_node.into(), 1, MAX_RING_BUDGET)?;
        if let Some((points, weight)) = self.scale {
            within("points in the scale", points, 1, u64::MAX)?;
            within("weight in the scale", weight, 1, u64::MAX)?;
        }
        Ok(())
    }

    /// The scale for nodes of this total weight; `None` as long as there is no weight.
    pub(super) fn choose(&self, live: usize, total: u128) -> Option<Scale> {
        if let Some((points, weight)) = self.scale {
            return Scale::new(points, weight);
        }
        let wanted = u128::from(self.points_per_node) * live as u128;
        Scale::ratio(wanted.min(u128::from(self.budget)), total)
    }
}

/// Refuses a number out of range.
pub(super) fn within(what: &'static str, value: u64, min: u64, max: u64) -> Result<(), Error> {
    if (min..=max).contains(&value) {
        return Ok(());
    }
    let (value, min, max) = (u128::from(value), u128::from(min), u128::from(max));
    Err(Kind::RingConfig { what, value, min, max }.into())
}
