//! An affinity as the planner has it: a range of partitions, and what is asked of each.

use super::spans::Spans;

/// An affinity with its nodes as leaves.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Bound {
    /// The first of its partitions, and the one behind the last.
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) demand: Demand,
}

/// What an affinity asks of each of its partitions.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Demand {
    pub(super) leaves: Spans,
    pub(super) at_least: u32,
    pub(super) at_most: u32,
    pub(super) leads: Option<bool>,
}

impl Bound {
    /// Everything that decides plans, as numbers.
    pub(super) fn identity(&self) -> impl Iterator<Item = u64> + '_ {
        let Self { start, end, demand: Demand { leaves, at_least, at_most, leads } } = self;
        let leads = leads.map_or(0, |leads| 1 + u32::from(leads));
        let numbers = [*start, *end, *at_least, *at_most, leads].into_iter().map(u64::from);
        numbers.chain(leaves.leaves().map(u64::from)).chain([u64::MAX])
    }
}
