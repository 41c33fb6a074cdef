//! Paths through the residual network.

use super::residual::Residual;
use crate::partition::cells::{add, put, take};
use crate::partition::work::Work;
use alloc::vec::Vec;

/// One arc of a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// A partition's replica goes from one leaf (`NONE`: it had no place) to another.
    Move { partition: u32, from: u32, to: u32 },
    /// A vertex is to hold one more, …
    Raise(usize),
    /// … or one less.
    Lower(usize),
}

impl Step {
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

/// A path in which a partition is moved twice with one move in place of all between, where that is
/// legal and costs no more.
///
/// Two moves that meet on the partition's side of the network can always be joined: what lies
/// between them and leads from the vertex where they meet back to it is a cycle, which costs nothing
/// or more. Two that do not meet are legal together, and to join them may cost more. As every pass
/// makes the path shorter, there is an end, and then no two moves of a partition meet.
///
/// With `any`, costs do not count.
pub(super) fn joined(work: &Work<'_>, mut steps: Vec<Step>, any: bool) -> Vec<Step> {
    while let Some((i, j, step)) = shortcut(work, &steps, any) {
        steps.drain(i + 1..=j);
        put(&mut steps, i, step);
    }
    steps
}

/// One move that can take the place of the steps from one of this partition to a later one.
fn shortcut(work: &Work<'_>, steps: &[Step], any: bool) -> Option<(usize, usize, Step)> {
    for (i, step) in steps.iter().enumerate() {
        let Step::Move { partition, from, .. } = *step else { continue };
        let mut cost = step.cost(work);
        let mut last = None;
        for (j, later) in steps.iter().enumerate().skip(i + 1) {
            cost += later.cost(work);
            let Step::Move { partition: same, to, .. } = *later else { continue };
            if same == partition
                && work.fits(partition, from, to)
                && (any || work.cost(partition, from, to) <= cost)
            {
                last = Some((i, j, Step::Move { partition, from, to }));
            }
        }
        if last.is_some() {
            return last;
        }
    }
    None
}

/// Does what a path says.
pub(super) fn apply(
    work: &mut Work<'_>,
    targets: &mut [u64],
    search: &mut Residual<'_>,
    steps: &[Step],
) {
    for step in steps {
        match *step {
            Step::Move { partition, from, to } => {
                debug_assert!(work.fits(partition, from, to), "a path breaks the rules");
                work.put(partition, from, to);
                search.note(work, partition, to);
            }
            Step::Raise(vertex) => add(targets, vertex, 1),
            Step::Lower(vertex) => take(targets, vertex, 1),
        }
    }
}
