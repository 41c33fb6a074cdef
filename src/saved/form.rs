//! The saved form of a locator.

use super::nodes::SavedNodes;
use crate::algorithms::{AnyState, Savable, Tagged};
use crate::error::{Error, SavedFault};
use crate::hash::{Portable, StableHash, hex};
use crate::locator::Locator;
use crate::node::NodeLabel;
use crate::placement::{RestoreLimit, Saves, other_algorithm};
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The version written; every version up to it is read.
pub(super) const VERSION: u32 = 1;

/// The saved form of a [`Locator`], to be written to a file or sent to another process.
///
/// If the hasher has no secret, [`Locator`] implements `Serialize` and `Deserialize` through this form.
/// With a secret, or with a limit of your own, use the form explicitly:
///
/// ```
/// use apportion::{Locator, SipHash13};
/// use apportion::saved::Saved;
///
/// let secret = *b"sixteen byte key";
/// let ring = Locator::ring(["a", "b"])?.with_hasher(SipHash13::new(secret));
/// let text = serde_json::to_string(&ring.save()?).unwrap();
///
/// let saved: Saved<String> = serde_json::from_str(&text).unwrap();
/// let again = saved.restore::<apportion::Ring, _>(SipHash13::new(secret))?;
/// assert_eq!(again.fingerprint(), ring.fingerprint());
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// # Layout
/// Version 1: `version`; `fingerprint` and `hasher`, 16 hexadecimal digits each;
/// `epoch`; `nodes`, one entry a slot, null for a hole, else `value` (the user's), `label` (`text`
/// or `hex`), `weight`, `domains` (pairs of level and name); `placement`: `ring` (`points_per_node`,
/// null where the scale is a constant; `scale` as points and weight, null where it is still to be
/// derived; `budget`), `numbered` (`algorithm`, `order`: the slot of each
/// bucket), `jump-back-anchor` (`state`: buckets in all, then the removed ones, oldest first;
/// `order`: the slot of each bucket that works), `asura` (`exponent` of the board, `unit` as a power
/// of two, `asked_exponent` and `asked_unit` (a weight) as they were configured or null, `darts`, `slots`: the node of each slot, null for a free one, `rests`: the slots that are
/// not full), `maglev` (`table_size`), `rendezvous`, `weighted-rendezvous`, `given-points` (`rule`,
/// `lists`: label and points, 16 hexadecimal digits each, both ascending), `partition-table`
/// (`partitions`, `replicas`, `limits`: pairs of level and maximum replicas, `holders`: the slots of the
/// holders of partition 0, then those of partition 1 and so on) or `anchor` (`capacity`, `asked_capacity`
/// as it was configured or null, `state` and `order` as for `jump-back-anchor`).
///
/// # Newer releases
/// A file of a newer form gives the error "saved by a newer release", whatever else it contains: the
/// version is checked first. Compact formats write the version first; formats with field names may have
/// it anywhere.
///
/// # Untrusted input
/// Saved forms are not trusted: an altered label, weight, domain or placement state, another hasher and
/// a numbering that does not fit are errors. The fingerprint detects accidents, but it is not a
/// signature: anyone who can write the file can compute it. It does not cover the nodes' values, which
/// may be of any type. If the labels are made from the values, [`Locator::check_labels`] compares both.
///
/// # Memory
/// Reading takes at most 8 bytes for each byte of a text form and 32 for each byte of a compact one.
/// Restoring takes another 64 bytes for each slot of the topology, holes included, and the memory of
/// the placement. A list that is longer than any that can be restored is an error that names the list.
///
/// The points of rings and the entries of Maglev tables are recomputed, so a few bytes may request many.
/// The default limit is [`RESTORE_POINTS`], or [`RESTORE_POINTS_PER_NODE`] for each live node if that
/// is more: some 50 MB, or 12 kB for each node. To save and restore a larger value, use
/// [`Locator::save_within`] and [`restore_within`](Self::restore_within) with a limit of your own; for
/// untrusted input, restore with a lower one. A value that `save` accepts is accepted by `restore`.
///
/// [`RESTORE_POINTS`]: crate::limits::RESTORE_POINTS
/// [`RESTORE_POINTS_PER_NODE`]: crate::limits::RESTORE_POINTS_PER_NODE
#[derive(Clone, Debug, Serialize)]
pub struct Saved<N> {
    pub(super) version: u32,
    #[serde(with = "hex")]
    pub(super) fingerprint: u64,
    #[serde(with = "hex")]
    pub(super) hasher: u64,
    pub(super) epoch: u64,
    pub(super) nodes: SavedNodes<N>,
    pub(super) placement: AnyState,
}

impl<N> Saved<N> {
    /// Restores the locator, with the same hasher as it was saved with.
    ///
    /// # Errors
    /// The hasher or the algorithm differs, the form is malformed or altered, or it has more ring
    /// points or Maglev table entries than [`Locator::save`] allows.
    pub fn restore<P: Savable, H: Portable>(self, hasher: H) -> Result<Locator<N, P, H>, Error> {
        self.restored(hasher, RestoreLimit::default())
    }

