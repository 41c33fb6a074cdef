//! A soft freeze: as many partitions stay as they are as the balance lets.

use super::before::Before;
use super::bound::Bound;
use super::cells::{add, at, take};
use super::explain;
use super::holders::Holders;
use super::planner::Planner;
use super::rebalance::{self, Settled};
use super::tree::NONE;
use super::work::Work;
use crate::error::{Error, PartitionFault};
use alloc::vec::Vec;

/// Plans tried, each with more partitions thawed, before all are.
const ROUNDS: u32 = 8;

/// Partitions tried to move in place of a thawed one.
const TRIES: usize = 4096;

/// Replicas in all rows of the plans tried to freeze thawed partitions again.
const AGAIN: usize = 1 << 20;

/// Replicas in all rows of the plans tried to freeze two thawed partitions in place of one.
const INSTEAD: usize = 1 << 18;

/// Adds what a soft freeze binds at most: partitions that can stay as they are, and of others the
/// holders that can.
pub(super) fn bind(planner: &Planner<'_>, bound: &mut Bound, before: &Before) {
    let replicas = planner.config.replicas() as usize;
    for partition in core::mem::take(&mut bound.soft) {
        if bound.frozen.contains(&partition) || before.replicas() > replicas {
            continue;
        }
        hold(planner, bound, partition, before.row(partition), replicas);
        bound.soft.insert(partition);
    }
}

/// Binds these holders of a partition, as far as pins, limits and live nodes let.
fn hold(planner: &Planner<'_>, bound: &mut Bound, partition: u32, row: &[u32], replicas: usize) {
    let tree = &planner.tree;
    let mut pins = bound.pins_of(partition).to_vec();
    for leaf in row.iter().filter(|leaf| **leaf != NONE) {
        let live = !planner.quotas.is_empty(tree, *leaf);
        if live && !pins.contains(leaf) && pins.len() < replicas && tree.admits(&pins, NONE, *leaf)
        {
            pins.push(*leaf);
        }
    }
    let whole = row.len() == replicas && row.iter().all(|leaf| pins.contains(leaf));
    if whole {
        bound.frozen.insert(partition);
    } else if !pins.is_empty() {
        bound.pins.insert(partition, pins);
    }
}

/// Frees a partition of what its soft freeze bound.
fn free(planner: &Planner<'_>, bound: &mut Bound, partition: u32) {
    bound.soft.remove(&partition);
    bound.frozen.remove(&partition);
    match planner.bound.pins.get(&partition) {
        Some(pins) => drop(bound.pins.insert(partition, pins.clone())),
        None => drop(bound.pins.remove(&partition)),
    }
}

/// A plan, the rows it came from, and what is bound so that those stay that were to.
pub(super) struct Planned {
    pub(super) kept: Bound,
    pub(super) settled: Settled,
    pub(super) rows: Vec<u32>,
    pub(super) before: Before,
}

/// The plan under `bound`, or where there is none, with some soft-frozen partitions thawed: what is
/// bound in the end, and the rows.
pub(super) fn planned(
    planner: &Planner<'_>,
    mut bound: Bound,
    mut before: Before,
) -> Result<Planned, Error> {
    let (partitions, replicas) = (planner.config.partitions(), planner.config.replicas());
    let whole: Vec<u32> = bound.soft.intersection(&bound.frozen).copied().collect();
    let mut round = 0;
    loop {
        let from = core::mem::take(&mut before);
        let mut work = Work::new(&planner.tree, &bound, partitions, replicas, from);
        match rebalance::rebalance(&mut work, &planner.quotas) {
            Ok(settled) => {
                let kept = if planner.bound.soft.is_empty() {
                    planner.bound.clone()
                } else {
                    spare(planner, &mut work);
                    kept(planner, &work)
                };
                let plan = Planned { kept, settled, rows: work.rows, before: work.before };
                return Ok(instead(planner, &whole, again(planner, &whole, plan)));
            }
            Err(_) if bound.soft.is_empty() => {
                return Err(PartitionFault::Infeasible(explain::bound(planner, &work)).into());
            }
            Err(_) => {
                let thawed =
                    if round < ROUNDS { in_the_way(planner, &bound, &work) } else { Vec::new() };
                before = work.before;
                round += 1;
                let all = || bound.soft.iter().copied().collect();
                let thawed: Vec<u32> = if thawed.is_empty() { all() } else { thawed };
                for partition in thawed {
                    free(planner, &mut bound, partition);
                }
            }
        }
    }
}

/// Freezes partitions again that could stay as they were, one after the other, where there is a plan
/// with all that stayed. What cannot be frozen stays so when more are, so none is tried twice.
fn again(planner: &Planner<'_>, whole: &[u32], mut plan: Planned) -> Planned {
    let (partitions, replicas) = (planner.config.partitions(), planner.config.replicas());
    let mut tries = AGAIN / plan.rows.len().max(1);
    for partition in whole {
        if tries == 0 || plan.kept.frozen.contains(partition) {
            continue;
        }
        tries -= 1;
        let mut bound = plan.kept.clone();
        bound.frozen.insert(*partition);
        let before = core::mem::take(&mut plan.before);
        let mut work = Work::new(&planner.tree, &bound, partitions, replicas, before);
        if let Ok(settled) = rebalance::rebalance(&mut work, &planner.quotas) {
            spare(planner, &mut work);
            plan.kept = kept(planner, &work);
            (plan.settled, plan.rows) = (settled, work.rows);
        }
        plan.before = work.before;
    }
    plan
}

