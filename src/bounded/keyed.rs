//! [`BoundedLoads`]: keys assigned to nodes, with no node above its cap.

use super::canonical::Canonical;
use super::factor::LoadFactor;
use super::held_keys::HeldKeys;
use crate::error::Error;
use crate::hash::{Key, KeyHash, Portable, Xxh3};
use crate::locator::Locator;
use crate::node::{NodeIdx, Weight};
use crate::parameters;
use crate::placement::{Build, Placement};
use crate::ring::Ring;
use core::fmt;
use core::str::FromStr;

/// Assigns keys to nodes so that no node holds more keys than its cap: a key is held by the first node
/// of its walk that has room.
///
/// The cap of a node is ⌈c · keys · weight / total weight⌉ for an exact ratio c ≥ 1, the
/// [`LoadFactor`]. The caps add up to at least the number of keys, so there is always room. It
/// works with any placement whose walk visits every live node, as all placements of this crate do. With
/// a placement of your own that omits nodes, a key that finds no room is an error.
/// [`Mode`] chooses between two ways of assigning keys.
///
/// **A key is its 64-bit hash**: a key given twice counts once, and so do two keys of one hash.
///
/// [`Mode`] also says what moves. Weights are supported if the placement supports them.
///
/// ```
/// use apportion::Locator;
/// use apportion::bounded::{BoundedLoads, LoadFactor};
///
/// let ring = Locator::ring(["a", "b", "c", "d"])?;
/// let mut sessions = BoundedLoads::online(ring, LoadFactor::new(5, 4)?);
/// sessions.extend(0..1000)?;
/// for (node, _) in sessions.locator().topology().iter() {
///     assert!(sessions.load(node) <= 313); // 5/4 of 250, rounded up
/// }
///
/// let smaller = sessions.locator().without("b")?;
/// let moves = sessions.change(smaller)?;
/// assert_eq!(moves.moved, moves.orphaned); // what b held, and nothing else
///
/// let bigger = sessions.locator().with("e")?;
/// let moves = sessions.change(bigger)?;
/// assert_eq!((moves.filled[0].load, moves.filled[0].fair), (250, 250));
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// # Complexity
/// - A walk passes the full nodes at the beginning of a key's order of preference. If a share f of the
///   nodes is full, it takes 1/(1 − f) steps on average, more the closer c is to 1. Under rendezvous
///   hashing it is one pass over the nodes, however many are full.
/// - Online, adding a key takes one walk and removing one takes O(nodes). A change of nodes takes a walk
///   for every key that moves; if nodes join or get more weight, also a walk up to the holder for every
///   key.
/// - Canonical, adding or removing a key takes a few walks for every key that moves because of it,
///   O(1/(c − 1)²) expected, and each step takes O(log keys). A change of nodes places every key again.
///
/// # Memory
/// Every key's hash and holder, in an ordered map and once more by node. Canonical also stores the full
/// nodes that each key walked past.
///
/// # Source
/// Vahab Mirrokni, Mikkel Thorup, Morteza Zadimoghaddam, *Consistent hashing with bounded loads*, SODA
/// 2018, arXiv:1608.01350.
#[doc(alias = "chwbl")]
#[doc(alias = "bounded load")]
pub struct BoundedLoads<N, P = Ring, H = Xxh3> {
    pub(super) locator: Locator<N, P, H>,
    pub(super) factor: LoadFactor,
    pub(super) mode: Mode,
    pub(super) held: HeldKeys,
    /// Of the canonical mode; empty online.
    pub(super) canonical: Canonical,
    pub(super) total_weight: u128,
}

/// The rule by which [`BoundedLoads`] assigns keys: canonical (independent of history) or online (few
/// moves).
///
/// # What moves
/// The table shows the keys that move when one of 1000 nodes leaves, divided by the keys it held, and
/// when a node joins, divided by its fair load; and the new node's load, divided by its fair load.
/// There are 100 keys for each node, on a ring of 160 points for each node. Figures are the mean of
/// five runs, with the worst one (for `filled`, the minimum) in brackets:
///
/// | c | mode | node leaves | node joins | filled |
/// |---|---|---|---|---|
/// | 21/20 | canonical | 8.17 (8.86) | 1.96 (2.19) | 1.05 (1.05) |
/// | | online | 1.00 (1.00) | 1.00 (1.00) | 1.00 (1.00) |
/// | 5/4 | canonical | 1.20 (1.25) | 1.08 (1.19) | 1.06 (0.95) |
/// | | online | 1.00 (1.00) | 1.00 (1.00) | 1.00 (0.98) |
/// | 2 | canonical | 1.00 (1.00) | 1.06 (1.18) | 1.06 (0.95) |
/// | | online | 1.00 (1.00) | 0.99 (1.00) | 0.99 (0.95) |
///
/// In canonical mode at 21/20, the leaving node raises every cap from 105 to 106 keys, and many keys
/// that had walked on to a second node go back. In online mode a change moves more than its node's
/// keys only if caps fall: then full nodes give up keys. `cargo test --test bounded figures --
/// --include-ignored --nocapture` prints this table and the one of rendezvous hashing.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Mode {
    /// The assignment depends only on the nodes and the keys: keys are placed in ascending order of
    /// their hashes. Two histories that end with the same keys and nodes (the same
    /// [fingerprint](crate::Locator::fingerprint)) give the same assignment, so two processes agree
    /// without communicating. In return every change may move other keys, and their number is not
    /// bounded.
    Canonical,
    /// Keys stay on their node until it leaves, its cap falls below its load, or a node joins that
    /// they prefer. Few keys move, but the holder of a key depends on the history.
    Online,
}

