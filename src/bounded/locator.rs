//! The pick as a method of the facade, for nodes that carry their own counters.

use super::limit::LoadLimit;
use super::node_loads::NodeLoads;
use super::pick::{Picked, Shed};
use crate::hash::Key;
use crate::locator::Locator;
use crate::node::NodeIdx;
use crate::placement::{Candidates, Placement};

impl<N, P: Placement, H> Locator<N, P, H> {
    /// Picks a node for a request with this key, over loads that are read from the nodes' own values, and
    /// returns it with the reason: [`LoadLimit::pick`] over the key's candidates.
    ///
    /// A counter in the value of a node stays with the node when the list of nodes changes by `with`,
    /// `without` or `reweighted`. To choose the candidates, to give the total instead of summing it, or to
    /// count under races, use [`LoadLimit::pick`] and [`LoadLimit::claim`].
    ///
    /// ```
    /// use apportion::{Locator, Node, Topology};
    /// use apportion::bounded::{LoadFactor, LoadLimit, Picked};
    /// use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
    ///
    /// struct Worker { name: &'static str, requests: AtomicU64 }
    ///
    /// let worker = |name| Node::labelled(Worker { name, requests: AtomicU64::new(0) }, name);
    /// let pool = Locator::rendezvous_of(Topology::of(["a", "b", "c"].map(worker))?)?;
    /// let limit = LoadLimit::new(LoadFactor::new(5, 4)?).margin(1);
    ///
    /// let mut names = Vec::new();
    /// for _ in 0..3 {
    ///     let (_, worker) = pool.pick("session:7", &limit, 1, |worker| worker.requests.load(Relaxed))?;
    ///     worker.requests.fetch_add(1, Relaxed);
    ///     names.push(worker.name);
    /// }
    /// assert_eq!(names[0], names[1]); // 1 is below ⌈2/3 + 1⌉
    /// assert_ne!(names[1], names[2]); // 2 is not below ⌈3/3 + 1⌉
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As for [`LoadLimit::pick`].
    ///
    /// # Complexity
    /// O(slots) to sum the loads, and a pick. No allocation up to
    /// [`INLINE_CANDIDATES`](crate::limits::INLINE_CANDIDATES) candidates.
    pub fn pick(
        &self,
        key: &(impl Key<H> + ?Sized),
        limit: &LoadLimit,
        cost: u64,
        load: impl Fn(&N) -> u64,
    ) -> Result<(Picked, &N), Shed> {
        let topology = self.topology();
        let load = |node: NodeIdx| topology.get(node).map_or(0, &load);
        let loads = NodeLoads::of(topology.members(), load);
        let candidates = Candidates::new(self.placement(), self.hash(key));
        let picked = limit.pick(candidates, cost, loads)?;
        // A placement names nodes of its topology; one of the user's own may not.
        topology.get(picked.node()).map(|node| (picked, node)).ok_or(Shed::NoLiveNode)
    }
}