/// Freezes thawed partitions wherever they stayed in part, and two or more in place of one, as long as
/// there is a plan that thaws fewer.
fn instead(planner: &Planner<'_>, whole: &[u32], mut plan: Planned) -> Planned {
    let mut tries = INSTEAD / plan.rows.len().max(1);
    loop {
        let (frozen, thawed): (Vec<u32>, Vec<u32>) =
            whole.iter().partition(|partition| plan.kept.frozen.contains(partition));
        let one = || frozen.iter().copied().map(Some);
        let found = core::iter::once(None).chain(one()).any(|given| {
            let mut bound = plan.kept.clone();
            thawed.iter().copied().chain(given).for_each(|p| free(planner, &mut bound, p));
            refreeze(
                planner,
                &mut plan,
                bound,
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
fn refreeze(
    planner: &Planner<'_>,
    plan: &mut Planned,
    mut bound: Bound,
    thawed: &[u32],
    least: usize,
    tries: &mut usize,
) -> bool {
    let (partitions, replicas) = (planner.config.partitions(), planner.config.replicas());
    let (mut frozen, mut found) = (0, None);
    for (i, partition) in thawed.iter().enumerate() {
        if *tries == 0 || frozen + (thawed.len() - i) < least {
            break;
        }
        *tries -= 1;
        bound.frozen.insert(*partition);
        let before = core::mem::take(&mut plan.before);
        let mut work = Work::new(&planner.tree, &bound, partitions, replicas, before);
        if let Ok(settled) = rebalance::rebalance(&mut work, &planner.quotas) {
            frozen += 1;
            if frozen >= least {
                spare(planner, &mut work);
                found = Some((kept(planner, &work), settled, work.rows));
            }
            plan.before = work.before;
        } else {
            plan.before = work.before;
            bound.frozen.remove(partition);
        }
    }
    let Some((kept, settled, rows)) = found else { return false };
    (plan.kept, plan.settled, plan.rows) = (kept, settled, rows);
    true
}

/// Soft-frozen partitions that could give what is missing for the balance where the search came to
/// its end, as many as are missing.
fn in_the_way(planner: &Planner<'_>, bound: &Bound, work: &Work<'_>) -> Vec<u32> {
    let (tree, quotas) = (&planner.tree, &planner.quotas);
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
        let (mut most, mut least) = (0, 0);
        let mut vertex = Some(tree.vertex(leaf));
        while let Some(now) = vertex.filter(|now| *now > 0) {
            most = most.max(at(&gives, now));
            least = least.max(at(&takes, now));
            vertex = tree.parent(now);
        }
        over.push(most);
        under.push(least);
    }
    let some = |list: &[u64]| list.iter().any(|count| *count > 0);
    let unplaced = work.rows.contains(&NONE);
    if !some(&over) {
        // Nodes at their ceilings can give one, as long as others are below their floors.
        for leaf in leaves.clone() {
            let spare = at(&work.loads, leaf as usize)
                .saturating_sub(at(&quotas.floors, tree.vertex(leaf)));
            add(&mut over, leaf as usize, spare);
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
    for partition in bound.soft.iter().copied() {
        let row = work.row(partition);
        let gives = |leaf: &&u32| {
            **leaf != NONE && at(&over, **leaf as usize) > 0 && work.bound.holds(partition, **leaf)
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
        thawed.extend(bound.soft.iter().copied().filter(any));
    }
    thawed
}

/// Lets partitions that are not to be frozen move in place of thawed ones, where that costs nothing.
fn spare(planner: &Planner<'_>, work: &mut Work<'_>) {
    let soft = &planner.bound.soft;
    let mut holders = None;
    for p in soft.iter().copied().filter(|p| !work.bound.frozen.contains(p)) {
        let old: Vec<u32> = work.old_row(p).to_vec();
        let lost = old.iter().copied().filter(|leaf| *leaf != NONE);
        for x in lost {
            if work.is_on(p, x) || planner.quotas.is_empty(work.tree, x) {
                continue;
            }
            let holders =
                holders.get_or_insert_with(|| Holders::before(work.tree.leaves(), &work.before));
            let row: Vec<u32> = work.row(p).to_vec();
            let new = row.iter().copied().filter(|y| !old.contains(y) && !work.bound.holds(p, *y));
            let found = new.filter(|y| work.fits(p, *y, x)).find_map(|y| {
                let free = |q: &u32| {
                    *q != p
                        && !soft.contains(q)
                        && work.is_on(*q, x)
                        && !work.bound.holds(*q, x)
                        && work.fits(*q, x, y)
                        && work.may_exchange((p, y), (*q, x))
                };
                holders.of(x).iter().take(TRIES).find(free).map(|q| (y, q))
            });
            if let Some((y, q)) = found {
                work.put(p, y, x);
                work.put(q, x, y);
            }
        }
    }
}

/// What is bound after a plan: of soft-frozen partitions every holder that stayed.
pub(super) fn kept(planner: &Planner<'_>, work: &Work<'_>) -> Bound {
    let mut bound = planner.bound.clone();
    for partition in planner.bound.soft.iter().copied() {
        let stayed = work.row(partition).iter().copied();
        let stayed: Vec<u32> = stayed.filter(|leaf| work.was_on(partition, *leaf)).collect();
        hold(planner, &mut bound, partition, &stayed, work.replicas);
    }
    bound
}

/// The soft-frozen partitions of which a replica moved.
pub(super) fn moved(bound: &Bound, work: &Work<'_>) -> Vec<u32> {
    bound.soft.iter().copied().filter(|partition| work.moved(*partition) > 0).collect()
}
