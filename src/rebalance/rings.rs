//! Two rings side by side.

use super::union::Union;
use crate::node::NodeIdx;
use crate::ring::Circle;

/// One replica that changes hands, by places in the union.
pub(super) type Ends = (Option<u32>, Option<u32>);

/// An interval of hashes, `first..=last`.
pub(super) type Range = (u64, u64);

/// Two rings and who is who in them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rings<'a> {
    pub(super) old: &'a Circle,
    pub(super) new: &'a Circle,
    pub(super) union: &'a Union,
    pub(super) replicas: usize,
}

#[inline]
pub(super) fn place(places: &[u32], node: Option<NodeIdx>) -> Option<u32> {
    places.get(node?.index()).copied()
}

pub(super) fn len((first, last): Range) -> u128 {
    u128::from(last - first) + 1
}
