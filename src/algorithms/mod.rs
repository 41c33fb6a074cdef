//! The table of all algorithms, and what is made from it: the choice at run time, the saved state of
//! any of them, and the locator's constructors.
//!
//! To add an algorithm, write its room (with `Placement`, `Build`, `Viewed` and, to be saved,
//! `Saves`), and add a line to [`algorithms!`] and one to [`states!`] here.

mod algorithm;
mod any;
#[cfg(feature = "serde")]
mod state;

pub use algorithm::Algorithm;
pub use any::AnyPlacement;
#[cfg(feature = "serde")]
pub use state::Savable;
#[cfg(feature = "serde")]
pub(crate) use state::{AnyState, Tagged};

/// What the tables name.
mod named {
    #[cfg(feature = "serde")]
    pub(super) use crate::anchor::AnchorState;
    pub(super) use crate::anchor::JumpBackAnchor;
    #[cfg(feature = "serde")]
    pub(super) use crate::asura::AsuraState;
    pub(super) use crate::asura::{Asura, AsuraConfig};
    #[cfg(feature = "serde")]
    pub(super) use crate::bucket::NumberedState;
    pub(super) use crate::bucket::{FlipHash, Jump, JumpBack, JumpGuava, Numbered};
    #[cfg(feature = "serde")]
    pub(super) use crate::maglev::MaglevState;
    pub(super) use crate::maglev::{Maglev, MaglevConfig};
    #[cfg(feature = "serde")]
    pub(super) use crate::partition::TableState;
    pub(super) use crate::rendezvous::{Rendezvous, WeightedRendezvous};
    #[cfg(feature = "serde")]
    pub(super) use crate::rendezvous::{RendezvousState, WeightedRendezvousState};
    #[cfg(feature = "serde")]
    pub(super) use crate::ring::{GivenPointsState, RingState};
    pub(super) use crate::ring::{Ring, RingConfig};
}

/// Hands the table of the algorithms that can be chosen at run time to a macro, behind other
/// arguments. A line is: the variant, its configuration if it has one, the placement and the name.
macro_rules! algorithms {
    ($callback:ident $(, $($args:tt)*)?) => {
        $callback! {
            ($($($args)*)?)
            Ring(config: RingConfig): Ring, "ring";
            Jump: Numbered<Jump>, "jump";
            JumpGuava: Numbered<JumpGuava>, "jump-guava";
            JumpBack: Numbered<JumpBack>, "jump-back";
            Flip: Numbered<FlipHash>, "flip";
            JumpBackAnchor: JumpBackAnchor, "jump-back-anchor";
            Asura(config: AsuraConfig): Asura, "asura";
            Maglev(config: MaglevConfig): Maglev, "maglev";
            Rendezvous: Rendezvous, "rendezvous";
            WeightedRendezvous: WeightedRendezvous, "weighted-rendezvous";
        }
    };
}

/// Hands the table of the saved states to a macro. A line is: the variant, and the type of the state
/// in the algorithm's room, after `unit` if it holds nothing. New ones come last: compact forms write
/// the number of the line.
#[cfg(feature = "serde")]
macro_rules! states {
    ($callback:ident) => {
        $callback! {
            Ring(RingState);
            Numbered(NumberedState);
            Rendezvous unit RendezvousState;
            WeightedRendezvous unit WeightedRendezvousState;
            Maglev(MaglevState);
            JumpBackAnchor(AnchorState);
            Asura(AsuraState);
            GivenPoints(GivenPointsState);
            PartitionTable(TableState);
        }
    };
}

pub(crate) use algorithms;
#[cfg(feature = "serde")]
use states;
