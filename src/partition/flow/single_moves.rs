//! One replica of a partition at a time: among the tables of least movement, one in which fewer
//! partitions have two replicas moved.

use super::path::{PathArc, Scope};
use super::residual::{Residual, apply};
use super::search::Between;
use crate::hash::mix::{reduce, word};
use crate::partition::cells::at;
use crate::partition::quota::Quotas;
use crate::partition::tree::NONE;
use crate::partition::work::Work;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

/// Replicas and leaves looked at, for each replica of the table and each node, after which the rest
/// is left as it is: in a small table, and in a large one beside [`WHOLE`].
const PATIENCE: (u64, u64) = (1024, 16);

/// Looks beside those by size in a table so large that they are fewer than 1024 for each replica.
const WHOLE: u64 = 1 << 22;

/// Replicas of a table in which two steps are tried at once.
const SMALL: usize = 4096;

/// Steps tried at random there.
const WALK: u64 = 1024;

/// When to stop, and where no path was found: in a large table it would hardly be found for
/// another partition.
struct Effort {
    max: u64,
    large: bool,
    failed_ends: BTreeSet<(bool, u32, u32)>,
}

impl Effort {
    fn new(work: &Work<'_>, search: &Residual<'_>) -> Self {
        let places = work.rows.len();
        let size = (places + work.tree.leaves()) as u64;
        let max = search.effort() + (PATIENCE.0 * size).min(PATIENCE.1 * size + WHOLE);
        Self { max, large: places > SMALL, failed_ends: BTreeSet::new() }
    }

    fn is_spent(&self, search: &Residual<'_>) -> bool {
        search.effort() >= self.max
    }

    fn has_failed(&self, scope: Scope, from: u32, to: u32) -> bool {
        self.failed_ends.contains(&(scope == Scope::Unmoved, from, to))
    }

    fn failed(&mut self, scope: Scope, from: u32, to: u32) {
        if self.large {
            self.failed_ends.insert((scope == Scope::Unmoved, from, to));
        }
    }
}

/// Takes replicas back to where they were, and moves that of another partition instead, along a
/// path that costs no more: of a partition of which none was moved; of one of which two or more are
/// moved anyway, if that makes one less of those; and of one with more moved than here, so that
/// later one less may do. A step lowers (partitions moved twice, moves beyond a partition's first,
/// minus the squares of the moves of each), in this order, so there is an end. In small tables also
/// two steps of which the first alone does not.
pub(super) fn single_moves(
    work: &mut Work<'_>,
    targets: &mut [u64],
    quotas: &Quotas,
    search: &mut Residual<'_>,
) {
    let mut effort = Effort::new(work, search);
    descend(work, targets, quotas, search, 0, &mut effort);
    while work.rows.len() <= SMALL
        && !effort.is_spent(search)
        && work.moved_twice() > lower_bound(work, quotas)
    {
        if !two_steps(work, targets, quotas, search, &mut effort)
            && !random_walk(work, targets, quotas, search, &mut effort)
        {
            return;
        }
    }
}

fn descend(
    work: &mut Work<'_>,
    targets: &mut [u64],
    quotas: &Quotas,
    search: &mut Residual<'_>,
    mut pass: u32,
    effort: &mut Effort,
) {
    while pass < 3 && !effort.is_spent(search) {
        let mut better = false;
        for partition in 0..work.partitions {
            loop {
                let scope = match (pass, work.moved(partition)) {
                    (0, 2..) => Scope::Unmoved,
                    (1, 2) => Scope::NotOnceMoved,
                    (2, moved @ 2..) => Scope::MovedAtLeast(moved),
                    _ => break,
                };
                if !move_back(work, targets, quotas, search, (partition, scope), effort) {
                    break;
                }
                better = true;
            }
        }
        pass = if better && pass > 0 { 0 } else { pass + 1 };
    }
}

/// A bound from below on the partitions with two moved: those that cannot keep more, and where more
/// replicas move than there are partitions, as many as take them.
fn lower_bound(work: &Work<'_>, quotas: &Quotas) -> u64 {
    let max = work.max_kept().saturating_sub(1).max(1) as u64;
    let over = work.all_moved().saturating_sub(u64::from(work.partitions)).div_ceil(max);
    let forced = (0..work.partitions).filter(|partition| {
        let mut keeps: Vec<u32> = Vec::new();
        for leaf in work.old_row(*partition).iter().filter(|leaf| **leaf != NONE) {
            let drained = quotas.is_empty(work.tree, *leaf);
            if !drained && work.tree.admits(&keeps, NONE, *leaf) {
                keeps.push(*leaf);
            }
        }
        keeps.len() + 2 <= work.max_kept()
    });
    over.max(forced.count() as u64)
}

