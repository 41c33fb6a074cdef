//! The holders of a key.

use crate::node::NodeIdx;
use crate::slips::OrSlip;
use crate::topology::Topology;
use core::fmt;
use core::iter::FusedIterator;

/// The nodes that hold a key's replicas, the owner first; on the stack.
///
/// ```
/// use apportion::Locator;
///
/// let ring = Locator::ring(["a", "b", "c"])?;
/// for node in ring.replicas::<2>("user:42") {
///     println!("write to {node}");
/// }
/// # Ok::<(), apportion::Error>(())
/// ```
pub struct Replicas<'a, N, const R: usize> {
    topology: &'a Topology<N>,
    at: [NodeIdx; R],
    len: usize,
}

impl<'a, N, const R: usize> Replicas<'a, N, R> {
    pub(crate) fn new(topology: &'a Topology<N>, at: [NodeIdx; R], len: usize) -> Self {
        Self { topology, at, len }
    }

    /// Their slots.
    #[must_use]
    pub fn nodes(&self) -> &[NodeIdx] {
        self.at.get(..self.len).or_slip()
    }

    /// The nodes. The iterator borrows them from the locator and nothing from this value.
    pub fn iter(&self) -> ReplicaIter<'a, N, R> {
        ReplicaIter { topology: self.topology, at: self.at, next: 0, len: self.len }
    }

    /// The i-th holder; 0 is the owner.
    #[must_use]
    pub fn get(&self, i: usize) -> Option<&'a N> {
        self.topology.get(*self.nodes().get(i)?)
    }

    /// How many there are: `R`, or fewer if fewer nodes are live.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// True if no node is live.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl<N: fmt::Debug, const R: usize> fmt::Debug for Replicas<'_, N, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a, N, const R: usize> IntoIterator for Replicas<'a, N, R> {
    type Item = &'a N;
    type IntoIter = ReplicaIter<'a, N, R>;

    fn into_iter(self) -> ReplicaIter<'a, N, R> {
        self.iter()
    }
}

impl<'a, N, const R: usize> IntoIterator for &Replicas<'a, N, R> {
    type Item = &'a N;
    type IntoIter = ReplicaIter<'a, N, R>;

    fn into_iter(self) -> ReplicaIter<'a, N, R> {
        self.iter()
    }
}

/// The iterator of [`Replicas`].
pub struct ReplicaIter<'a, N, const R: usize> {
    topology: &'a Topology<N>,
    at: [NodeIdx; R],
    next: usize,
    len: usize,
}

impl<'a, N, const R: usize> Iterator for ReplicaIter<'a, N, R> {
    type Item = &'a N;

    #[inline]
    fn next(&mut self) -> Option<&'a N> {
        while self.next < self.len {
            let at = self.at.get(self.next)?;
            self.next += 1;
            if let Some(node) = self.topology.get(*at) {
                return Some(node);
            }
        }
        None
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.len - self.next))
    }
}

impl<N, const R: usize> FusedIterator for ReplicaIter<'_, N, R> {}

// Derived, it would ask the same of `N`, which is only referred to.
impl<N, const R: usize> Clone for ReplicaIter<'_, N, R> {
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

impl<N: fmt::Debug, const R: usize> fmt::Debug for ReplicaIter<'_, N, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}
