//! The two nodes of a move: what all comparisons yield.

use crate::node::NodeIdx;

/// One replica that changes hands, by places in the union.
pub(crate) type Ends = (Option<u32>, Option<u32>);

/// An interval of hashes, `first..=last`.
pub(super) type Range = (u64, u64);

#[inline]
pub(super) fn place(places: &[u32], node: Option<NodeIdx>) -> Option<u32> {
    places.get(node?.index()).copied()
}

/// True if an interval begins where another one ends.
pub(super) fn follows(range: Range, next: Range) -> bool {
    range.1.checked_add(1) == Some(next.0)
}

pub(super) fn len((first, last): Range) -> u128 {
    u128::from(last - first) + 1
}

/// The moves between two lists of holders. A replica that only changes its position in the list is not
/// a move. O(R²).
pub(crate) fn changes(before: &[u32], after: &[u32]) -> impl Iterator<Item = Ends> {
    let mut gone = before.iter().filter(|node| !after.contains(node)).copied();
    let mut came = after.iter().filter(|node| !before.contains(node)).copied();
    core::iter::from_fn(move || {
        let ends = (gone.next(), came.next());
        (ends != (None, None)).then_some(ends)
    })
}
