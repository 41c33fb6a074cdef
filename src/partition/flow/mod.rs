//! The minimum movement from a table to a balanced one, as a minimum-cost flow.
//!
//! ```text
//!  partition      its limits        nodes      domains       root
//!  sends R        cap 1 per zone    floor <= load <= ceil    receives P * R
//!
//!             +--> zone a --+--> a1 --+
//!             |             +--> a2 --+--> zone a ---+
//!        p ---+                                      +--> root
//!             +--> zone b --+--> b1 --+--> zone b ---+
//!                           +--> b2 --+
//!
//!  a unit of p on a node costs 0 if p had a replica there before, otherwise 1
//! ```
//!
//! A flow within these bounds is a balanced table, and its cost is the number of replicas that are
//! new on their node. The steps:
//!
//! 1. [`start`] keeps what the rules allow to stay, and [`targets()`] rounds the quotas in the way
//!    that lets most of it stay. No arc of the residual network then has a negative cost.
//! 2. [`direct`] moves replicas from leaves above their targets, or unplaced ones, straight to
//!    leaves below.
//! 3. [`augment()`] does the rest along shortest paths. Each step keeps the cost minimal, so the
//!    end is a minimum: [`Potentials`] explains why, and why there is an end.
//! 4. [`single_moves`] chooses, among the tables of minimum movement, one with fewer partitions
//!    that move two replicas.

mod augment;
mod blocking;
mod deficits;
mod direct;
mod explore;
mod fruitless;
mod path;
mod potentials;
mod residual;
mod search;
mod single_moves;
mod start;
mod targets;
mod unreached;

use super::cells::at;
use super::certificate::{Certificate, Dual};
use super::old_rows::PartitionsByLeaf;
use super::quota::Quotas;
use super::tree::NONE;
use super::work::Work;
use alloc::vec::Vec;
use augment::{Stuck, any_deficit, augment};
use path::Scope;
use potentials::Potentials;
use residual::Residual;
pub(super) use targets::{staying, targets};

/// The result of a rebalance.
#[derive(Debug)]
pub(super) struct Settled {
    /// The potentials of its certificate: see [`Potentials`].
    pub(super) potentials: Vec<i32>,
}

/// Moves the minimum number of replicas after which every vertex has its floor or ceiling.
pub(super) fn rebalance(work: &mut Work<'_>, quotas: &Quotas) -> Result<Settled, Stuck> {
    let mut targets = Vec::new();
    let potentials = settled(work, &mut targets, quotas)?.into_certificate();
    debug_assert!(is_right(work, &targets, quotas), "a table that breaks the rules");
    debug_assert!(is_tight(work, &potentials, quotas), "a certificate that does not prove it");
    Ok(Settled { potentials })
}

fn settled(
    work: &mut Work<'_>,
    targets: &mut Vec<u64>,
    quotas: &Quotas,
) -> Result<Potentials, Stuck> {
    let ceils = quotas.ceils.get(work.tree.domains()..).unwrap_or_default();
    start::start(work, ceils);
    let by_leaf = PartitionsByLeaf::before(work.tree.leaves(), &work.before);
    *targets = targets::targets(work.tree, quotas, &work.loads);
    let any_may_return = (0..work.partitions).any(|partition| work.may_return(partition));
    let potentials = if any_may_return {
        direct::return_home(work, targets, &by_leaf);
        let mut search = Residual::new(work, &by_leaf, Potentials::zero(work));
        augment(work, targets, quotas, &mut search, Some(0))?;
        search.potentials()
    } else {
        Potentials::beside_tree(work, targets, quotas)
    };
    direct::direct(work, targets, &by_leaf, Scope::Unmoved);
    direct::undo_second_moves(work, quotas, &by_leaf);
    let moved_once = || (0..work.partitions).all(|partition| work.moved(partition) < 2);
    if !any_deficit(work, targets) && moved_once() {
        return Ok(potentials);
    }
    let mut search = Residual::new(work, &by_leaf, potentials);
    augment(work, targets, quotas, &mut search, None)?;
    direct::undo_second_moves(work, quotas, &by_leaf);
    search.list_displaced(work);
    single_moves::single_moves(work, targets, quotas, &mut search);
    Ok(search.potentials())
}

/// True if every partition has R different leaves within all limits, and every leaf and domain has
/// its target, between floor and ceiling. O(P·R²·levels + n).
fn is_right(work: &Work<'_>, targets: &[u64], quotas: &Quotas) -> bool {
    let rules = &work.constraints.rules;
    let rows = (0..work.partitions).all(|p| {
        let row = work.row(p);
        !row.contains(&NONE)
            && start::legal(work.tree, row)
            && rules.keep(work.tree, p, row, row.len())
    });
    let within = |vertex: usize, load: u64| {
        load == at(targets, vertex)
            && (at(&quotas.floors, vertex)..=at(&quotas.ceils, vertex)).contains(&load)
    };
    let sums = work.tree.sums(&work.tree.counts(&work.rows));
    rows && sums.into_iter().enumerate().all(|(vertex, load)| within(vertex, load))
}

/// True if the potentials prove the movement to be the minimum. O(P·R·levels + n log n).
fn is_tight(work: &Work<'_>, potentials: &[i32], quotas: &Quotas) -> bool {
    let certificate = Certificate::new(work.tree, potentials);
    let stride = work.sizes.stride() as u32;
    let mut dual = Dual::new(work.tree, &certificate, work.constraints, stride);
    let (mut stay, mut replicas) = (0, 0);
    for partition in 0..work.partitions {
        stay += work.max_kept(partition) as i128;
        replicas += work.size(partition) as u64;
        let drained = |leaf: u32| leaf != NONE && quotas.is_empty(work.tree, leaf);
        let before: Vec<u32> = work.old_row(partition).to_vec();
        let before: Vec<u32> =
            before.into_iter().map(|leaf| if drained(leaf) { NONE } else { leaf }).collect();
        if work.constraints.frozen.contains(&partition) {
            dual.frozen(&before);
        } else {
            let pins = work.constraints.pins_of(partition);
            dual.free(partition, work.size(partition), (&before, pins), false);
        }
    }
    stay - dual.max_kept(quotas, replicas) == i128::from(work.all_moved())
}

#[cfg(test)]
mod cost_tests;
