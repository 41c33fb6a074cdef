//! Routing while keys move.
//!
//! ```text
//!                    begin                 switch                 complete
//!   settled at old ────────▶   copying   ────────▶   switched   ──────────▶  settled at new
//!                  ◀────────             ◀────────
//!                   step_back             step_back
//!
//!   reads    old                old                   new                    new
//!   writes   old                old and new           old and new            new
//! ```
//!
//! The states are those of one partition of the hashes. Each state reads what both its neighbours
//! write, so that a client which has not yet seen the last change of a partition reads and writes
//! nothing wrong; a client that is two changes behind may. The test `migration::histories` checks it.

mod change;
mod holders;
mod progress;
#[cfg(feature = "serde")]
mod saved;
mod state;
mod unmoved;
mod version;

pub use holders::{HolderIter, HolderSet};
pub use progress::Progress;
pub use state::PartitionState;
pub use version::Version;

use crate::error::{Error, MigrationFault};
use crate::hash::mix::reduce;
use crate::hash::{Key, KeyHash};
use crate::limits::MAX_PARTITIONS;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use state::{Phase, Place, TARGET};

/// Who serves each key while its replicas move from one placement to another: an old value, a new
/// one, and how far each partition of the keys has come.
///
/// Keys are counted in equal partitions of their hashes, as by a
/// [`PartitionTable`](crate::PartitionTable); for a table take its own number of partitions or a
/// multiple, for other placements as many as the copying is to be divided into (some thousands).
/// Each partition is settled, copying, or switched:
///
/// | state | holders that are read | holders that are written | your part |
/// |---|---|---|---|
/// | settled | its own | its own | nothing |
/// | copying | the old ones | the old and the new ones | copy each key to [`new_holders`](Self::new_holders), then the writes that were made meanwhile |
/// | switched | the new ones | the old and the new ones | nothing; wait until all clients have seen it |
/// | settled at the new placement | the new ones | the new ones | delete what the old holders hold no more |
///
/// **What holds.** A write is acknowledged once every member of the [write set](Self::write_set) of
/// that moment has stored it. Then every member of a key's [read set](Self::read_set) has every
/// acknowledged write of the key, at any moment and in any history of the calls below, if
///
/// - [`switch`](Self::switch) is called after every new holder has a copy that includes all writes
///   acknowledged before all clients had seen the state `copying`,
/// - no client is more than one state of a partition behind: wait for all clients after each call,
/// - a node that was declared [lost](Self::lose) takes part no more until a later
///   [`change_to`](Self::change_to), and one holder of the read set survives,
/// - after a loss no call leads a key to where all its holders are lost: try a completion, a step back or a
///   change on a clone, and do not make it if a read set becomes empty.
///
/// **Events.** [`change_to`](Self::change_to) begins a transition. Partitions in which no replica moves
/// are complete from the start, where that can be known; the others wait for you. In the middle it
/// gives a new target: partitions that were copying go back to their old holders, partitions that
/// had switched are settled at the earlier target. Going back to the old placement is such a change
/// too, which is how a whole transition is given up. A lost node is left out of all sets; the other
/// holders go on. What a node has of a partition after a copy that was given up can be deleted as soon
/// as all clients have seen a state in which the node is not in the write set. After a crash, [`progress`](Self::progress) as it was saved and the same versions give the same value
/// again: [`resume`](Self::resume).
///
/// The two placements may be of different algorithms, and chosen under different
/// [spreads](Version::under). `R` is the maximum number of replicas of a key; where a placement gives
/// fewer, a key has fewer.
///
/// ```
/// use apportion::{Locator, Topology};
/// use apportion::migration::{Transition, Version};
/// use apportion::partition::TableConfig;
///
/// // From a ring to a partition table, with two replicas.
/// let ring = Locator::ring(["a", "b", "c"])?;
/// let table = Locator::table_of(Topology::new(["a", "b", "c", "d"])?, TableConfig::new(64, 2))?;
/// let mut transition = Transition::<_, _, 2>::new(Version::of(&ring), 64)?;
/// transition.change_to(Version::of(&table))?;
///
/// let key = "user:42";
/// let partition = transition.partition(key);
/// transition.begin(partition)?;
/// for node in transition.new_holders(key) {
///     println!("copy {key} to {node}");
/// }
/// assert!(transition.read_set(key).iter().eq(&ring.replicas::<2>(key)));
/// transition.switch(partition)?;
/// transition.complete(partition)?;
/// assert!(transition.read_set(key).iter().eq(&table.replicas::<2>(key)));
/// assert_eq!(transition.remaining(), 63);
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// # Complexity
/// The sets of a key cost a lookup of its replicas in one placement, or in two while the partition
/// is copying or switched, and take nothing from the heap where those do not. A step of a partition
/// is O(1), but O(partitions) where the last partition leaves an earlier version; a change is
/// O(partitions), a lost node O(versions · log n). Memory: 4 bytes a partition, and
/// the versions that partitions are still settled at.
pub struct Transition<N, H, const R: usize> {
    target: Version<N, H>,
    /// Versions at which a partition is settled, or from which one comes.
    earlier: Vec<Version<N, H>>,
    /// Partitions of each of these.
    uses: Vec<u32>,
    places: Vec<Place>,
    /// Partitions that are not settled at the target.
    remaining: u32,
}

impl<N, H: Clone, const R: usize> Clone for Transition<N, H, R> {
    fn clone(&self) -> Self {
        let Self { target, earlier, uses, places, remaining } = self;
        let (target, earlier) = (target.clone(), earlier.clone());
        let (uses, places) = (uses.clone(), places.clone());
        Self { target, earlier, uses, places, remaining: *remaining }
    }
}

