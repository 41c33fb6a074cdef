//! Soft freezes: partitions that stay unchanged unless the balance needs them to move.
//!
//! ```text
//!  bind_soft      soft-frozen partitions become frozen ones, or pins of the holders that can stay
//!      |
//!  search ------> a plan ------------------------------------------> refreeze_singly
//!      |    ^                                                             |
//!      | stuck     thaw the partitions that block the balance             v
//!      +----+      (all that are left after ROUNDS)                  refreeze_in_exchange -> done
//! ```
//!
//! Every round of the first search thaws at least one partition, and every success of the two
//! `refreeze` steps leaves fewer thawed ones, so both end; budgets bound how long they take.

use super::cells::{add, at, take};
use super::constraints::Constraints;
use super::explain;
use super::flow::{self, Settled};
use super::old_rows::OldRows;
use super::old_rows::PartitionsByLeaf;
use super::problem::Problem;
use super::tree::NONE;
use super::work::Work;
use crate::error::{Error, PartitionFault};
use alloc::vec::Vec;

/// Maximum number of plans tried with some partitions thawed; after that all are thawed.
const ROUNDS: u32 = 8;

/// Maximum number of partitions tried to move in place of a thawed one.
const TRIES: usize = 4096;

/// Budget for freezing thawed partitions again: replicas of all tables planned for it.
const SINGLE_BUDGET: usize = 1 << 20;

/// Budget for freezing two thawed partitions in place of one, in the same unit.
const EXCHANGE_BUDGET: usize = 1 << 18;

/// Turns a soft freeze into constraints: partitions that can stay unchanged are frozen, and of the
/// others the holders that can stay are pinned.
pub(super) fn bind_soft(problem: &Problem<'_>, constraints: &mut Constraints, before: &OldRows) {
    for partition in core::mem::take(&mut constraints.soft) {
        let replicas = problem.sizes.of_partition(partition);
        if constraints.frozen.contains(&partition) || before.size(partition) > replicas {
            continue;
        }
        let row = before.row(partition);
        pin_holders(problem, constraints, partition, row, (row.len(), replicas));
        constraints.soft.insert(partition);
    }
}

/// Pins these holders of a partition, as far as its pins, the limits and live nodes allow; freezes
/// it if they are all that it had and all R can stay.
fn pin_holders(
    problem: &Problem<'_>,
    constraints: &mut Constraints,
    partition: u32,
    row: &[u32],
    (had, replicas): (usize, usize),
) {
    let tree = &problem.tree;
    let mut pins = constraints.pins_of(partition).to_vec();
    for leaf in row.iter().filter(|leaf| **leaf != NONE) {
        let live = !problem.quotas.is_empty(tree, *leaf);
        if live
            && !pins.contains(leaf)
            && pins.len() < replicas
            && tree.admits(&pins, NONE, *leaf)
            && constraints.rules.admit(tree, partition, (&pins, replicas), *leaf)
        {
            pins.push(*leaf);
        }
    }
    let all = had == replicas && row.len() == replicas;
    let freezable = all && row.iter().all(|leaf| pins.contains(leaf));
    if freezable {
        constraints.frozen.insert(partition);
    } else if !pins.is_empty() {
        constraints.pins.insert(partition, pins);
    }
}

/// Removes the constraints that the soft freeze of a partition added.
fn unbind(problem: &Problem<'_>, constraints: &mut Constraints, partition: u32) {
    constraints.soft.remove(&partition);
    constraints.frozen.remove(&partition);
    match problem.constraints.pins.get(&partition) {
        Some(pins) => drop(constraints.pins.insert(partition, pins.clone())),
        None => drop(constraints.pins.remove(&partition)),
    }
}

/// A planned table, the rows it came from, and the constraints that keep the frozen partitions.
pub(super) struct Planned {
    pub(super) kept: Constraints,
    pub(super) settled: Settled,
    pub(super) rows: Vec<u32>,
    pub(super) before: OldRows,
}

