//! The table of all algorithms, and what is generated from it: the choice at run time and the saved
//! state of any algorithm.
//!
//! To add an algorithm, write its module with `Placement`, `Build` and `Viewed`, and `Saves` if it can
//! be saved. Then add a line to [`algorithms!`] and one to [`states!`] here.

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

/// Passes the table of the algorithms that can be chosen at run time to a macro, after its other
/// arguments. A line has the variant, its configuration if there is one, the placement and the name.
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

/// Passes the table of the saved states to a macro. A line has the variant and the state's type, with
/// `unit` before it if the state is empty. Add new lines at the end: compact formats write the number
/// of the line.
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
