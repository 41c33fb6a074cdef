//! The table of all algorithms, and what is generated from it: the choice at run time and the saved
//! state of any algorithm.
//!
//! To add an algorithm, write its room (with `Placement`, `Build`, `Viewed` and, to be saved,
//! `Saves`), and add a line to [`table!`] here. It can then be chosen by its name, parsed and
//! printed, built by a constructor of [`Locator`](crate::Locator), compared, saved and restored, and
//! the laws of `tests/contract.rs` are run for it.

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

/// The table of all algorithms: hands its lines to a macro, behind other arguments.
///
/// In brackets stands what can be chosen at run time: the variant, its configuration if it has one,
/// the placement, the name, what it is in a sentence, and the constructors of a locator. Behind
/// `saved` stands the variant of the saved state, with the type of the state, if it is not one of the
/// [first release](states). New lines come last, because compact forms write the number of a state.
///
/// A state never changes, because compact forms do not write the names of fields. A state with one
/// more field is a new type, converted `From` the old one, and a new line
/// `saved [Maglev2(MaglevState2) from Maglev]`; `VERSION` in `saved/form.rs` grows by one.
macro_rules! table {
    ($then:ident $args:tt) => {
        $crate::algorithms::$then! {
            $args
            [Ring(config: crate::ring::RingConfig): crate::ring::Ring,
                "ring", "[hash ring](crate::Ring)", ring ring_of];
            [Jump: crate::bucket::Numbered<crate::bucket::Jump>,
                "jump", "[jump hash](crate::bucket::Jump)", jump jump_of];
            [JumpGuava: crate::bucket::Numbered<crate::bucket::JumpGuava>,
                "jump-guava", "[jump hash as Guava has it](crate::bucket::JumpGuava)",
                jump_guava jump_guava_of];
            [JumpBack: crate::bucket::Numbered<crate::bucket::JumpBack>,
                "jump-back", "[JumpBackHash](crate::JumpBack)", jump_back jump_back_of];
            [Flip: crate::bucket::Numbered<crate::bucket::FlipHash>,
                "flip", "[FlipHash](crate::bucket::FlipHash)", flip flip_of];
            [JumpBackAnchor: crate::anchor::JumpBackAnchor,
                "jump-back-anchor", "[AnchorHash on JumpBackHash](crate::anchor::JumpBackAnchor)",
                jump_back_anchor jump_back_anchor_of];
            [Asura(config: crate::asura::AsuraConfig): crate::asura::Asura,
                "asura", "[Asura](crate::Asura)", asura asura_of];
            [Maglev(config: crate::maglev::MaglevConfig): crate::maglev::Maglev,
                "maglev", "[Maglev hashing](crate::Maglev)", maglev maglev_of];
            [Rendezvous: crate::rendezvous::Rendezvous,
                "rendezvous", "[rendezvous hashing](crate::Rendezvous)", rendezvous rendezvous_of];
            [WeightedRendezvous: crate::rendezvous::WeightedRendezvous,
                "weighted-rendezvous", "[weighted rendezvous hashing](crate::WeightedRendezvous)",
                weighted_rendezvous weighted_rendezvous_of];
            [Anchor(config: crate::anchor::AnchorConfig): crate::anchor::AnchorHash,
                "anchor", "[AnchorHash](crate::anchor::AnchorHash)", anchor anchor_of]
                saved [Anchor(crate::anchor::AnchorHashState)];
        }
    };
}

/// Hands the algorithms that can be chosen at run time to a macro, behind other arguments.
macro_rules! algorithms {
    ($callback:ident $(, $($args:tt)*)?) => {
        $crate::algorithms::table! { chosen_lines ($callback $($($args)*)?) }
    };
}

macro_rules! chosen_lines {
    (($callback:ident $($args:tt)*) $($([$($chosen:tt)*])? $(saved $state:tt)?;)*) => {
        $callback! { ($($args)*) $($([$($chosen)*])?)* }
    };
}

/// Hands the saved states to a macro. A line is: the variant, and the type of the state in the
/// algorithm's room, after `unit` if it holds nothing. Those of the first release come in the order
/// in which compact forms number them; then come those of the table.
#[cfg(feature = "serde")]
macro_rules! states {
    ($callback:ident) => {
        $crate::algorithms::table! { state_lines ($callback) }
    };
}

#[cfg(feature = "serde")]
macro_rules! state_lines {
    (($callback:ident) $($([$($chosen:tt)*])? $(saved $state:tt)?;)*) => {
        $callback! {
            [Ring(crate::ring::RingState)]
            [Numbered(crate::bucket::NumberedState)]
            [Rendezvous unit crate::rendezvous::RendezvousState]
            [WeightedRendezvous unit crate::rendezvous::WeightedRendezvousState]
            [Maglev(crate::maglev::MaglevState)]
            [JumpBackAnchor(crate::anchor::AnchorState)]
            [Asura(crate::asura::AsuraState)]
            [GivenPoints(crate::ring::GivenPointsState)]
            [PartitionTable(crate::partition::TableState)]
            $($($state)?)*
        }
    };
}

pub(crate) use {algorithms, chosen_lines, table};
#[cfg(feature = "serde")]
use {state_lines, states};

#[cfg(test)]
mod tests {
    use super::{Algorithm, AnyPlacement};
    use crate::placement::{Build, Viewed};
    use crate::topology::Topology;

    /// A room has its name in a constant of its own; here is the table's.
    #[test]
    fn rooms_and_the_table_agree_on_names() {
        let nodes = Topology::new(["a", "b"]).expect("two nodes");
        for algorithm in Algorithm::all() {
            let placement = AnyPlacement::build(&algorithm, nodes.members()).expect("two nodes");
            assert_eq!(placement.view().algorithm, algorithm.name());
            #[cfg(feature = "serde")]
            {
                use crate::placement::Saves;
                assert_eq!(placement.save().algorithm(), algorithm.name());
            }
        }
    }
}
