//! The hash ring: every node has many points on a circle of 2^64 hashes, and a key belongs to the
//! first point at or after its hash, or to the point that another [`Rule`] selects.
//!
//! # Source
//! David Karger, Eric Lehman, Tom Leighton, Rina Panigrahy, Matthew Levine, Daniel Lewin,
//! *Consistent hashing and random trees*, STOC 1997, DOI 10.1145/258533.258660.

mod cluster;
mod config;
#[cfg(test)]
mod cost_tests;
mod fit;
mod given;
#[cfg(feature = "serde")]
mod given_form;
mod label;
mod native;
mod point_counts;
#[cfg(feature = "serde")]
pub(crate) mod saved;
pub(crate) mod scheme;

pub use cluster::{ClusterNode, ClusterPoints, ClusterPointsConfig, Ties};
pub use config::RingConfig;
pub use given::{GivenPoints, GivenPointsConfig};
pub use label::{LabelPoints, LabelPointsConfig};
pub use native::Native;
#[cfg(feature = "serde")]
pub(crate) use saved::{GivenPointsState, RingState};
pub use scheme::PointScheme;

pub use crate::circle::{RingArc, Rule, Scale};

use crate::circle::{Circle, Merge, Point, Stream};
use crate::error::Error;
use crate::hash::KeyHash;
use crate::node::NodeIdx;
use crate::placement::{
    Build, Guarantees, OnCircle, Placement, Sequence, Structure, View, Viewed, Walk, sealed,
};
use crate::topology::{Change, Members};
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use scheme::{compare, each_stored};

/// The hash ring: a node has points in proportion to its weight, replicas follow from point to
/// point, and shares are known exactly.
///
/// Use it for clusters of any size whose nodes join and leave in any order. Prefer
/// [`WeightedRendezvous`](crate::WeightedRendezvous) where shares must be exact: with the default
/// of 160 points per node, the fullest of 100 equal nodes holds 1.21 times its share on average
/// (40 points: 1.44; 640: 1.10). More points are the only way to a more even ring:
/// [placing them better](crate::docs::choosing#fewer-points-placed-better) does not help.
///
/// - **Movement**: only keys to the node that joins, only keys from the node that leaves, only keys
///   to or from a node that is reweighted; at most one member of a replica set.
/// - **Weights**: any u64, as numbers of points: see [`RingConfig`].
/// - **Order of changes**: does not matter, unless the scale is derived from the weights.
///
/// ```
/// use apportion::Locator;
///
/// let ring = Locator::ring(["a", "b", "c"])?;
/// let shares: u128 = ring.placement().arcs().map(|arc| arc.len()).sum();
/// assert_eq!(shares, 1 << 64);
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// # Complexity
/// A lookup takes O(1) expected, through an index of the points' top bits; each further replica
/// takes O(1) expected steps. Building takes O(points). A change takes O(points) too, of all nodes for
/// up to 4,096 points; larger rings are kept in pages of about 150 points, and a change writes only the
/// pages of the points that come and go. The ring before it, which lookups may still use, shares all
/// others. Memory is about 6 bytes per point in pages for fewer than 65,535 slots, 10 bytes for more,
/// 30 bytes per point for up to 4,096 points, which have a table that leads to most owners in one read,
/// and 14 bytes for more without pages.
///
/// Pages keep no points: these are made again from the nodes where a lookup needs one exactly. A ring
/// on which a node has more than 4,096 points, and a ring of another scheme, has no pages.
///
/// # Other rings
/// Everything above describes the [`Native`] ring. Another [`PointScheme`] places points differently
/// and may use another [`Rule`], as the rings of other systems do: [`GivenPoints`] are lists,
/// [`LabelPoints`] come from a function of the label, [`ClusterPoints`] from one of all nodes. Lookups, replicas, arcs and diffs work in the
/// same way; [`Placement::guarantees`] says what moves. Where points are not as good as random, a
/// lookup may take O(log points).
///
/// # Source
/// Karger et al., *Consistent hashing and random trees*, STOC 1997, DOI 10.1145/258533.258660.
#[doc(alias = "consistent hash")]
#[doc(alias = "hash ring")]
#[doc(alias = "ketama")]
#[doc(alias = "token ring")]
#[doc(alias = "virtual node")]
#[doc(alias = "vnode")]
pub struct Ring<S: PointScheme = Native> {
    circle: Arc<Circle>,
    config: S::Config,
    plan: S::Plan,
    live: usize,
    slots: usize,
}

impl<S: PointScheme> Clone for Ring<S> {
    fn clone(&self) -> Self {
        Self {
            circle: self.circle.clone(),
            config: self.config.clone(),
            plan: self.plan.clone(),
            live: self.live,
            slots: self.slots,
        }
    }
}

impl<S: PointScheme> fmt::Debug for Ring<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ring")
            .field("circle", &self.circle)
            .field("config", &self.config)
            .field("plan", &self.plan)
            .field("live", &self.live)
            .field("slots", &self.slots)
            .finish()
    }
}

