//! What an AnchorHash is built with.

use super::super::buckets::fault;
use crate::error::{AnchorFault, Error};
use crate::limits::MAX_ANCHOR_BUCKETS;
use crate::parameters;
use core::fmt;
use core::str::FromStr;

/// Capacities that are chosen for the nodes: this many buckets for each of them, and not fewer than
/// `MIN_CAPACITY`.
const BUCKETS_PER_NODE: u64 = 2;
const MIN_CAPACITY: u64 = 16;

/// How an [`AnchorHash`](crate::anchor::AnchorHash) is built: the maximum number of nodes that it can
/// ever have.
///
/// By default the capacity is twice the number of live nodes that it is built with, and at least 16.
/// An anchor that was built without a live node gets its capacity with the first ones. From then on the
/// capacity never changes, because another one places all keys anew. **Set it where several processes
/// build the anchor from lists that may differ**: only then do their answers agree after they applied
/// the same changes.
///
/// ```
/// use apportion::{ErrorKind, Locator, Topology};
/// use apportion::anchor::AnchorConfig;
///
/// let pool = Topology::new(["a", "b", "c"])?;
/// let pool = Locator::anchor_of(pool, AnchorConfig::default().capacity(4))?;
/// let full = pool.with("d")?;
/// assert_eq!(full.with("e").unwrap_err().kind(), ErrorKind::OverLimit);
/// assert_eq!(Locator::anchor(0..100)?.placement().capacity(), 200);
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// # As text
/// The capacity, `1000` or `capacity=1000`; an empty text is the default. `Display` prints the first
/// form, `FromStr` reads all, and `Serialize` and `Deserialize` (feature `serde`) use this text.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AnchorConfig {
    capacity: Option<u32>,
}

impl AnchorConfig {
    /// Sets the capacity: the number of buckets, and so the maximum number of live nodes, up to
    /// [`MAX_ANCHOR_BUCKETS`]. A lookup draws 1 + ln(capacity/n) buckets on average among n nodes, so
    /// leave room for the nodes that you expect, but not much more.
    #[must_use]
    pub fn capacity(self, buckets: u32) -> Self {
        Self { capacity: Some(buckets) }
    }

    /// The capacity, if one was given.
    #[must_use]
    pub fn get_capacity(self) -> Option<u32> {
        self.capacity
    }

    pub(super) fn check(self) -> Result<(), Error> {
        match self.capacity {
            Some(capacity) if !(1..=MAX_ANCHOR_BUCKETS).contains(&capacity) => {
                fault(AnchorFault::Capacity { capacity, max: MAX_ANCHOR_BUCKETS })
            }
            _ => Ok(()),
        }
    }

    /// The capacity for this many live nodes.
    pub(super) fn capacity_for(self, live: usize) -> Result<u32, Error> {
        let chosen = (live as u64).saturating_mul(BUCKETS_PER_NODE).max(MIN_CAPACITY);
        // Below the limit after `min`.
        let chosen = chosen.min(MAX_ANCHOR_BUCKETS.into()) as u32;
        let capacity = self.capacity.unwrap_or(chosen);
        if live > capacity as usize {
            return fault(AnchorFault::Full { nodes: live, capacity });
        }
        Ok(capacity)
    }
}

/// The capacity that was set; nothing if none was.
impl fmt::Display for AnchorConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.capacity.map_or(Ok(()), |capacity| capacity.fmt(f))
    }
}

impl FromStr for AnchorConfig {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut config = Self::default();
        parameters::each("anchor parameter", text, &["capacity"], |_, value| {
            config.capacity = Some(parameters::number("the capacity of an anchor", value)?);
            Ok(())
        })?;
        config.check()?;
        Ok(config)
    }
}

parameters::serde_as_text!(AnchorConfig);
