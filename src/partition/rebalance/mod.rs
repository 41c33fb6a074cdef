//! The least movement from one table to a balanced one.
//!
//! A table is a flow: each partition sends R units through a tree of its limits to nodes, and these
//! send theirs through a tree whose every edge, of a node or a domain, carries the floor or the
//! ceiling of a quota. A replica that stays costs nothing, any other one costs one. [`start`] keeps
//! what the rules let stay, under the targets ([`targets()`]) by which most of it can: no arc of the
//! residual network costs less than nothing then. [`direct`] moves and then the shortest paths of
//! [`search`] carry what is above its target, or has no place, to what is below; each keeps the
//! cost minimal, so the end is a minimum. [`singles`] chooses among equals.

mod bulk;
mod deficits;
mod direct;
mod open;
mod path;
mod residual;
mod search;
mod singles;
mod start;
mod targets;

use super::cells::{at, put};
use super::holders::Holders;
use super::quota::Quotas;
use super::tree::NONE;
use super::work::Work;
use alloc::vec;
use alloc::vec::Vec;
use path::apply;
use residual::{Residual, Scope};
use search::Ends;
pub(super) use targets::{staying, targets};

/// What a change came to.
#[derive(Debug)]
pub(super) struct Settled {
    /// See [`Residual::potentials`].
    pub(super) potentials: Vec<i32>,
}

/// A vertex that keeps too much, or cannot get enough, for what is bound.
#[derive(Clone, Copy, Debug)]
#[allow(dead_code)] // what binds is explained from the rows
pub(super) struct Stuck {
    pub(super) vertex: usize,
    pub(super) quota: u64,
    pub(super) limit: u64,
}

/// Moves as few replicas as lead to floors and ceilings everywhere.
pub(super) fn rebalance(work: &mut Work<'_>, quotas: &Quotas) -> Result<Settled, Stuck> {
    let ceils = quotas.ceils.get(work.tree.domains()..).unwrap_or_default();
    start::start(work, ceils);
    let holders = Holders::new(work.tree.leaves(), &work.old, work.old_replicas);
    let mut targets = targets(work.tree, quotas, &work.loads);
    let crowded = (0..work.partitions).any(|partition| work.may_return(partition));
    if crowded {
        direct::back(work, &targets, &holders);
        let mut search = Residual::new(work, &holders);
        let _ = augment(work, &mut targets, quotas, &mut search, Some(0));
    }
    let over = over(work, &targets);
    direct::direct(work, &targets, &holders, Scope::Singly);
    direct::swap(work, quotas, &holders);
    let singly = || (0..work.partitions).all(|partition| work.moved(partition) < 2);
    if !crowded && !lacking(work, &targets) && singly() {
        return Ok(Settled { potentials: low(work, &targets, quotas, over) });
    }
    let mut search = Residual::new(work, &holders);
    augment(work, &mut targets, quotas, &mut search, None)?;
    direct::swap(work, quotas, &holders);
    search.list(work);
    singles::singles(work, &mut targets, quotas, &mut search);
    let potentials = search.potentials(work, &targets, quotas).unwrap_or_default();
    Ok(Settled { potentials })
}

/// The vertices of leaves above their targets.
fn over(work: &Work<'_>, targets: &[u64]) -> Vec<usize> {
    let over = |leaf: &u32| work.surplus(targets, *leaf) > 0;
    (0..work.tree.leaves() as u32).filter(over).map(|leaf| work.tree.vertex(leaf)).collect()
}

/// The potentials where all moves were direct and nothing had to go before: one less at the leaves
/// that gave, and at whatever could give for them under other targets.
fn low(work: &Work<'_>, targets: &[u64], quotas: &Quotas, mut open: Vec<usize>) -> Vec<i32> {
    let mut potentials = vec![0; work.tree.vertices()];
    while let Some(vertex) = open.pop() {
        if at(&potentials, vertex) < 0 {
            continue;
        }
        put(&mut potentials, vertex, -1);
        if at(targets, vertex) < at(&quotas.ceils, vertex) {
            open.extend(work.tree.parent(vertex));
        }
        let lowered = |child: &usize| at(targets, *child) > at(&quotas.floors, *child);
        let children = work.tree.children(vertex).iter().map(|child| *child as usize);
        open.extend(children.filter(lowered));
    }
    potentials
}

/// Shortest paths until every leaf has its target, or, with a limit, as long as they cost no more.
fn augment(
    work: &mut Work<'_>,
    targets: &mut [u64],
    quotas: &Quotas,
    search: &mut Residual<'_>,
    limit: Option<i32>,
) -> Result<(), Stuck> {
    let mut without: Vec<u32> =
        (0..work.partitions).filter(|partition| work.row(*partition).contains(&NONE)).collect();
    let mut least = i32::from(limit.is_none());
    let mut singly = limit.is_none();
    while lacking(work, targets) {
        let ends = Ends::Balance(&without);
        let mut found = (i32::MAX, Vec::new());
        if singly {
            found = search.paths(work, targets, quotas, ends, Scope::Singly, least);
            singly = found.0 <= least;
            if !singly && least <= 1 {
                direct::direct(work, targets, search.holders(), Scope::All);
                search.list(work);
                without.retain(|partition| work.row(*partition).contains(&NONE));
                continue;
            }
        }
        if !singly {
            let any = search.paths(work, targets, quotas, ends, Scope::All, least);
            if any.0 < found.0 {
                found = any;
            }
        }
        let (cost, paths) = found;
        if limit.is_some_and(|limit| cost > limit) {
            return Ok(());
        }
        if paths.is_empty() {
            return Err(stuck(work, targets, quotas));
        }
        if cost > least {
            (least, singly) = (cost, limit.is_none());
        }
        let scope = if singly { Scope::Singly } else { Scope::All };
        for steps in paths {
            let costs: Vec<i32> = steps.iter().map(|step| step.cost(work)).collect();
            apply(work, targets, search, &steps);
            bulk::again(work, targets, search, &steps, &costs, (scope, &without));
        }
        without.retain(|partition| work.row(*partition).contains(&NONE));
    }
    Ok(())
}

fn lacking(work: &Work<'_>, targets: &[u64]) -> bool {
    let wanted = targets.iter().skip(work.tree.domains());
    wanted.zip(&work.loads).any(|(target, load)| load < target)
}

/// What to name where no path is left.
fn stuck(work: &Work<'_>, targets: &[u64], quotas: &Quotas) -> Stuck {
    let leaves = 0..work.tree.leaves() as u32;
    let over = leaves.clone().find(|leaf| work.surplus(targets, *leaf) > 0);
    let under = || leaves.clone().find(|leaf| work.lack(targets, *leaf) > 0);
    let Some(leaf) = over.or_else(under) else {
        return Stuck { vertex: 0, quota: 0, limit: 0 };
    };
    let vertex = work.tree.vertex(leaf);
    let limit = at(if over.is_some() { &quotas.ceils } else { targets }, vertex);
    Stuck { vertex, quota: at(&work.loads, leaf as usize), limit }
}