impl<N, H, const R: usize> fmt::Debug for Transition<N, H, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transition")
            .field("replicas", &R)
            .field("target", &self.target)
            .field("earlier", &self.earlier)
            .field("partitions", &self.places.len())
            .field("remaining", &self.remaining)
            .finish_non_exhaustive()
    }
}

impl<N, H, const R: usize> Transition<N, H, R> {
    /// All partitions settled at one placement.
    ///
    /// # Errors
    /// 0 replicas, a partition table or a spread of more than `R`, and a number of partitions that is
    /// 0 or above [`MAX_PARTITIONS`].
    pub fn new(version: Version<N, H>, partitions: u32) -> Result<Self, Error> {
        Self::settled_at(version.whole(), partitions)
    }

    /// The same, where nodes of the version may be lost.
    fn settled_at(version: Version<N, H>, partitions: u32) -> Result<Self, Error> {
        if R == 0 {
            return Err(MigrationFault::NoReplicas.into());
        }
        if partitions == 0 || partitions > MAX_PARTITIONS {
            return Err(MigrationFault::Partitions { partitions, max: MAX_PARTITIONS }.into());
        }
        version.check_replicas(R)?;
        let places = vec![Place::settled(TARGET); partitions as usize];
        let (earlier, uses) = (Vec::new(), Vec::new());
        Ok(Self { target: version, earlier, uses, places, remaining: 0 })
    }

    /// The number of partitions of the keys.
    #[must_use]
    pub fn partitions(&self) -> u32 {
        self.places.len() as u32
    }

    /// The partition of a key.
    #[must_use]
    pub fn partition(&self, key: &(impl Key<H> + ?Sized)) -> u32 {
        self.partition_of(self.hash(key))
    }

    /// How far a partition has come; `None` if there is no such partition.
    #[must_use]
    pub fn state(&self, partition: u32) -> Option<PartitionState> {
        let Place { version, phase } = *self.places.get(partition as usize)?;
        Some(match phase {
            Phase::Settled if version == TARGET => PartitionState::Complete,
            Phase::Settled => PartitionState::Waiting,
            Phase::Copying => PartitionState::Copying,
            Phase::Switched => PartitionState::Switched,
        })
    }

    /// Partitions that are not yet settled at the target.
    #[must_use]
    pub fn remaining(&self) -> u32 {
        self.remaining
    }

    /// True if all partitions are settled at the target.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.remaining == 0
    }

    /// Where all partitions go.
    #[must_use]
    pub fn target(&self) -> &Version<N, H> {
        &self.target
    }

    /// The holders of a key each of which has every acknowledged write of it.
    ///
    /// Empty if all of them are lost, and then nothing of the key is left. The
    /// [write set](Self::write_set) is empty too, until the partition is switched or gets another
    /// target.
    #[must_use]
    pub fn read_set(&self, key: &(impl Key<H> + ?Sized)) -> HolderSet<'_, N, R> {
        let hash = self.hash(key);
        let (phase, old) = self.source(hash);
        if phase == Phase::Switched {
            let holders = HolderSet::of(&self.target, hash);
            if !holders.is_empty() {
                return holders;
            }
        }
        HolderSet::of(old, hash)
    }

    /// The holders that have to store a write of a key before it is acknowledged, those of the
    /// [read set](Self::read_set) first. Empty if that is.
    #[must_use]
    pub fn write_set(&self, key: &(impl Key<H> + ?Sized)) -> HolderSet<'_, N, R> {
        let hash = self.hash(key);
        let (phase, old) = self.source(hash);
        let old = HolderSet::of(old, hash);
        match phase {
            // What only new holders stored would be gone if the partition stepped back.
            Phase::Copying if !old.is_empty() => old.joined(HolderSet::of(&self.target, hash)),
            Phase::Settled | Phase::Copying => old,
            Phase::Switched => HolderSet::of(&self.target, hash).joined(old),
        }
    }

    /// The nodes to which a key is copied while its partition is copying: the holders in the target
    /// that do not hold it yet. Empty in every other state.
    #[must_use]
    pub fn new_holders(&self, key: &(impl Key<H> + ?Sized)) -> HolderSet<'_, N, R> {
        self.difference(key, Phase::Copying, |old, new| new.without(&old))
    }

    /// The nodes that delete a key once its partition is complete: the holders so far that hold it no
    /// more in the target. Empty unless the partition has switched.
    #[must_use]
    pub fn old_holders(&self, key: &(impl Key<H> + ?Sized)) -> HolderSet<'_, N, R> {
        self.difference(key, Phase::Switched, |old, new| old.without(&new))
    }

    fn difference<'a>(
        &'a self,
        key: &(impl Key<H> + ?Sized),
        wanted: Phase,
        difference: impl Fn(HolderSet<'a, N, R>, HolderSet<'a, N, R>) -> HolderSet<'a, N, R>,
    ) -> HolderSet<'a, N, R> {
        let hash = self.hash(key);
        let (phase, old) = self.source(hash);
        if phase != wanted {
            return HolderSet::empty(&self.target);
        }
        difference(HolderSet::of(old, hash), HolderSet::of(&self.target, hash))
    }

    fn hash(&self, key: &(impl Key<H> + ?Sized)) -> KeyHash {
        key.key_hash(self.target.hasher())
    }

    fn partition_of(&self, hash: KeyHash) -> u32 {
        reduce(hash.get(), self.places.len() as u64) as u32
    }

    /// The phase of a key's partition, and where it is settled or comes from.
    fn source(&self, hash: KeyHash) -> (Phase, &Version<N, H>) {
        let place = self.places.get(self.partition_of(hash) as usize).copied();
        let Place { version, phase } = place.unwrap_or(Place::settled(TARGET));
        (phase, self.earlier.get(version as usize).unwrap_or(&self.target))
    }
}
