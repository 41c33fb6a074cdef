//! One replica of a partition at a time: among the tables of least movement, one in which fewer
//! partitions have two replicas moved.

use super::search::{Scope, Search, Step, apply};
use crate::partition::cells::at;
use crate::partition::quota::Quotas;
use crate::partition::tree::NONE;
use crate::partition::work::Work;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// Searches in vain after which the rest is left as it is: a bound to the time in tables where
/// very many partitions have to move twice.
const PATIENCE: usize = 4096;

/// Takes replicas back to where they were, and moves that of another partition instead, along a path
/// that costs no more: first of partitions of which none was moved, then also of such of which two
/// or more are moved anyway.
pub(super) fn singles(
    work: &mut Work<'_>,
    targets: &mut [u64],
    quotas: &Quotas,
    search: &mut Search<'_>,
) {
    let mut patience = PATIENCE;
    loop {
        let mut better = false;
        for scope in [Scope::Singly, Scope::Gathered] {
            for partition in 0..work.partitions {
                loop {
                    let moved = work.moved(partition);
                    let wanted = moved == 2 || (moved > 2 && scope == Scope::Singly);
                    if !wanted || patience == 0 {
                        break;
                    }
                    if !spared(work, targets, quotas, search, (partition, scope), &mut patience) {
                        break;
                    }
                    better = true;
                }
            }
        }
        if !better || patience == 0 {
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
    (partition, scope): (u32, Scope),
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
            let path = search.path(work, targets, quotas, &[], scope, 1);
            match path {
                Some((cost, steps)) if cost <= 1 && pays(work, &steps, (partition, scope)) => {
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

/// True if a path is worth the replica that went back: partitions with two moved, or replicas moved
/// beyond the first of a partition, get fewer and neither more. A path may meet a partition twice,
/// so this is not sure before.
fn pays(work: &Work<'_>, steps: &[Step], (partition, scope): (u32, Scope)) -> bool {
    let mut changes: BTreeMap<u32, i32> = BTreeMap::new();
    for step in steps {
        if let Step::Move { partition, from, to } = step {
            *changes.entry(*partition).or_default() += work.cost(*partition, *from, *to);
        }
    }
    // It was one more before its replica went back.
    let (mut doubles, mut extra) = (0, 0);
    changes.entry(partition).or_default();
    for (changed, by) in changes {
        let now = work.moved(changed) as i32;
        let (before, after) = (now + i32::from(changed == partition), now + by);
        doubles += i32::from(after >= 2) - i32::from(before >= 2);
        extra += (after - 1).max(0) - (before - 1).max(0);
    }
    match scope {
        Scope::Gathered => doubles < 0,
        _ => doubles <= 0 && extra < 0,
    }
}
