//! Keys that are held by nodes, none of them above its cap.

use super::canonical::Canonical;
use super::factor::LoadFactor;
use super::held_keys::HeldKeys;
use crate::error::Error;
use crate::hash::{Key, KeyHash, Xxh3};
use crate::locator::Locator;
use crate::node::{NodeIdx, Weight};
use crate::parameters;
use crate::placement::Placement;
use crate::ring::Ring;
use core::fmt;
use core::str::FromStr;

/// Keys assigned to nodes so that no node holds more than its cap: the first node of a key's walk
/// that has room holds it.
///
/// The cap of a node is ⌈c · keys · weight / total weight⌉ for an exact ratio c ≥ 1, the
/// [`LoadFactor`]. The caps add up to at least the number of keys, so there is always room. It
/// works over any placement whose walk gives every live node, as those of this crate do; one of your
/// own that leaves nodes out is met with an error as soon as a key finds no room.
/// [`Mode`] says which of two assignments it keeps.
///
/// **A key is its 64-bit hash**: a key given twice counts once, and so do two keys of one hash.
///
/// **Time** — a key walks past the full nodes at the beginning of its order of preference: if a
/// share f of the nodes is full, 1/(1 − f) steps on average, more the closer c is to 1; under
/// rendezvous hashing it takes one pass over the nodes, however many are full. Online, a
/// key comes in one walk and goes in O(nodes); a change of nodes takes a walk for every key that
/// moves, and if nodes join or are raised, one up to the holder for every key. Canonical, a key that
/// comes or goes takes a few walks for every key that moves because of it, O(1/(c − 1)²) expected,
/// each step O(log keys); a change of nodes places every key anew. **Memory** — every key's hash and
/// holder, in an ordered map and once more by node; canonical also the full nodes that each key
/// walked past. **What moves** — see
/// [`Mode`]. **Weights** — those the placement takes. **Source** — Vahab Mirrokni, Mikkel Thorup,
/// Morteza Zadimoghaddam, *Consistent hashing with bounded loads*, SODA 2018, arXiv:1608.01350.
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

/// What decides where a key is held, besides caps and preferences.
///
/// What moves when one of 1000 nodes leaves (over the keys it held) and when one joins (over its
/// fair load), with 100 keys a node on a ring of 160 points a node; the mean of five, with the worst
/// in brackets; and how full the new node is, over its fair load, with the least in brackets:
///
/// | c | mode | a node less | a node more | filled |
/// |---|---|---|---|---|
/// | 21/20 | canonical | 8.17 (8.86) | 1.96 (2.19) | 1.05 (1.05) |
/// | | online | 1.00 (1.00) | 1.00 (1.00) | 1.00 (1.00) |
/// | 5/4 | canonical | 1.20 (1.25) | 1.08 (1.19) | 1.06 (0.95) |
/// | | online | 1.00 (1.00) | 1.00 (1.00) | 1.00 (0.98) |
/// | 2 | canonical | 1.00 (1.00) | 1.06 (1.18) | 1.06 (0.95) |
/// | | online | 1.00 (1.00) | 0.99 (1.00) | 0.99 (0.95) |
///
/// Canonical at 21/20 the leaving node raises every cap from 105 keys to 106, and much of what had
/// gone on to a second node goes back. Online a change moves more than its node's keys only where
/// caps fall: then whoever is full sheds. `cargo test --test bounded figures -- --include-ignored
/// --nocapture` prints the table, and that of rendezvous hashing.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Mode {
    /// The assignment is a function of the nodes and the keys: keys are considered in ascending
    /// order of their hashes. Two histories that end in the same keys and nodes (and the same
    /// [fingerprint](crate::Locator::fingerprint)) give the same assignment, so two processes agree
    /// without talking about it. The price is that every change may move other keys, and no number
    /// of them is promised.
    Canonical,
    /// Keys stay where they are until a node leaves, a cap falls below a load, or a node joins
    /// that they prefer. Few keys move; who holds a key depends on what happened before.
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

    /// Keys held.
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

    /// Keys that a node holds.
    pub fn load(&self, node: NodeIdx) -> u32 {
        self.held.load(node)
    }

    /// The most keys that a node may hold, of as many as are held now; 0 for a hole.
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
    /// No keys yet; the assignment is to be a function of keys and nodes alone.
    pub fn canonical(locator: Locator<N, P, H>, factor: LoadFactor) -> Self {
        Self::new(locator, factor, Mode::Canonical)
    }

    /// No keys yet; keys are to stay where they are as long as they may.
    pub fn online(locator: Locator<N, P, H>, factor: LoadFactor) -> Self {
        Self::new(locator, factor, Mode::Online)
    }

    fn new(locator: Locator<N, P, H>, factor: LoadFactor, mode: Mode) -> Self {
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
