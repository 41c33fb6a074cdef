//! What the tables of a plan say, counted once: the facts from which reasons follow.

use super::super::cells::{add, at};
use super::super::plan::Plan;
use super::super::problem::Problem;
use super::super::tree::NONE;
use super::super::work::Work;
use alloc::vec;
use alloc::vec::Vec;

/// Counts over both tables, by leaf or vertex of the tree.
pub(super) struct Facts<'a> {
    pub(super) problem: &'a Problem<'a>,
    pub(super) work: Work<'a>,
    /// Replicas of each vertex in the old table.
    pub(super) held: Vec<u64>,
    /// Replicas of each vertex in the new table.
    pub(super) holds: Vec<u64>,
    /// Replicas of each leaf that leave it, and that come to it.
    pub(super) gives: Vec<u64>,
    pub(super) takes: Vec<u64>,
    pub(super) dispersed: bool,
}

impl<'a> Facts<'a> {
    /// O(P·R² + n).
    pub(super) fn new(plan: &'a Plan, problem: &'a Problem<'a>) -> Option<Self> {
        let (tree, config) = (&problem.tree, &problem.config);
        let rows = problem.leaves_of(plan.table())?;
        // What a soft freeze kept is as fixed as pins are.
        let fixed = plan.kept().unwrap_or(&plan.inputs().constraints);
        let before = plan.before().clone();
        let mut work = Work::new(tree, fixed, config.partitions(), &problem.sizes, before);
        work.adopt(rows);
        let (mut gives, mut takes) = (vec![0; tree.leaves()], vec![0; tree.leaves()]);
        let mut held = vec![0; tree.leaves()];
        for partition in 0..work.partitions {
            let (old, new) = (work.old_row(partition), work.row(partition));
            for leaf in old.iter().filter(|leaf| **leaf != NONE) {
                add(&mut held, *leaf as usize, 1);
                if !new.contains(leaf) {
                    add(&mut gives, *leaf as usize, 1);
                }
            }
            for leaf in new.iter().filter(|leaf| !old.contains(leaf)) {
                add(&mut takes, *leaf as usize, 1);
            }
        }
        let (held, holds) = (tree.sums(&held), tree.sums(&work.loads));
        let dispersed = plan.dispersed();
        Some(Self { problem, work, held, holds, gives, takes, dispersed })
    }

    pub(super) fn quota(&self, vertex: usize) -> (u64, u64) {
        let quotas = &self.problem.quotas;
        (at(&quotas.floors, vertex), at(&quotas.ceils, vertex))
    }

    pub(super) fn is_live(&self, leaf: u32) -> bool {
        leaf != NONE && at(&self.problem.tree.weights, leaf as usize) > 0
    }

    /// The failure domains of a leaf, the innermost first.
    pub(super) fn domains(&self, leaf: u32) -> impl Iterator<Item = usize> {
        let tree = &self.problem.tree;
        let above = |vertex: &usize| tree.parent(*vertex);
        core::iter::successors(tree.parent(tree.vertex(leaf)), above).filter(|vertex| *vertex > 0)
    }

    /// A partition other than `p` with a replica on x that stays there, and that could go to y in
    /// place of the one that p has on y.
    pub(super) fn other_giver(&self, (p, x, y): (u32, u32, u32)) -> Option<u32> {
        let work = &self.work;
        let possible = !work.constraints.holds(p, y) && work.fits(p, y, x);
        let stays = |q: &u32| *q != p && work.is_on(*q, x) && work.was_on(*q, x);
        (0..work.partitions)
            .filter(|_| possible)
            .filter(stays)
            .find(|q| self.swaps((p, y), (*q, x)))
    }

    /// A partition other than `p` whose replica moved from x, and which could have it back if p gave
    /// its own replica on x instead.
    pub(super) fn other_keeper(&self, (p, x): (u32, u32)) -> Option<u32> {
        let work = &self.work;
        let moved = |q: &u32| *q != p && work.was_on(*q, x) && !work.is_on(*q, x);
        let back = |q: &u32| {
            let came = work.row(*q).iter().filter(|y| !work.was_on(*q, **y));
            came.into_iter().any(|y| self.swaps((p, x), (*q, *y)))
        };
        (0..work.partitions).filter(moved).find(back)
    }

    /// A partition other than `p` whose new holder could be exchanged with y, the new one of p.
    pub(super) fn other_taker(&self, (p, y): (u32, u32)) -> Option<u32> {
        let work = &self.work;
        let new = |q: u32, leaf: u32| !work.was_on(q, leaf);
        let found = |q: &u32| {
            let came = work.row(*q).iter().filter(|z| **z != y && new(*q, **z) && new(p, **z));
            new(*q, y) && came.into_iter().any(|z| self.swaps((p, y), (*q, *z)))
        };
        (0..work.partitions).filter(|q| *q != p).find(found)
    }

    /// True if p may have y for x and q may have x for y: no rule, pin or frozen partition is in the
    /// way, and neither moves nor partitions that move twice become more.
    fn swaps(&self, (p, x): (u32, u32), (q, y): (u32, u32)) -> bool {
        let work = &self.work;
        self.is_live(x)
            && self.is_live(y)
            && !work.constraints.holds(p, x)
            && !work.constraints.holds(q, y)
            && work.fits(p, x, y)
            && work.fits(q, y, x)
            && work.may_exchange((p, x), (q, y))
    }
}
