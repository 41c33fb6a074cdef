//! What moves when the nodes change: counted over keys, or exactly over all hashes.

mod analytic;
mod balance;
mod compare;
mod diff;
mod movement;
mod ranges;
mod report;
mod union;

pub use balance::{Balance, Held};
pub use compare::Compare;
pub use diff::{Diff, Move, Part, Ratio, Replicated, Transfer};
pub use movement::{Movement, over_keys};
pub use report::{Flow, KeyMovement};
