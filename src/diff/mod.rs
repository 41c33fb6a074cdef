//! What moves between two placements, exactly, over all hashes: view beside view.

mod boards;
mod by;
mod changed_moves;
mod changed_points;
#[cfg(test)]
mod changed_tests;
mod circles;
#[cfg(test)]
mod cost_tests;
mod descent;
mod ends;
mod exact;
mod held;
mod intervals;
mod listing;
mod loads;
mod lookups;
mod numberings;
mod pairs;
mod parts;
mod pieces;
mod questions;
mod range_moves;
mod rows;
mod scores;
mod small_lists;
mod units;
mod wide;
mod windows;

pub(crate) use ends::{Ends, changes};
pub use exact::Diff;
pub(crate) use held::{in_entries, in_rows, on_circle};
pub use parts::{Extent, Flow, Move, PairMoves, Ratio};
pub(crate) use parts::{UnitHolders, excess, fraction};
pub(crate) use scores::Weights;
