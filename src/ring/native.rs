//! The points of this crate's own ring.

use super::Ring;
use super::config::{Points, RingConfig};
use super::point_counts::ScaledPoints;
use super::scheme::sealed::Scheme;
use super::scheme::{INDEPENDENT_POINTS, PointScheme, compare};
use crate::circle::{Point, Rule, Scale, Stream, sorted_points};
use crate::error::Error;
use crate::hash::mix::mix;
use crate::node::{NodeIdx, Weight};
use crate::placement::{FingerprintOf, Guarantees, Sequence};
use crate::topology::Members;
use alloc::vec::Vec;

/// Separates points from every other word derived from an identity.
const DOMAIN: u64 = 0x7269_6E67_706F_696E;

/// The ring of this crate: a key belongs to the first point at or after its hash. The points of a
/// node are the SplitMix64 stream that starts at its mixed identity hash; their number follows from
/// its weight and the ring's [`Scale`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Native;

/// The points of a node. They depend only on the label, so the first k points are the same for every
/// weight.
#[inline]
pub(super) fn points_of(identity: u64, count: u32) -> impl Iterator<Item = u64> {
    Stream { seed: seed(identity), count }.points()
}

fn seed(identity: u64) -> u64 {
    mix(identity ^ DOMAIN)
}

/// A ring of the default configuration without nodes.
impl Default for Ring {
    fn default() -> Self {
        let config = RingConfig::default();
        let scale = match config.points {
            Points::Scale(points, weight) => Scale::new(points, weight),
            Points::PerNode(_) => None,
        };
        Self::planned(&config, ScaledPoints::of_scale(scale), &Members::default())
    }
}

impl Scheme for Native {
    const SHORT_NAME: &'static str = "ring";

    /// Makes the points twice rather than keep them: that is faster.
    fn sorted(
        config: &RingConfig,
        plan: &ScaledPoints,
        nodes: &Members,
    ) -> (Vec<u64>, Vec<NodeIdx>) {
        let all = || {
            nodes.live_entries().flat_map(|(node, member)| {
                let count = plan.count(member.weight.get());
                points_of(member.identity, count).map(move |point| (point, node))
            })
        };
        let order = |a: Point, b: Point| compare::<Self>(a, b, config, plan, nodes);
        sorted_points(plan.total(), all, order)
    }

    fn fingerprint(ring: &Ring<Self>, members: &Members) -> u64 {
        let (points, weight) = ring.scale().map_or((0, 0), |s| (s.points(), s.weight()));
        let words = [points, weight].into_iter().chain(ring.config.words());
        FingerprintOf { algorithm: Self::NAME, members }.with(words)
    }

    fn total(plan: &ScaledPoints) -> Option<usize> {
        Some(plan.total())
    }

    fn sequence(plan: &ScaledPoints) -> Option<Sequence> {
        Some(Sequence { scale: plan.scale()?, seed })
    }
}

impl PointScheme for Native {
    type Config = RingConfig;
    type Plan = ScaledPoints;

    const NAME: &'static str = "ring 1";

    #[inline]
    fn rule(_: &RingConfig) -> Rule {
        Rule::FirstAtOrAfter
    }

    /// A derived scale depends on the weights the ring was first built with.
    fn guarantees(config: &RingConfig) -> Guarantees {
        Guarantees { order_free: matches!(config.points, Points::Scale(..)), ..INDEPENDENT_POINTS }
    }

    fn plan(
        config: &RingConfig,
        kept: Option<&ScaledPoints>,
        nodes: &Members,
    ) -> Result<ScaledPoints, Error> {
        config.check()?;
        ScaledPoints::new(config, kept.and_then(ScaledPoints::scale), nodes)
    }

    fn count(_: &RingConfig, plan: &ScaledPoints, nodes: &Members, node: NodeIdx) -> u32 {
        nodes.weight(node).map_or(0, |weight| plan.count(weight.get()))
    }

    #[inline]
    fn points(
        _: &RingConfig,
        _: &[u8],
        _: Weight,
        identity: u64,
        count: u32,
        emit: &mut dyn FnMut(u64),
    ) {
        points_of(identity, count).for_each(emit);
    }
}