/// Plans under `constraints`; where no plan exists, thaws soft-frozen partitions until one does.
pub(super) fn planned(
    problem: &Problem<'_>,
    mut constraints: Constraints,
    mut before: OldRows,
) -> Result<Planned, Error> {
    let (partitions, sizes) = (problem.config.partitions(), &problem.sizes);
    let freezable: Vec<u32> = constraints.soft.intersection(&constraints.frozen).copied().collect();
    let mut round = 0;
    loop {
        let from = core::mem::take(&mut before);
        let mut work = Work::new(&problem.tree, &constraints, partitions, sizes, from);
        match flow::rebalance(&mut work, &problem.quotas) {
            Ok(settled) => {
                let kept = if problem.constraints.soft.is_empty() {
                    problem.constraints.clone()
                } else {
                    return_to_soft(problem, &mut work);
                    constraints_after(problem, &work)
                };
                let plan = Planned { kept, settled, rows: work.rows, before: work.before };
                return Ok(refreeze_in_exchange(
                    problem,
                    &freezable,
                    refreeze_singly(problem, &freezable, plan),
                ));
            }
            Err(_) if constraints.soft.is_empty() => {
                return Err(PartitionFault::Infeasible(explain::infeasible(problem, &work)).into());
            }
            Err(_) => {
                let thawed = if round < ROUNDS {
                    blocking_partitions(problem, &constraints, &work)
                } else {
                    Vec::new()
                };
                before = work.before;
                round += 1;
                let all = || constraints.soft.iter().copied().collect();
                let thawed: Vec<u32> = if thawed.is_empty() { all() } else { thawed };
                for partition in thawed {
                    unbind(problem, &mut constraints, partition);
                }
            }
        }
    }
}

/// Removes what a plan keeps of partitions that had more holders than they are to have: which of them
/// stay is open, as it is to [`Planner::verify`](super::Planner::verify).
fn free_longer(problem: &Problem<'_>, constraints: &mut Constraints, before: &OldRows) {
    for partition in problem.constraints.soft.iter().copied() {
        if before.size(partition) > problem.sizes.of_partition(partition) {
            unbind(problem, constraints, partition);
        }
    }
}

/// Freezes thawed partitions again, one after the other, wherever a plan exists that also keeps all
/// frozen ones. A partition that cannot be frozen now cannot be frozen together with more of them
/// either, so each is tried once.
fn refreeze_singly(problem: &Problem<'_>, freezable: &[u32], mut plan: Planned) -> Planned {
    let (partitions, sizes) = (problem.config.partitions(), &problem.sizes);
    let mut tries = SINGLE_BUDGET / plan.rows.len().max(1);
    for partition in freezable {
        if tries == 0 || plan.kept.frozen.contains(partition) {
            continue;
        }
        tries -= 1;
        let mut constraints = plan.kept.clone();
        free_longer(problem, &mut constraints, &plan.before);
        constraints.frozen.insert(*partition);
        let before = core::mem::take(&mut plan.before);
        let mut work = Work::new(&problem.tree, &constraints, partitions, sizes, before);
        if let Ok(settled) = flow::rebalance(&mut work, &problem.quotas) {
            return_to_soft(problem, &mut work);
            plan.kept = constraints_after(problem, &work);
            (plan.settled, plan.rows) = (settled, work.rows);
        }
        plan.before = work.before;
    }
    plan
}

