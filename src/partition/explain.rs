//! Explains why no plan exists under pins and frozen partitions: it names nodes that must hold more
//! than their quotas, or that cannot hold as much.

use super::affinity_rules::starved;
use super::cells::{add, at, put};
use super::flow::{staying, targets};
use super::problem::Problem;
use super::spans::Spans;
use super::tree::NONE;
use super::work::Work;
use crate::error::{Infeasible, InfeasibleKind};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// Maximum number of nodes named in an error.
const NAMES_MAX: usize = 8;

/// Maximum number of vertices below their floors from which a cut is searched.
const STARTS_MAX: usize = 64;

/// Explains why the search got stuck at `work`: a node or domain with more pinned and frozen
/// replicas than its quota, otherwise nodes from which no replica can move to where there is room.
/// O(P·R·n) at worst.
pub(super) fn infeasible(problem: &Problem<'_>, work: &Work<'_>) -> Infeasible {
    let reason = over_quota(problem, work).or_else(|| without_places(problem, work));
    reason.or_else(|| minimum_cut(problem, work)).unwrap_or_else(|| Infeasible {
        quota: 0,
        limit: 0,
        ..problem.infeasible(InfeasibleKind::Bound)
    })
}

/// A partition that is not placed because nodes take nothing.
fn without_places(problem: &Problem<'_>, work: &Work<'_>) -> Option<Infeasible> {
    if problem.constraints.closed.is_empty() {
        return None;
    }
    let unplaced = |partition: &u32| work.row(*partition).contains(&NONE);
    (0..work.partitions).filter(unplaced).find_map(|partition| {
        let takes = |leaf: &u32| {
            !holds_nothing(problem, *leaf as usize)
                && (!problem.constraints.is_closed(*leaf) || work.was_on(partition, *leaf))
        };
        let open = Spans::of((0..problem.tree.leaves() as u32).filter(takes));
        starved(problem, partition, &open)
    })
}

/// The node or domain that pinned and frozen replicas put farthest above its quota.
fn over_quota(problem: &Problem<'_>, work: &Work<'_>) -> Option<Infeasible> {
    let tree = &problem.tree;
    let mut bound = vec![0_u64; tree.leaves()];
    for (partition, pins) in &work.constraints.pins {
        if !work.constraints.frozen.contains(partition) {
            for leaf in pins {
                add(&mut bound, *leaf as usize, 1);
            }
        }
    }
    for partition in &work.constraints.frozen {
        for leaf in work.old_row(*partition).iter().filter(|leaf| **leaf != NONE) {
            add(&mut bound, *leaf as usize, 1);
        }
    }
    let over = |(vertex, bound): (usize, u64)| {
        let ceil = at(&problem.quotas.ceils, vertex);
        (bound > ceil).then(|| (bound - ceil, vertex, bound, ceil))
    };
    let sums = tree.sums(&bound);
    let worst = sums.into_iter().enumerate().filter_map(over);
    // Ties go to the innermost vertex: a node before its domain.
    let (_, vertex, quota, limit) = worst.max_by_key(|(over, vertex, ..)| (*over, *vertex))?;
    let domain = tree.name(vertex, problem.members);
    Some(Infeasible { domain, quota, limit, ..problem.infeasible(InfeasibleKind::Bound) })
}

/// Finds a minimum cut: a set of leaves that no replica can leave for a leaf outside. It starts
/// with the leaves that have too many replicas and grows by every leaf to which one of them can
/// move, and by every leaf that could then give one. If that set can hold its replicas, it starts with
/// the leaves of one such vertex, and then with those that could give one to a vertex below its floor.
///
/// These leaves hold as few replicas as they can: the limits form a matroid, and there a set of
/// holders that no single exchange improves is the best one.
fn minimum_cut(problem: &Problem<'_>, work: &Work<'_>) -> Option<Infeasible> {
    let (tree, quotas) = (&problem.tree, &problem.quotas);
    let sums = tree.sums(&work.loads);
    let over = |vertex: &usize| at(&sums, *vertex) > at(&quotas.ceils, *vertex);
    let over: Vec<usize> = (0..tree.vertices()).filter(over).collect();
    let rows = (0..work.partitions).flat_map(|partition| work.row(partition));
    let unplaced = rows.filter(|leaf| **leaf == NONE).count() as u64;
    let from = |vertices: &[usize]| {
        let mut within = vec![false; tree.leaves()];
        for vertex in vertices {
            add_givers(problem, &sums, &mut within, *vertex);
        }
        cut(problem, work, (&sums, unplaced), within)
    };
    let all = if over.is_empty() && unplaced == 0 { None } else { from(&over) };
    let one = || over.iter().rev().take(STARTS_MAX).find_map(|vertex| from(&[*vertex]));
    let lacks = |vertex: &usize| at(&sums, *vertex) < at(&quotas.floors, *vertex);
    let lacking = || {
        (0..tree.vertices()).filter(lacks).take(STARTS_MAX).find_map(|vertex| {
            let mut within = vec![false; tree.leaves()];
            add_givers_to(problem, &sums, &mut within, vertex);
            cut(problem, work, (&sums, unplaced), within)
        })
    };
    all.or_else(one).or_else(lacking)
}

