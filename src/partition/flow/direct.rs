//! Moves that need no detour: from a node above its target, or from nowhere, to one below.

use super::deficits::Deficits;
use super::path::Scope;
use crate::hash::mix::{reduce, word};
use crate::partition::cells::at;
use crate::partition::old_rows::PartitionsByLeaf;
use crate::partition::quota::Quotas;
use crate::partition::tree::NONE;
use crate::partition::work::Work;
use alloc::vec::Vec;

/// Partitions tried in place of one that moved twice.
const TRIES: usize = 256;

/// Places what has no place, then takes from the nodes above their targets, in the scope `Unmoved`
/// one replica of a partition only, as long as there is a node that may have it. Each such move is
/// a shortest augmenting path, so what is left over is still within reach of the optimum.
pub(super) fn direct(
    work: &mut Work<'_>,
    targets: &[u64],
    by_leaf: &PartitionsByLeaf,
    scope: Scope,
) {
    let mut deficits = Deficits::new(work, targets);
    for partition in 0..work.partitions {
        if deficits.is_empty() {
            return;
        }
        while work.row(partition).contains(&NONE) {
            let Some(leaf) = deficits.take(work, partition, NONE) else { break };
            work.put(partition, NONE, leaf);
        }
    }
    // Those first that have to give most of what they hold: the others have more choice.
    let mut givers: Vec<(u64, u32)> = Vec::new();
    for leaf in 0..work.tree.leaves() as u32 {
        let surplus = work.surplus(targets, leaf);
        if surplus > 0 {
            let part = (surplus << 32) / at(&work.loads, leaf as usize).max(1);
            givers.push((u64::MAX - part, leaf));
        }
    }
    givers.sort_unstable();
    for (_, leaf) in givers {
        let mut left = work.surplus(targets, leaf);
        for partition in from_offset(by_leaf, leaf) {
            if left == 0 || deficits.is_empty() {
                break;
            }
            let may = match scope {
                Scope::Unmoved => is_first_move(work, partition, leaf),
                _ => is_free_to_move(work, partition, leaf),
            };
            if !may {
                continue;
            }
            if let Some(to) = deficits.take(work, partition, leaf) {
                work.put(partition, leaf, to);
                left -= 1;
            }
        }
    }
}

/// What a leaf held, from some place on: neighbours in the table would always move together
/// otherwise.
fn from_offset(by_leaf: &PartitionsByLeaf, leaf: u32) -> impl Iterator<Item = u32> {
    let held = by_leaf.of(leaf);
    let start = reduce(word(u64::from(leaf), held.len() as u64), held.len() as u64) as usize;
    held.from(start)
}

/// Gives replicas that stay to other leaves that had them and lack one: a partition has fewer
/// replicas now, or some that may not stay together. Costs nothing.
pub(super) fn return_home(work: &mut Work<'_>, targets: &[u64], by_leaf: &PartitionsByLeaf) {
    for leaf in 0..work.tree.leaves() as u32 {
        let mut left = work.surplus(targets, leaf);
        for partition in from_offset(by_leaf, leaf) {
            if left == 0 {
                break;
            }
            if !work.is_on(partition, leaf) || work.constraints.holds(partition, leaf) {
                continue;
            }
            let has_deficit = |home: &&u32| {
                **home != NONE
                    && work.deficit(targets, **home) > 0
                    && work.fits(partition, leaf, **home)
            };
            if let Some(home) = work.old_row(partition).iter().find(has_deficit).copied() {
                work.put(partition, leaf, home);
                left -= 1;
            }
        }
    }
}

/// Takes a replica of a partition that moved twice back, and moves that of one that did not move
/// from the same leaf to the same leaf, wherever such a one is found at once.
pub(super) fn undo_second_moves(work: &mut Work<'_>, quotas: &Quotas, by_leaf: &PartitionsByLeaf) {
    for partition in 0..work.partitions {
        while work.moved(partition) >= 2 {
            let Some((other, home, away)) = exchange(work, quotas, by_leaf, partition) else {
                break;
            };
            work.put(partition, away, home);
            work.put(other, home, away);
        }
    }
}

/// A partition that can take the place of another one's second move, from where, and to where.
fn exchange(
    work: &Work<'_>,
    quotas: &Quotas,
    by_leaf: &PartitionsByLeaf,
    partition: u32,
) -> Option<(u32, u32, u32)> {
    for home in work.old_row(partition).iter().copied() {
        let drained = home == NONE || quotas.is_empty(work.tree, home);
        if drained || work.is_on(partition, home) {
            continue;
        }
        for away in work.row(partition).iter().copied() {
            let settled = away == NONE
                || work.was_on(partition, away)
                || work.constraints.holds(partition, away)
                || !work.fits(partition, away, home);
            if settled {
                continue;
            }
            let free =
                |other: &u32| is_first_move(work, *other, home) && work.fits(*other, home, away);
            if let Some(other) = from_offset(by_leaf, home).take(TRIES).find(free) {
                return Some((other, home, away));
            }
        }
    }
    None
}

/// True if this replica may go and is the first of its partition to do so.
fn is_first_move(work: &Work<'_>, partition: u32, leaf: u32) -> bool {
    usize::from(at(&work.kept, partition as usize)) == work.max_kept()
        && is_free_to_move(work, partition, leaf)
}

/// True if this replica is where it was and may go.
fn is_free_to_move(work: &Work<'_>, partition: u32, leaf: u32) -> bool {
    work.is_on(partition, leaf) && !work.constraints.holds(partition, leaf)
}