    /// As [`restore`](Self::restore), with this limit for the points of a ring or the entries of a
    /// Maglev table: a high one for large values from a trusted source, a low one for untrusted input.
    /// A point takes some 24 bytes while the ring is built, and 14 from then on.
    ///
    /// # Errors
    /// As [`restore`](Self::restore).
    pub fn restore_within<P: Savable, H: Portable>(
        self,
        hasher: H,
        max_points: u64,
    ) -> Result<Locator<N, P, H>, Error> {
        self.restored(hasher, RestoreLimit::within(max_points))
    }

    fn restored<P: Savable, H: Portable>(
        self,
        hasher: H,
        limit: RestoreLimit,
    ) -> Result<Locator<N, P, H>, Error> {
        let fault = |fault: SavedFault| Err(fault.into());
        if self.version == 0 {
            return fault(SavedFault::NoVersion { version: self.version });
        }
        if self.version > VERSION {
            return fault(SavedFault::Newer { version: self.version, known: VERSION });
        }
        if self.hasher != hasher.id() {
            return fault(SavedFault::Hasher { saved: self.hasher, given: hasher.id() });
        }
        let topology = self.nodes.restore(self.epoch)?;
        let state = P::State::untagged(self.placement);
        let state = state
            .map_err(|other| other_algorithm(other.algorithm(), &<P as Saves>::algorithm()))?;
        let placement = P::restore(state, topology.members(), limit)?;
        let locator = Locator::from_parts(topology, placement, hasher)?;
        let rebuilt = locator.fingerprint();
        if rebuilt != self.fingerprint {
            return fault(SavedFault::Fingerprint { saved: self.fingerprint, rebuilt });
        }
        Ok(locator)
    }
}

impl<N, P, H> Locator<N, P, H> {
    /// The saved form of this locator, which borrows the nodes' values. See [`Saved`].
    ///
    /// # Errors
    /// The ring or Maglev table is too large for [`Saved::restore`].
    pub fn save(&self) -> Result<Saved<&N>, Error>
    where
        P: Savable,
        H: Portable,
    {
        self.saved(RestoreLimit::default())
    }

    /// As [`save`](Self::save), with a limit of your own. Restore the form by
    /// [`Saved::restore_within`] with the same limit.
    ///
    /// # Errors
    /// The ring has more points, or the Maglev table more entries, than the limit.
    pub fn save_within(&self, max_points: u64) -> Result<Saved<&N>, Error>
    where
        P: Savable,
        H: Portable,
    {
        self.saved(RestoreLimit::within(max_points))
    }

    fn saved(&self, limit: RestoreLimit) -> Result<Saved<&N>, Error>
    where
        P: Savable,
        H: Portable,
    {
        let live = self.topology().members().live() as u64;
        let (points, limit) = (self.placement().derived(), limit.of(live));
        if points > limit {
            return Err(SavedFault::TooLarge { points, limit }.into());
        }
        Ok(Saved {
            version: VERSION,
            fingerprint: self.fingerprint(),
            hasher: self.hasher().id(),
            epoch: self.topology().epoch(),
            nodes: SavedNodes::of(self.topology()),
            placement: self.placement().save().tagged(),
        })
    }
}

impl<N: StableHash, P, H> Locator<N, P, H> {
    /// Checks that every node's label is the one made from its value, as for nodes of
    /// [`Node::new`](crate::Node::new). The fingerprint covers labels, not values, so after a restore
    /// this finds altered values. O(bytes of the labels).
    ///
    /// ```
    /// use apportion::Locator;
    ///
    /// let ring = Locator::ring(["a".to_string(), "b".to_string()])?;
    /// let text = serde_json::to_string(&ring).unwrap();
    /// let altered = text.replace(r#""value":"a""#, r#""value":"c""#);
    /// let restored: Locator<String> = serde_json::from_str(&altered).unwrap();
    /// assert_eq!(restored.fingerprint(), ring.fingerprint());
    /// assert!(ring.check_labels().is_ok() && restored.check_labels().is_err());
    /// # Ok::<(), apportion::Error>(())
    /// ```
    ///
    /// # Errors
    /// The value of a node makes another label. The error names the first such node and both labels.
    pub fn check_labels(&self) -> Result<(), Error> {
        for (slot, value) in self.topology() {
            let spelled = NodeLabel::of(value);
            let members = self.topology().members();
            let Some(label) = members.label(slot) else { continue };
            if *label != *spelled {
                let (label, spelled) = (members.shown(slot), spelled.shown());
                return Err(SavedFault::Value { label, spelled }.into());
            }
        }
        Ok(())
    }
}

/// As [`Locator::save`].
impl<N: Serialize, P: Savable, H: Portable> Serialize for Locator<N, P, H> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.save().map_err(S::Error::custom)?.serialize(serializer)
    }
}

/// As [`Saved::restore`], for a hasher without a secret.
impl<'de, N, P, H> Deserialize<'de> for Locator<N, P, H>
where
    N: Deserialize<'de>,
    P: Savable,
    H: Portable + Default,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let saved = Saved::<N>::deserialize(deserializer)?;
        saved.restore(H::default()).map_err(D::Error::custom)
    }
}
