//! The constructors of the ring, the default algorithm.

use super::Locator;
use crate::error::Error;
use crate::hash::{StableHash, Xxh3};
use crate::ring::{Ring, RingConfig};
use crate::topology::Topology;

impl<N> Locator<N, Ring, Xxh3> {
    /// A hash ring over nodes of weight 1 that are their own labels. The list may be empty: every
    /// lookup then returns `None`.
    ///
    /// # Errors
    /// A label is given twice, or one of the [`limits`](crate::limits) is exceeded.
    #[doc(alias = "consistent hash")]
    #[doc(alias = "hash ring")]
    #[doc(alias = "token ring")]
    pub fn ring(ids: impl IntoIterator<Item = N>) -> Result<Self, Error>
    where
        N: StableHash,
    {
        Self::ring_of(Topology::new(ids)?, RingConfig::default())
    }

    /// A hash ring over a topology, which describes nodes with weights and failure domains.
    ///
    /// # Errors
    /// The configuration is out of range, or the nodes need more points than the budget allows.
    #[allow(clippy::needless_pass_by_value)] // every `…_of` takes what it is built from
    pub fn ring_of(topology: Topology<N>, config: RingConfig) -> Result<Self, Error> {
        Self::build(topology, &config)
    }
}

/// A ring of the default configuration without nodes: lookups answer `None` until
/// [`with`](Locator::with) adds one. The other algorithms have no default, because what they are built
/// with and whether they can be empty is a choice.
impl<N, H: Default> Default for Locator<N, Ring, H> {
    fn default() -> Self {
        Self { topology: Topology::default(), placement: Ring::default(), hasher: H::default() }
    }
}
