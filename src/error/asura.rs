//! Errors of Asura boards.

use super::kind::ErrorKind;
use super::words::Count;
use super::words::Label;
use core::fmt;

/// What is wrong with a board, or with its saved state.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum AsuraFault {
    Exponent {
        exponent: u32,
        max: u32,
    },
    Darts {
        darts: u16,
        max: u16,
    },
    Unit {
        unit: u64,
    },
    BoardTooSmall {
        exponent: u32,
        slots: u64,
    },
    TooManySlots {
        slots: usize,
        max: usize,
    },
    SlotWeight {
        slot: usize,
        weight: u32,
        max: u32,
    },
    Slots {
        label: Label,
        wanted: u64,
        total: u128,
        max: usize,
    },
    #[cfg(feature = "serde")]
    SavedUnit {
        unit: u32,
    },
    #[cfg(feature = "serde")]
    SavedConfig,
    #[cfg(feature = "serde")]
    SavedNoUnit {
        node: u32,
    },
    #[cfg(feature = "serde")]
    SavedNode {
        node: u32,
    },
    #[cfg(feature = "serde")]
    SavedSlots {
        node: u32,
        has: u64,
        wanted: u64,
    },
    #[cfg(feature = "serde")]
    SavedHole {
        slot: usize,
    },
    #[cfg(feature = "serde")]
    SavedRest {
        slot: u32,
    },
    #[cfg(feature = "serde")]
    SavedNoRest {
        node: u32,
    },
}

impl AsuraFault {
    pub(super) fn kind(&self) -> ErrorKind {
        match self {
            Self::Exponent { .. } | Self::Darts { .. } | Self::Unit { .. } => {
                ErrorKind::InvalidConfiguration
            }
            Self::BoardTooSmall { .. }
            | Self::TooManySlots { .. }
            | Self::SlotWeight { .. }
            | Self::Slots { .. } => ErrorKind::OverLimit,
            #[cfg(feature = "serde")]
            Self::SavedUnit { .. }
            | Self::SavedConfig
            | Self::SavedNoUnit { .. }
            | Self::SavedNode { .. }
            | Self::SavedSlots { .. }
            | Self::SavedHole { .. }
            | Self::SavedRest { .. }
            | Self::SavedNoRest { .. } => ErrorKind::Altered,
        }
    }
}

impl fmt::Display for AsuraFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exponent { exponent, max } => {
                write!(f, "an Asura board has at most 2^{max} slots, got 2^{exponent}")
            }
            Self::Darts { darts, max } => {
                write!(f, "an Asura board takes at most {max} darts, got {darts}")
            }
            Self::Unit { unit } => {
                write!(f, "the unit of weight of an Asura board is a power of two, got {unit}")
            }
            Self::BoardTooSmall { exponent, slots } => write!(
                f,
                "an Asura board of 2^{exponent} slots has no room for {}; use a larger board",
                Count(*slots, "slot")
            ),
            Self::TooManySlots { slots, max } => {
                write!(f, "an Asura board has at most {max} slots with a weight, got {slots}")
            }
            Self::SlotWeight { slot, weight, max } => {
                write!(f, "slot {slot} has weight {weight}, but the maximum is {max}, a full slot")
            }
            Self::Slots { label, wanted, total, max } => write!(
                f,
                "node {label} needs {}, which makes {total} with those of the other nodes, but an \
                 Asura board has at most {max}; use a larger unit",
                Count(*wanted, "slot")
            ),
            #[cfg(feature = "serde")]
            Self::SavedUnit { unit } => {
                write!(f, "the saved board's unit of weight is at most 2^63, got 2^{unit}")
            }
            #[cfg(feature = "serde")]
            Self::SavedConfig => f.write_str(
                "the saved board has another unit, or fewer slots, than the configuration saved with \
                 it",
            ),
            #[cfg(feature = "serde")]
            Self::SavedNoUnit { node } => write!(
                f,
                "the saved board has no unit of weight, but the node in slot {node} has a weight"
            ),
            #[cfg(feature = "serde")]
            Self::SavedNode { node } => write!(
                f,
                "the saved board gives a slot to node slot {node}, where there is no node"
            ),
            #[cfg(feature = "serde")]
            Self::SavedSlots { node, has, wanted } => write!(
                f,
                "the saved board gives {} to the node in slot {node}, whose weight needs {wanted}",
                Count(*has, "slot")
            ),
            #[cfg(feature = "serde")]
            Self::SavedHole { slot } => {
                write!(f, "the saved board ends with slot {slot}, which is free")
            }
            #[cfg(feature = "serde")]
            Self::SavedRest { slot } => write!(
                f,
                "the saved board has a partial slot {slot}, but the weight of its node is a multiple \
                 of the unit, or the node has another partial slot"
            ),
            #[cfg(feature = "serde")]
            Self::SavedNoRest { node } => write!(
                f,
                "the saved board has no partial slot for the node in slot {node}, whose weight is \
                 not a multiple of the unit"
            ),
        }
    }
}
