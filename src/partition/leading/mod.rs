//! Leaders: which holder of each partition comes first.
//!
//! ```text
//!  HolderRows ---> quotas: max-min fair, blocks of nodes      (a flow in fractions)
//!      |              |
//!      +--------------+--> choose: the fewest leaders change  (a flow of minimum cost)
//!                               |
//!                               +--> LeaderCertificate --> check: counts and proves anew
//! ```
//!
//! No replica moves: rows only change their order. All of this works on leaf numbers.

mod candidates;
mod certificate;
mod check;
#[cfg(test)]
mod cost_tests;
mod evening;
mod exchange;
mod flow;
#[cfg(test)]
mod oracle_tests;
mod plan;
mod quotas;
mod report;
mod rows;
mod rule;
mod shares;
mod takeover;
mod weights;

pub(super) use candidates::Candidates;
pub use certificate::{LeaderCertificate, VerifiedLeaders};
pub(super) use rows::HolderRows;
pub(super) use rule::{LeaderFigures, LeaderRule};

use super::cells::at;
use super::tree::NONE;
use alloc::vec;
use alloc::vec::Vec;
use flow::{Bounds, Flow};
use quotas::LeaderQuotas;

/// The leaders of a table, with what proves that the fewest of them changed.
#[derive(Debug)]
pub(super) struct Led {
    /// The leader of each partition.
    pub(super) leaders: Vec<u32>,
    pub(super) quotas: LeaderQuotas,
    pub(super) certificate: LeaderCertificate,
}

/// Chooses a leader for every partition among its holders, so that each node leads the floor or the
/// ceiling of its quota, and the fewest leaders change.
///
/// `old` has the old leader of each partition, if it is among the new holders; `None` if there is
/// no old table. Where it is not, the first holder leads, unless another one has to.
///
/// # Complexity
/// O(P·R + n) for each augmentation length: see [`Flow`].
pub(super) fn choose(rows: HolderRows<'_>, weights: &[u128], old: Option<&[u32]>) -> Led {
    let start = rows.iter().enumerate().map(|(partition, row)| {
        let old = old.map_or(NONE, |old| at(old, partition));
        if old == NONE { row.first().copied().unwrap_or(0) } else { old }
    });
    let start: Vec<u32> = start.collect();
    let quotas = quotas::quotas(rows, weights, &start);
    let bounds = Bounds {
        low: quotas.floors.iter().map(|floor| i128::from(*floor)).collect(),
        high: quotas.ceils.iter().map(|ceil| i128::from(*ceil)).collect(),
        groups: vec![0; weights.len()],
        units: vec![1],
    };
    let mut flow = Flow::new(rows, start, bounds, old);
    let complete = flow.run();
    debug_assert!(complete, "floors and ceilings of a base are always possible");
    let certificate = LeaderCertificate::new(&flow.potentials, quotas.blocks.clone());
    Led { leaders: flow.shares.into_leaders(), quotas, certificate }
}
