//! The placement: nodes in the buckets.

use super::buckets::{AnchorBuckets, PROMISES};
use super::changing::Changing;
use crate::bucket::put;
use crate::error::Error;
use crate::hash::KeyHash;
use crate::node::NodeIdx;
use crate::placement::{
    BucketNodes, Build, FingerprintOf, Guarantees, Numbering, Placement, Structure, View, Viewed,
    Walk, equal_weights,
};
use crate::slips::OrSlip;
use crate::topology::{Change, Members};
use alloc::sync::Arc;

/// The name in options, messages and saved forms.
pub(super) const NAME: &str = "jump-back-anchor";

/// [`JumpBack`](crate::JumpBack) for nodes of which any may leave: equal shares in constant expected
/// time.
///
/// JumpBackHash runs over all buckets, removed ones included. A key that reaches a removed bucket
/// draws again among the buckets that were working when it was removed.
///
/// Use it for equal nodes whose changes all processes apply in the same order. Prefer rendezvous or a
/// ring where the order of changes is not known, and [`Asura`](crate::Asura) for weights.
///
/// - **Movement**: only keys of the node that leaves, spread evenly over all others; only keys to the
///   node that joins, exactly 1/n; at most one member of a replica set.
/// - **Weights**: none; unequal weights are an error.
/// - **Order of changes**: decides answers. A node that leaves frees a bucket, and a node that joins
///   takes the bucket that was freed last. Two processes agree only if they applied the same changes
///   in the same order or share the saved form.
///
/// ```
/// use apportion::Locator;
///
/// let five = Locator::jump_back_anchor(["a", "b", "c", "d", "e"])?;
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
/// Of a buckets in all, w are working.
///
/// - A lookup takes O(1) expected as long as most buckets are working, O((1 + ln(a/w))²) expected if
///   the others left in random order, and O(a/w) if they left in the worst order.
/// - A change copies the state, O(a).
/// - Memory is 8 bytes per bucket up to the highest removed one, and 4 bytes per node.
///
/// The first bucket is drawn by JumpBackHash, so that there can be any number of buckets: 3 ns at 1000
/// of them and 13 ns at 1025. [`AnchorHash`](crate::anchor::AnchorHash) draws it among a fixed capacity
/// with one multiplication, 0.8 ns, and cannot have more nodes than that.
///
/// # Source
/// Mendelson et al., *AnchorHash: A Scalable Consistent Hash*, 2021, DOI 10.1109/TNET.2020.3039547;
/// Otmar Ertl, *JumpBackHash*, arXiv 2403.18682.
#[derive(Clone, Debug)]
pub struct JumpBackAnchor {
    pub(super) buckets: Arc<AnchorBuckets>,
    /// The node of each working bucket.
    pub(super) nodes: Arc<[NodeIdx]>,
    pub(super) slots: usize,
}

impl JumpBackAnchor {
    /// The buckets and the log of removals.
    #[must_use]
    pub fn buckets(&self) -> &AnchorBuckets {
        &self.buckets
    }

    /// The node of a bucket; `None` if the bucket is not working.
    #[must_use]
    pub fn node(&self, bucket: u32) -> Option<NodeIdx> {
        self.nodes.get(bucket as usize).copied().filter(|_| self.buckets.is_working(bucket))
    }

    /// The node of a working bucket.
    #[inline]
    fn at(&self, bucket: u32) -> Option<NodeIdx> {
        self.nodes.get(bucket as usize).copied()
    }

    /// Nodes of the working buckets, in the order of these.
    pub(super) fn working(&self) -> impl Iterator<Item = (u32, NodeIdx)> {
        (0..self.buckets.size()).filter_map(|bucket| Some((bucket, self.node(bucket)?)))
    }
}

impl Placement for JumpBackAnchor {
    fn slots(&self) -> usize {
        self.slots
    }

    fn live(&self) -> usize {
        self.buckets.live()
    }

    fn guarantees(&self) -> Guarantees {
        PROMISES
    }

    #[inline]
    fn locate(&self, key: KeyHash) -> Option<NodeIdx> {
        self.at(self.buckets.bucket(key)?)
    }

    fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx> {
        self.at(self.buckets.next_bucket(walk, |_| true)?)
    }

    fn next_candidate_where(
        &self,
        walk: &mut Walk,
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> Option<NodeIdx> {
        let accept = |bucket| self.at(bucket).is_some_and(&mut *accept);
        self.at(self.buckets.next_bucket(walk, accept)?)
    }

    fn next_candidates(
        &self,
        walk: &mut Walk,
        out: &mut [NodeIdx],
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> usize {
        self.buckets
            .next_buckets(walk, out.len(), |place, bucket| put(out, place, self.at(bucket), accept))
    }

    fn walk_repeats(&self) -> bool {
        false
    }

    fn replicas(&self, key: KeyHash, out: &mut [NodeIdx]) -> usize {
        self.buckets.first_buckets(key, out.len(), |i, bucket| {
            if let (Some(place), Some(node)) = (out.get_mut(i), self.at(bucket)) {
                *place = node;
            }
        })
    }
}

impl crate::placement::sealed::SealedBuild for JumpBackAnchor {}

impl Build for JumpBackAnchor {
    type Config = ();

    fn build((): &(), members: &Members) -> Result<Self, Error> {
        equal_weights(NAME, members)?;
        let nodes: Arc<[NodeIdx]> = members.iter_live().collect();
        let buckets = Arc::new(AnchorBuckets::new(nodes.len() as u32)?);
        Ok(Self { buckets, nodes, slots: members.slots() })
    }

    fn update(&self, changes: &[Change], before: &Members, after: &Members) -> Result<Self, Error> {
        equal_weights(NAME, after)?;
        let (buckets, nodes) = ((*self.buckets).clone(), self.nodes.to_vec());
        let (buckets, nodes) =
            Changing::new(buckets, nodes, self.slots, None).after(changes, before, after)?;
        Ok(Self { buckets: Arc::new(buckets.settled()), nodes: nodes.into(), slots: after.slots() })
    }

    fn fingerprint(&self, members: &Members) -> u64 {
        let state = self.buckets.words().map(u64::from);
        let identity = |(_, node)| members.identity(node).or_slip();
        FingerprintOf { algorithm: "jump-back-anchor 1", members }
            .with(state.chain(self.working().map(identity)))
    }
}

/// Keys of a removed bucket are drawn again among all others alike; where no bucket was removed,
/// they go as by JumpBackHash.
impl Viewed for JumpBackAnchor {
    fn view(&self) -> View<'_> {
        self.buckets.view_with(BucketNodes::Listed(&self.nodes))
    }
}

impl Viewed for AnchorBuckets {
    fn view(&self) -> View<'_> {
        self.view_with(BucketNodes::Same(self.size()))
    }
}

impl AnchorBuckets {
    fn view_with<'a>(&'a self, nodes: BucketNodes<'a>) -> View<'a> {
        let numbering = Numbering { nodes, removed: self.removed(), even: false, capacity: None };
        View { algorithm: NAME, structure: Structure::Numbering(numbering) }
    }
}
