//! The hash ring: every node stands at many points of a circle of 2^64, a key belongs to the first
//! point at or after its hash, or to another one by another [`Rule`].
//!
//! **Source** — David Karger, Eric Lehman, Tom Leighton, Rina Panigrahy, Matthew Levine, Daniel
//! Lewin, *Consistent hashing and random trees*, STOC 1997, DOI 10.1145/258533.258660.

mod arcs;
mod circle;
mod config;
#[cfg(test)]
mod cost_tests;
mod fit;
mod flat;
mod given;
mod label;
mod lookup;
mod native;
mod nearest;
mod planner;
mod rule;
#[cfg(feature = "serde")]
mod saved;
mod scale;
mod scheme;
mod sort;
mod words;

pub use arcs::RingArc;
pub(crate) use circle::{Circle, SideBySide, Sweep};
pub use config::RingConfig;
pub use given::{GivenPoints, GivenPointsConfig};
pub use label::{LabelPoints, LabelPointsConfig};
pub use native::Native;
pub use rule::Rule;
pub use scale::Scale;
pub use scheme::PointScheme;

use crate::error::Error;
use crate::hash::KeyHash;
use crate::node::NodeIdx;
use crate::placement::{Build, Guarantees, Placement, Walk, sealed};
use crate::topology::{Change, Members};
use alloc::sync::Arc;
use core::fmt;
use flat::Flat;

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
    flat: Arc<Flat>,
    config: S::Config,
    plan: S::Plan,
    live: usize,
    slots: usize,
}

impl<S: PointScheme> Clone for Ring<S> {
    fn clone(&self) -> Self {
        Self {
            flat: self.flat.clone(),
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
            .field("flat", &self.flat)
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
        self.flat.len()
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
        if rule.is_nearest() {
            return self.flat.nearest_candidate(hash, walk.state(), accept);
        }
        self.flat.next_candidate(rule.sought(hash), walk.state(), accept)
    }

    fn planned(config: &S::Config, plan: S::Plan, members: &Members) -> Self {
        let (points, owners) = S::sorted(config, &plan, members);
        Self::of_flat(Flat::from_sorted(points, &owners), config, plan, members)
    }

    fn of_flat(flat: Flat, config: &S::Config, plan: S::Plan, members: &Members) -> Self {
        let live = S::live(config, &plan, members);
        let flat = Arc::new(flat);
        Self { flat, config: config.clone(), plan, live, slots: members.slots() }
    }
}

impl Ring {
    /// Builds this crate's own ring, as [`Build::build`] does. It stands here as well so that
    /// `Ring::build(…)` means the [`Native`] ring; another one is `Ring::<GivenPoints>::build(…)`.
    ///
    /// ```
    /// use apportion::{Placement, Ring, RingConfig, Topology};
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
        let rule = S::rule(&self.config);
        if rule.is_nearest() {
            return self.flat.nearest_owner(key.get());
        }
        self.flat.owner(rule.sought(key.get()))
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
        let rule = S::rule(&self.config);
        let k = out.len().min(self.live);
        let Some(out) = out.get_mut(..k) else { return 0 };
        if rule.is_nearest() {
            return self.flat.nearest_distinct(key.get(), self.slots, out);
        }
        self.flat.distinct(rule.sought(key.get()), self.slots, out)
    }
}

impl<S: PointScheme> Build for Ring<S>
where
    Self: sealed::Seal,
{
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
        let flat = self.flat.merge::<S>(&self.config, &plan, changes, before, after);
        Ok(Self::of_flat(flat, &self.config, plan, after))
    }

    fn fingerprint(&self, members: &Members) -> u64 {
        S::fingerprint(self, members)
    }
}

#[cfg(not(feature = "serde"))]
impl<S: PointScheme> sealed::Sealed for Ring<S> {}
