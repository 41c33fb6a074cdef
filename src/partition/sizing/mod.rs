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
mod evening;
mod extremes;
mod figures;
mod given;
mod held;
mod ratio;
mod replicas;

pub use figures::SizeFigures;
pub(super) use given::PartitionSizes;
pub(super) use held::HeldSizes;

use super::problem::Problem;
use super::work::Work;

/// Evens the sizes of the nodes by exchanging replicas, without a move more, and lets later exchanges
/// raise no node above the greatest ratio that remains. Rows keep no order.
pub(super) fn even(problem: &Problem<'_>, sizes: &PartitionSizes, work: &mut Work<'_>) {
    let mut held = HeldSizes::new(problem, sizes, &work.rows);
    evening::even(work, &problem.quotas, &mut held);
    held.set_max();
    work.held_sizes = Some(held);
}
