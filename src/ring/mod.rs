//! The hash ring: every node stands at many points of a circle of 2^64, a key belongs to the first
//! point at or after its hash.
//!
//! **Source** — David Karger, Eric Lehman, Tom Leighton, Rina Panigrahy, Matthew Levine, Daniel
//! Lewin, *Consistent hashing and random trees*, STOC 1997, DOI 10.1145/258533.258660.

mod arcs;
mod config;
mod flat;
mod lookup;
mod points;
#[cfg(feature = "serde")]
mod saved;
mod scale;
mod sort;
mod sweep;
mod words;

pub use arcs::RingArc;
pub use config::RingConfig;
pub use scale::Scale;
pub(crate) use sweep::Sweep;

use crate::error::Error;
use crate::hash::KeyHash;
use crate::node::NodeIdx;
use crate::placement::{Build, FingerprintOf, Guarantees, Placement, Walk};
use crate::topology::{Change, Members};
use alloc::sync::Arc;
use flat::Flat;
use points::Planner;

/// The hash ring: points in proportion to weight, a forward walk for replicas, exact shares.
///
/// **Time** — O(1) expected a lookup through an index of the points' top bits; a replica takes
/// O(1) expected steps more; build and change O(points). **Memory** — about 14 bytes a point. **What moves** — only keys to the node that joins, only keys from the node
/// that leaves, only keys to or from a node that is reweighted; one member of a replica set at
/// most. **Weights** — any u64, as numbers of points: see [`RingConfig`]. **History** — none,
/// except that the scale is fixed when the ring is built. **Take another** — rendezvous where
/// shares must be exact: with the 160 points a node of the default, the fullest of 100 equal nodes
/// holds 1.21 times its share on average (40 points: 1.44; 640: 1.10). **Source** — Karger et al. 1997, DOI
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
#[derive(Clone, Debug)]
pub struct Ring {
    flat: Arc<Flat>,
    config: RingConfig,
    /// Fixed as soon as there is a live node.
    scale: Option<Scale>,
    live: usize,
    slots: usize,
}

impl Ring {
    /// Points in all.
    #[must_use]
    pub fn points(&self) -> usize {
        self.flat.len()
    }

    /// Points to a unit of weight; `None` as long as no node was ever live.
    #[must_use]
    pub fn scale(&self) -> Option<Scale> {
        self.scale
    }

    /// What the ring was built with.
    #[must_use]
    pub fn config(&self) -> &RingConfig {
        &self.config
    }

    fn new(config: &RingConfig, scale: Option<Scale>, members: &Members) -> Result<Self, Error> {
        config.check()?;
        let planner = Planner::new(config, scale, members)?;
        Ok(Self {
            flat: Arc::new(Flat::build(&planner, members)),
            config: config.clone(),
            scale: planner.scale(),
            live: members.live(),
            slots: members.slots(),
        })
    }
}

impl Placement for Ring {
    fn slots(&self) -> usize {
        self.slots
    }

    fn live(&self) -> usize {
        self.live
    }

    fn guarantees(&self) -> Guarantees {
        Guarantees::all()
    }

    #[inline]
    fn locate(&self, key: KeyHash) -> Option<NodeIdx> {
        self.flat.owner(key.get())
    }

    fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx> {
        self.flat.next_candidate(walk)
    }

    fn replicas(&self, key: KeyHash, out: &mut [NodeIdx]) -> usize {
        let k = out.len().min(self.live);
        out.get_mut(..k).map_or(0, |out| self.flat.distinct(key.get(), out))
    }
}

impl Build for Ring {
    type Config = RingConfig;

    fn build(config: &RingConfig, members: &Members) -> Result<Self, Error> {
        Self::new(config, None, members)
    }

    fn update(&self, changes: &[Change], before: &Members, after: &Members) -> Result<Self, Error> {
        let planner = Planner::new(&self.config, self.scale, after)?;
        let flat = self.flat.merge(&planner, changes, before, after);
        Ok(Self {
            flat: Arc::new(flat),
            config: self.config.clone(),
            scale: planner.scale(),
            live: after.live(),
            slots: after.slots(),
        })
    }

    fn fingerprint(&self, members: &Members) -> u64 {
        let (points, weight) = self.scale.map_or((0, 0), |s| (s.points(), s.weight()));
        FingerprintOf { algorithm: "ring 1", members }.with([points, weight])
    }
}

#[cfg(not(feature = "serde"))]
impl crate::placement::sealed::Sealed for Ring {}
