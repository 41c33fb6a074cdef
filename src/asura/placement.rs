//! The placement: a board, and the node of each of its slots.

use super::board::{AsuraBoard, PROMISES, fault};
use super::config::{self, AsuraConfig};
use super::rank;
use super::slots::Slots;
use crate::error::{AsuraFault, Error};
use crate::hash::KeyHash;
use crate::hash::mix::mix;
use crate::node::NodeIdx;
use crate::placement::{
    Build, FingerprintOf, Guarantees, Placement, Structure, View, Viewed, Walk,
};
use crate::topology::{Change, Members};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Separates the words of darts from those that other algorithms draw from the same key.
const DOMAIN: u64 = 0x6173_7572_6120_3031;

/// The name in options, messages and saved forms.
pub(super) const NAME: &str = "asura";

/// An ASURA-class algorithm: shares by weight within a stated bound and any change in any order, in
/// constant expected time.
///
/// The board has 2^b slots. A node has one slot for each unit of its weight and one more for the
/// rest. A key throws darts at the board: the first dart that falls below the weight of a live slot
/// decides the owner, the next ones give replicas. After 256 darts the fallback is weighted
/// rendezvous hashing among all live slots.
///
/// Use it for large clusters with weights. Prefer
/// [`WeightedRendezvous`](crate::WeightedRendezvous) for few nodes or where the order of changes is
/// not known, a [`Ring`](crate::Ring) where most slots may be dead for long, and
/// [`JumpBack`](crate::JumpBack) for numbered shards.
///
/// ```
/// use apportion::{Locator, Node, Topology};
///
/// let disks = [Node::new("a").weight(4), Node::new("b").weight(6), Node::new("c").weight(2)];
/// let store = Locator::asura_of(Topology::of(disks)?, Default::default())?;
/// let on_b = (0..12_000).filter(|key| store.get(key) == Some(&"b")).count();
/// assert!((5_800..6_200).contains(&on_b));
/// assert_eq!(store.placement().occupancy(), 12.0 / 16.0);
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// # Movement
/// As long as the board keeps its size, only keys to or from the node that changes move, and at most
/// one member of a replica set.
///
/// The board grows when all slots are occupied. Then a share of at most (1 − a)^256 of the keys moves
/// needlessly as well, where a is the occupancy afterwards: 1.5e-15 at an eighth, too little to
/// measure, and 6.7e-8 at a sixteenth. Nodes that a key's darts hit last, or miss entirely, may also
/// change places: of 969,100 keys on boards that grew, 60 replica sets changed in a second member,
/// all of them sets of eight replicas or more.
///
/// # Weights
/// Any u64. Shares are exactly in proportion to weights up to a unit of 2^31, that is, as long as the
/// average weight is below about 2^34. Beyond that the rest of each weight is rounded to a multiple of
/// unit / 2^31, but never to 0, so a lighter node holds more than its share: weight 1 beside 2^40
/// holds 64 times as much. [`share_error`](Self::share_error) bounds the relative error of a node.
///
/// # Order of changes
/// The numbering of the slots is state, as in a jump hash: a node that joins takes the lowest free
/// slots. Two processes agree if they applied the same changes or share the saved form.
///
/// # Complexity
/// - A lookup throws 1/occupancy darts on average: a few nanoseconds for the first dart and a little
///   more for each further one. The worst case is 256 darts and O(slots).
/// - k replicas take at most 256 darts and one pass over the slots for every 16 of them; from 65
///   replicas on, one pass and a sort of the nodes.
/// - A step of a [`Walk`] after the last dart takes O(slots).
/// - A change takes O(slots).
/// - Memory is 24 bytes per slot.
///
/// # Source
/// Ken-ichiro Ishikawa, *ASURA: Scalable and Uniform Data Distribution Algorithm for Storage
/// Clusters*, 2013, arXiv 1309.7720.
#[derive(Clone, Debug)]
pub struct Asura {
    pub(super) board: Arc<AsuraBoard>,
    /// The node of each slot.
    pub(super) nodes: Arc<[Option<NodeIdx>]>,
    /// The unit of weight as a power of two; fixed as soon as there is a live node.
    pub(super) unit: Option<u32>,
    pub(super) config: AsuraConfig,
    pub(super) live: usize,
    pub(super) slots: usize,
}

