//! Paths through the residual network.

use crate::partition::cells::put;
use crate::partition::tree::NONE;
use crate::partition::work::Work;
use alloc::vec::Vec;

/// One arc of a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum PathArc {
    /// A partition's replica goes from one leaf (`NONE`: it had no place) to another.
    Move { partition: u32, from: u32, to: u32 },
    /// A vertex is to hold one more, …
    Raise(usize),
    /// … or one less.
    Lower(usize),
}

impl PathArc {
    /// The vertex it leads to.
    pub(super) fn to(self, work: &Work<'_>) -> usize {
        match self {
            Self::Move { to, .. } => work.tree.vertex(to),
            Self::Raise(vertex) => work.tree.parent(vertex).unwrap_or(0),
            Self::Lower(vertex) => vertex,
        }
    }

    pub(super) fn cost(self, work: &Work<'_>) -> i32 {
        match self {
            Self::Move { partition, from, to } => work.cost(partition, from, to),
            Self::Raise(_) | Self::Lower(_) => 0,
        }
    }
}

/// Of which partitions a path may move one replica more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Scope {
    /// Any.
    All,
    /// None that was moved already.
    Unmoved,
    /// None of which exactly one was moved.
    NotOnceMoved,
    /// Only such of which at least so many were moved.
    MovedAtLeast(usize),
    /// Only this one.
    Only(u32),
}

impl Scope {
    /// False if no replica of a partition that is where it was may go.
    pub(super) fn allows_kept_to_move(self) -> bool {
        !matches!(self, Self::MovedAtLeast(_) | Self::Only(_))
    }

    /// What a replica costs that goes where none of its partition was, from a leaf or without a
    /// place; `None` if the scope forbids it.
    pub(super) fn move_cost(self, work: &Work<'_>, partition: u32, leaf: u32) -> Option<i32> {
        if leaf == NONE {
            return Some(1);
        }
        if !work.was_on(partition, leaf) {
            return Some(0);
        }
        let allowed = match self {
            Self::All => true,
            Self::Unmoved => work.moved(partition) == 0,
            Self::NotOnceMoved => work.moved(partition) != 1,
            Self::MovedAtLeast(min) => work.moved(partition) >= min,
            Self::Only(only) => partition == only,
        };
        allowed.then_some(1)
    }
}

/// A path in which a partition is moved twice with one move in place of all between, where that is
/// legal and costs no more.
///
/// Two moves that meet on the partition's side of the network can always be joined: what lies
/// between them and leads from the vertex where they meet back to it is a cycle, which costs
/// nothing or more. Two that do not meet are legal together, and to join them may cost more. As
/// every pass makes the path shorter, there is an end, and then no two moves of a partition meet.
///
/// With `any`, costs do not count.
pub(super) fn joined(work: &Work<'_>, mut steps: Vec<PathArc>, any: bool) -> Vec<PathArc> {
    while let Some((i, j, step)) = shortcut(work, &steps, any) {
        steps.drain(i + 1..=j);
        put(&mut steps, i, step);
    }
    steps
}

/// One move that can take the place of the steps from one of this partition to a later one.
fn shortcut(work: &Work<'_>, steps: &[PathArc], any: bool) -> Option<(usize, usize, PathArc)> {
    for (i, step) in steps.iter().enumerate() {
        let PathArc::Move { partition, from, .. } = *step else { continue };
        let mut cost = step.cost(work);
        let mut last = None;
        for (j, later) in steps.iter().enumerate().skip(i + 1) {
            cost += later.cost(work);
            let PathArc::Move { partition: same, to, .. } = *later else { continue };
            if same == partition
                && work.fits(partition, from, to)
                && (any || work.cost(partition, from, to) <= cost)
            {
                last = Some((i, j, PathArc::Move { partition, from, to }));
            }
        }
        if last.is_some() {
            return last;
        }
    }
    None
}
