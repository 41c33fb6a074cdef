//! Places within a row: those who stay keep theirs.

use super::tree::NONE;
use super::work::Work;
use alloc::vec::Vec;

/// Orders every row after its row before; see [`row`]. O(P·R²) at worst, nothing for what did not
/// change.
pub(super) fn keep(work: &mut Work<'_>) {
    (0..work.partitions).for_each(|partition| row(work, partition));
}

/// Writes a row so that holders who stay have the places they had, and new ones the places of those
/// who left, in the order in which they stand now. With fewer replicas than before those who stay
/// keep their order among themselves, and new ones take the last places that became free. With more,
/// the places beyond the old ones come last.
pub(super) fn row(work: &mut Work<'_>, partition: u32) {
    let (each, before) = (work.replicas, work.before.replicas());
    let old = work.before.row(partition);
    let first = partition as usize * each;
    let Some(row) = work.rows.get_mut(first..first + each) else { return };
    if before == 0 || (each == before && row == old) {
        return;
    }
    crate::steps::count(2 * each as u64);
    let mut new: Vec<u32> = Vec::with_capacity(each);
    new.extend(row.iter().filter(|leaf| !old.contains(leaf)));
    // Places that became free and go to nobody: the first of them.
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
