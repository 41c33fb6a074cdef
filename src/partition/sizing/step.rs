//! A step of the search: one replica that moves, or two.

use super::super::work::Work;

/// A replica of `p` goes from x to y, and in the same step one of another partition.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub(super) p: (u64, u32),
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) other: Option<Move>,
}

/// A replica, and the leaves between which it goes.
#[derive(Clone, Copy)]
pub(super) struct Move {
    pub(super) q: (u64, u32),
    pub(super) from: u32,
    pub(super) to: u32,
}

impl Step {
    pub(super) fn moves(self) -> impl Iterator<Item = Move> + Clone {
        core::iter::once(Move { q: self.p, from: self.x, to: self.y }).chain(self.other)
    }
}

/// True if the rules allow both moves of a step, nothing more moves, and no more partitions have two or
/// more moves.
pub(super) fn is_allowed(work: &Work<'_>, step: Step) -> bool {
    let fits = |Move { q: (_, partition), from, to }: Move| {
        work.is_on(partition, from)
            && work.fits(partition, from, to)
            && !work.constraints.holds(partition, from)
    };
    let cost = |of: Move| work.cost(of.q.1, of.from, of.to);
    let twice = |of: Move, cost: i32| i32::from(work.moved(of.q.1) as i32 + cost >= 2);
    step.other.is_none_or(|other| other.q.1 != step.p.1)
        && step.moves().all(fits)
        && step.moves().map(cost).sum::<i32>() <= 0
        && step.moves().map(|of| twice(of, cost(of)) - twice(of, 0)).sum::<i32>() <= 0
}
