//! Sets of holders, which may be of two versions.

use super::version::Version;
use crate::hash::KeyHash;
use crate::node::NodeIdx;
use crate::slips::OrSlip;
use crate::topology::Topology;
use core::fmt;
use core::iter::FusedIterator;

/// Nodes that are read or written for a key, each once; on the stack. At most 2 · R.
pub struct HolderSet<'a, N, const R: usize> {
    first: Holders<'a, N, R>,
    second: Holders<'a, N, R>,
}

/// Holders of one version.
struct Holders<'a, N, const R: usize> {
    topology: &'a Topology<N>,
    at: [NodeIdx; R],
    len: usize,
}

impl<N, const R: usize> Clone for Holders<'_, N, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<N, const R: usize> Copy for Holders<'_, N, R> {}

impl<'a, N, const R: usize> Holders<'a, N, R> {
    fn none(topology: &'a Topology<N>) -> Self {
        Self { topology, at: [NodeIdx::NONE; R], len: 0 }
    }

    fn nodes(&self) -> &[NodeIdx] {
        self.at.get(..self.len).or_slip()
    }

    /// True if a node of another version, of the same label, is among them.
    fn contains(&self, topology: &Topology<N>, node: NodeIdx) -> bool {
        let other = topology.members();
        let same = |mine: &NodeIdx| {
            let mine = self.topology.members().get(*mine);
            let (Some(mine), Some(other)) = (mine, other.get(node)) else { return false };
            mine.identity == other.identity && mine.label == other.label
        };
        self.nodes().iter().any(same)
    }

    /// Those that are not among others.
    fn without(mut self, others: &Self) -> Self {
        let mut kept = 0;
        for at in 0..self.len {
            let Some(node) = self.at.get(at).copied() else { break };
            if !others.contains(self.topology, node) {
                self.at.swap(kept, at);
                kept += 1;
            }
        }
        self.len = kept;
        self
    }
}

impl<'a, N, const R: usize> HolderSet<'a, N, R> {
    pub(super) fn empty<H>(version: &'a Version<N, H>) -> Self {
        let none = Holders::none(version.topology());
        Self { first: none, second: none }
    }

    /// The holders of a key in a version.
    pub(super) fn of<H>(version: &'a Version<N, H>, key: KeyHash) -> Self {
        let mut set = Self::empty(version);
        set.first.len = version.holders(key, &mut set.first.at);
        set
    }

    /// These holders, then those of another version that are not among them.
    pub(super) fn joined(self, other: Self) -> Self {
        Self { first: self.first, second: other.first.without(&self.first) }
    }

    /// These holders of one version but for those of another one.
    pub(super) fn without(self, other: &Self) -> Self {
        Self { first: self.first.without(&other.first), second: self.second }
    }

    /// The nodes. The iterator borrows from the transition, not from this value.
    pub fn iter(&self) -> HolderIter<'a, N, R> {
        HolderIter { set: *self, next: 0 }
    }

    /// The number of nodes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.first.len + self.second.len
    }

    /// True if there is no node.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The i-th node.
    #[must_use]
    pub fn get(&self, i: usize) -> Option<&'a N> {
        let (part, i) = match i.checked_sub(self.first.len) {
            None => (&self.first, i),
            Some(i) => (&self.second, i),
        };
        part.topology.get(*part.nodes().get(i)?)
    }
}

impl<N, const R: usize> Clone for HolderSet<'_, N, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<N, const R: usize> Copy for HolderSet<'_, N, R> {}

impl<N: fmt::Debug, const R: usize> fmt::Debug for HolderSet<'_, N, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a, N, const R: usize> IntoIterator for HolderSet<'a, N, R> {
    type Item = &'a N;
    type IntoIter = HolderIter<'a, N, R>;

    fn into_iter(self) -> HolderIter<'a, N, R> {
        self.iter()
    }
}

impl<'a, N, const R: usize> IntoIterator for &HolderSet<'a, N, R> {
    type Item = &'a N;
    type IntoIter = HolderIter<'a, N, R>;

    fn into_iter(self) -> HolderIter<'a, N, R> {
        self.iter()
    }
}

/// The iterator of [`HolderSet`].
pub struct HolderIter<'a, N, const R: usize> {
    set: HolderSet<'a, N, R>,
    next: usize,
}

impl<'a, N, const R: usize> Iterator for HolderIter<'a, N, R> {
    type Item = &'a N;

    fn next(&mut self) -> Option<&'a N> {
        let node = self.set.get(self.next)?;
        self.next += 1;
        Some(node)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.set.len().saturating_sub(self.next);
        (left, Some(left))
    }
}

impl<N, const R: usize> ExactSizeIterator for HolderIter<'_, N, R> {}

impl<N, const R: usize> FusedIterator for HolderIter<'_, N, R> {}

impl<N, const R: usize> Clone for HolderIter<'_, N, R> {
    fn clone(&self) -> Self {
        Self { set: self.set, next: self.next }
    }
}

impl<N: fmt::Debug, const R: usize> fmt::Debug for HolderIter<'_, N, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}
