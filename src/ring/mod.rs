//! The hash ring: every node stands at many points of a circle of 2^64, a key belongs to the first
//! point at or after its hash, or to another one by another [`Rule`].
//!
//! **Source** — David Karger, Eric Lehman, Tom Leighton, Rina Panigrahy, Matthew Levine, Daniel
//! Lewin, *Consistent hashing and random trees*, STOC 1997, DOI 10.1145/258533.258660.

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

pub use config::RingConfig;
pub use given::{GivenPoints, GivenPointsConfig};
pub use label::{LabelPoints, LabelPointsConfig};
pub use native::Native;
#[cfg(feature = "serde")]
pub(crate) use saved::{GivenPointsState, RingState};
pub use scheme::PointScheme;

pub use crate::circle::{RingArc, Rule, Scale};

use crate::circle::{Circle, Merge, Point};
use crate::error::Error;
use crate::hash::KeyHash;
use crate::node::NodeIdx;
use crate::placement::{
    Build, Guarantees, OnCircle, Placement, Structure, View, Viewed, Walk, sealed,
};
use crate::topology::{Change, Members};
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use scheme::{compare, each_stored};

/// The hash ring: points in proportion to weight, a walk from point to point for replicas, exact
/// shares.
///
/// **Time** — O(1) expected a lookup through an index of the points' top bits; a replica takes
/// O(1) expected steps more; build and change O(points). **Memory** — about 14 bytes a point.
/// **What moves** — only keys to the node that joins, only keys from the node that leaves, only
/// keys to or from a node that is reweighted; one member of a replica set at most. **Weights** —
/// any u64, as numbers of points: see [`RingConfig`]. **History** — none, unless the scale is
/// derived from the weights. **Take another** — rendezvous where shares must be exact: with
/// the 160 points a node of the default, the fullest of 100 equal nodes holds 1.21 times its share
/// on average (40 points: 1.44; 640: 1.10). **Source** — Karger et al. 1997, DOI
/// 10.1145/258533.258660.
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
/// All this is said of the [`Native`] ring. Another [`PointScheme`] puts the points elsewhere and
/// may find them by another [`Rule`], as the rings of other systems do: [`GivenPoints`] are
/// lists, [`LabelPoints`] come from a function of the label. Lookups, replicas, arcs and diffs are
/// the same; what moves is what [`Placement::guarantees`] says. Where points are not as good as
/// random, a lookup may take O(log points).
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
    /// Points in all.
    #[doc(alias = "virtual nodes")]
    #[doc(alias = "vnodes")]
    #[must_use]
    pub fn points(&self) -> usize {
        self.circle.len()
    }

    /// What the ring was built with.
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
        let (points, owners) = S::sorted(config, &plan, members);
        Self::of_circle(Circle::from_sorted(points, &owners), config, plan, members)
    }

    fn of_circle(circle: Circle, config: &S::Config, plan: S::Plan, members: &Members) -> Self {
        let live = S::live(config, &plan, members);
        let circle = Arc::new(circle);
        Self { circle, config: config.clone(), plan, live, slots: members.slots() }
    }

    /// The circle after some changes. A reweighted node gives up all its points and gets those of
    /// its new weight: the first ones are the same again.
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

    /// Every interval of hashes with its owner, in order, without gaps, whatever the rule. A node
    /// has about as many as it has points. Empty if no node is live.
    pub fn arcs(&self) -> impl Iterator<Item = RingArc> {
        self.circle.arcs(S::rule(&self.config))
    }

    /// The exact share of a node: how many of the 2^64 hashes it owns. O(points).
    #[must_use]
    pub fn share(&self, node: NodeIdx) -> u128 {
        self.arcs().filter(|arc| arc.owner == node).map(|arc| arc.len()).sum()
    }
}

impl Ring {
    /// Builds this crate's own ring, as [`Build::build`] does. It stands here as well so that
    /// `Ring::build(…)` means the [`Native`] ring; another one is `Ring::<GivenPoints>::build(…)`.
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

    /// Points to a unit of weight; `None` as long as it is to be derived
    /// ([`RingConfig::points_per_node`]) and no node was ever live.
    #[must_use]
    pub fn scale(&self) -> Option<Scale> {
        self.plan.scale()
    }
}

// The rule of the native ring is known to the compiler: there is nothing to decide.
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

fn mark(gone: &mut [bool], node: NodeIdx) {
    if let Some(flag) = gone.get_mut(node.index()) {
        *flag = true;
    }
}

impl<S: PointScheme> sealed::SealedBuild for Ring<S> {}

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
        if !S::guarantees(&self.config).minimal_owner {
            // The points of nodes that stay may be others than before.
            return Ok(Self::planned(&self.config, plan, after));
        }
        let circle = self.merged(&plan, changes, before, after);
        Ok(Self::of_circle(circle, &self.config, plan, after))
    }

    fn fingerprint(&self, members: &Members) -> u64 {
        S::fingerprint(self, members)
    }
}