/// The partitions of which something moved.
fn moved_partitions(work: &Work<'_>) -> Vec<u32> {
    (0..work.partitions).filter(|partition| work.moved(*partition) > 0).collect()
}

/// Steps at random that make no more partitions move twice, until one makes less possible.
fn random_walk(
    work: &mut Work<'_>,
    targets: &mut [u64],
    quotas: &Quotas,
    search: &mut Residual<'_>,
    effort: &mut Effort,
) -> bool {
    let moved_twice = work.moved_twice();
    for turn in 0..WALK {
        let moved = moved_partitions(work);
        let random = |stream| at(&moved, reduce(word(stream, turn), moved.len() as u64) as usize);
        let (partition, instead) = (random(1), random(2));
        if partition == instead || effort.is_spent(search) {
            continue;
        }
        if move_back(work, targets, quotas, search, (partition, Scope::Only(instead)), effort) {
            descend(work, targets, quotas, search, 1, effort);
            if work.moved_twice() < moved_twice {
                return true;
            }
        }
    }
    false
}

/// A step that only makes another one possible: a replica of one partition moves in place of
/// another's, and there are no more partitions moved twice than before.
fn two_steps(
    work: &mut Work<'_>,
    targets: &mut [u64],
    quotas: &Quotas,
    search: &mut Residual<'_>,
    effort: &mut Effort,
) -> bool {
    let moved_twice = work.moved_twice();
    for partition in moved_partitions(work) {
        for instead in moved_partitions(work) {
            if instead == partition || work.moved(partition) > 2 {
                continue;
            }
            let before = (work.rows.clone(), targets.to_vec());
            if move_back(work, targets, quotas, search, (partition, Scope::Only(instead)), effort) {
                descend(work, targets, quotas, search, 1, effort);
                if work.moved_twice() < moved_twice {
                    return true;
                }
                work.adopt(before.0);
                targets.copy_from_slice(&before.1);
                search.list_displaced(work);
            }
            if effort.is_spent(search) {
                return false;
            }
        }
    }
    false
}

/// Moves one replica less of a partition, if others can do without more movement.
fn move_back(
    work: &mut Work<'_>,
    targets: &mut [u64],
    quotas: &Quotas,
    search: &mut Residual<'_>,
    (partition, scope): (u32, Scope),
    effort: &mut Effort,
) -> bool {
    let old: Vec<u32> = work.old_row(partition).to_vec();
    let row: Vec<u32> = work.row(partition).to_vec();
    for from in row.iter().filter(|leaf| !old.contains(leaf)) {
        for to in old.iter().filter(|leaf| **leaf != NONE && !row.contains(leaf)) {
            let drained = quotas.is_empty(work.tree, *to);
            let stays = work.constraints.holds(partition, *from);
            if effort.is_spent(search)
                || effort.has_failed(scope, *from, *to)
                || drained
                || stays
                || !search.closes_free_cycle(work, *from, *to)
                || !work.fits(partition, *from, *to)
            {
                continue;
            }
            // The replica goes back, and this closes the cycle. The path is looked for in the rows
            // as they were; it does not touch this partition.
            let ends = Between { from: *to, to: *from, except: partition };
            let path = search.path(work, targets, quotas, ends, scope);
            if let Some(steps) = &path {
                if pays(work, steps, (partition, scope)) {
                    work.put(partition, *from, *to);
                    search.note_change(work, partition, *to);
                    apply(work, targets, search, steps);
                    return true;
                }
            }
            effort.failed(scope, *from, *to);
        }
    }
    false
}

/// True if a path is worth the replica that goes back. A path may meet a partition twice, so this
/// is not sure before.
fn pays(work: &Work<'_>, steps: &[PathArc], (partition, scope): (u32, Scope)) -> bool {
    let mut changes: BTreeMap<u32, i32> = BTreeMap::from([(partition, -1)]);
    for step in steps {
        if let PathArc::Move { partition, from, to } = step {
            *changes.entry(*partition).or_default() += work.cost(*partition, *from, *to);
        }
    }
    let (mut moved_twice, mut extra, mut squares) = (0, 0, 0);
    for (changed, by) in changes {
        let before = work.moved(changed) as i32;
        let after = before + by;
        moved_twice += i32::from(after >= 2) - i32::from(before >= 2);
        extra += (after - 1).max(0) - (before - 1).max(0);
        squares += after * after - before * before;
    }
    match scope {
        Scope::NotOnceMoved => moved_twice < 0,
        Scope::MovedAtLeast(_) => moved_twice <= 0 && extra <= 0 && squares > 0,
        Scope::Only(_) => moved_twice <= 0,
        _ => moved_twice <= 0 && extra < 0,
    }
}
