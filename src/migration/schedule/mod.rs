//! Rounds of transfers under limits of concurrent sends and receives.
//!
//! ```text
//! limits ─ graph ─ components ─ ports ─ colouring ─ units ─ exhaustive
//!          vertices  bipartite?  one     Kőnig's     kept     only of
//!          and       halved?     edge a  paths       apart    a few
//!          degrees               round                        transfers
//! ```

mod cells;
mod check;
mod colouring;
mod components;
#[cfg(test)]
mod cost_tests;
mod euler;
mod exhaustive;
mod graph;
mod limits;
mod optimality;
mod ports;
mod rounds;
#[cfg(feature = "serde")]
mod saved;
#[allow(clippy::module_inception)]
mod schedule;
mod separate;
mod table;
#[cfg(test)]
mod tests;
mod units;

pub use limits::Limits;
pub(super) use limits::NodeLimits;
pub use optimality::Optimality;
pub use schedule::Schedule;
