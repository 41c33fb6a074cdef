//! The saved form of bounded loads: the locator, the keys, and online their holders.

use super::canonical::{Assignment, Canonical};
use super::factor::LoadFactor;
use super::keyed::{BoundedLoads, Mode};
use crate::error::{BoundedFault, Error};
use crate::form::{self, malformed};
use crate::hash::hex::Hex;
use crate::hash::{KeyHash, Portable};
use crate::limits::MAX_BOUNDED_KEYS;
use crate::locator::Locator;
use crate::node::{NodeIdx, Weight};
use crate::placement::{RestoreLimit, bounded};
use crate::saved::{Savable, Saved};
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The version written; every version up to it is read.
const VERSION: u32 = 1;

/// Keys for which as many passed nodes are restored by default as for one live node: 64 a key.
const KEYS_PER_NODE: u64 = 8;

/// The saved form of [`BoundedLoads`], with the feature `serde`.
///
/// If the hasher has no secret, [`BoundedLoads`] implements `Serialize` and `Deserialize` through this
/// form. With a secret, or with a limit of your own, use the form explicitly. A restored value equals
/// the saved one and goes on alike: the same keys, holders, loads and caps, and the same answers to
/// every later call.
///
/// Requests [in flight](super::InFlight) are not saved: their leases end with the process.
///
/// ```
/// use apportion::Locator;
/// use apportion::bounded::{BoundedLoads, LoadFactor};
///
/// let ring = Locator::ring(["a".to_string(), "b".to_string()])?;
/// let mut sessions = BoundedLoads::online(ring, LoadFactor::new(5, 4)?);
/// sessions.extend(0..100)?;
/// let text = serde_json::to_string(&sessions).unwrap();
/// let again: BoundedLoads<String> = serde_json::from_str(&text).unwrap();
/// assert!(again == sessions);
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// # Layout
/// Version 1: `version`; `mode` and `factor`, as text; `locator`, as [`Saved`] writes it; `keys`, the
/// hashes in ascending order, 16 hexadecimal digits each; `holders`: the slot of each key, empty in
/// canonical mode, where the holders follow from the keys.
///
/// # Memory
/// In canonical mode the full nodes that each key passes are computed again, and they may be many. By
/// default at most [`RESTORE_POINTS`](crate::limits::RESTORE_POINTS) are restored, or 64 for each key
/// if that is more. [`BoundedLoads::save_within`] and [`restore_within`](Self::restore_within) take
/// another limit, which is also that of the locator. A value that `save` accepts is accepted by
/// `restore`.
#[derive(Clone, Debug)]
pub struct SavedLoads<N>(LoadsForm<Saved<N>>);

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "saved bounded loads")]
struct LoadsForm<L> {
    version: u32,
    mode: Mode,
    factor: LoadFactor,
    locator: L,
    #[serde(deserialize_with = "keys")]
    keys: Vec<Hex>,
    #[serde(deserialize_with = "holders")]
    holders: Vec<u32>,
}

fn keys<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Hex>, D::Error> {
    bounded(from, "keys", MAX_BOUNDED_KEYS as usize)
}

fn holders<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u32>, D::Error> {
    bounded(from, "holders", MAX_BOUNDED_KEYS as usize)
}

impl<N: Serialize> Serialize for SavedLoads<N> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

impl<'de, N: Deserialize<'de>> Deserialize<'de> for SavedLoads<N> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        form::read(from, VERSION).map(Self)
    }
}

/// As [`BoundedLoads::save`].
impl<N: Serialize, P: Savable, H: Portable> Serialize for BoundedLoads<N, P, H> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.save().map_err(S::Error::custom)?.serialize(to)
    }
}

/// As [`SavedLoads::restore`], for a hasher without a secret.
impl<'de, N, P, H> Deserialize<'de> for BoundedLoads<N, P, H>
where
    N: Deserialize<'de>,
    P: Savable,
    H: Portable + Default,
{
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        SavedLoads::<N>::deserialize(from)?.restore(H::default()).map_err(D::Error::custom)
    }
}

impl<N, P: Savable, H: Portable> BoundedLoads<N, P, H> {
    /// The saved form of this value, which borrows the nodes' values. See [`SavedLoads`].
    ///
    /// # Errors
    /// The locator is too large for [`SavedLoads::restore`], or keys pass too many full nodes.
    pub fn save(&self) -> Result<SavedLoads<&N>, Error> {
        self.saved(self.locator.save()?, RestoreLimit::default())
    }

    /// As [`save`](Self::save), with a limit of your own. Restore the form by
    /// [`SavedLoads::restore_within`] with the same limit.
    ///
    /// # Errors
    /// The ring has more points, the Maglev table more entries, or keys pass more full nodes than the
    /// limit.
    pub fn save_within(&self, max_points: u64) -> Result<SavedLoads<&N>, Error> {
        self.saved(self.locator.save_within(max_points)?, RestoreLimit::within(max_points))
    }

