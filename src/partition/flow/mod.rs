//! The least movement from one table to a balanced one.
//!
//! A table is a flow: each partition sends R units through a tree of its limits to nodes, and these
//! send theirs through a tree whose every edge, of a node or a domain, carries the floor or the
//! ceiling of a quota. A replica that stays costs nothing, any other one costs one. [`start`] keeps
//! what the rules let stay, under the targets ([`targets()`]) by which most of it can: no arc of
//! the residual network costs less than nothing then. [`direct`] moves and then the shortest paths
//! of [`search`] carry what is above its target, or has no place, to what is below; each keeps the
//! cost minimal ([`Potentials`] says why, and why there is an end), so the end is a minimum.
//! [`single_moves`] chooses among equals.

mod augment;
mod blocking;
mod deficits;
mod direct;
mod explore;
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

/// What a change came to.
#[derive(Debug)]
pub(super) struct Settled {
    /// See [`Potentials`].
    pub(super) potentials: Vec<i32>,
}

/// Moves as few replicas as lead to floors and ceilings everywhere.
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
    let crowded = (0..work.partitions).any(|partition| work.may_return(partition));
    let potentials = if crowded {
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

/// True if every partition has R different leaves within all limits and every leaf and domain holds
/// its target, between floor and ceiling. O(P·R²·levels + n).
fn is_right(work: &Work<'_>, targets: &[u64], quotas: &Quotas) -> bool {
    let rows = (0..work.partitions)
        .all(|p| !work.row(p).contains(&NONE) && start::legal(work.tree, work.row(p)));
    let within = |vertex: usize, held: u64| {
        held == at(targets, vertex)
            && (at(&quotas.floors, vertex)..=at(&quotas.ceils, vertex)).contains(&held)
    };
    let sums = work.tree.sums(&work.tree.counts(&work.rows));
    rows && sums.into_iter().enumerate().all(|(vertex, held)| within(vertex, held))
}

/// True if the potentials prove that nothing moves without need. O(P·R·levels + n log n).
fn is_tight(work: &Work<'_>, potentials: &[i32], quotas: &Quotas) -> bool {
    let certificate = Certificate::new(work.tree, potentials);
    let mut dual = Dual::new(work.tree, &certificate, work.replicas as u32);
    for partition in 0..work.partitions {
        let drained = |leaf: u32| leaf != NONE && quotas.is_empty(work.tree, leaf);
        let before: Vec<u32> = work.old_row(partition).to_vec();
        let before: Vec<u32> =
            before.into_iter().map(|leaf| if drained(leaf) { NONE } else { leaf }).collect();
        if work.constraints.frozen.contains(&partition) {
            dual.frozen(&before);
        } else {
            dual.free(&before, work.constraints.pins_of(partition), false);
        }
    }
    let stay = i128::from(work.partitions) * work.max_kept() as i128;
    stay - dual.max_kept(quotas, work.partitions) == i128::from(work.all_moved())
}

#[cfg(test)]
mod cost_tests;
