//! The beginning of a change: everything stays that may.

use crate::partition::cells::at;
use crate::partition::tree::{NONE, Tree};
use crate::partition::work::Work;
use alloc::vec::Vec;

/// Puts every pin into place, and of the replicas before as many as the rules allow; frozen
/// partitions as they were. `ceils` are the most that each leaf may hold in the end: of replicas
/// that cannot all stay, those on the fullest leaves go.
pub(in crate::partition) fn start(work: &mut Work<'_>, ceils: &[u64]) {
    let mut crowded = Vec::new();
    for partition in 0..work.partitions {
        if work.bound.frozen.contains(&partition) {
            keep_all(work, partition);
            continue;
        }
        let pins = work.bound.pins_of(partition).len();
        if pins > 0 || work.before.replicas() > work.replicas || !keep_all(work, partition) {
            crowded.push(partition);
        }
    }
    for partition in crowded {
        keep_some(work, partition, ceils);
    }
}

/// All replicas before, in their places, if the rules let them; else none. Nothing has a place yet.
fn keep_all(work: &mut Work<'_>, partition: u32) -> bool {
    legal(work.tree, work.old_row(partition)) && work.keep(partition)
}

/// True if no leaf is there twice and no limit is broken.
pub(super) fn legal(tree: &Tree, row: &[u32]) -> bool {
    let there = || row.iter().copied().enumerate().filter(|(_, leaf)| *leaf != NONE);
    let within = |before: usize, same: &dyn Fn(u32) -> bool| {
        there().take_while(|(i, _)| *i < before).filter(|(_, leaf)| same(*leaf)).count() as u32
    };
    there().all(|(i, leaf)| {
        within(i, &|other| other == leaf) == 0
            && tree.limits.iter().all(|(level, cap)| {
                let domain = tree.domain(leaf, *level);
                within(i, &|other| tree.domain(other, *level) == domain) < *cap
            })
    })
}

/// Takes all places away.
fn clear(work: &mut Work<'_>, partition: u32) {
    for i in 0..work.replicas {
        match at(work.row(partition), i) {
            NONE => {}
            leaf => work.put(partition, leaf, NONE),
        }
    }
}

/// The pins, then greedily what else fits: a largest set that does, for the limits make a matroid.
fn keep_some(work: &mut Work<'_>, partition: u32, ceils: &[u64]) {
    clear(work, partition);
    let before: Vec<u32> = work.old_row(partition).to_vec();
    let pins: Vec<u32> = work.bound.pins_of(partition).to_vec();
    let mut others: Vec<u32> =
        before.iter().copied().filter(|leaf| *leaf != NONE && !pins.contains(leaf)).collect();
    // By how full they are: load/ceiling, an empty ceiling last.
    others.sort_by_key(|leaf| {
        let (load, ceil) = (at(&work.loads, *leaf as usize), at(ceils, *leaf as usize));
        (ceil == 0, (load << 32).checked_div(ceil))
    });
    let mut chosen = pins.clone();
    for leaf in others {
        let free = work.row(partition).contains(&NONE);
        if free && chosen.len() < work.replicas {
            // Tried in the row, which is written anew below.
            if chosen.iter().all(|other| *other != leaf) && work.tree.admits(&chosen, NONE, leaf) {
                chosen.push(leaf);
            }
        }
    }
    for (i, leaf) in before.iter().enumerate() {
        if chosen.contains(leaf) {
            place(work, partition, i, *leaf);
        }
    }
    for leaf in pins {
        if !work.is_on(partition, leaf) {
            work.put(partition, NONE, leaf);
        }
    }
}

/// Puts a replica into its place of before, or where that is taken or gone, into the first free
/// one.
fn place(work: &mut Work<'_>, partition: u32, i: usize, leaf: u32) {
    work.put(partition, NONE, leaf);
    let first = partition as usize * work.replicas;
    let Some(row) = work.rows.get_mut(first..first + work.replicas) else { return };
    let now = row.iter().position(|l| *l == leaf);
    if let (Some(now), Some(&NONE)) = (now, row.get(i)) {
        row.swap(now, i);
    }
}
