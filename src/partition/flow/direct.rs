//! Direct moves: single arcs of the residual network, from a leaf above its target, or for an
//! unplaced replica, to a leaf below its target.

use super::deficits::Deficits;
use super::path::Scope;
use crate::hash::mix::{reduce, word};
use crate::partition::cells::at;
use crate::partition::old_rows::PartitionsByLeaf;
use crate::partition::quota::Quotas;
use crate::partition::tree::NONE;
use crate::partition::work::Work;
use alloc::vec::Vec;

/// Maximum number of partitions tried in place of one that moved twice.
const TRIES: usize = 256;

/// Places unplaced replicas, then moves replicas from leaves above their targets to leaves below,
/// as long as the rules allow it. In the scope `Unmoved` each partition moves at most one replica.
/// Each such move is a shortest augmenting path, so the optimum stays within reach.
pub(super) fn direct(
    work: &mut Work<'_>,
    targets: &[u64],
    by_leaf: &PartitionsByLeaf,
    scope: Scope,
) {
    let tables = 0..work.tree.tables.max(1);
    let mut tables: Vec<Deficits> =
        tables.map(|table| Deficits::new(work, targets, table)).collect();
    if tables.iter().all(Deficits::is_empty) {
        return;
    }
    for partition in 0..work.partitions {
        let table = work.constraints.rules.table_of(partition) as usize;
        let Some(deficits) = tables.get_mut(table).filter(|d| !d.is_empty()) else { continue };
        while work.row(partition).contains(&NONE) {
            let Some(leaf) = deficits.take(work, partition, NONE) else { break };
            work.put(partition, NONE, leaf);
        }
    }
    // Leaves that must give the largest fraction of their load go first: the others have more
    // choice.
    let mut givers: Vec<(u64, u32)> = Vec::new();
    for leaf in 0..work.tree.leaves() as u32 {
        let surplus = work.surplus(targets, leaf);
        if surplus > 0 {
            let fraction = (surplus << 32) / at(&work.loads, leaf as usize).max(1);
            givers.push((u64::MAX - fraction, leaf));
        }
    }
    givers.sort_unstable();
    for (_, leaf) in givers {
        let table = work.tree.table_of(leaf) as usize;
        let Some(deficits) = tables.get_mut(table) else { continue };
        let mut left = work.surplus(targets, leaf);
        for partition in from_offset(by_leaf, leaf) {
            if left == 0 || deficits.is_empty() {
                break;
            }
            let may_move = match scope {
                Scope::Unmoved => is_first_move(work, partition, leaf),
                _ => is_free_to_move(work, partition, leaf),
            };
            if !may_move {
                continue;
            }
            if let Some(to) = deficits.take(work, partition, leaf) {
                work.put(partition, leaf, to);
                left -= 1;
            }
        }
    }
}

/// The old partitions of a leaf, beginning at a pseudo-random one: otherwise neighbours in the
/// table would always move together.
fn from_offset(by_leaf: &PartitionsByLeaf, leaf: u32) -> impl Iterator<Item = u32> {
    let partitions = by_leaf.of(leaf);
    let len = partitions.len() as u64;
    partitions.from(reduce(word(u64::from(leaf), len), len) as usize)
}

/// Returns replicas from leaves above their targets to other old holders below theirs, which costs
/// no move. There are such where R shrank, or where old holders cannot all stay.
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

/// For each partition with two or more moves, undoes a move and instead moves a partition that has
/// not moved between the same two leaves, wherever one is found among the first [`TRIES`].
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

/// A partition that can move in place of another one's second move, with the leaf it leaves and the
/// leaf it moves to.
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
            let fixed = away == NONE
                || work.was_on(partition, away)
                || work.constraints.holds(partition, away)
                || !work.fits(partition, away, home);
            if fixed {
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

/// True if this replica may move and would be the first of its partition to do so.
fn is_first_move(work: &Work<'_>, partition: u32, leaf: u32) -> bool {
    usize::from(at(&work.kept, partition as usize)) == work.max_kept(partition)
        && is_free_to_move(work, partition, leaf)
}

/// True if the partition is on this leaf and may leave it.
fn is_free_to_move(work: &Work<'_>, partition: u32, leaf: u32) -> bool {
    work.is_on(partition, leaf) && !work.constraints.holds(partition, leaf)
}
