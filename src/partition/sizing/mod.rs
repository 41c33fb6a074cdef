//! Sizes of partitions: how much each node holds, beside how many replicas.
//!
//! ```text
//!  PartitionSizes + quotas --> HeldSizes: size of each node over its fair size
//!                                  |
//!         even: exchanges replicas between nodes; counts and moves stay as they are
//!                                  |
//!         Work keeps HeldSizes: later exchanges (leaders, dispersion) raise no node above the
//!                                  |                                       greatest ratio
//!                                  +--> SizeFigures: reached ratio, lower bound, size moved
//! ```

mod bound;
#[cfg(test)]
mod cost_tests;
mod counts;
mod evening;
mod extremes;
mod figures;
mod given;
mod held;
mod ratio;
mod replicas;
mod step;

pub(super) use evening::even;
pub use figures::SizeFigures;
pub(super) use given::PartitionSizes;
pub(super) use held::HeldSizes;
