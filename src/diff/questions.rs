//! The questions that start a diff.

use super::by::Question;
use super::exact::Diff;
use crate::error::Error;
use crate::hash::Portable;
use crate::locator::Locator;
use crate::placement::Exact;
use crate::replica::Spread;

impl<N, P, H> Locator<N, P, H> {
    /// Computes exactly what moves from this locator to another one, over all keys, with one replica
    /// per key. See [`Diff`].
    ///
    /// # Errors
    /// The key hashers differ (two SipHash secrets are two hashers), or the algorithms differ and not
    /// both divide the hashes into intervals, as rings, Maglev and partition tables do.
    pub fn diff<'a, Q>(&'a self, new: &'a Locator<N, Q, H>) -> Result<Diff<'a, N>, Error>
    where
        P: Exact,
        Q: Exact,
        H: Portable,
    {
        self.diff_replicas(new, 1)
    }

    /// As [`diff`](Self::diff), with several replicas per key.
    ///
    /// ```
    /// use apportion::Locator;
    ///
    /// let old = Locator::ring(["a", "b", "c"])?;
    /// let new = old.without("a")?;
    /// let diff = old.diff_replicas(&new, 2)?;
    /// assert!(diff.moves().all(|m| m.from == Some(&"a")));
    /// # Ok::<(), apportion::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`diff`](Self::diff), 0 replicas, or more than one replica for an algorithm whose exact figures
    /// exist for one only.
    pub fn diff_replicas<'a, Q>(
        &'a self,
        new: &'a Locator<N, Q, H>,
        replicas: usize,
    ) -> Result<Diff<'a, N>, Error>
    where
        P: Exact,
        Q: Exact,
        H: Portable,
    {
        Diff::new(self, new, Question { replicas, spreads: None })
    }

    /// As [`diff_replicas`](Self::diff_replicas), with the replicas on each side chosen by a
    /// [`Spread`]: one compiled for this locator's nodes, one for the new ones. A key has as many
    /// replicas as they give, up to the larger [`Spread::max_replicas`].
    ///
    /// ```
    /// use apportion::{Locator, Node, Spread, Topology};
    ///
    /// let node = |name, zone| Node::new(name).domain("zone", zone);
    /// let nodes = [node("a1", "a"), node("a2", "a"), node("b1", "b"), node("b2", "b")];
    /// let old = Locator::ring_of(Topology::of(nodes)?, Default::default())?;
    /// let new = old.with_node(node("b3", "b"))?;
    /// let one_a_zone = |ring: &Locator<_>| Spread::strict(ring.topology().members(), 2, [("zone", 1)]);
    ///
    /// let (before, after) = (one_a_zone(&old)?, one_a_zone(&new)?);
    /// let diff = old.diff_under(&before, &new, &after)?;
    /// assert!(diff.moves().all(|m| m.to == Some(&"b3")));
    /// assert!(diff.moves().all(|m| m.from.is_some_and(|from| from.starts_with('b'))));
    /// # Ok::<(), apportion::Error>(())
    /// ```
    ///
    /// # Complexity
    /// One lookup on each side per interval of hashes.
    ///
    /// # Errors
    /// As [`diff`](Self::diff), or an algorithm other than Maglev and rings. Rings by nearest points are
    /// not supported either.
    pub fn diff_under<'a, Q>(
        &'a self,
        spread: &'a Spread,
        new: &'a Locator<N, Q, H>,
        new_spread: &'a Spread,
    ) -> Result<Diff<'a, N>, Error>
    where
        P: Exact,
        Q: Exact,
        H: Portable,
    {
        let replicas = spread.max_replicas().max(new_spread.max_replicas());
        Diff::new(self, new, Question { replicas, spreads: Some((spread, new_spread)) })
    }
}
