//! The nodes of a topology in the order of their slots.

use super::values::Topology;
use crate::node::NodeIdx;
use alloc::sync::Arc;
use core::fmt;
use core::iter::{Enumerate, FusedIterator};
use core::slice;

/// The nodes of a topology with their slots: the iterator of [`Topology::iter`].
pub struct NodeIter<'a, N> {
    slots: Enumerate<slice::Iter<'a, Option<Arc<N>>>>,
    left: usize,
}

impl<'a, N> NodeIter<'a, N> {
    /// Iterates over the occupied slots, of which there are `len`.
    pub(super) fn new(slots: &'a [Option<Arc<N>>], len: usize) -> Self {
        Self { slots: slots.iter().enumerate(), left: len }
    }
}

fn occupied<N>((slot, value): (usize, &Option<Arc<N>>)) -> Option<(NodeIdx, &N)> {
    Some((NodeIdx::new(slot as u32), value.as_deref()?))
}

impl<'a, N> Iterator for NodeIter<'a, N> {
    type Item = (NodeIdx, &'a N);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let next = self.slots.find_map(occupied)?;
        self.left -= 1;
        Some(next)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<N> DoubleEndedIterator for NodeIter<'_, N> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        let next = self.slots.by_ref().rev().find_map(occupied)?;
        self.left -= 1;
        Some(next)
    }
}

impl<N> ExactSizeIterator for NodeIter<'_, N> {}

impl<N> FusedIterator for NodeIter<'_, N> {}

// A derive would require `N: Clone`, though `N` is only borrowed.
impl<N> Clone for NodeIter<'_, N> {
    fn clone(&self) -> Self {
        Self { slots: self.slots.clone(), left: self.left }
    }
}

impl<N: fmt::Debug> fmt::Debug for NodeIter<'_, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

impl<'a, N> IntoIterator for &'a Topology<N> {
    type Item = (NodeIdx, &'a N);
    type IntoIter = NodeIter<'a, N>;

    fn into_iter(self) -> NodeIter<'a, N> {
        self.iter()
    }
}
