//! Fewer partitions with two or more moves, among the tables of minimum movement.
//!
//! ```text
//!  p moved two replicas, one of them from a to b:
//!
//!      p: b -> a             returns, one move less of p
//!      a -> ... -> b         a path of flat arcs through other partitions, one move more of theirs
//!
//!  together a cycle of cost 0: loads and the total movement stay as they are
//!  falls with every step: (partitions with 2+ moves, moves beyond the first of each partition,
//!                          - sum of squared moves), in lexicographic order
//! ```

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

/// The budget in steps for each replica of the table and each node: in small tables the first, in
/// large ones the second plus [`BASE_EFFORT`]. A step looks at one replica or leaf.
const EFFORT_PER_REPLICA: (u64, u64) = (1024, 16);

/// The constant part of the budget of a large table.
const BASE_EFFORT: u64 = 1 << 22;

/// Maximum number of replicas of a table in which pairs of steps are tried.
const SMALL_TABLE_MAX: usize = 4096;

/// Number of steps in one random walk.
const WALK_STEPS: u64 = 1024;

/// The budget, and the ends between which no path was found: in a large table, trying them for
/// another partition would hardly succeed.
struct Effort {
    max: u64,
    large: bool,
    failed_ends: BTreeSet<(bool, u32, u32)>,
}

impl Effort {
    fn new(work: &Work<'_>, search: &Residual<'_>) -> Self {
        let places = work.rows.len();
        let size = (places + work.tree.leaves()) as u64;
        let (small, large) = EFFORT_PER_REPLICA;
        let max = search.effort() + (small * size).min(large * size + BASE_EFFORT);
        Self { max, large: places > SMALL_TABLE_MAX, failed_ends: BTreeSet::new() }
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

/// Returns replicas to their old holders and moves other partitions instead, at no extra cost. The
/// passes of [`descend`] move in their place
///
/// 1. partitions without a move,
/// 2. partitions without a move or with two or more, if one partition less then has two,
/// 3. partitions with at least as many moves as this one, which makes later steps possible.
///
/// Each step lowers the triple above, so there is an end. In small tables it also tries pairs of
/// steps of which the first alone lowers nothing.
pub(super) fn single_moves(
    work: &mut Work<'_>,
    targets: &mut [u64],
    quotas: &Quotas,
    search: &mut Residual<'_>,
) {
    let mut effort = Effort::new(work, search);
    descend(work, targets, quotas, search, 0, &mut effort);
    while work.rows.len() <= SMALL_TABLE_MAX
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

/// Repeats the passes from `pass` on until none of them finds a step.
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

/// A lower bound on the partitions with two or more moves: those that cannot keep more holders, and
/// those needed because more replicas move than there are partitions.
fn lower_bound(work: &Work<'_>, quotas: &Quotas) -> u64 {
    let max = (0..work.partitions).map(|partition| work.max_kept(partition)).max().unwrap_or(0);
    let max = max.saturating_sub(1).max(1) as u64;
    let over = work.all_moved().saturating_sub(u64::from(work.partitions)).div_ceil(max);
    let forced = (0..work.partitions).filter(|partition| {
        let mut keeps: Vec<u32> = Vec::new();
        for leaf in work.old_row(*partition).iter().filter(|leaf| **leaf != NONE) {
            let drained = quotas.is_empty(work.tree, *leaf);
            let size = work.size(*partition);
            let rules = &work.constraints.rules;
            if !drained
                && work.tree.admits(&keeps, NONE, *leaf)
                && keeps.len() < size
                && rules.admit(work.tree, *partition, (&keeps, size), *leaf)
            {
                keeps.push(*leaf);
            }
        }
        keeps.len() + 2 <= work.max_kept(*partition)
    });
    over.max(forced.count() as u64)
}

/// The partitions with a moved replica.
fn moved_partitions(work: &Work<'_>) -> Vec<u32> {
    (0..work.partitions).filter(|partition| work.moved(*partition) > 0).collect()
}

/// Takes pseudo-random steps that do not add partitions with two or more moves, until one of them
/// leads to fewer. True if one did.
fn random_walk(
    work: &mut Work<'_>,
    targets: &mut [u64],
    quotas: &Quotas,
    search: &mut Residual<'_>,
    effort: &mut Effort,
) -> bool {
    let moved_twice = work.moved_twice();
    for turn in 0..WALK_STEPS {
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

/// Tries pairs of steps: the first lets one partition move in place of another, without adding
/// partitions with two or more moves, and makes the second possible. True if one lowered their
/// number; otherwise nothing changes.
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

/// Returns one replica of a partition to an old holder, if others can move instead at no extra
/// cost. True if it did.
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
            let pinned = work.constraints.holds(partition, *from);
            if effort.is_spent(search)
                || effort.has_failed(scope, *from, *to)
                || drained
                || pinned
                || !search.closes_free_cycle(work, *from, *to)
                || !work.fits(partition, *from, *to)
            {
                continue;
            }
            // The returning replica closes the cycle. The path is searched in the rows as they are
            // now, and does not touch this partition.
            let ends = Between { from: *to, to: *from, except: partition };
            let path = search.path(work, targets, quotas, ends, scope);
            if let Some(steps) = &path {
                if improves(work, steps, (partition, scope)) {
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

/// True if a path improves the table together with the returning replica. A path may move a
/// partition twice, so the scope alone does not guarantee it.
fn improves(work: &Work<'_>, steps: &[PathArc], (partition, scope): (u32, Scope)) -> bool {
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
