//! Where the points of a ring's nodes come from.

use super::Ring;
use crate::circle::{Point, Rule, sorted_points};
use crate::error::Error;
use crate::node::{NodeIdx, Weight};
use crate::placement::{FingerprintOf, Guarantees, Sequence};
use crate::slips::OrSlip;
use crate::topology::Members;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;

pub(crate) mod sealed {
    use super::{
        FingerprintOf, Members, NodeIdx, OrSlip, Point, PointScheme, Ring, Sequence, Vec, compare,
        each_stored, sorted_points,
    };

    /// What rings of this crate ask of a scheme besides; it keeps `PointScheme` to this crate.
    #[allow(unnameable_types)] // a seal
    pub trait Scheme: Sized {
        /// The scheme's name for messages.
        const SHORT_NAME: &'static str;

        /// True if a live node may have no points, so that the circle tells how many have some.
        const SOME_HAVE_NONE: bool = false;

        /// All points as they are stored, sorted, with their owners.
        fn sorted(
            config: &<Self as PointScheme>::Config,
            plan: &<Self as PointScheme>::Plan,
            nodes: &Members,
        ) -> (Vec<u64>, Vec<NodeIdx>)
        where
            Self: PointScheme,
        {
            let mut all: Vec<Point> = Vec::new();
            for node in nodes.iter_live() {
                each_stored::<Self>(config, plan, nodes, node, |point| all.push((point, node)));
            }
            let order = |a: Point, b: Point| compare::<Self>(a, b, config, plan, nodes);
            sorted_points(all.len(), || all.iter().copied(), order)
        }

        /// A hash of everything that decides answers.
        fn fingerprint(ring: &Ring<Self>, nodes: &Members) -> u64
        where
            Self: PointScheme,
        {
            let identity = |node| nodes.identity(node).or_slip();
            let points = ring.circle.iter().flat_map(|(point, node)| [point, identity(node)]);
            let rule = Self::rule(&ring.config).id();
            let head = core::iter::once(rule).chain(Self::words(&ring.config));
            FingerprintOf { algorithm: Self::NAME, members: nodes }.with(head.chain(points))
        }

        /// What of the configuration decides after a change, for fingerprints.
        fn words(config: &<Self as PointScheme>::Config) -> [u64; 3]
        where
            Self: PointScheme,
        {
            let _ = config;
            [0; 3]
        }

        /// True if every change builds the ring anew, because the points of nodes that stay may differ
        /// from before.
        fn builds_anew(config: &<Self as PointScheme>::Config) -> bool
        where
            Self: PointScheme,
        {
            !Self::guarantees(config).minimal_owner
        }

        /// How many points all nodes have, if that is known before they are made.
        fn total(plan: &<Self as PointScheme>::Plan) -> Option<usize>
        where
            Self: PointScheme,
        {
            let _ = plan;
            None
        }

        /// Where a node's points follow from its identity and weight alone.
        fn sequence(plan: &<Self as PointScheme>::Plan) -> Option<Sequence>
        where
            Self: PointScheme,
        {
            let _ = plan;
            None
        }
    }
}

/// Where the points of a [`Ring`]'s nodes come from, and by which [`Rule`] keys find them.
///
/// [`Native`](crate::ring::Native) is the ring of this crate,
/// [`GivenPoints`](crate::ring::GivenPoints) takes explicit lists, and
/// [`LabelPoints`](crate::ring::LabelPoints) takes a function of the label and
/// [`ClusterPoints`](crate::ring::ClusterPoints) one of all nodes together. Sealed.
///
/// A node's points follow from its **label bytes** (other systems hash the text) or from its identity
/// hash. Their number may depend on all nodes; such a scheme does not guarantee minimal movement, and
/// every change builds its ring from scratch.
pub trait PointScheme: sealed::Scheme + 'static {
    /// The options when a ring is built.
    type Config: Clone + Default + PartialEq + fmt::Debug + Send + Sync;

    /// What follows from the configuration and all nodes together, such as the points per unit of
    /// weight. It is part of the ring's state from then on.
    type Plan: Clone + PartialEq + fmt::Debug + Send + Sync;

    /// The scheme's name and version, for fingerprints.
    const NAME: &'static str;

    /// How keys find points.
    fn rule(config: &Self::Config) -> Rule;

    /// What a ring of this configuration guarantees.
    fn guarantees(config: &Self::Config) -> Guarantees;

    /// The plan for these nodes; `kept` is the plan of the ring before the change.
    ///
    /// # Errors
    /// If the configuration is out of range, if it does not suit the nodes, or if there are too many
    /// points.
    fn plan(
        config: &Self::Config,
        kept: Option<&Self::Plan>,
        nodes: &Members,
    ) -> Result<Self::Plan, Error>;

    /// How many points a live node has.
    fn count(config: &Self::Config, plan: &Self::Plan, nodes: &Members, node: NodeIdx) -> u32;

    /// How many nodes have points: all live nodes, unless the scheme gives some of them none.
    fn live(config: &Self::Config, plan: &Self::Plan, nodes: &Members) -> usize {
        let _ = (config, plan);
        nodes.live()
    }

    /// Emits the first `count` points of a node, in any order. A repeated point has no effect.
    fn points(
        config: &Self::Config,
        label: &[u8],
        weight: Weight,
        identity: u64,
        count: u32,
        emit: &mut dyn FnMut(u64),
    );

    /// The tie-break between nodes that have the same point: the lowest key comes first. Equal keys
    /// are ordered by identity hash, never by position in a list.
    #[inline]
    fn tie_key(config: &Self::Config, plan: &Self::Plan, label: &[u8], identity: u64) -> u64 {
        let _ = (config, plan, label);
        identity
    }
}

/// The guarantees of a ring on which the points of a node do not depend on other nodes.
pub(crate) const INDEPENDENT_POINTS: Guarantees = Guarantees {
    minimal_owner: true,
    minimal_replicas: true,
    minimal_order: true,
    minimal_reweight: true,
    weights: true,
    order_free: true,
    any_removal: true,
    ..Guarantees::none()
};

/// Calls `take` with each point of a live node, in its stored form.
pub(super) fn each_stored<S: PointScheme>(
    config: &S::Config,
    plan: &S::Plan,
    nodes: &Members,
    node: NodeIdx,
    mut take: impl FnMut(u64),
) {
    if let Some(member) = nodes.get(node).filter(|member| member.weight.is_live()) {
        let (rule, count) = (S::rule(config), S::count(config, plan, nodes, node));
        let emit = &mut |point| take(rule.stored(point));
        S::points(config, &member.label, member.weight, member.identity, count, emit);
    }
}

/// Equal points are ordered by the tie keys of their nodes, never by their slots.
#[inline]
pub(super) fn compare<S: PointScheme>(
    a: Point,
    b: Point,
    config: &S::Config,
    plan: &S::Plan,
    nodes: &Members,
) -> Ordering {
    let tie = |node| {
        let member = nodes.get(node)?;
        Some((S::tie_key(config, plan, &member.label, member.identity), member.identity))
    };
    a.0.cmp(&b.0).then_with(|| tie(a.1).cmp(&tie(b.1)))
}
