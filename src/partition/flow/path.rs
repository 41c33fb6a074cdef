//! Paths through the residual network.

use crate::partition::cells::put;
use crate::partition::tree::NONE;
use crate::partition::work::Work;
use alloc::vec::Vec;

/// One arc of a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum PathArc {
    /// A replica of a partition moves from one leaf (`NONE` for an unplaced one) to another.
    Move { partition: u32, from: u32, to: u32 },
    /// The target of a vertex rises by one: the arc from it to its parent.
    Raise(usize),
    /// The target of a vertex falls by one: the arc from its parent to it.
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

/// The partitions of which a path may move a further replica.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Scope {
    /// All partitions.
    All,
    /// Partitions without a moved replica.
    Unmoved,
    /// Partitions that do not have exactly one moved replica.
    NotOnceMoved,
    /// Partitions with at least this many moved replicas.
    MovedAtLeast(usize),
    /// Only this partition.
    Only(u32),
}

impl Scope {
    /// False if replicas that are still on their old holders must not move.
    pub(super) fn allows_kept_to_move(self) -> bool {
        !matches!(self, Self::MovedAtLeast(_) | Self::Only(_))
    }

    /// The cost of moving a replica, from a leaf or unplaced, to a leaf that is no old holder;
    /// `None` if the scope forbids it.
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

/// Shortens a path that moves a partition twice: one move replaces the two and everything between
/// them, where that is legal and costs no more.
///
/// Two moves that meet on the partition's side of the network can always be joined: the part
/// between them is a cycle from the vertex where they meet back to it, and no cycle has a negative
/// cost. Two moves that do not meet are legal together, and joining them may cost more. Every pass
/// makes the path shorter, so there is an end, and then no two moves of a partition meet.
///
/// With `any_cost`, costs are ignored.
pub(super) fn joined(work: &Work<'_>, mut steps: Vec<PathArc>, any_cost: bool) -> Vec<PathArc> {
    while let Some((i, j, step)) = shortcut(work, &steps, any_cost) {
        steps.drain(i + 1..=j);
        put(&mut steps, i, step);
    }
    steps
}

/// A move that can replace the arcs from one move of its partition to a later one, and the indexes
/// of these two.
fn shortcut(work: &Work<'_>, steps: &[PathArc], any_cost: bool) -> Option<(usize, usize, PathArc)> {
    for (i, step) in steps.iter().enumerate() {
        let PathArc::Move { partition, from, .. } = *step else { continue };
        let mut cost = step.cost(work);
        let mut last = None;
        for (j, later) in steps.iter().enumerate().skip(i + 1) {
            cost += later.cost(work);
            let PathArc::Move { partition: same, to, .. } = *later else { continue };
            if same == partition
                && work.fits(partition, from, to)
                && (any_cost || work.cost(partition, from, to) <= cost)
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