impl Asura {
    /// The board.
    #[must_use]
    pub fn board(&self) -> &AsuraBoard {
        &self.board
    }

    /// What it was built with.
    #[must_use]
    pub fn config(&self) -> &AsuraConfig {
        &self.config
    }

    /// The weight of a full slot, a power of two; `None` as long as no node was ever live.
    #[must_use]
    pub fn unit(&self) -> Option<u64> {
        self.unit.map(|unit| 1 << unit)
    }

    /// See [`AsuraBoard::occupancy`]. Below an eighth it is time for another board.
    #[must_use]
    pub fn occupancy(&self) -> f64 {
        self.board.occupancy()
    }

    /// The node of a slot; `None` if it is free.
    #[inline]
    #[must_use]
    pub fn node(&self, slot: u32) -> Option<NodeIdx> {
        *self.nodes.get(slot as usize)?
    }

    /// The slots of a node, in order. O(slots).
    pub fn slots_of(&self, node: NodeIdx) -> impl Iterator<Item = u32> {
        let of =
            move |(slot, owner): (u32, &Option<NodeIdx>)| (*owner == Some(node)).then_some(slot);
        (0..).zip(self.nodes.iter()).filter_map(of)
    }

    /// The same nodes in the same slots on the smallest board that holds the highest slot taken:
    /// a board never gets smaller by itself. It moves no more keys than growing it again would, see
    /// [`Asura`].
    #[must_use]
    pub fn compact(&self) -> Self {
        Self {
            board: Arc::new(self.board.compact()),
            config: self.config.without_board(),
            ..self.clone()
        }
    }

    /// The relative error of a node's share: of all keys it holds its weight over the total weight,
    /// times 1 plus or minus this. `None` for a node that is not live.
    ///
    /// Only the slot with the rest of a weight is rounded: down to a multiple of q = unit / 2^31, but
    /// not to nothing. So the error is 0 where all weights are multiples of q, as any are up to a unit
    /// of 2^31. Otherwise, for a node of weight w among n nodes of total weight W > n·q, it is at most
    ///
    /// ```text
    /// (q/w + n·q/W) / (1 − n·q/W)
    /// ```
    ///
    /// of which n·q/W is below 2^-32 where the unit was chosen for the nodes that there are. **A node
    /// lighter than q holds more than its share**: beside a weight of 2^40, for which the unit is 2^37,
    /// weight 1 holds 64 times as much. [`AsuraConfig::unit`] chooses a smaller unit, for more slots.
    /// `members` are the nodes that the board was made for. O(n).
    ///
    /// ```
    /// use apportion::{Locator, Node, NodeIdx, Topology};
    ///
    /// let of = |weights: [u64; 2]| {
    ///     let nodes = [("a", weights[0]), ("b", weights[1])];
    ///     let nodes = nodes.map(|(name, weight)| Node::new(name).weight(weight));
    ///     Locator::asura_of(Topology::of(nodes)?, Default::default())
    /// };
    /// let (a, b) = (NodeIdx::new(0), NodeIdx::new(1));
    /// let even = of([3, 5])?;
    /// assert_eq!(even.placement().share_error(even.topology().members(), a), Some(0.0));
    /// let uneven = of([1, 1 << 40])?;
    /// let error = |node| uneven.placement().share_error(uneven.topology().members(), node);
    /// assert!((62.9..63.1).contains(&error(a).unwrap()) && error(b).unwrap() < 1e-9);
    /// # Ok::<(), apportion::Error>(())
    /// ```
    #[must_use]
    pub fn share_error(&self, members: &Members, node: NodeIdx) -> Option<f64> {
        let unit = self.unit?;
        let weight = members.weight(node).filter(|weight| weight.is_live())?.get();
        let errors = members.live_entries().map(|(_, m)| config::last_error(m.weight.get(), unit));
        let total = errors.sum::<f64>() / config::quanta(members.total_weight(), unit);
        let own = config::last_error(weight, unit) / config::quanta(weight.into(), unit);
        // (w + e) / (W + E) against w / W.
        let error = (own - total) / (1.0 + total);
        let error = if error < 0.0 { -error } else { error };
        // The sums are rounded, too.
        Some(error * (1.0 + 1e-9))
    }

