//! One replica of a partition at a time: among the tables of least movement, one in which fewer
//! partitions have two replicas moved.

use super::search::{Scope, Search, apply};
use crate::partition::cells::at;
use crate::partition::quota::Quotas;
use crate::partition::tree::NONE;
use crate::partition::work::Work;
use alloc::vec::Vec;

/// Searches in vain after which the rest is left as it is: a bound to the time in tables where
/// very many partitions have to move twice.
const PATIENCE: usize = 4096;

/// Takes replicas back to where they were, and moves that of a partition of which none was moved
/// instead, along a path that costs no more.
pub(super) fn singles(
    work: &mut Work<'_>,
    targets: &mut [u64],
    quotas: &Quotas,
    search: &mut Search<'_>,
) {
    let mut patience = PATIENCE;
    let mut doubles: Vec<u32> = (0..work.partitions).filter(|p| work.moved(*p) >= 2).collect();
    loop {
        let before = doubles.len();
        let mut better = false;
        doubles.retain(|partition| {
            while work.moved(*partition) >= 2 && patience > 0 {
                if !spared(work, targets, quotas, search, *partition, &mut patience) {
                    return true;
                }
                better = true;
            }
            work.moved(*partition) >= 2
        });
        if doubles.is_empty() || patience == 0 || !(better || doubles.len() < before) {
            return;
        }
    }
}

/// Moves one replica less of a partition, if others can do without more movement.
fn spared(
    work: &mut Work<'_>,
    targets: &mut [u64],
    quotas: &Quotas,
    search: &mut Search<'_>,
    partition: u32,
    patience: &mut usize,
) -> bool {
    let old: Vec<u32> = work.old_row(partition).to_vec();
    let row: Vec<u32> = work.row(partition).to_vec();
    for from in row.iter().filter(|leaf| !old.contains(leaf)) {
        for to in old.iter().filter(|leaf| **leaf != NONE && !row.contains(leaf)) {
            let drained = at(&quotas.ceils, work.tree.vertex(*to)) == 0;
            if drained || work.bound.holds(partition, *from) || !work.fits(partition, *from, *to) {
                continue;
            }
            work.put(partition, *from, *to);
            search.note(work, partition, *to);
            let path = search.path(work, targets, quotas, &[], Scope::Singly, 1);
            match path {
                Some((cost, steps)) if cost <= 1 => {
                    apply(work, targets, search, &steps);
                    return true;
                }
                _ => {
                    work.put(partition, *to, *from);
                    search.note(work, partition, *from);
                    *patience = patience.saturating_sub(1);
                    if *patience == 0 {
                        return false;
                    }
                }
            }
        }
    }
    false
}