/// Prints `canonical` or `online`.
impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Canonical => "canonical",
            Self::Online => "online",
        })
    }
}

/// Reads `canonical` or `online`, whatever the case.
impl FromStr for Mode {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Ok(match parameters::named("mode", text, &["canonical", "online"])? {
            "online" => Self::Online,
            _ => Self::Canonical,
        })
    }
}

parameters::serde_as_text!(Mode);

impl<N, P: Clone, H: Clone> Clone for BoundedLoads<N, P, H> {
    fn clone(&self) -> Self {
        Self {
            locator: self.locator.clone(),
            held: self.held.clone(),
            canonical: self.canonical.clone(),
            ..*self
        }
    }
}

/// Two values are equal if they hold the same keys on the same nodes in the same slots, with equal
/// values, placement, hasher, mode and load factor: then they go on alike.
impl<N: PartialEq, P: Build, H: Portable> PartialEq for BoundedLoads<N, P, H> {
    fn eq(&self, other: &Self) -> bool {
        (self.mode, self.factor) == (other.mode, other.factor)
            && self.held.iter().eq(other.held.iter())
            && self.locator.topology() == other.locator.topology()
            && self.locator.fingerprint() == other.locator.fingerprint()
    }
}

impl<N: Eq, P: Build, H: Portable> Eq for BoundedLoads<N, P, H> {}

/// Prints numbers, not the keys.
impl<N: fmt::Debug, P, H: fmt::Debug> fmt::Debug for BoundedLoads<N, P, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundedLoads")
            .field("mode", &self.mode)
            .field("factor", &self.factor)
            .field("keys", &self.held.len())
            .field("locator", &self.locator)
            .finish_non_exhaustive()
    }
}

impl<N, P, H> BoundedLoads<N, P, H> {
    /// The mode.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The load factor.
    pub fn factor(&self) -> LoadFactor {
        self.factor
    }

    /// The nodes and their placement.
    pub fn locator(&self) -> &Locator<N, P, H> {
        &self.locator
    }

    /// The number of keys held.
    pub fn len(&self) -> usize {
        self.held.len() as usize
    }

    /// True if no key is held.
    pub fn is_empty(&self) -> bool {
        self.held.len() == 0
    }

    /// The node that holds a key of this hash; `None` if it is not held. O(log keys).
    pub fn holder(&self, key: KeyHash) -> Option<NodeIdx> {
        self.held.holder(key)
    }

    /// The number of keys that a node holds.
    pub fn load(&self, node: NodeIdx) -> u32 {
        self.held.load(node)
    }

    /// The maximum number of keys that a node may hold, at the present number of keys; 0 for a hole.
    pub fn cap(&self, node: NodeIdx) -> u64 {
        self.cap_of(self.held.len(), node)
    }

    /// All keys with their holders, in the order of the hashes.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (KeyHash, NodeIdx)> {
        self.held.iter()
    }

    pub(super) fn cap_of(&self, keys: u32, node: NodeIdx) -> u64 {
        let weight = self.locator.topology().members().weight(node).unwrap_or(Weight::DRAINED);
        self.factor.cap(keys, weight, self.total_weight)
    }
}

impl<N, P: Placement, H> BoundedLoads<N, P, H> {
    /// An empty assignment in [`Mode::Canonical`]: it depends only on the keys and the nodes.
    pub fn canonical(locator: Locator<N, P, H>, factor: LoadFactor) -> Self {
        Self::empty(locator, factor, Mode::Canonical)
    }

    /// An empty assignment in [`Mode::Online`]: keys stay on their node as long as possible.
    pub fn online(locator: Locator<N, P, H>, factor: LoadFactor) -> Self {
        Self::empty(locator, factor, Mode::Online)
    }

    /// An assignment without keys.
    pub(super) fn empty(locator: Locator<N, P, H>, factor: LoadFactor, mode: Mode) -> Self {
        let total_weight = locator.topology().members().total_weight();
        let canonical = match mode {
            Mode::Canonical => Canonical::empty(locator.topology().members(), factor),
            Mode::Online => Canonical::default(),
        };
        Self { locator, factor, mode, held: HeldKeys::default(), canonical, total_weight }
    }

    /// The node that holds a key; `None` if it is not held. It is not asked where the key would
    /// go: [`Locator::get`] says whom it prefers. O(log keys).
    pub fn get(&self, key: &(impl Key<H> + ?Sized)) -> Option<&N> {
        self.locator.topology().get(self.holder(self.locator.hash(key))?)
    }
}