    #[inline]
    fn key(key: KeyHash) -> u64 {
        mix(key.get() ^ DOMAIN)
    }

    /// The value of these slots.
    pub(super) fn new(
        config: AsuraConfig,
        exponent: u32,
        (unit, slots): (Option<u32>, Slots),
        members: &Members,
    ) -> Result<Self, Error> {
        let board = slots.board(exponent, config.get_darts(), unit, members)?;
        Ok(Self {
            board: Arc::new(board),
            nodes: slots.into_nodes().into(),
            unit,
            config,
            live: members.live(),
            slots: members.slots(),
        })
    }

    /// After changes, from a board of 2^exponent slots.
    fn changed(
        config: AsuraConfig,
        exponent: u32,
        (unit, mut slots): (Option<u32>, Slots),
        changes: &[Change],
        after: &Members,
    ) -> Result<Self, Error> {
        let unit = unit.or_else(|| config.choose(after));
        if let Some(unit) = unit {
            slots.update(changes, unit, after)?;
        }
        Self::new(config, exponent, (unit, slots), after)
    }
}

impl Viewed for Asura {
    fn view(&self) -> View<'_> {
        View { algorithm: NAME, structure: Structure::Board(self.board.view_with(&self.nodes)) }
    }
}

impl Placement for Asura {
    fn slots(&self) -> usize {
        self.slots
    }

    fn live(&self) -> usize {
        self.live
    }

    fn guarantees(&self) -> Guarantees {
        PROMISES
    }

    #[inline]
    fn locate(&self, key: KeyHash) -> Option<NodeIdx> {
        self.node(rank::owner(&self.board, Self::key(key))?)
    }

    fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx> {
        let key = Self::key(walk.key());
        self.node(rank::next(&self.board, key, walk.state(), |_| true)?)
    }

    fn next_candidate_where(
        &self,
        walk: &mut Walk,
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> Option<NodeIdx> {
        let key = Self::key(walk.key());
        let accept = |slot| self.node(slot).is_some_and(&mut *accept);
        self.node(rank::next(&self.board, key, walk.state(), accept)?)
    }

    fn next_candidates(
        &self,
        walk: &mut Walk,
        out: &mut [NodeIdx],
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> usize {
        let key = Self::key(walk.key());
        rank::next_batch(&self.board, key, walk.state(), out, |slot| self.node(slot), accept)
    }

    fn replicas(&self, key: KeyHash, out: &mut [NodeIdx]) -> usize {
        let (k, key) = (out.len().min(self.live), Self::key(key));
        let node = |slot| self.node(slot);
        out.get_mut(..k).map_or(0, |out| rank::first(&self.board, key, out, node))
    }
}

impl crate::placement::sealed::SealedBuild for Asura {}

impl Build for Asura {
    type Config = AsuraConfig;

    fn build(config: &AsuraConfig, members: &Members) -> Result<Self, Error> {
        config.check()?;
        let all: Vec<_> = members.iter_live().map(Change::Add).collect();
        let exponent = config.get_board().unwrap_or_default();
        let built = Self::changed(*config, exponent, (None, Slots::default()), &all, members)?;
        // A board that was asked for is that board, or an error.
        if config.get_board().is_some() && built.board.exponent() > exponent {
            let slots = built.nodes.len() as u64;
            return fault(AsuraFault::BoardTooSmall { exponent, slots });
        }
        Ok(built)
    }

    fn update(&self, changes: &[Change], _: &Members, after: &Members) -> Result<Self, Error> {
        let state = (self.unit, Slots::of(&self.nodes, &self.board));
        Self::changed(self.config, self.board.exponent(), state, changes, after)
    }

    fn fingerprint(&self, members: &Members) -> u64 {
        let unit = self.unit.map_or(u64::MAX, u64::from);
        let [asked_exponent, asked_unit] = self.config.words();
        let (exponent, darts) = (self.board.exponent().into(), self.board.darts().into());
        let board = [exponent, darts, unit, asked_exponent, asked_unit];
        let taken = (0_u64..).zip(self.nodes.iter()).filter_map(|(slot, node)| {
            let identity = members.identity((*node)?)?;
            Some([slot, identity])
        });
        FingerprintOf { algorithm: "asura 1", members }
            .with(board.into_iter().chain(taken.flatten()).chain(self.board.rests().map(u64::from)))
    }
}