impl<S: PointScheme> Ring<S> {
    /// The number of points of all nodes together.
    #[doc(alias = "virtual nodes")]
    #[doc(alias = "vnodes")]
    #[must_use]
    pub fn points(&self) -> usize {
        self.circle.len()
    }

    /// The configuration the ring was built with.
    #[must_use]
    pub fn config(&self) -> &S::Config {
        &self.config
    }

    /// How keys find points.
    #[must_use]
    pub fn rule(&self) -> Rule {
        S::rule(&self.config)
    }

    #[inline]
    fn next_admitted(
        &self,
        walk: &mut Walk,
        accept: impl FnMut(NodeIdx) -> bool,
    ) -> Option<NodeIdx> {
        let (rule, hash) = (S::rule(&self.config), walk.key().get());
        self.circle.next_candidate(rule, hash, walk.state(), accept)
    }

    fn planned(config: &S::Config, plan: S::Plan, members: &Members) -> Self {
        let sequence = S::sequence(&plan);
        let paged = sequence.map(|sequence| {
            let streams = (0..members.slots()).map(|slot| stream(&sequence, members, slot));
            let order = |a: Point, b: Point| compare::<S>(a, b, config, &plan, members);
            Circle::paged(streams.collect(), order)
        });
        let circle = paged.flatten().unwrap_or_else(|| {
            let (points, owners) = S::sorted(config, &plan, members);
            Circle::from_sorted(points, &owners)
        });
        Self::of_circle(circle, config, plan, members)
    }

    /// The circle after some changes if it is in pages, or is to be: only the pages of the points that
    /// come and go are written.
    fn repaged(&self, plan: &S::Plan, changes: &[Change], after: &Members) -> Option<Circle> {
        let sequence = S::sequence(plan)?;
        let order = |a: Point, b: Point| compare::<S>(a, b, &self.config, plan, after);
        let repaged = |streams, touched: &[usize]| self.circle.repaged(streams, touched, order);
        let kept = S::sequence(&self.plan).is_some_and(|old| old.scale == sequence.scale);
        let of_slot = |slot| stream(&sequence, after, slot);
        let Some(old) = self.circle.streams().filter(|_| kept) else {
            let (before, after) = (self.slots, after.slots());
            let touched: Vec<usize> = (0..before.max(after)).collect();
            return repaged((0..after).map(of_slot).collect(), &touched);
        };
        let mut touched: Vec<usize> = changes.iter().map(|change| change.node().index()).collect();
        touched.sort_unstable();
        touched.dedup();
        let mut streams = old.to_vec();
        streams.resize(after.slots(), Stream::default());
        for slot in &touched {
            // A slot beyond the end was given up.
            if let Some(stream) = streams.get_mut(*slot) {
                *stream = of_slot(*slot);
            }
        }
        repaged(streams, &touched)
    }

    fn of_circle(circle: Circle, config: &S::Config, plan: S::Plan, members: &Members) -> Self {
        let live = if S::SOME_HAVE_NONE {
            owners(&circle, members.slots())
        } else {
            S::live(config, &plan, members)
        };
        let circle = Arc::new(circle);
        Self { circle, config: config.clone(), plan, live, slots: members.slots() }
    }

    /// The circle after some changes. A reweighted node loses all its points and gets those of its
    /// new weight; the points that both weights have in common come back unchanged.
    fn merged(
        &self,
        plan: &S::Plan,
        changes: &[Change],
        before: &Members,
        after: &Members,
    ) -> Circle {
        let mut gone = vec![false; before.slots()];
        let mut fresh: Vec<Point> = Vec::new();
        let mut join = |node: NodeIdx| {
            let take = |point| fresh.push((point, node));
            each_stored::<S>(&self.config, plan, after, node, take);
        };
        for change in changes {
            match *change {
                Change::Add(node) => join(node),
                Change::Remove(node) => mark(&mut gone, node),
                Change::Reweight(node, _) => {
                    mark(&mut gone, node);
                    join(node);
                }
            }
        }
        let total = S::total(plan).unwrap_or(self.circle.len() + fresh.len());
        let order = |a: Point, b: Point| compare::<S>(a, b, &self.config, plan, after);
        self.circle.merged(Merge { fresh, gone: Some(gone), total }, order)
    }

    /// Every interval of hashes with its owner, in order and without gaps, under any rule. A node
    /// has about as many intervals as points. Empty if no node is live.
    pub fn arcs(&self) -> impl Iterator<Item = RingArc> {
        self.circle.arcs(S::rule(&self.config))
    }

