//! Sets of leaves as ranges of consecutive ones.

use alloc::vec::Vec;
use core::cmp::Ordering;

/// Leaves as ranges of consecutive ones, ascending.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(super) struct Spans(Vec<(u32, u32)>);

impl Spans {
    /// The ranges of ascending leaves.
    pub(super) fn of(leaves: impl IntoIterator<Item = u32>) -> Self {
        let mut spans: Vec<(u32, u32)> = Vec::new();
        for leaf in leaves {
            match spans.last_mut() {
                Some((_, end)) if *end == leaf => *end += 1,
                _ => spans.push((leaf, leaf + 1)),
            }
        }
        Self(spans)
    }

    #[inline]
    pub(super) fn contains(&self, leaf: u32) -> bool {
        let order = |(first, end): &(u32, u32)| match leaf {
            _ if *end <= leaf => Ordering::Less,
            _ if *first > leaf => Ordering::Greater,
            _ => Ordering::Equal,
        };
        self.0.binary_search_by(order).is_ok()
    }

    pub(super) fn leaves(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().flat_map(|(first, end)| *first..*end)
    }

    pub(super) fn ranges(&self) -> &[(u32, u32)] {
        &self.0
    }

    pub(super) fn len(&self) -> usize {
        self.0.iter().map(|(first, end)| (end - first) as usize).sum()
    }

    /// The leaves of both.
    pub(super) fn shared(&self, other: &Self) -> Self {
        Self::of(self.leaves().filter(|leaf| other.contains(*leaf)))
    }

    /// The leaves below `leaves` that are not among these.
    pub(super) fn others(&self, leaves: usize) -> Self {
        Self::of((0..leaves as u32).filter(|leaf| !self.contains(*leaf)))
    }
}
