//! What moves when the nodes change: counted over keys, or exactly over all hashes.

mod boards;
mod circle;
mod compare;
#[cfg(test)]
mod cost_tests;
mod diff;
mod few;
mod lists;
mod movement;
mod numberings;
mod pairs;
mod partitions;
mod parts;
mod range_moves;
mod ranges;
mod replicated;
mod report;
mod rings;
mod tables;
mod union;
mod weights;
mod wide;

pub(crate) use circle::{in_table, on_circle};
pub use compare::Compare;
pub use diff::Diff;
pub use movement::{Movement, over_keys};
pub use parts::{Move, Part, Ratio, Transfer};
pub use replicated::Replicated;
pub use report::{Flow, KeyMovement};
