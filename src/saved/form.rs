//! The saved form of a locator.

use crate::error::{Error, Kind, SavedFault};
use crate::hash::{Portable, hex};
use crate::limits::{MAX_NODES, RESTORE_POINTS};
use crate::locator::Locator;
use crate::node::{Domain, NodeIdx, SavedLabel, Weight};
use crate::placement::{RestoreLimit, Savable, State};
use crate::topology::{Member, Members, Topology};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The version written; every version up to it is read.
const VERSION: u32 = 1;

/// A [`Locator`] as it is written to a file or sent to another process.
///
/// [`Locator`] implements `Serialize` and `Deserialize` through this form where its hasher has no
/// secret. With a secret, or with a limit of your own, go through it by hand:
///
/// ```
/// use apportion::{Locator, Saved, SipHash13};
///
/// let secret = *b"sixteen byte key";
/// let ring = Locator::ring(["a", "b"])?.with_hasher(SipHash13::new(secret));
/// let text = serde_json::to_string(&ring.save()).unwrap();
///
/// let saved: Saved<String> = serde_json::from_str(&text).unwrap();
/// let again = saved.restore::<apportion::Ring, _>(SipHash13::new(secret))?;
/// assert_eq!(again.fingerprint(), ring.fingerprint());
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// **Layout**, version 1: `version`; `fingerprint` and `hasher`, 16 hexadecimal digits each;
/// `epoch`; `nodes`, one entry a slot, null for a hole, else `value` (the user's), `label` (`text`
/// or `hex`), `weight`, `domains` (pairs of level and name); `placement`: `ring` (`points_per_node`,
/// `scale` as points and weight, `budget`), `numbered` (`algorithm`, `order`: the slot of each
/// bucket), `jump-back-anchor` (`state`: buckets in all, then the removed ones, oldest first;
/// `order`: the slot of each bucket that works), `asura` (`exponent` of the board, `unit` as a power
/// of two, `darts`, `slots`: the node of each slot, null for a free one, `rests`: the slots that are
/// not full), `maglev` (`table_size`), `rendezvous`, `weighted-rendezvous`, `given-points` (`rule`,
/// `lists`: label and points, 16 hexadecimal digits each, both ascending) or `partition-table`
/// (`partitions`, `replicas`, `limits`: pairs of level and most replicas, `holders`: the slots of the
/// holders of partition 0, then those of partition 1 and so on).
///
/// What is read is not trusted: a newer version, an altered value, another hasher or a numbering
/// that does not fit are errors, and memory stays in proportion to the input, for a ring up to
/// [`RESTORE_POINTS`] points or 4,096 a node.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saved<N> {
    version: u32,
    #[serde(with = "hex")]
    fingerprint: u64,
    #[serde(with = "hex")]
    hasher: u64,
    epoch: u64,
    nodes: Vec<Option<SavedNode<N>>>,
    placement: State,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedNode<N> {
    value: N,
    label: SavedLabel,
    weight: u64,
    domains: Vec<(String, String)>,
}

impl<N> Saved<N> {
    /// The locator again, under the same hasher.
    ///
    /// # Errors
    /// A newer version, another hasher or algorithm, anything malformed or altered, and more ring
    /// points than [`RESTORE_POINTS`] or 4,096 a node.
    pub fn restore<P: Savable, H: Portable>(self, hasher: H) -> Result<Locator<N, P, H>, Error> {
        self.restore_within(hasher, RESTORE_POINTS)
    }

    /// As [`restore`](Self::restore) with another limit to the points of a ring, for values from
    /// a trusted place.
    ///
    /// # Errors
    /// As [`restore`](Self::restore).
    pub fn restore_within<P: Savable, H: Portable>(
        self,
        hasher: H,
        max_points: u64,
    ) -> Result<Locator<N, P, H>, Error> {
        let fault = |fault| Err(Kind::Saved(fault).into());
        if self.version == 0 {
            return fault(SavedFault::NoVersion { version: self.version });
        }
        if self.version > VERSION {
            return fault(SavedFault::Newer { version: self.version, known: VERSION });
        }
        if self.hasher != hasher.id() {
            return fault(SavedFault::Hasher { saved: self.hasher, given: hasher.id() });
        }
        if self.nodes.len() > MAX_NODES {
            let nodes = self.nodes.len();
            return Err(Kind::TooManyNodes { nodes, max: MAX_NODES }.into());
        }
        let mut values = Vec::with_capacity(self.nodes.len());
        let mut slots = Vec::with_capacity(self.nodes.len());
        for node in self.nodes {
            let Some(node) = node else {
                values.push(None);
                slots.push(None);
                continue;
            };
            let label = node.label.into_bytes()?;
            let domain = Domain::new(node.domains, &label)?;
            slots.push(Some(Member::new(&label, Weight::new(node.weight), domain)?));
            values.push(Some(Arc::new(node.value)));
        }
        let members = Members::from_slots(slots)?;
        let placement = P::restore(self.placement, &members, RestoreLimit(max_points))?;
        let topology = Topology::from_parts(values, members, self.epoch);
        let locator = Locator::from_parts(topology, placement, hasher)?;
        let rebuilt = locator.fingerprint();
        if rebuilt != self.fingerprint {
            return fault(SavedFault::Fingerprint { saved: self.fingerprint, rebuilt });
        }
        Ok(locator)
    }
}

impl<N, P, H> Locator<N, P, H> {
    /// The form to be written, borrowing the nodes' values. See [`Saved`].
    pub fn save(&self) -> Saved<&N>
    where
        P: Savable,
        H: Portable,
    {
        let members = self.topology().members();
        let node = |slot| {
            let at = NodeIdx::new(slot);
            let member = members.get(at)?;
            let domains = member.domain.path().map(|(l, n)| (l.into(), n.into())).collect();
            Some(SavedNode {
                value: self.topology().get(at)?,
                label: SavedLabel::new(&member.label),
                weight: member.weight.get(),
                domains,
            })
        };
        Saved {
            version: VERSION,
            fingerprint: self.fingerprint(),
            hasher: self.hasher().id(),
            epoch: self.topology().epoch(),
            nodes: (0..members.slots() as u32).map(node).collect(),
            placement: self.placement().save(),
        }
    }
}

/// As [`Saved`].
impl<N: Serialize, P: Savable, H: Portable> Serialize for Locator<N, P, H> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.save().serialize(serializer)
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
