//! Who owns which interval of hashes.

use super::Ring;
use crate::node::NodeIdx;

/// An interval of key hashes with one owner: `first..=last`, without wrapping.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RingArc {
    /// The lowest hash.
    pub first: u64,
    /// The highest hash, included.
    pub last: u64,
    /// The node that owns it.
    pub owner: NodeIdx,
}

impl RingArc {
    /// How many hashes lie in the interval, 1 to 2^64.
    #[must_use]
    #[allow(clippy::len_without_is_empty)] // never empty
    pub fn len(&self) -> u128 {
        u128::from(self.last.wrapping_sub(self.first)) + 1
    }
}

impl Ring {
    /// Every interval of hashes with its owner, in order, without gaps. A node has about as many
    /// as it has points. Empty if no node is live.
    pub fn arcs(&self) -> impl Iterator<Item = RingArc> {
        let mut first = Some(0);
        // The end of the circle belongs to the first point.
        let end = self.flat.iter().next().map(|(_, owner)| (u64::MAX, owner));
        self.flat.iter().chain(end).filter_map(move |(last, owner)| {
            let arc = first.filter(|f| *f <= last).map(|first| RingArc { first, last, owner });
            if arc.is_some() {
                first = last.checked_add(1);
            }
            arc
        })
    }

    /// The exact share of a node: how many of the 2^64 hashes it owns. O(points).
    #[must_use]
    pub fn share(&self, node: NodeIdx) -> u128 {
        self.arcs().filter(|arc| arc.owner == node).map(|arc| arc.len()).sum()
    }
}
