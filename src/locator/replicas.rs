//! The nodes that hold a key's replicas.

use crate::node::NodeIdx;
use crate::slips::OrSlip;
use crate::topology::Topology;
use core::fmt;
use core::iter::FusedIterator;
use core::ops::Index;

/// The nodes that hold a key's replicas, the owner first. The list is on the stack.
///
/// ```
/// use apportion::Locator;
///
/// let ring = Locator::ring(["a", "b", "c"])?;
/// let holders = ring.replicas::<2>("user:42");
/// for node in &holders {
///     println!("write to {node}");
/// }
/// assert_eq!(Some(&holders[0]), ring.get("user:42"));
/// # Ok::<(), apportion::Error>(())
/// ```
#[doc(alias = "preference list")]
pub struct Replicas<'a, N, const R: usize> {
    topology: &'a Topology<N>,
    at: [NodeIdx; R],
    len: usize,
}

impl<'a, N, const R: usize> Replicas<'a, N, R> {
    pub(crate) fn new(topology: &'a Topology<N>, at: [NodeIdx; R], len: usize) -> Self {
        Self { topology, at, len }
    }

    /// The slots of the nodes, the owner's first.
    #[must_use]
    pub fn indices(&self) -> &[NodeIdx] {
        self.at.get(..self.len).or_slip()
    }

    /// The nodes, the owner first. The iterator borrows from the locator, not from this value.
    pub fn iter(&self) -> ReplicaIter<'a, N, R> {
        ReplicaIter { topology: self.topology, at: self.at, next: 0, end: self.len }
    }

    /// The i-th holder; 0 is the owner.
    #[must_use]
    pub fn get(&self, i: usize) -> Option<&'a N> {
        self.topology.get(*self.indices().get(i)?)
    }

    /// The number of nodes: `R`, or fewer if fewer nodes are live.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// True if there are no nodes: none is live, or `R` is 0.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

/// The i-th holder; 0 is the owner.
///
/// # Panics
/// If `i` is out of range, as for a slice. [`get`](Replicas::get) returns `None` instead.
impl<N, const R: usize> Index<usize> for Replicas<'_, N, R> {
    type Output = N;

    #[track_caller]
    fn index(&self, i: usize) -> &N {
        match self.get(i) {
            Some(node) => node,
            // `Index` has to panic. Nothing in this crate calls it.
            #[allow(clippy::panic)]
            None => panic!("index {i} is out of range: the key has {} of {R} replicas", self.len),
        }
    }
}

// A derive would require the same of `N`, which is only borrowed.
impl<N, const R: usize> Clone for Replicas<'_, N, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<N, const R: usize> Copy for Replicas<'_, N, R> {}

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
    end: usize,
}

impl<'a, N, const R: usize> Iterator for ReplicaIter<'a, N, R> {
    type Item = &'a N;

    #[inline]
    fn next(&mut self) -> Option<&'a N> {
        while self.next < self.end {
            let node = self.topology.get(*self.at.get(self.next)?);
            self.next += 1;
            if node.is_some() {
                return node;
            }
        }
        None
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // A user's placement may return a slot without a node: `next` skips it.
        let rest = self.at.get(self.next..self.end).or_slip();
        let left = rest.iter().filter(|at| self.topology.get(**at).is_some()).count();
        (left, Some(left))
    }
}

impl<N, const R: usize> DoubleEndedIterator for ReplicaIter<'_, N, R> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        while self.next < self.end {
            self.end -= 1;
            let node = self.topology.get(*self.at.get(self.end)?);
            if node.is_some() {
                return node;
            }
        }
        None
    }
}

impl<N, const R: usize> ExactSizeIterator for ReplicaIter<'_, N, R> {}

impl<N, const R: usize> FusedIterator for ReplicaIter<'_, N, R> {}

// A derive would require `N: Clone`, though `N` is only borrowed.
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
