//! AnchorHash as published: a fixed capacity of buckets.

mod config;
#[cfg(test)]
mod cost_tests;
#[cfg(feature = "serde")]
mod saved;
mod table;

pub use config::AnchorConfig;
#[cfg(feature = "serde")]
pub(crate) use saved::AnchorHashState;

use super::buckets::{AnchorBuckets, PROMISES, fault};
use super::changing::Changing;
use crate::bucket::{first_buckets, next_bucket, next_buckets, put};
use crate::error::{AnchorFault, Error};
use crate::hash::KeyHash;
use crate::node::NodeIdx;
use crate::placement::{
    BucketNodes, Build, FingerprintOf, Guarantees, Numbering, Placement, Structure, View, Viewed,
    Walk, equal_weights,
};
use crate::slips::OrSlip;
use crate::topology::{Change, Members};
use alloc::vec::Vec;
use table::Table;

/// The name in options, messages and saved forms.
const NAME: &str = "anchor";

/// AnchorHash: nodes of which any may leave, up to a fixed capacity. Shares are equal, and among working
/// buckets a lookup is one multiplication and one load.
///
/// A key draws one of `capacity` buckets by one multiplication. If that bucket was removed or never had
/// a node, the key draws again among the buckets that were working when it was removed.
///
/// Use it for equal nodes whose maximum number is known and whose changes all processes apply in the
/// same order. Prefer [`JumpBackAnchor`](crate::anchor::JumpBackAnchor) where the number of nodes has no
/// bound, rendezvous or a ring where the order of changes is not known, and
/// [`Asura`](crate::Asura) for weights.
///
/// - **Shares**: equal. Every draw splits 2^64 hashes or words into parts that differ by at most one.
/// - **Movement**: only keys of the node that leaves, spread evenly over all others; only keys to the
///   node that joins, exactly 1/n; at most one member of a replica set.
/// - **Weights**: none; unequal weights are an error.
/// - **Order of changes**: decides answers. A node that leaves frees a bucket, and a node that joins
///   takes the bucket that was freed last. Two processes agree only if they have the same capacity and
///   applied the same changes in the same order, or share the saved form.
/// - **Capacity**: more live nodes than the [capacity](AnchorConfig::capacity) are an error.
///
/// ```
/// use apportion::{Locator, Topology};
/// use apportion::anchor::AnchorConfig;
///
/// let config = AnchorConfig::default().capacity(8);
/// let five = Locator::anchor_of(Topology::new(["a", "b", "c", "d", "e"])?, config)?;
/// let four = five.without("b")?;
/// let owner = five.get("key");
/// assert!(owner == Some(&"b") || four.get("key") == owner);
/// // The next node to join takes over the bucket that was freed last.
/// let again = four.with("f")?;
/// assert_eq!(again.get("key"), owner.map(|owner| if *owner == "b" { &"f" } else { owner }));
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// # Complexity
/// Of a capacity of a buckets, w are working.
///
/// - A lookup draws 1 + ln(a/w) times expected. After a draw it follows a chain of buckets, each of
///   which replaced the one before: O((1 + ln(a/w))²) steps expected in all if buckets leave in random
///   order, O(a/w) if they leave in the worst order. Buckets that never had a node are in no chain.
///   At 1000 nodes and keys that are hashed already, it takes 0.8 ns if the capacity is used up, 7 ns if
///   it is twice the nodes, and 11 ns if half of the nodes left in random order.
/// - A change copies the state, O(buckets in use): no more than there ever were live nodes.
/// - Memory is 8 bytes for each bucket that was ever in use and 4 bytes for each of these that is
///   removed, whatever the capacity.
///
/// # Source
/// Gal Mendelson, Shay Vargaftik, Katherine Barabash, Dean H. Lorenz, Isaac Keslassy, Ariel Orda,
/// *AnchorHash: A Scalable Consistent Hash*, IEEE/ACM Transactions on Networking 29(2), 2021, DOI
/// 10.1109/TNET.2020.3039547, arXiv 1812.09674. The paper leaves the hash functions open; the answers
/// with those of this crate are in section 9.1 of SPEC.md.
#[derive(Clone, Debug)]
pub struct AnchorHash {
    table: Table,
    config: AnchorConfig,
    slots: usize,
}

impl AnchorHash {
    /// The configuration it was built with.
    #[must_use]
    pub fn config(&self) -> &AnchorConfig {
        &self.config
    }

    /// The maximum number of live nodes.
    #[must_use]
    pub fn capacity(&self) -> u32 {
        self.table.capacity
    }

    /// The number of buckets in use: those with a node, and the removed ones in the [log](Self::removed).
    /// Buckets from this number on have never had a node, or lost it while the log was empty.
    #[must_use]
    pub fn buckets_in_use(&self) -> u32 {
        self.table.size()
    }

    /// The log: removed buckets below [`buckets_in_use`](Self::buckets_in_use), the oldest first.
    #[must_use]
    pub fn removed(&self) -> &[u32] {
        &self.table.log
    }

