//! Keys that are held by nodes, none of them above its cap.

use super::canonical::Canonical;
use super::held::Held;
use super::{LoadFactor, Mode};
use crate::hash::{Key, KeyHash, Xxh3};
use crate::locator::Locator;
use crate::node::{NodeIdx, Weight};
use crate::placement::Placement;
use crate::ring::Ring;
use core::fmt;

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
/// use apportion::{BoundedLoads, LoadFactor, Locator};
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
    pub(super) held: Held,
    /// Of the canonical mode; empty online.
    pub(super) canonical: Canonical,
    pub(super) total_weight: u128,
}

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
        Self { locator, factor, mode, held: Held::default(), canonical, total_weight }
    }

    /// The node that holds a key; `None` if it is not held. It is not asked where the key would
    /// go: [`Locator::get`] says whom it prefers. O(log keys).
    pub fn get(&self, key: &(impl Key<H> + ?Sized)) -> Option<&N> {
        self.locator.topology().get(self.holder(self.locator.hash(key))?)
    }
}
