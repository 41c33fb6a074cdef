//! The facade's questions under a spread.

use super::Spread;
use crate::hash::Key;
use crate::locator::{Locator, Replicas};
use crate::node::NodeIdx;
use crate::placement::Placement;
use alloc::vec;
use alloc::vec::Vec;

impl<N, P: Placement, H> Locator<N, P, H> {
    /// The nodes that hold a key's `R` replicas, spread over failure domains, the owner first. See
    /// [`Spread`].
    pub fn replicas_under<const R: usize>(
        &self,
        spread: &Spread,
        key: &(impl Key<H> + ?Sized),
    ) -> Replicas<'_, N, R> {
        self.replicas_under_where(spread, key, |_| true)
    }

    /// As [`replicas_under`](Self::replicas_under), among the nodes that `accept` admits. See
    /// [`Spread::replicas_where`].
    pub fn replicas_under_where<const R: usize>(
        &self,
        spread: &Spread,
        key: &(impl Key<H> + ?Sized),
        accept: impl FnMut(NodeIdx) -> bool,
    ) -> Replicas<'_, N, R> {
        let mut at = [NodeIdx::default(); R];
        let len = spread.replicas_where(self.placement(), self.hash(key), &mut at, accept);
        Replicas::new(self.topology(), at, len)
    }

    /// As [`replicas_under`](Self::replicas_under) for the number of replicas that the spread was
    /// compiled for, which may be known only at run time. [`Spread::replicas`] does the same without
    /// the heap.
    ///
    /// ```
    /// use apportion::{Locator, Node, Spread, Topology};
    /// use apportion::ring::RingConfig;
    ///
    /// let nodes = [("a1", "a"), ("a2", "a"), ("b1", "b")];
    /// let nodes = Topology::of(nodes.map(|(name, zone)| Node::new(name).domain("zone", zone)))?;
    /// let ring = Locator::ring_of(nodes, RingConfig::default())?;
    /// let spread = Spread::strict(ring.topology().members(), 2, [("zone", 1)])?;
    /// let holders = ring.replicas_under_vec(&spread, "user:42");
    /// assert_eq!((holders.len(), holders.contains(&&"b1")), (2, true));
    /// # Ok::<(), apportion::Error>(())
    /// ```
    pub fn replicas_under_vec(&self, spread: &Spread, key: &(impl Key<H> + ?Sized)) -> Vec<&N> {
        let mut at = vec![NodeIdx::default(); spread.max_replicas()];
        let len = spread.replicas(self.placement(), self.hash(key), &mut at);
        at.iter().take(len).filter_map(|at| self.topology().get(*at)).collect()
    }
}
