//! A soft freeze: as many partitions stay as they are as the balance lets.

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

/// Plans tried, each with more partitions thawed, before all are.
const ROUNDS: u32 = 8;

/// Partitions tried to move in place of a thawed one.
const TRIES: usize = 4096;

/// Replicas in all rows of the plans tried to freeze thawed partitions again.
const SINGLE_BUDGET: usize = 1 << 20;

/// Replicas in all rows of the plans tried to freeze two thawed partitions in place of one.
const EXCHANGE_BUDGET: usize = 1 << 18;

/// Adds what a soft freeze binds at most: partitions that can stay as they are, and of others the
/// holders that can.
pub(super) fn bind_soft(problem: &Problem<'_>, constraints: &mut Constraints, before: &OldRows) {
    let replicas = problem.config.replicas() as usize;
    for partition in core::mem::take(&mut constraints.soft) {
        if constraints.frozen.contains(&partition) || before.replicas() > replicas {
            continue;
        }
        pin_holders(problem, constraints, partition, before.row(partition), replicas);
        constraints.soft.insert(partition);
    }
}

/// Binds these holders of a partition, as far as pins, limits and live nodes let.
fn pin_holders(
    problem: &Problem<'_>,
    constraints: &mut Constraints,
    partition: u32,
    row: &[u32],
    replicas: usize,
) {
    let tree = &problem.tree;
    let mut pins = constraints.pins_of(partition).to_vec();
    for leaf in row.iter().filter(|leaf| **leaf != NONE) {
        let live = !problem.quotas.is_empty(tree, *leaf);
        if live && !pins.contains(leaf) && pins.len() < replicas && tree.admits(&pins, NONE, *leaf)
        {
            pins.push(*leaf);
        }
    }
    let freezable = row.len() == replicas && row.iter().all(|leaf| pins.contains(leaf));
    if freezable {
        constraints.frozen.insert(partition);
    } else if !pins.is_empty() {
        constraints.pins.insert(partition, pins);
    }
}

/// Frees a partition of what its soft freeze bound.
fn unbind(problem: &Problem<'_>, constraints: &mut Constraints, partition: u32) {
    constraints.soft.remove(&partition);
    constraints.frozen.remove(&partition);
    match problem.constraints.pins.get(&partition) {
        Some(pins) => drop(constraints.pins.insert(partition, pins.clone())),
        None => drop(constraints.pins.remove(&partition)),
    }
}

/// A plan, the rows it came from, and what is bound so that those stay that were to.
pub(super) struct Planned {
    pub(super) kept: Constraints,
    pub(super) settled: Settled,
    pub(super) rows: Vec<u32>,
    pub(super) before: OldRows,
}

