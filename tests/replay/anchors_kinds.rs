//! The anchors that nodes can be placed by, and the capacity of a model.

use apportion::NodeIdx;
use apportion::anchor::{AnchorConfig, AnchorHash, JumpBackAnchor};
use apportion::placement::{Build, Exact};
#[cfg(feature = "serde")]
use apportion::saved::Savable as Saved;

#[cfg(not(feature = "serde"))]
pub trait Saved {}

#[cfg(not(feature = "serde"))]
impl<P> Saved for P {}

/// One of the two anchors.
pub trait Kind: Build + Exact + Saved {
    /// The variant of its saved form.
    const NAME: &'static str;

    /// Its configuration, and how it is modelled, for a number that is chosen at random.
    fn choose(seed: u64) -> (Self::Config, Option<Capacity>);

    /// The number of buckets, and those removed.
    fn state(&self) -> (u32, &[u32]);

    fn node(&self, bucket: u32) -> Option<NodeIdx>;

    /// The capacity, if it has one.
    fn capacity(&self) -> Option<u32>;
}

/// The capacity of a model: as configured, and as it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Capacity {
    asked: Option<u32>,
    now: u32,
}

impl Capacity {
    pub fn now(self) -> u32 {
        self.now
    }

    /// For a value without live nodes.
    pub fn of(self, live: usize) -> Self {
        let chosen = (live as u32 * 2).max(16);
        Self { now: self.asked.unwrap_or(chosen), ..self }
    }
}

impl Kind for JumpBackAnchor {
    const NAME: &'static str = "jump-back-anchor";

    fn choose(_: u64) -> ((), Option<Capacity>) {
        ((), None)
    }

    fn state(&self) -> (u32, &[u32]) {
        (self.buckets().size(), self.buckets().removed())
    }

    fn node(&self, bucket: u32) -> Option<NodeIdx> {
        Self::node(self, bucket)
    }

    fn capacity(&self) -> Option<u32> {
        None
    }
}

impl Kind for AnchorHash {
    const NAME: &'static str = "anchor";

    fn choose(seed: u64) -> (AnchorConfig, Option<Capacity>) {
        let config = AnchorConfig::default();
        // Mostly near the number of nodes there can be.
        let asked = match seed % 4 {
            0 => None,
            1 => Some(1 + (seed >> 32) as u32 % 1000),
            _ => Some(1 + (seed >> 32) as u32 % 20),
        };
        let config = asked.map_or(config, |asked| config.capacity(asked));
        (config, Some(Capacity { asked, now: asked.unwrap_or(16) }))
    }

    fn state(&self) -> (u32, &[u32]) {
        (self.buckets_in_use(), self.removed())
    }

    fn node(&self, bucket: u32) -> Option<NodeIdx> {
        Self::node(self, bucket)
    }

    fn capacity(&self) -> Option<u32> {
        Some(Self::capacity(self))
    }
}
