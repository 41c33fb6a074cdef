//! Stable subsets of the nodes, one for each tenant: shuffle sharding.
//!
//! # Source
//! Colm MacCárthaigh, *Workload isolation using shuffle-sharding*, Amazon Builders' Library, for the
//! purpose. The order of the nodes is that of weighted rendezvous hashing: Christian Schindelhauer,
//! Gunnar Schomaker, *Weighted distributed hash tables*, SPAA 2005, DOI 10.1145/1073970.1074008. The
//! chapter [replicas](crate::docs::replicas#subsets-of-tenants) proves what changes.

#[cfg(test)]
mod cost_tests;
mod locator;

use crate::hash::KeyHash;
use crate::node::NodeIdx;
use crate::placement::{Guarantees, Placement, Walk};
use crate::score::{Seed, WeightedSeed, best, next, next_batch};
use crate::topology::Members;

/// The nodes of a topology in each tenant's order of preference: the first k are its subset.
///
/// A tenant that fails its nodes, by load or by poisoned requests, then fails k of n nodes, and few
/// other tenants have the same k. The [recipe](crate::docs::recipes#a-subset-of-the-nodes-for-each-tenant)
/// has the figures and the lookups inside a subset.
///
/// ```
/// use apportion::{Locator, NodeIdx, Placement};
/// use apportion::subset::Subsets;
///
/// let cells = Locator::ring((0..100).map(|i| format!("cell-{i}")))?;
/// let subset = cells.subset::<5>("tenant 42");
///
/// // The same without a locator, for any k, and without the heap.
/// let subsets = Subsets::new(cells.topology().members());
/// let mut out = [NodeIdx::default(); 8];
/// assert_eq!(subsets.replicas(cells.hash("tenant 42"), &mut out), 8);
/// assert_eq!(out[..5], *subset.indices()); // a smaller subset is the beginning of a larger one
///
/// // A node leaves: the others stay, and one takes its place.
/// let smaller = cells.without(&subset[2])?;
/// let after = smaller.subset::<5>("tenant 42");
/// assert_eq!(after.iter().filter(|node| subset.iter().any(|old| old == *node)).count(), 4);
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// The order is that of [`WeightedRendezvous`](crate::WeightedRendezvous) over the same nodes, whatever
/// algorithm places the keys: only labels, weights and the tenant's hash decide, not slots, history or
/// scale. Any two nodes of equal weight are in equally many subsets on average, and any set of k nodes
/// of equal weight is as likely as any other. (The k successors on a ring are not: there are at most as
/// many lists of them as points.) A subset has distinct live nodes, and fewer than k only if fewer are
/// live.
///
/// It is a [`Placement`], so that filters, walks, [`Candidates`](crate::Candidates) and
/// [`Spread`](crate::Spread) work with it. A spread makes a subset even over zones, or limits its
/// members per zone: pass it to [`Spread::replicas`](crate::Spread::replicas) or
/// [`Locator::subset_under`](crate::Locator::subset_under).
///
/// # What changes
/// A node that joins, leaves, is drained, or gets another weight or zone changes at most one member of a
/// subset, also under a spread and also if it is the first or the last node of its zone. The member that
/// comes in or goes out is that node; only if it changes its zone may it stay and one other member
/// change. If several nodes leave, all other members stay; if several join, only they come in. Members
/// that stay keep their order without a spread and under strict limits.
///
/// # Complexity
/// O(n) for k up to 16, O(n log k) for more, O(n · k) under a spread. Five of 1,000 nodes take about 5 µs,
/// eight under a spread about 40 µs: keep a tenant's subset until the nodes change. There is nothing to
/// build and no memory.
#[doc(alias = "shuffle sharding")]
#[doc(alias = "shuffle shard")]
#[doc(alias = "random subsetting")]
#[doc(alias = "tenant")]
#[derive(Clone, Copy, Debug)]
pub struct Subsets<'a> {
    members: &'a Members,
}

impl<'a> Subsets<'a> {
    /// The subsets of these nodes.
    #[must_use]
    pub fn new(members: &'a Members) -> Self {
        Self { members }
    }

    fn entry(self, node: NodeIdx) -> Option<WeightedSeed> {
        let member = self.members.get(node)?;
        let weight = member.weight.get();
        (weight > 0).then(|| (Seed::new(member.identity), weight))
    }

    fn entries(self) -> impl Iterator<Item = (NodeIdx, WeightedSeed)> {
        let live = self.members.live_entries();
        live.map(|(node, member)| (node, (Seed::new(member.identity), member.weight.get())))
    }
}

fn slot(entry: usize) -> NodeIdx {
    NodeIdx::new(entry as u32)
}

impl Placement for Subsets<'_> {
    fn slots(&self) -> usize {
        self.members.slots()
    }

    fn live(&self) -> usize {
        self.members.live()
    }

    fn guarantees(&self) -> Guarantees {
        // A score depends on the tenant and on one node alone.
        Guarantees {
            minimal_owner: true,
            minimal_replicas: true,
            minimal_order: true,
            minimal_reweight: true,
            weights: true,
            order_free: true,
            any_removal: true,
            ..Guarantees::none()
        }
    }

    fn locate(&self, tenant: KeyHash) -> Option<NodeIdx> {
        best(self.entries(), tenant)
    }

    fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx> {
        next(self.entries(), walk, |_| true)
    }

    fn next_candidate_where(
        &self,
        walk: &mut Walk,
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> Option<NodeIdx> {
        next(self.entries(), walk, accept)
    }

    fn next_candidates(
        &self,
        walk: &mut Walk,
        out: &mut [NodeIdx],
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> usize {
        // Entries and slots have the same numbers.
        let (entry, accept) = (|at| self.entry(slot(at)), |at| accept(slot(at)));
        next_batch(entry, self.members.slots(), walk, out, accept)
    }

    fn walk_repeats(&self) -> bool {
        false
    }

    fn replicas(&self, tenant: KeyHash, out: &mut [NodeIdx]) -> usize {
        self.next_candidates(&mut Walk::new(tenant), out, &mut |_| true)
    }
}