    /// The node of a bucket; `None` if the bucket is not working.
    #[must_use]
    pub fn node(&self, bucket: u32) -> Option<NodeIdx> {
        self.table.node(bucket)
    }

    /// Nodes of the working buckets, in the order of these.
    fn working(&self) -> impl Iterator<Item = NodeIdx> {
        (0..self.table.size()).filter_map(|bucket| self.node(bucket))
    }

    /// The number of buckets in use, then the log.
    fn words(&self) -> impl Iterator<Item = u32> {
        core::iter::once(self.table.size()).chain(self.removed().iter().copied())
    }

    fn first(&self) -> impl FnOnce(KeyHash) -> u32 {
        // Not asked for where no bucket is working.
        |key| self.table.find(key).map(|found| found.bucket).or_slip()
    }

    fn works(&self) -> impl Fn(u32) -> bool {
        |bucket| self.node(bucket).is_some()
    }
}

/// The first candidate is the anchor's answer. The others follow the key's permutation of all buckets
/// in use, without the removed ones, as for [`AnchorBuckets`].
impl Placement for AnchorHash {
    fn slots(&self) -> usize {
        self.slots
    }

    fn live(&self) -> usize {
        self.table.working() as usize
    }

    fn guarantees(&self) -> Guarantees {
        PROMISES
    }

    #[inline]
    fn locate(&self, key: KeyHash) -> Option<NodeIdx> {
        self.table.locate(key)
    }

    fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx> {
        self.next_candidate_where(walk, &mut |_| true)
    }

    fn next_candidate_where(
        &self,
        walk: &mut Walk,
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> Option<NodeIdx> {
        let accept = |bucket| self.node(bucket).is_some_and(&mut *accept);
        self.node(next_bucket(self.table.size(), walk, self.first(), self.works(), accept)?)
    }

    fn next_candidates(
        &self,
        walk: &mut Walk,
        out: &mut [NodeIdx],
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> usize {
        let (k, first, works) = (out.len(), self.first(), self.works());
        let take = |place, bucket| put(out, place, self.node(bucket), accept);
        next_buckets(self.table.size(), walk, k, first, works, take)
    }

    fn walk_repeats(&self) -> bool {
        false
    }

    fn replicas(&self, key: KeyHash, out: &mut [NodeIdx]) -> usize {
        let sizes = (self.table.size(), self.table.working());
        first_buckets(sizes, key, out.len(), self.first(), self.works(), |i, bucket| {
            if let (Some(place), Some(node)) = (out.get_mut(i), self.node(bucket)) {
                *place = node;
            }
        })
    }
}

impl crate::placement::sealed::SealedBuild for AnchorHash {}

impl Build for AnchorHash {
    type Config = AnchorConfig;

    fn build(config: &AnchorConfig, members: &Members) -> Result<Self, Error> {
        config.check()?;
        equal_weights(NAME, members)?;
        let nodes: Vec<NodeIdx> = members.iter_live().collect();
        let capacity = config.capacity_for(nodes.len())?;
        let buckets = AnchorBuckets::new(nodes.len() as u32)?;
        let table = Table::new(capacity, &buckets, &nodes);
        Ok(Self { table, config: *config, slots: members.slots() })
    }

    fn update(&self, changes: &[Change], before: &Members, after: &Members) -> Result<Self, Error> {
        equal_weights(NAME, after)?;
        let capacity = match self.table.working() {
            0 => self.config.capacity_for(after.live())?,
            _ => self.capacity(),
        };
        // Named with the number of nodes that were asked for, not with the first that finds no bucket.
        if after.live() > capacity as usize {
            return fault(AnchorFault::Full { nodes: after.live(), capacity });
        }
        let (buckets, nodes) = (self.table.buckets(), self.table.nodes());
        let (buckets, nodes) = Changing::new(buckets, nodes, self.slots, Some(capacity))
            .after(changes, before, after)?;
        let table = Table::new(capacity, &buckets, &nodes);
        Ok(Self { table, config: self.config, slots: after.slots() })
    }

    fn fingerprint(&self, members: &Members) -> u64 {
        // No capacity that was set is 0.
        let asked = self.config.get_capacity().unwrap_or_default();
        let state = [self.capacity(), asked].into_iter().chain(self.words()).map(u64::from);
        let identity = |node| members.identity(node).or_slip();
        FingerprintOf { algorithm: "anchor 1", members }
            .with(state.chain(self.working().map(identity)))
    }
}

/// Buckets that never had a node count as removed before all others, so every old bucket gives the same
/// share to each one that joins.
impl Viewed for AnchorHash {
    fn view(&self) -> View<'_> {
        let numbering = Numbering {
            nodes: BucketNodes::Entries(self.table.entries()),
            removed: self.removed(),
            even: true,
            capacity: Some(self.capacity()),
        };
        View { algorithm: NAME, structure: Structure::Numbering(numbering) }
    }
}
