//! Augmentation along shortest paths until every leaf has its target.

use super::blocking::Blocking;
use super::direct;
use super::path::Scope;
use super::residual::Residual;
use crate::partition::quota::Quotas;
use crate::partition::tree::NONE;
use crate::partition::work::Work;
use alloc::vec::Vec;

/// No balanced table satisfies the pins and frozen partitions. The rows then hold a maximum flow,
/// from which [`explain`](crate::partition::explain) derives the reason.
#[derive(Clone, Copy, Debug)]
pub(in crate::partition) struct Stuck;

/// Applies shortest paths until every leaf has its target or, with a `limit`, as long as they cost
/// no more than that. [`Potentials`](super::potentials::Potentials) explains why this ends.
pub(super) fn augment(
    work: &mut Work<'_>,
    targets: &mut [u64],
    quotas: &Quotas,
    search: &mut Residual<'_>,
    limit: Option<i32>,
) -> Result<(), Stuck> {
    let mut unplaced: Vec<u32> =
        (0..work.partitions).filter(|partition| work.row(*partition).contains(&NONE)).collect();
    let mut unmoved_only = limit.is_none();
    let leaves = work.tree.leaves() as u64;
    let mut left = 2 * (total_deficit(work, targets) + leaves + 2);
    let mut blocking = Blocking::new(work);
    while any_deficit(work, targets) {
        left = left.saturating_sub(1);
        if !search.ignores_costs() && (left == 0 || search.distance() as u64 > leaves) {
            debug_assert!(false, "more searches than the proof of termination allows");
            search.ignore_costs(work, true);
        }
        let scope = if unmoved_only { Scope::Unmoved } else { Scope::All };
        let last = search.layered(work, targets, quotas, &unplaced, scope);
        if let Some(last) = last {
            let paths = blocking.flow(work, targets, quotas, search, (&unplaced, scope, last));
            if paths == 0 {
                debug_assert!(false, "a search reached a leaf, but no path leads there");
                if search.ignores_costs() {
                    return Err(Stuck);
                }
                search.ignore_costs(work, true);
            }
            unplaced.retain(|partition| work.row(*partition).contains(&NONE));
        } else if unmoved_only {
            unmoved_only = false;
            if search.distance() == 1 {
                direct::direct(work, targets, search.by_leaf(), Scope::All);
                search.list_displaced(work);
                unplaced.retain(|partition| work.row(*partition).contains(&NONE));
            }
        } else if search.ignores_costs() {
            return Err(Stuck);
        } else {
            search.raise(work);
            if limit.is_some_and(|limit| search.distance() > limit) {
                return Ok(());
            }
            if !search.has_any_path(work, targets, quotas, &unplaced) {
                return Err(Stuck);
            }
            unmoved_only = limit.is_none();
        }
    }
    Ok(())
}

fn total_deficit(work: &Work<'_>, targets: &[u64]) -> u64 {
    (0..work.tree.leaves() as u32).map(|leaf| work.deficit(targets, leaf)).sum()
}

pub(super) fn any_deficit(work: &Work<'_>, targets: &[u64]) -> bool {
    let leaf_targets = targets.iter().skip(work.tree.domains());
    leaf_targets.zip(&work.loads).any(|(target, load)| load < target)
}
