//! The order of holders within a row: a holder that stays keeps its place.

use super::tree::NONE;
use super::work::Work;
use alloc::vec::Vec;

/// Orders every row by its old row; see [`row`]. O(P·R²) at worst; a row that did not change costs
/// O(R).
pub(super) fn keep(work: &mut Work<'_>) {
    (0..work.partitions).for_each(|partition| row(work, partition));
}

/// Orders a row so that holders that stay keep their places, and new holders take the places of
/// those that left, in their current order.
///
/// With fewer replicas than before, the holders that stay keep their relative order and new ones
/// take the last of the freed places. With more replicas, the added places come last.
pub(super) fn row(work: &mut Work<'_>, partition: u32) {
    let (each, before) = (work.size(partition), work.before.size(partition));
    let old = work.before.row(partition);
    let Some(row) = work.rows.get_mut(work.sizes.places(partition)) else { return };
    if work.before.is_empty() || (each == before && row == old) {
        return;
    }
    crate::steps::count(2 * each as u64);
    let mut new: Vec<u32> = Vec::with_capacity(each);
    new.extend(row.iter().filter(|leaf| !old.contains(leaf)));
    // With fewer replicas, the first freed places are closed instead of filled.
    let mut closed = before.saturating_sub(each);
    let mut newcomers = new.iter().copied();
    let mut written: Vec<u32> = Vec::with_capacity(each);
    for leaf in old {
        if *leaf != NONE && row.contains(leaf) {
            written.push(*leaf);
        } else if closed > 0 {
            closed -= 1;
        } else {
            written.extend(newcomers.next());
        }
    }
    written.extend(newcomers);
    if written.len() == each {
        row.copy_from_slice(&written);
    }
}
