//! Boards.

use super::Label;
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

impl fmt::Display for AsuraFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exponent { exponent, max } => {
                write!(f, "a board of 2^{exponent} slots is larger than the largest, 2^{max}")
            }
            Self::Darts { darts, max } => write!(f, "{darts} darts are more than {max}"),
            Self::Unit { unit } => {
                write!(f, "a board's unit of weight is a power of two, and {unit} is none")
            }
            Self::BoardTooSmall { exponent, slots } => {
                write!(f, "a board of 2^{exponent} slots has no room for {slots}")
            }
            Self::TooManySlots { slots, max } => {
                write!(f, "{slots} slots with weights are more than {max}")
            }
            Self::SlotWeight { slot, weight, max } => {
                write!(f, "slot {slot} has weight {weight}, more than a full one of {max}")
            }
            Self::Slots { label, wanted, total, max } => write!(
                f,
                "node {label} needs {wanted} slots, which makes {total}, more than the {max} that \
                 a board may have: take a larger unit"
            ),
            #[cfg(feature = "serde")]
            Self::SavedUnit { unit } => write!(f, "the saved unit 2^{unit} is above 2^63"),
            #[cfg(feature = "serde")]
            Self::SavedConfig => f.write_str(
                "the saved board has another unit, or fewer slots, than the configuration it is \
                 saved with",
            ),
            #[cfg(feature = "serde")]
            Self::SavedNoUnit { node } => {
                write!(f, "the saved board has no unit of weight, but node {node} has a weight")
            }
            #[cfg(feature = "serde")]
            Self::SavedNode { node } => {
                write!(f, "the saved board gives a slot to node {node}, which is not there")
            }
            #[cfg(feature = "serde")]
            Self::SavedSlots { node, has, wanted } => write!(
                f,
                "the saved board gives {has} slots to node {node}, whose weight asks for {wanted}"
            ),
            #[cfg(feature = "serde")]
            Self::SavedHole { slot } => {
                write!(f, "the saved board ends with slot {slot}, which is free")
            }
            #[cfg(feature = "serde")]
            Self::SavedRest { slot } => write!(
                f,
                "the saved board gives slot {slot} the rest of a weight, but its node has none, or \
                 another slot for it"
            ),
            #[cfg(feature = "serde")]
            Self::SavedNoRest { node } => write!(
                f,
                "the saved board has no slot for the rest of the weight of node {node}, which is \
                 no multiple of its unit"
            ),
        }
    }
}
