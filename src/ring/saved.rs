//! What a ring saves in addition to the nodes.

use super::Ring;
use super::config::{Points, RingConfig};
use super::given::{GivenPoints, GivenPointsConfig};
use super::native::Native;
use super::point_counts::ScaledPoints;
use super::scheme::PointScheme;
use super::scheme::sealed::Scheme;
use crate::circle::{Rule, Scale};
use crate::error::{Error, SavedFault};
use crate::hash::hex::Hex;
use crate::node::{NodeLabel, SavedLabel};
use crate::placement::{Chunks, RestoreLimit, SavedState, Saves};
use crate::topology::Members;
use alloc::borrow::Cow;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Schemes whose configuration and plan can be saved.
#[diagnostic::on_unimplemented(
    message = "a ring of `{Self}` cannot be saved",
    note = "it contains a function, which cannot be written to a file"
)]
#[allow(unnameable_types)] // part of the seal
pub trait SavedScheme: PointScheme {
    /// The form in which configuration and plan are saved.
    type State;

    /// The form to save.
    fn save(config: &Self::Config, plan: &Self::Plan) -> Self::State;

    /// The number of points that are computed again instead of being saved.
    fn derived(plan: &Self::Plan) -> u64 {
        let _ = plan;
        0
    }

    /// Configuration and plan from a saved form, checked.
    fn restore(
        state: Self::State,
        members: &Members,
        limit: RestoreLimit,
    ) -> Result<(Self::Config, Self::Plan), Error>;
}

impl<S: SavedScheme> Saves for Ring<S> {
    type State = S::State;

    fn algorithm() -> Cow<'static, str> {
        S::SHORT_NAME.into()
    }

    fn save(&self) -> S::State {
        S::save(&self.config, &self.plan)
    }

    fn derived(&self) -> u64 {
        S::derived(&self.plan)
    }

    fn restore(state: S::State, members: &Members, limit: RestoreLimit) -> Result<Self, Error> {
        let (config, plan) = S::restore(state, members, limit)?;
        Ok(Self::planned(&config, plan, members))
    }
}

/// The configuration of a ring, and the scale that was derived.
#[allow(unnameable_types)] // part of a saved form
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RingState {
    /// Points per node of average weight; absent if the scale is a constant.
    points_per_node: Option<u32>,
    /// Points and weight of the scale, constant or derived; absent if the scale is derived and no
    /// node was ever live.
    scale: Option<(u64, u64)>,
    /// The maximum number of points.
    budget: u64,
}

impl SavedState for RingState {
    fn algorithm(&self) -> &str {
        Native::SHORT_NAME
    }
}

impl SavedScheme for Native {
    type State = RingState;

    fn save(config: &RingConfig, plan: &ScaledPoints) -> RingState {
        let (points_per_node, scale) = match config.points {
            Points::Scale(points, weight) => (None, Some((points, weight))),
            Points::PerNode(points) => {
                (Some(points), plan.scale().map(|scale| (scale.points(), scale.weight())))
            }
        };
        RingState { points_per_node, scale, budget: config.budget }
    }

    fn derived(plan: &ScaledPoints) -> u64 {
        plan.total() as u64
    }

    fn restore(
        state: RingState,
        members: &Members,
        limit: RestoreLimit,
    ) -> Result<(RingConfig, ScaledPoints), Error> {
        let RingState { points_per_node, scale, budget } = state;
        let ratio = |(points, weight)| {
            let fault = || Error::from(SavedFault::Scale { points, weight });
            Scale::new(points, weight).ok_or_else(fault)
        };
        let kept = scale.map(ratio).transpose()?;
        let points = match (points_per_node, scale) {
            (Some(points), _) => Points::PerNode(points),
            (None, Some((points, weight))) => Points::Scale(points, weight),
            (None, None) => return Err(SavedFault::NoScale.into()),
        };
        let config = RingConfig { points, budget };
        let plan = Self::plan(&config, Some(&ScaledPoints::of_scale(kept)), members)?;
        plan.check_restore(limit)?;
        Ok((config, plan))
    }
}

/// The rule and the lists of points. Everything is in ascending order, so equal configurations have
/// equal forms.
#[allow(unnameable_types)] // part of a saved form
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenPointsState {
    /// The rule's name.
    rule: String,
    /// Ascending by label, and each list ascending.
    lists: Chunks<(SavedLabel, Vec<Hex>)>,
}

impl SavedState for GivenPointsState {
    fn algorithm(&self) -> &str {
        GivenPoints::SHORT_NAME
    }
}

impl SavedScheme for GivenPoints {
    type State = GivenPointsState;

    fn save(config: &GivenPointsConfig, (): &()) -> GivenPointsState {
        let lists = config.lists.iter().map(|(label, points)| {
            (SavedLabel::new(label), points.iter().copied().map(Hex).collect())
        });
        GivenPointsState { rule: config.rule.name().into(), lists: lists.collect() }
    }

    fn restore(
        state: GivenPointsState,
        members: &Members,
        _: RestoreLimit,
    ) -> Result<(GivenPointsConfig, ()), Error> {
        let GivenPointsState { rule, lists } = state;
        let Some(rule) = Rule::named(&rule) else {
            let name = rule.chars().take(64).collect();
            return Err(SavedFault::Rule { name }.into());
        };
        let lists = Arc::new(restored_lists(lists)?);
        let config = GivenPointsConfig { rule, lists };
        Self::plan(&config, None, members)?;
        Ok((config, ()))
    }
}

pub(super) fn restored_lists(
    saved: impl IntoIterator<Item = (SavedLabel, Vec<Hex>)>,
) -> Result<BTreeMap<Vec<u8>, BTreeSet<u64>>, Error> {
    let mut lists: BTreeMap<Vec<u8>, BTreeSet<u64>> = BTreeMap::new();
    for (label, points) in saved {
        let label = label.into_bytes()?;
        let named = || NodeLabel::from_bytes(&label).shown();
        if lists.last_key_value().is_some_and(|(last, _)| *last >= label) {
            return Err(SavedFault::Lists { label: named() }.into());
        }
        if !points.is_sorted_by(|a, b| a.0 < b.0) {
            return Err(SavedFault::List { label: named() }.into());
        }
        lists.insert(label, points.into_iter().map(|point| point.0).collect());
    }
    Ok(lists)
}