/// Extends a set of leaves until no replica of it, and none that is not placed, can leave it. `None` if
/// they can all stay within their quotas.
fn cut(
    problem: &Problem<'_>,
    work: &Work<'_>,
    (sums, unplaced): (&[u64], u64),
    mut within: Vec<bool>,
) -> Option<Infeasible> {
    let tree = &problem.tree;
    let leaves = tree.leaves();
    let mut outside: Vec<u32> =
        (0..leaves as u32).filter(|leaf| !at(&within, *leaf as usize)).collect();
    loop {
        let before = outside.len();
        for partition in 0..work.partitions {
            for from in work.row(partition).to_vec() {
                let inside = from == NONE || at(&within, from as usize);
                if !inside || (from != NONE && work.constraints.holds(partition, from)) {
                    continue;
                }
                outside.retain(|to| {
                    let reached = work.fits(partition, from, *to);
                    if reached {
                        put(&mut within, *to as usize, true);
                    }
                    !reached
                });
            }
        }
        propagate(problem, sums, &mut within);
        outside.retain(|leaf| !at(&within, *leaf as usize));
        if outside.len() == before {
            break;
        }
    }
    let all = at(sums, 0) + unplaced;
    let inside: u64 =
        (0..leaves).filter(|leaf| at(&within, *leaf)).map(|l| at(&work.loads, l)).sum();
    // With `all` replicas on each leaf of the set, what can stay is the maximum their quotas allow.
    let loads: Vec<u64> = within.iter().map(|within| if *within { all } else { 0 }).collect();
    let max_staying = staying(tree, &targets(tree, &problem.quotas, &loads), &loads);
    let forced = inside + unplaced;
    if forced <= max_staying {
        return None;
    }
    let size = |inside: bool| {
        let counts = |leaf: &usize| at(&within, *leaf) == inside && !holds_nothing(problem, *leaf);
        (0..leaves).filter(counts).count()
    };
    let over = size(true) <= size(false) || size(false) == 0;
    let domain = names_of(problem, |leaf| at(&within, leaf) == over);
    let (kind, quota, limit) = if over {
        (InfeasibleKind::Bound, forced, max_staying)
    } else {
        (InfeasibleKind::NoRoom, all - max_staying, all - forced)
    };
    Some(Infeasible { domain, quota, limit, ..problem.infeasible(kind) })
}

/// True for a leaf with a quota of 0.
fn holds_nothing(problem: &Problem<'_>, leaf: usize) -> bool {
    problem.quotas.is_empty(&problem.tree, leaf as u32)
}

/// Adds the leaves that can give a replica to a vertex below its floor.
fn add_givers_to(problem: &Problem<'_>, sums: &[u64], within: &mut [bool], vertex: usize) {
    let (tree, quotas) = (&problem.tree, &problem.quotas);
    let mut last = vertex;
    for vertex in core::iter::successors(tree.parent(vertex), |vertex| tree.parent(*vertex)) {
        if at(sums, last) >= at(&quotas.ceils, last) {
            break;
        }
        add_givers(problem, sums, within, vertex);
        last = vertex;
    }
}

/// Adds the leaves below a vertex that can give a replica: they and every vertex between are above
/// their floors.
fn add_givers(problem: &Problem<'_>, sums: &[u64], within: &mut [bool], vertex: usize) {
    let (tree, quotas) = (&problem.tree, &problem.quotas);
    let mut open = vec![vertex];
    while let Some(now) = open.pop() {
        if let Some(leaf) = tree.leaf(now) {
            put(within, leaf as usize, true);
        }
        let can = |child: &usize| at(sums, *child) > at(&quotas.floors, *child);
        open.extend(tree.children(now).iter().map(|child| *child as usize).filter(can));
    }
}

/// Adds leaves that can give a replica in exchange: if a leaf of the set takes one, another leaf of
/// its domain can give one, and if the domain is below its ceiling, a leaf of an outer domain can.
fn propagate(problem: &Problem<'_>, sums: &[u64], within: &mut [bool]) {
    let (tree, quotas) = (&problem.tree, &problem.quotas);
    let mut done = vec![false; tree.vertices()];
    for leaf in 0..tree.leaves() as u32 {
        let mut next = Some(tree.vertex(leaf)).filter(|_| at(within, leaf as usize));
        while let Some(vertex) = next.filter(|vertex| !at(&done, *vertex)) {
            put(&mut done, vertex, true);
            add_givers(problem, sums, within, vertex);
            let open = at(sums, vertex) < at(&quotas.ceils, vertex);
            next = tree.parent(vertex).filter(|_| open);
        }
    }
}

/// Names these leaves: the innermost domain with exactly these live leaves, otherwise each of them.
fn names_of(problem: &Problem<'_>, among: impl Fn(usize) -> bool) -> String {
    let tree = &problem.tree;
    let holds = |leaf: usize| !holds_nothing(problem, leaf);
    // Leaves with a quota of 0 are named only if there are no others.
    let any = (0..tree.leaves()).any(|leaf| among(leaf) && holds(leaf));
    let leaves: Vec<u64> =
        (0..tree.leaves()).map(|leaf| u64::from(among(leaf) && (holds(leaf) || !any))).collect();
    let live: Vec<u64> =
        (0..tree.leaves()).map(|leaf| u64::from(!holds_nothing(problem, leaf))).collect();
    let (chosen, all) = (tree.sums(&leaves), tree.sums(&live));
    let count = at(&chosen, 0);
    let whole = |vertex: &usize| at(&chosen, *vertex) == count && at(&all, *vertex) == count;
    if let Some(vertex) = (1..tree.vertices()).rev().find(whole) {
        return tree.name(vertex, problem.members);
    }
    let picked = (0..).zip(leaves).filter(|(_, chosen)| *chosen > 0);
    let mut names: Vec<String> = picked
        .take(NAMES_MAX)
        .map(|(leaf, _)| tree.name(tree.vertex(leaf), problem.members))
        .collect();
    if count > NAMES_MAX as u64 {
        names.push(alloc::format!("{} more", count - NAMES_MAX as u64));
    }
    names.join(", ")
}
