//! What an Asura board is built with.

use super::board::{DARTS, fault};
use super::darts::MAX_EXPONENT;
use crate::error::{AsuraFault, Error};
use crate::limits::MAX_ASURA_DARTS;
use crate::parameters;
use crate::topology::Members;
use core::fmt;
use core::str::FromStr;

/// Slots a node has on average, at most, where the unit is chosen by itself.
const SLOTS_PER_NODE: u128 = 8;

/// How an [`Asura`](crate::Asura) board is built. All options are state from then on.
///
/// ```
/// use apportion::{Locator, Node, NodeIdx, Topology};
/// use apportion::asura::AsuraConfig;
///
/// let disks = [Node::new("a").weight(3 << 40), Node::new("b").weight(1 << 40)];
/// // A slot for each tebibyte, and room for 64 of them before the board grows.
/// let config = AsuraConfig::default().unit(1 << 40).board(6);
/// let store = Locator::asura_of(Topology::of(disks)?, config)?;
/// assert_eq!(store.placement().slots_of(NodeIdx::new(0)).count(), 3);
/// assert_eq!(store.placement().occupancy(), 4.0 / 64.0);
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// # As text
/// The options that were set, by name: `unit=1099511627776,board=6,darts=300`. `Display` prints this
/// text (`darts=256` for the default), `FromStr` reads it, and `Serialize` and `Deserialize` (feature
/// `serde`) use it. An empty text is the default.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AsuraConfig {
    unit: Option<u64>,
    exponent: Option<u32>,
    darts: u16,
}

impl Default for AsuraConfig {
    /// A unit that gives nodes at most eight slots on average, the smallest board on which they fit,
    /// and 256 darts.
    fn default() -> Self {
        Self { unit: None, exponent: None, darts: DARTS }
    }
}

impl AsuraConfig {
    /// Sets the weight of a full slot, a power of two. A node has one full slot for each unit of its
    /// weight, and one partial slot for the rest. The unit never changes: if it followed the weights,
    /// reweighting one node would move keys between the others.
    #[must_use]
    pub fn unit(self, weight: u64) -> Self {
        Self { unit: Some(weight), ..self }
    }

    /// Sets a board of 2^`exponent` slots, which leaves room to grow: as long as there are free slots,
    /// movement is minimal. Twice the slots take twice the darts.
    #[must_use]
    pub fn board(self, exponent: u32) -> Self {
        Self { exponent: Some(exponent), ..self }
    }

    /// Sets the number of darts before the fallback, up to [`MAX_ASURA_DARTS`].
    #[must_use]
    pub fn darts(self, darts: u16) -> Self {
        Self { darts, ..self }
    }

    /// The weight of a full slot, if one was given.
    #[must_use]
    pub fn get_unit(self) -> Option<u64> {
        self.unit
    }

    /// The exponent of [`board`](Self::board), if one was given.
    #[must_use]
    pub fn get_board(self) -> Option<u32> {
        self.exponent
    }

    /// Darts before the fallback.
    #[must_use]
    pub fn get_darts(self) -> u16 {
        self.darts
    }

    #[cfg(feature = "serde")]
    pub(super) fn asked(unit: Option<u64>, exponent: Option<u32>, darts: u16) -> Self {
        Self { unit, exponent, darts }
    }

    /// What was asked for beside the darts, for fingerprints.
    pub(super) fn words(self) -> [u64; 2] {
        let exponent = self.exponent.map_or(u64::MAX, u64::from);
        // No unit is 0.
        [exponent, self.unit.unwrap_or_default()]
    }

    /// With the smallest board.
    pub(super) fn without_board(self) -> Self {
        Self { exponent: None, ..self }
    }

    pub(super) fn check(self) -> Result<(), Error> {
        if let Some(unit) = self.unit.filter(|unit| !unit.is_power_of_two()) {
            return fault(AsuraFault::Unit { unit });
        }
        if let Some(exponent) = self.exponent.filter(|exponent| *exponent > MAX_EXPONENT) {
            return fault(AsuraFault::Exponent { exponent, max: MAX_EXPONENT });
        }
        if self.darts > MAX_ASURA_DARTS {
            return fault(AsuraFault::Darts { darts: self.darts, max: MAX_ASURA_DARTS });
        }
        Ok(())
    }

    /// The unit for these nodes, as a power of two; `None` as long as none is live.
    pub(super) fn choose(self, members: &Members) -> Option<u32> {
        if let Some(unit) = self.unit {
            return Some(unit.ilog2());
        }
        let weights = || members.live_entries().map(|(_, member)| member.weight.get());
        let most = SLOTS_PER_NODE * weights().count() as u128;
        let slots = |unit| weights().map(|w| u128::from(slots_for(w, unit))).sum::<u128>();
        (0..u64::BITS).find(|unit| most > 0 && slots(*unit) <= most)
    }
}

/// What was set, by name; the darts where nothing was.
impl fmt::Display for AsuraConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut comma = "";
        if let Some(unit) = self.unit {
            write!(f, "unit={unit}")?;
            comma = ",";
        }
        if let Some(exponent) = self.exponent {
            write!(f, "{comma}board={exponent}")?;
            comma = ",";
        }
        if self.darts == DARTS && !comma.is_empty() {
            return Ok(());
        }
        write!(f, "{comma}darts={}", self.darts)
    }
}

impl FromStr for AsuraConfig {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut config = Self::default();
        parameters::each("asura parameter", text, &["unit", "board", "darts"], |name, value| {
            match name {
                "unit" => config.unit = Some(parameters::number("an Asura unit", value)?),
                "board" => {
                    let exponent = parameters::number("the exponent of an Asura board", value)?;
                    config.exponent = Some(exponent);
                }
                _ => config.darts = parameters::number("the number of darts", value)?,
            }
            Ok(())
        })?;
        config.check()?;
        Ok(config)
    }
}

parameters::serde_as_text!(AsuraConfig);

/// Slots of a node: a full one for each 2^unit of weight, and one for the rest.
pub(super) fn slots_for(weight: u64, unit: u32) -> u64 {
    (weight >> unit) + u64::from(rest(weight, unit) > 0)
}

/// What is left of a weight beside whole units.
pub(super) fn rest(weight: u64, unit: u32) -> u64 {
    weight & ((1 << unit) - 1)
}

/// A weight in parts of 2^31 to a unit.
pub(super) fn quanta(weight: u128, unit: u32) -> f64 {
    weight as f64 * f64::from(super::board::FULL) / (1_u128 << unit) as f64
}

/// What the slot with the rest of a weight holds beyond it, in the same parts: above −1 and at most 0
/// where it is rounded down, above 0 where it would be rounded to nothing.
pub(super) fn last_error(weight: u64, unit: u32) -> f64 {
    let wanted = u128::from(rest(weight, unit)) << 31;
    let rounded = match wanted {
        0 => 0,
        _ => u128::from(last_slot(weight, unit)) << unit,
    };
    // Both fit 96 bits.
    (rounded as i128 - wanted as i128) as f64 / (1_u128 << unit) as f64
}

/// The weight of the slot with the rest: in parts of 2^31, rounded down, but not to nothing. It is
/// full only where there is no rest.
pub(super) fn last_slot(weight: u64, unit: u32) -> u32 {
    match rest(weight, unit) {
        0 => super::board::FULL,
        rest => (((u128::from(rest)) << 31 >> unit) as u32).max(1),
    }
}