    fn saved<'a>(
        &self,
        locator: Saved<&'a N>,
        limit: RestoreLimit,
    ) -> Result<SavedLoads<&'a N>, Error> {
        let max = max_passed(&self.locator, self.len(), limit);
        if self.canonical.passed() > max {
            return Err(BoundedFault::Passed { max }.into());
        }
        let online = self.mode == Mode::Online;
        Ok(SavedLoads(LoadsForm {
            version: VERSION,
            mode: self.mode,
            factor: self.factor,
            locator,
            keys: self.iter().map(|(key, _)| Hex(key.get())).collect(),
            holders: self.iter().filter(|_| online).map(|(_, node)| node.get()).collect(),
        }))
    }
}

/// How many full nodes all keys together may pass.
fn max_passed<N, P, H>(locator: &Locator<N, P, H>, keys: usize, limit: RestoreLimit) -> u64 {
    limit.of(locator.topology().members().live() as u64 + keys as u64 / KEYS_PER_NODE)
}

impl<N> SavedLoads<N> {
    /// Restores the value, with the same hasher as it was saved with.
    ///
    /// # Errors
    /// - as [`Saved::restore`] for the locator
    /// - keys that do not ascend, or a number of holders other than of keys
    /// - a holder without a node or with a drained one, and one above its cap
    pub fn restore<P: Savable, H: Portable>(
        self,
        hasher: H,
    ) -> Result<BoundedLoads<N, P, H>, Error> {
        let Self(LoadsForm { locator, mode, factor, keys, holders, .. }) = self;
        let loads = BoundedLoads::empty(locator.restore(hasher)?, factor, mode);
        loads.with_keys(&keys, &holders, RestoreLimit::default())
    }

    /// As [`restore`](Self::restore), with this limit for the points of a ring, for the entries of a
    /// Maglev table, and for the full nodes that keys pass.
    ///
    /// # Errors
    /// As [`restore`](Self::restore).
    pub fn restore_within<P: Savable, H: Portable>(
        self,
        hasher: H,
        max_points: u64,
    ) -> Result<BoundedLoads<N, P, H>, Error> {
        let Self(LoadsForm { locator, mode, factor, keys, holders, .. }) = self;
        let locator = locator.restore_within(hasher, max_points)?;
        let loads = BoundedLoads::empty(locator, factor, mode);
        loads.with_keys(&keys, &holders, RestoreLimit::within(max_points))
    }
}

impl<N, P: Savable, H> BoundedLoads<N, P, H> {
    /// The same value with saved keys.
    fn with_keys(
        mut self,
        keys: &[Hex],
        holders: &[u32],
        limit: RestoreLimit,
    ) -> Result<Self, Error> {
        if let Some([Hex(before), Hex(key)]) = keys.windows(2).find(|pair| !ascend(pair)) {
            return Err(wrong(format!(
                "key 0x{key:016x} follows 0x{before:016x}; keys have to ascend"
            )));
        }
        let wanted = if self.mode == Mode::Online { keys.len() } else { 0 };
        if holders.len() != wanted {
            let (found, mode) = (holders.len(), self.mode);
            return Err(wrong(format!("expected {wanted} holders in mode {mode}, got {found}")));
        }
        if keys.is_empty() {
            return Ok(self);
        }
        let count = u32::try_from(keys.len());
        let count = count.map_err(|_| BoundedFault::TooManyKeys { max: MAX_BOUNDED_KEYS })?;
        let hashes = keys.iter().map(|Hex(key)| KeyHash::from_hash(*key));
        let members = self.locator.topology().members();
        if self.mode == Mode::Canonical {
            if members.live() == 0 {
                return Err(BoundedFault::NoLiveNode { keys: count }.into());
            }
            let sizes = (count, max_passed(&self.locator, keys.len(), limit));
            let placement = self.locator.placement();
            let Assignment { placed, loads, canonical } =
                Canonical::assign_within(placement, members, self.factor, sizes, hashes)?;
            self.held.replace(placed, loads);
            self.canonical = canonical;
            return Ok(self);
        }
        let mut loads = vec![0_u32; members.slots()];
        for (key, slot) in hashes.clone().zip(holders) {
            let node = NodeIdx::new(*slot);
            let live = members.weight(node).is_some_and(Weight::is_live);
            let Some(load) = loads.get_mut(node.index()).filter(|_| live) else {
                return Err(wrong(format!(
                    "key 0x{:016x} is on slot {slot}, which has no live node",
                    key.get()
                )));
            };
            *load += 1;
        }
        for (node, load) in (0..).map(NodeIdx::new).zip(&loads) {
            let cap = self.cap_of(count, node);
            if u64::from(*load) > cap {
                let node = members.shown(node);
                return Err(wrong(format!("node {node} holds {load} keys, and its cap is {cap}")));
            }
        }
        let placed = hashes.zip(holders.iter().map(|slot| NodeIdx::new(*slot))).collect();
        self.held.replace(placed, loads);
        Ok(self)
    }
}

fn ascend(pair: &[Hex]) -> bool {
    matches!(pair, [Hex(a), Hex(b)] if a < b)
}

fn wrong(why: String) -> Error {
    malformed("assignment of keys", why)
}