/// Freezes more of the thawed partitions as long as a plan is found that thaws fewer in all: first
/// by giving up the pins of the thawed ones, then also by thawing one frozen partition for two.
fn refreeze_in_exchange(problem: &Problem<'_>, freezable: &[u32], mut plan: Planned) -> Planned {
    let mut tries = EXCHANGE_BUDGET / plan.rows.len().max(1);
    loop {
        let (frozen, thawed): (Vec<u32>, Vec<u32>) =
            freezable.iter().partition(|partition| plan.kept.frozen.contains(partition));
        let one = || frozen.iter().copied().map(Some);
        let found = core::iter::once(None).chain(one()).any(|given| {
            let mut constraints = plan.kept.clone();
            free_longer(problem, &mut constraints, &plan.before);
            thawed.iter().copied().chain(given).for_each(|p| unbind(problem, &mut constraints, p));
            try_refreeze(
                problem,
                &mut plan,
                constraints,
                &thawed,
                1 + usize::from(given.is_some()),
                &mut tries,
            )
        });
        if !found {
            return plan;
        }
    }
}

/// Freezes at least `min_refrozen` of the thawed partitions, or changes nothing. True if a plan was
/// found.
fn try_refreeze(
    problem: &Problem<'_>,
    plan: &mut Planned,
    mut constraints: Constraints,
    thawed: &[u32],
    min_refrozen: usize,
    tries: &mut usize,
) -> bool {
    let (partitions, sizes) = (problem.config.partitions(), &problem.sizes);
    let (mut frozen, mut found) = (0, None);
    for (i, partition) in thawed.iter().enumerate() {
        if *tries == 0 || frozen + (thawed.len() - i) < min_refrozen {
            break;
        }
        *tries -= 1;
        constraints.frozen.insert(*partition);
        let before = core::mem::take(&mut plan.before);
        let mut work = Work::new(&problem.tree, &constraints, partitions, sizes, before);
        if let Ok(settled) = flow::rebalance(&mut work, &problem.quotas) {
            frozen += 1;
            if frozen >= min_refrozen {
                return_to_soft(problem, &mut work);
                found = Some((constraints_after(problem, &work), settled, work.rows));
            }
            plan.before = work.before;
        } else {
            plan.before = work.before;
            constraints.frozen.remove(partition);
        }
    }
    let Some((kept, settled, rows)) = found else { return false };
    (plan.kept, plan.settled, plan.rows) = (kept, settled, rows);
    true
}

/// The soft-frozen partitions to thaw after the search got stuck: as many as replicas are missing
/// for the balance, each with a replica that could move from a node that has too many to one that
/// has too few.
fn blocking_partitions(
    problem: &Problem<'_>,
    constraints: &Constraints,
    work: &Work<'_>,
) -> Vec<u32> {
    let (tree, quotas) = (&problem.tree, &problem.quotas);
    let sums = tree.sums(&work.loads);
    let leaves = 0..tree.leaves() as u32;
    // How far each leaf is above and below its quota, or a domain above it below its own.
    let (mut over, mut under) = (Vec::new(), Vec::new());
    let (mut gives, mut takes) = (sums.clone(), sums.clone());
    for (vertex, (give, take)) in gives.iter_mut().zip(&mut takes).enumerate() {
        *give = give.saturating_sub(at(&quotas.ceils, vertex));
        *take = at(&quotas.floors, vertex).saturating_sub(*take);
    }
    for leaf in leaves.clone() {
        let (mut max_surplus, mut max_deficit) = (0, 0);
        let mut vertex = Some(tree.vertex(leaf));
        while let Some(now) = vertex.filter(|now| *now > 0) {
            max_surplus = max_surplus.max(at(&gives, now));
            max_deficit = max_deficit.max(at(&takes, now));
            vertex = tree.parent(now);
        }
        over.push(max_surplus);
        under.push(max_deficit);
    }
    let some = |list: &[u64]| list.iter().any(|count| *count > 0);
    let unplaced = work.any_unplaced();
    if !some(&over) {
        // While some nodes are below their floors, nodes at their ceilings can give one.
        for leaf in leaves.clone() {
            let above_floor = at(&work.loads, leaf as usize)
                .saturating_sub(at(&quotas.floors, tree.vertex(leaf)));
            add(&mut over, leaf as usize, above_floor);
        }
    }
    if !some(&under) {
        for leaf in leaves {
            let room =
                at(&quotas.ceils, tree.vertex(leaf)).saturating_sub(at(&work.loads, leaf as usize));
            add(&mut under, leaf as usize, room);
        }
    }
    let mut takers: Vec<u32> =
        (0..tree.leaves() as u32).filter(|leaf| at(&under, *leaf as usize) > 0).collect();
    let mut thawed = Vec::new();
    for partition in constraints.soft.iter().copied() {
        let row = work.row(partition);
        let gives = |leaf: &&u32| {
            **leaf != NONE
                && at(&over, **leaf as usize) > 0
                && work.constraints.holds(partition, **leaf)
        };
        let Some(from) = row.iter().find(gives).copied() else { continue };
        if let Some(i) = takers.iter().position(|leaf| work.fits(partition, from, *leaf)) {
            let to = at(&takers, i);
            take(&mut over, from as usize, 1);
            take(&mut under, to as usize, 1);
            if at(&under, to as usize) == 0 {
                takers.swap_remove(i);
            }
            thawed.push(partition);
        }
    }
    if thawed.is_empty() {
        // No single move helps: thaw every partition with a replica on a node that has too many.
        let gives = |leaf: &u32| *leaf != NONE && at(&over, *leaf as usize) > 0;
        let any = |partition: &u32| unplaced || work.row(*partition).iter().any(gives);
        thawed.extend(constraints.soft.iter().copied().filter(any));
    }
    thawed
}

