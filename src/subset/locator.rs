//! The facade's questions about tenants.

use super::Subsets;
use crate::hash::Key;
use crate::locator::{Locator, Replicas};
use crate::node::NodeIdx;
use crate::placement::Placement;
use crate::replica::Spread;

/// Subsets of the nodes for each tenant. They depend on the nodes and the key hasher, not on the
/// algorithm. See [`Subsets`].
impl<N, P, H> Locator<N, P, H> {
    /// A tenant's `K` nodes, in its order of preference: distinct live nodes, and fewer than `K` only
    /// if fewer nodes are live. A node that joins, leaves or gets another weight changes at most one
    /// of them. See [`Subsets`].
    ///
    /// ```
    /// use apportion::Locator;
    ///
    /// let cells = Locator::ring((0..20).map(|i| format!("cell-{i}")))?;
    /// let subset = cells.subset::<4>("tenant 42");
    /// // A key's node inside the subset: the first of its candidates there.
    /// let (_, owner) =
    ///     cells.candidates("invoice 7").find(|(at, _)| subset.indices().contains(at)).unwrap();
    /// assert!(subset.iter().any(|node| node == owner));
    /// # Ok::<(), apportion::Error>(())
    /// ```
    #[doc(alias = "shuffle sharding")]
    #[doc(alias = "tenant")]
    pub fn subset<const K: usize>(&self, tenant: &(impl Key<H> + ?Sized)) -> Replicas<'_, N, K> {
        let mut at = [NodeIdx::default(); K];
        let len = self.subset_into(tenant, &mut at);
        Replicas::new(self.topology(), at, len)
    }

    /// Writes the slots of a tenant's nodes to `out`, as many as fit, and returns how many it wrote:
    /// [`subset`](Self::subset) for a size known only at run time.
    pub fn subset_into(&self, tenant: &(impl Key<H> + ?Sized), out: &mut [NodeIdx]) -> usize {
        let tenant = tenant.key_hash(self.hasher());
        Subsets::new(self.topology().members()).replicas(tenant, out)
    }

    /// A tenant's `K` nodes under a spread: even over zones with [`Spread::even`], with at most some
    /// in each with [`Spread::strict`] or [`Spread::best_effort`]. A node event still changes at most
    /// one of them. There are fewer than `K` if the spread was compiled for fewer or if fewer fit.
    ///
    /// One spread, compiled for the largest size, serves tenants of all sizes: a smaller subset is
    /// the beginning of a larger one. Compile it again after every change of the nodes.
    ///
    /// ```
    /// use apportion::{Locator, Node, Spread, Topology};
    ///
    /// let cell = |i: usize| Node::new(format!("cell-{i}")).domain("zone", ["a", "b", "c"][i % 3]);
    /// let cells = Locator::ring_of(Topology::of((0..20).map(cell))?, Default::default())?;
    /// let spread = Spread::even(cells.topology().members(), 16, ["zone"])?;
    ///
    /// let zone = |name: &String| name["cell-".len()..].parse::<usize>().unwrap() % 3;
    /// let zones = cells.subset_under::<6>(&spread, "tenant 42").iter().map(zone);
    /// assert_eq!((0..3).map(|z| zones.clone().filter(|zone| *zone == z).count()).max(), Some(2));
    /// # Ok::<(), apportion::Error>(())
    /// ```
    pub fn subset_under<const K: usize>(
        &self,
        spread: &Spread,
        tenant: &(impl Key<H> + ?Sized),
    ) -> Replicas<'_, N, K> {
        let mut at = [NodeIdx::default(); K];
        let len = self.subset_under_into(spread, tenant, &mut at);
        Replicas::new(self.topology(), at, len)
    }

    /// Writes the slots of a tenant's nodes under a spread to `out`, as many as fit, and returns how
    /// many it wrote: [`subset_under`](Self::subset_under) for a size known only at run time.
    ///
    /// For a filter, for instance by health, call [`Spread::replicas_where`] with [`Subsets`].
    pub fn subset_under_into(
        &self,
        spread: &Spread,
        tenant: &(impl Key<H> + ?Sized),
        out: &mut [NodeIdx],
    ) -> usize {
        let tenant = tenant.key_hash(self.hasher());
        spread.replicas(&Subsets::new(self.topology().members()), tenant, out)
    }
}
