//! A board of slots, at which keys throw darts.

use super::darts::{Dart, MAX_EXPONENT};
use crate::error::{AsuraFault, Error};
use crate::limits::{MAX_ASURA_DARTS, MAX_ASURA_SLOTS};
use crate::node::NodeIdx;
use crate::placement::{Board, Guarantees};
use crate::score::{Seed, WeightedSeed};
use alloc::vec::Vec;

/// The weight of a full slot: 2^31.
pub(super) const FULL: u32 = 1 << 31;

/// Darts before the fallback, unless another number is chosen.
pub(super) const DARTS: u16 = 256;

/// A board of numbered slots with weights: the pure function from a key to a slot that
/// [`Asura`](crate::Asura) uses. See there for the algorithm.
///
/// The board uses the key's hash unchanged and shares its first word with
/// [`jump_back`](crate::bucket::jump_back()). If you place keys by both, give them different hashes;
/// `Asura` does this by itself.
///
/// ```
/// use apportion::{KeyHash, NodeIdx, Placement};
/// use apportion::asura::AsuraBoard;
///
/// let full = AsuraBoard::FULL;
/// let board = AsuraBoard::new(2, [full, 0, full / 2])?; // four slots, two of them live
/// let owner = board.locate(KeyHash::of_id(7));
/// assert!(owner == Some(NodeIdx::new(0)) || owner == Some(NodeIdx::new(2)));
/// assert_eq!(board.occupancy(), 1.5 / 4.0);
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// As a [`Placement`](crate::Placement), its slots are the slots of the board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AsuraBoard {
    exponent: u32,
    darts: u16,
    /// By slot, up to the last live one.
    pub(super) weights: Vec<u32>,
    /// The live slots, for the fallback.
    pub(super) live: Vec<WeightedSeed>,
}

impl AsuraBoard {
    /// The weight of a full slot, the maximum: 2^31.
    pub const FULL: u32 = FULL;

    /// A board of 2^`exponent` slots: the first ones have these weights, the others have weight 0. A
    /// key throws up to 256 darts.
    ///
    /// # Errors
    /// If the exponent is above 31, if there are more weights than slots or than
    /// [`MAX_ASURA_SLOTS`], or if a weight is above [`FULL`](Self::FULL).
    pub fn new(exponent: u32, weights: impl IntoIterator<Item = u32>) -> Result<Self, Error> {
        if exponent > MAX_EXPONENT {
            return fault(AsuraFault::Exponent { exponent, max: MAX_EXPONENT });
        }
        let slots = 1_u64 << exponent;
        let mut all = Vec::new();
        for (slot, weight) in weights.into_iter().enumerate() {
            crate::steps::count(1);
            if slot as u64 >= slots {
                return fault(AsuraFault::BoardTooSmall { exponent, slots: slot as u64 + 1 });
            }
            if slot >= MAX_ASURA_SLOTS {
                return fault(AsuraFault::TooManySlots { slots: slot + 1, max: MAX_ASURA_SLOTS });
            }
            if weight > FULL {
                return fault(AsuraFault::SlotWeight { slot, weight, max: FULL });
            }
            all.push(weight);
        }
        let live = all.iter().zip(0..).filter(|(weight, _)| **weight > 0);
        let live: Vec<_> =
            live.map(|(weight, slot)| (Seed::new(slot), u64::from(*weight))).collect();
        let last = all.iter().rposition(|weight| *weight > 0);
        all.truncate(last.map_or(0, |last| last + 1));
        Ok(Self { exponent, darts: DARTS, weights: all, live })
    }

    /// Sets the number of darts before the fallback. It decides answers.
    ///
    /// # Errors
    /// If `darts` is more than [`MAX_ASURA_DARTS`].
    pub fn with_darts(self, darts: u16) -> Result<Self, Error> {
        if darts > MAX_ASURA_DARTS {
            return fault(AsuraFault::Darts { darts, max: MAX_ASURA_DARTS });
        }
        Ok(Self { darts, ..self })
    }

    /// The exponent b of the board's 2^b slots.
    #[must_use]
    pub fn exponent(&self) -> u32 {
        self.exponent
    }

    /// The number of darts that a key throws before the fallback.
    #[must_use]
    pub fn darts(&self) -> u16 {
        self.darts
    }

    /// The weight of a slot.
    #[must_use]
    pub fn weight(&self, slot: u32) -> u32 {
        self.weights.get(slot as usize).copied().unwrap_or_default()
    }

    /// Slots that are live and not full.
    pub(super) fn rests(&self) -> impl Iterator<Item = u32> {
        let live = self.live.iter().filter(|(_, weight)| *weight < u64::from(FULL));
        live.map(|(seed, _)| seed.identity() as u32)
    }

    /// The sum of the weights divided by that of a board of full slots: the probability that a dart
    /// hits. A lookup takes 1 / occupancy darts on average. Below an eighth lookups get slow, and a
    /// board that grows moves more keys than the minimum, see [`Asura`](crate::Asura).
    #[must_use]
    pub fn occupancy(&self) -> f64 {
        let sum: u64 = self.weights.iter().map(|weight| u64::from(*weight)).sum();
        sum as f64 / (u64::from(FULL) << self.exponent) as f64
    }

    /// The smallest board that contains the highest live slot, with the same slots and weights.
    #[must_use]
    pub fn compact(&self) -> Self {
        Self { exponent: exponent_for(self.weights.len()), ..self.clone() }
    }

    #[inline]
    pub(super) fn hit(&self, dart: Dart) -> bool {
        dart.height < self.weight(dart.slot)
    }

    /// The live slots as those of weighted rendezvous hashing.
    pub(super) fn entries(&self) -> impl Iterator<Item = (u32, WeightedSeed)> {
        self.live.iter().map(|entry| (entry.0.identity() as u32, *entry))
    }
}

/// Slots answer for themselves.
impl AsuraBoard {
    /// This board with the node of each slot.
    pub(super) fn view_with<'a>(&'a self, nodes: &'a [Option<NodeIdx>]) -> Board<'a> {
        let (exponent, darts, full) = (self.exponent, self.darts, FULL);
        Board { exponent, darts, full, weights: &self.weights, nodes }
    }
}

/// Movement is minimal as long as the board keeps its size. On a board that grows, fewer of a key's
/// darts hit before the fallback, so a share of (1 − occupancy)^darts of the keys moves needlessly.
/// Hence no guarantee. The numbering of the slots is state.
pub(super) const PROMISES: Guarantees =
    Guarantees { weights: true, any_removal: true, ..Guarantees::none() };

/// The exponent of the smallest board with this many slots.
pub(super) fn exponent_for(slots: usize) -> u32 {
    usize::BITS - slots.saturating_sub(1).leading_zeros()
}

pub(super) fn fault<T>(fault: AsuraFault) -> Result<T, Error> {
    Err(fault.into())
}
