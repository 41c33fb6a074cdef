//! The parts of a locator: topology, placement and hasher.

use super::Locator;
use crate::error::{ChoiceFault, Error};
use crate::hash::{Portable, Seeded};
use crate::placement::{Build, Placement};
use crate::topology::Topology;

impl<N, P, H> Locator<N, P, H> {
    /// The nodes.
    #[must_use]
    pub fn topology(&self) -> &Topology<N> {
        &self.topology
    }

    /// The placement: the algorithm's own value.
    #[must_use]
    pub fn placement(&self) -> &P {
        &self.placement
    }

    /// The key hasher.
    #[must_use]
    pub fn hasher(&self) -> &H {
        &self.hasher
    }

    /// A hash of everything that decides answers: the algorithm and its state, the hasher and the
    /// nodes. Two processes with the same fingerprint give the same answers. The epoch and the slots
    /// are not part of it.
    ///
    /// # Complexity
    /// O(n log n).
    #[must_use]
    pub fn fingerprint(&self) -> u64
    where
        // Bounds stand here and not at the `impl`: only then does the compiler's message say what is
        // missing and why.
        P: Build,
        H: Portable,
    {
        let content = self.placement.fingerprint(self.topology.members());
        crate::hash::mix::mix(content ^ crate::hash::mix::mix(self.hasher.id()))
    }

    /// The same nodes and hasher, with another placement of these nodes.
    pub(crate) fn with_placement(&self, placement: P) -> Self
    where
        H: Clone,
    {
        Self { topology: self.topology.clone(), placement, hasher: self.hasher.clone() }
    }

    /// The same nodes and algorithm with another key hasher. Keys move; the nodes' labels and points
    /// stay.
    pub fn with_hasher<G>(self, hasher: G) -> Locator<N, P, G> {
        Locator { topology: self.topology, placement: self.placement, hasher }
    }

    /// The same nodes and algorithm, for a second level of placement: key hashes are mixed with the
    /// seed.
    ///
    /// Where the same keys go through two levels (hosts, then the disks inside each host; processes,
    /// then the shards of a cache inside each process), **the two levels must not use the same
    /// hash**: the hashes of one host's keys are no longer uniform, so its disks get uneven shares or
    /// no keys at all. For example:
    ///
    /// - With a jump hash over 16 disks inside a jump hash over 8 hosts, a host uses 9 of its disks.
    /// - With a ring inside a ring, the disks get 0.6 to 1.5 times their share.
    /// - A table of 64 partitions inside another one uses 2 of 16 nodes.
    ///
    /// Give each level below the first one a seed, for instance its depth:
    ///
    /// ```
    /// use apportion::Locator;
    ///
    /// let hosts = Locator::jump_back((0..8).map(|host| format!("host-{host}")))?;
    /// let disks = Locator::jump_back(0..16)?.with_seed(1);
    ///
    /// let key = "user:42";
    /// let (host, disk) = (hosts.get(key), disks.get(key));
    /// # assert!(host.is_some() && disk.is_some());
    ///
    /// // A hash that was computed once serves both levels.
    /// let hash = hosts.hash(key);
    /// assert_eq!((hosts.get(&hash), disks.get(&hash)), (host, disk));
    ///
    /// // The levels have different fingerprints, and the seed has to be the same everywhere.
    /// let unseeded = Locator::jump_back(0..16)?;
    /// assert_ne!(disks.fingerprint(), unseeded.fingerprint());
    /// # Ok::<(), apportion::Error>(())
    /// ```
    ///
    /// Keys move; the nodes' labels and points stay. Every seed changes the hashes, 0 included; a
    /// second call adds a second seed. [`Seeded`] is the hasher, [`KeyHash::with_seed`] the function.
    ///
    /// [`KeyHash::with_seed`]: crate::KeyHash::with_seed
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Locator<N, P, Seeded<H>> {
        let Self { topology, placement, hasher } = self;
        Locator { topology, placement, hasher: Seeded::new(hasher, seed) }
    }
}

impl<N, P: Placement, H> Locator<N, P, H> {
    /// Builds a locator from a topology, a placement and a hasher. The placement may be a type of
    /// your own.
    ///
    /// # Errors
    /// The placement and the topology have different numbers of slots.
    pub fn from_parts(topology: Topology<N>, placement: P, hasher: H) -> Result<Self, Error> {
        let (given, slots) = (placement.slots(), topology.members().slots());
        if given != slots {
            return Err(ChoiceFault::Slots { placement: given, topology: slots }.into());
        }
        Ok(Self { topology, placement, hasher })
    }
}
