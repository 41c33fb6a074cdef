//! The same way for many partitions.

use super::path::{Step, apply};
use super::residual::{Residual, Scope};
use crate::partition::tree::NONE;
use crate::partition::work::Work;
use alloc::vec::Vec;

/// Goes a path that was just gone again, through other partitions, as often as the leaf it began
/// at is above its target, or there are replicas `without` a place as the one it began with, the
/// one it ended at is below its target, and every move finds another partition for which it costs
/// the same. Each time it is as short a path as the first.
pub(super) fn again(
    work: &mut Work<'_>,
    targets: &mut [u64],
    search: &mut Residual<'_>,
    steps: &[Step],
    costs: &[i32],
    (scope, without): (Scope, &[u32]),
) {
    let ends = (steps.first(), steps.last());
    let (Some(Step::Move { from, .. }), Some(Step::Move { to, .. })) = ends else { return };
    let (first, last) = (*from, *to);
    let mut moves = Vec::with_capacity(steps.len());
    for (step, cost) in steps.iter().zip(costs) {
        let Step::Move { from, to, .. } = *step else { return };
        let may = |partition: &u32| allows(work, *partition, (from, to), *cost, scope);
        let through: Vec<u32> = if from == NONE {
            without.iter().copied().filter(may).collect()
        } else {
            search.on(from).filter(may).collect()
        };
        moves.push((from, to, *cost, through));
    }
    let above = if first == NONE { u64::MAX } else { work.surplus(targets, first) };
    let times = above.min(work.lack(targets, last));
    for _ in 0..times {
        let mut path: Vec<Step> = Vec::with_capacity(moves.len());
        for (from, to, cost, through) in &mut moves {
            let met = |partition: u32| {
                path.iter()
                    .any(|step| matches!(step, Step::Move { partition: p, .. } if *p == partition))
            };
            let free = loop {
                let Some(partition) = through.pop() else { return };
                if !met(partition) && allows(work, partition, (*from, *to), *cost, scope) {
                    break partition;
                }
            };
            path.push(Step::Move { partition: free, from: *from, to: *to });
        }
        apply(work, targets, search, &path);
    }
}

fn allows(
    work: &Work<'_>,
    partition: u32,
    (from, to): (u32, u32),
    cost: i32,
    scope: Scope,
) -> bool {
    work.is_on(partition, from)
        && !work.bound.holds(partition, from)
        && work.fits(partition, from, to)
        && work.cost(partition, from, to) == cost
        && (cost < 1 || from == NONE || scope == Scope::All || work.moved(partition) == 0)
}