/// Moves partitions without a soft freeze in place of thawed ones, where that costs no extra move.
fn return_to_soft(problem: &Problem<'_>, work: &mut Work<'_>) {
    let soft = &problem.constraints.soft;
    let mut by_leaf = None;
    for p in soft.iter().copied().filter(|p| !work.constraints.frozen.contains(p)) {
        let old: Vec<u32> = work.old_row(p).to_vec();
        let lost = old.iter().copied().filter(|leaf| *leaf != NONE);
        for x in lost {
            if work.is_on(p, x) || problem.quotas.is_empty(work.tree, x) {
                continue;
            }
            let by_leaf = by_leaf
                .get_or_insert_with(|| PartitionsByLeaf::before(work.tree.leaves(), &work.before));
            let row: Vec<u32> = work.row(p).to_vec();
            let new =
                row.iter().copied().filter(|y| !old.contains(y) && !work.constraints.holds(p, *y));
            let found = new.filter(|y| work.fits(p, *y, x)).find_map(|y| {
                let can_give = |q: &u32| {
                    *q != p
                        && !soft.contains(q)
                        && work.is_on(*q, x)
                        && !work.constraints.holds(*q, x)
                        && work.fits(*q, x, y)
                        && work.may_exchange((p, y), (*q, x))
                };
                by_leaf.of(x).iter().take(TRIES).find(can_give).map(|q| (y, q))
            });
            if let Some((y, q)) = found {
                work.put(p, y, x);
                work.put(q, x, y);
            }
        }
    }
}

/// The constraints after a plan: every holder of a soft-frozen partition that stayed is kept.
pub(super) fn constraints_after(problem: &Problem<'_>, work: &Work<'_>) -> Constraints {
    let mut constraints = problem.constraints.clone();
    for partition in problem.constraints.soft.iter().copied() {
        let stayed = work.row(partition).iter().copied();
        let stayed: Vec<u32> = stayed.filter(|leaf| work.was_on(partition, *leaf)).collect();
        let sizes = (work.before.size(partition), work.size(partition));
        pin_holders(problem, &mut constraints, partition, &stayed, sizes);
    }
    constraints
}

/// The soft-frozen partitions with a replica that moved.
pub(super) fn moved(constraints: &Constraints, work: &Work<'_>) -> Vec<u32> {
    constraints.soft.iter().copied().filter(|partition| work.moved(*partition) > 0).collect()
}
