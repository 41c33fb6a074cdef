//! Moves that need no detour: from a node above its target, or from nowhere, to one below.

use super::deficits::{Deficits, surplus};
use super::holders::Holders;
use crate::hash::mix::{reduce, word};
use crate::partition::cells::at;
use crate::partition::tree::NONE;
use crate::partition::work::Work;

/// Places what has no place, then takes from the nodes above their targets, one replica of a
/// partition at a time, as long as there is a node that may have it. Each such move is a shortest
/// augmenting path, so what is left over is still within reach of the optimum.
pub(super) fn direct(work: &mut Work<'_>, targets: &[u64], holders: &Holders) {
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
    for leaf in 0..work.tree.leaves() as u32 {
        let mut left = surplus(work, targets, leaf);
        let held = holders.of(leaf);
        // Anywhere, or neighbours in the table would always move together.
        let start = reduce(word(u64::from(leaf), held.len() as u64), held.len() as u64) as usize;
        for i in 0..held.len() {
            if left == 0 || deficits.is_empty() {
                break;
            }
            let partition = at(held, (start + i) % held.len());
            if !movable(work, partition, leaf) {
                continue;
            }
            if let Some(to) = deficits.take(work, partition, leaf) {
                work.put(partition, leaf, to);
                left -= 1;
            }
        }
    }
}

/// True if this replica may go and is the first of its partition to do so.
fn movable(work: &Work<'_>, partition: u32, leaf: u32) -> bool {
    usize::from(at(&work.kept, partition as usize)) == work.stay()
        && work.is_on(partition, leaf)
        && !work.bound.holds(partition, leaf)
}