    /// The owners of the points that follow a key, point by point in the direction of the rule, so that a
    /// node comes as often as it has points. Under [`Rule::Nearest`] from the first point at or after the
    /// hash.
    #[cfg(feature = "interop")]
    pub(crate) fn owners_from(&self, key: KeyHash) -> impl Iterator<Item = NodeIdx> + '_ {
        let mut cursor = self.circle.seek(self.rule().sought(key.get()));
        (0..self.circle.len()).filter_map(move |_| {
            let owner = cursor.owner();
            cursor.next_around();
            owner
        })
    }

    /// The exact share of a node: how many of the 2^64 hashes it owns.
    ///
    /// # Complexity
    /// O(points).
    #[must_use]
    pub fn share(&self, node: NodeIdx) -> u128 {
        self.arcs().filter(|arc| arc.owner == node).map(|arc| arc.len()).sum()
    }
}

impl Ring {
    /// Builds this crate's own ring, as [`Build::build`] does. This method makes `Ring::build(…)` mean
    /// the [`Native`] ring; for another one write `Ring::<GivenPoints>::build(…)`.
    ///
    /// ```
    /// use apportion::{Placement, Ring, Topology};
    /// use apportion::ring::RingConfig;
    ///
    /// let nodes = Topology::new(["a", "b"])?;
    /// let ring = Ring::build(&RingConfig::default(), nodes.members())?;
    /// assert_eq!(ring.live(), 2);
    /// # Ok::<(), apportion::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Locator::ring_of`](crate::Locator::ring_of).
    pub fn build(config: &RingConfig, members: &Members) -> Result<Self, Error> {
        <Self as Build>::build(config, members)
    }

    /// Points per unit of weight. `None` if the scale is derived
    /// ([`RingConfig::points_per_node`]) and no node was ever live.
    #[must_use]
    pub fn scale(&self) -> Option<Scale> {
        self.plan.scale()
    }
}

// The rule of the native ring is a constant, so the compiler removes the branches on it.
impl<S: PointScheme> Placement for Ring<S> {
    fn slots(&self) -> usize {
        self.slots
    }

    fn live(&self) -> usize {
        self.live
    }

    fn guarantees(&self) -> Guarantees {
        S::guarantees(&self.config)
    }

    #[inline]
    fn locate(&self, key: KeyHash) -> Option<NodeIdx> {
        self.circle.locate(S::rule(&self.config), key.get())
    }

    fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx> {
        self.next_admitted(walk, |_| true)
    }

    fn next_candidate_where(
        &self,
        walk: &mut Walk,
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> Option<NodeIdx> {
        self.next_admitted(walk, accept)
    }

    fn replicas(&self, key: KeyHash, out: &mut [NodeIdx]) -> usize {
        let k = out.len().min(self.live);
        let Some(out) = out.get_mut(..k) else { return 0 };
        self.circle.replicas(S::rule(&self.config), key.get(), self.slots, out)
    }
}

impl<S: PointScheme> Viewed for Ring<S> {
    fn view(&self) -> View<'_> {
        let (circle, rule) = (&*self.circle, S::rule(&self.config));
        let sequence = S::sequence(&self.plan);
        let on_circle = OnCircle { circle, rule, live: self.live, sequence };
        View { algorithm: S::SHORT_NAME, structure: Structure::Circle(on_circle) }
    }
}

/// The points of the node in a slot; none in a free one.
fn stream(sequence: &Sequence, members: &Members, slot: usize) -> Stream {
    let member = members.get(NodeIdx::new(slot as u32));
    member.map_or_else(Stream::default, |m| sequence.stream(m.identity, m.weight.get()))
}

/// How many nodes have points.
fn owners(circle: &Circle, slots: usize) -> usize {
    let mut seen = vec![false; slots];
    circle.iter().for_each(|(_, node)| mark(&mut seen, node));
    seen.into_iter().filter(|seen| *seen).count()
}

fn mark(gone: &mut [bool], node: NodeIdx) {
    if let Some(flag) = gone.get_mut(node.index()) {
        *flag = true;
    }
}

impl<S: PointScheme> sealed::SealedBuild for Ring<S> {
    fn cut(&self) -> Option<View<'_>> {
        Some(self.view())
    }
}

impl<S: PointScheme> Build for Ring<S> {
    type Config = S::Config;

    fn build(config: &S::Config, members: &Members) -> Result<Self, Error> {
        let plan = S::plan(config, None, members)?;
        Ok(Self::planned(config, plan, members))
    }

    fn update(&self, changes: &[Change], before: &Members, after: &Members) -> Result<Self, Error> {
        let plan = S::plan(&self.config, Some(&self.plan), after)?;
        if changes.is_empty() && plan == self.plan {
            return Ok(Self { slots: after.slots(), ..self.clone() });
        }
        if S::builds_anew(&self.config) {
            return Ok(Self::planned(&self.config, plan, after));
        }
        let circle = self.repaged(&plan, changes, after);
        let circle = circle.unwrap_or_else(|| self.merged(&plan, changes, before, after));
        Ok(Self::of_circle(circle, &self.config, plan, after))
    }

    fn fingerprint(&self, members: &Members) -> u64 {
        S::fingerprint(self, members)
    }
}