/// The plan under `constraints`, or where there is none, with some soft-frozen partitions thawed: what is
/// bound in the end, and the rows.
pub(super) fn planned(
    problem: &Problem<'_>,
    mut constraints: Constraints,
    mut before: OldRows,
) -> Result<Planned, Error> {
    let (partitions, replicas) = (problem.config.partitions(), problem.config.replicas());
    let freezable: Vec<u32> = constraints.soft.intersection(&constraints.frozen).copied().collect();
    let mut round = 0;
    loop {
        let from = core::mem::take(&mut before);
        let mut work = Work::new(&problem.tree, &constraints, partitions, replicas, from);
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

/// Freezes partitions again that could stay as they were, one after the other, where there is a plan
/// with all that stayed. What cannot be frozen stays so when more are, so none is tried twice.
fn refreeze_singly(problem: &Problem<'_>, freezable: &[u32], mut plan: Planned) -> Planned {
    let (partitions, replicas) = (problem.config.partitions(), problem.config.replicas());
    let mut tries = SINGLE_BUDGET / plan.rows.len().max(1);
    for partition in freezable {
        if tries == 0 || plan.kept.frozen.contains(partition) {
            continue;
        }
        tries -= 1;
        let mut constraints = plan.kept.clone();
        constraints.frozen.insert(*partition);
        let before = core::mem::take(&mut plan.before);
        let mut work = Work::new(&problem.tree, &constraints, partitions, replicas, before);
        if let Ok(settled) = flow::rebalance(&mut work, &problem.quotas) {
            return_to_soft(problem, &mut work);
            plan.kept = constraints_after(problem, &work);
            (plan.settled, plan.rows) = (settled, work.rows);
        }
        plan.before = work.before;
    }
    plan
}

/// Freezes thawed partitions wherever they stayed in part, and two or more in place of one, as long as
/// there is a plan that thaws fewer.
fn refreeze_in_exchange(problem: &Problem<'_>, freezable: &[u32], mut plan: Planned) -> Planned {
    let mut tries = EXCHANGE_BUDGET / plan.rows.len().max(1);
    loop {
        let (frozen, thawed): (Vec<u32>, Vec<u32>) =
            freezable.iter().partition(|partition| plan.kept.frozen.contains(partition));
        let one = || frozen.iter().copied().map(Some);
        let found = core::iter::once(None).chain(one()).any(|given| {
            let mut constraints = plan.kept.clone();
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

/// Freezes so many more of the thawed partitions, or none: whether a plan was found.
fn try_refreeze(
    problem: &Problem<'_>,
    plan: &mut Planned,
    mut constraints: Constraints,
    thawed: &[u32],
    min_refrozen: usize,
    tries: &mut usize,
) -> bool {
    let (partitions, replicas) = (problem.config.partitions(), problem.config.replicas());
    let (mut frozen, mut found) = (0, None);
    for (i, partition) in thawed.iter().enumerate() {
        if *tries == 0 || frozen + (thawed.len() - i) < min_refrozen {
            break;
        }
        *tries -= 1;
        constraints.frozen.insert(*partition);
        let before = core::mem::take(&mut plan.before);
        let mut work = Work::new(&problem.tree, &constraints, partitions, replicas, before);
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

/// Soft-frozen partitions that could give what is missing for the balance where the search came to
/// its end, as many as are missing.
fn blocking_partitions(
    problem: &Problem<'_>,
    constraints: &Constraints,
    work: &Work<'_>,
) -> Vec<u32> {
    let (tree, quotas) = (&problem.tree, &problem.quotas);
    let sums = tree.sums(&work.loads);
    let leaves = 0..tree.leaves() as u32;
    // What each leaf has too much and too little, itself or as one of its domain.
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
    let unplaced = work.rows.contains(&NONE);
    if !some(&over) {
        // Nodes at their ceilings can give one, as long as others are below their floors.
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
        // No single move: thaw all that hold a replica on a node with too much.
        let gives = |leaf: &u32| *leaf != NONE && at(&over, *leaf as usize) > 0;
        let any = |partition: &u32| unplaced || work.row(*partition).iter().any(gives);
        thawed.extend(constraints.soft.iter().copied().filter(any));
    }
    thawed
}

/// Lets partitions that are not to be frozen move in place of thawed ones, where that costs nothing.
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

/// What is bound after a plan: of soft-frozen partitions every holder that stayed.
pub(super) fn constraints_after(problem: &Problem<'_>, work: &Work<'_>) -> Constraints {
    let mut constraints = problem.constraints.clone();
    for partition in problem.constraints.soft.iter().copied() {
        let stayed = work.row(partition).iter().copied();
        let stayed: Vec<u32> = stayed.filter(|leaf| work.was_on(partition, *leaf)).collect();
        pin_holders(problem, &mut constraints, partition, &stayed, work.replicas);
    }
    constraints
}

/// The soft-frozen partitions of which a replica moved.
pub(super) fn moved(constraints: &Constraints, work: &Work<'_>) -> Vec<u32> {
    constraints.soft.iter().copied().filter(|partition| work.moved(*partition) > 0).collect()
}
