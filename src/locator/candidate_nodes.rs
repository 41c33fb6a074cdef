//! The iterator over a key's candidate nodes, with their values.

use crate::hash::KeyHash;
use crate::node::NodeIdx;
use crate::placement::{Candidates, Placement};
use crate::topology::Topology;
use core::fmt;
use core::iter::FusedIterator;

/// All live nodes in a key's order of preference, with their slots: the iterator of
/// [`Locator::candidates`](crate::Locator::candidates).
///
/// It holds the key's hash and borrows only the locator, so the key may be a temporary value.
pub struct CandidateNodes<'a, N, P: ?Sized> {
    candidates: Candidates<'a, P>,
    topology: &'a Topology<N>,
}

impl<'a, N, P: Placement + ?Sized> CandidateNodes<'a, N, P> {
    pub(super) fn new(topology: &'a Topology<N>, placement: &'a P, key: KeyHash) -> Self {
        Self { candidates: Candidates::new(placement, key), topology }
    }
}

impl<'a, N, P: Placement + ?Sized> Iterator for CandidateNodes<'a, N, P> {
    type Item = (NodeIdx, &'a N);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.candidates.by_ref().find_map(|at| Some((at, self.topology.get(at)?)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, self.candidates.size_hint().1)
    }
}

impl<N, P: Placement + ?Sized> FusedIterator for CandidateNodes<'_, N, P> {}

// A derive would require `N: Clone` and `P: Clone`, though both are only borrowed.
impl<N, P: ?Sized> Clone for CandidateNodes<'_, N, P> {
    fn clone(&self) -> Self {
        Self { candidates: self.candidates.clone(), topology: self.topology }
    }
}

impl<N, P: ?Sized> fmt::Debug for CandidateNodes<'_, N, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CandidateNodes")
            .field("candidates", &self.candidates)
            .finish_non_exhaustive()
    }
}
