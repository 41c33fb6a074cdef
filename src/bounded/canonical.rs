//! The assignment that the keys and the nodes alone decide.

use super::book::Book;
use crate::error::Error;
use crate::hash::KeyHash;
use crate::node::NodeIdx;
use crate::placement::Placement;
use alloc::vec::Vec;

/// Keys in ascending order, each to the first node of its walk below its cap.
pub(super) fn assign<P: Placement>(
    placement: &P,
    book: &mut Book,
    keys: impl Iterator<Item = KeyHash>,
) -> Result<Vec<(KeyHash, NodeIdx)>, Error> {
    keys.map(|key| Ok((key, book.place(placement, key)?))).collect()
}
