//! What moves when the nodes change.

mod balance;
mod movement;
mod report;

pub use balance::{Balance, Held};
pub use movement::{Movement, over_keys};
pub use report::{Flow, KeyMovement};
