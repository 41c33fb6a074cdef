//! Buckets as named nodes.

use super::batch::owners;
use super::buckets::{PROMISES, first_buckets, next_bucket, next_buckets, put};
use super::function::{BucketHash, recorded_name};
use crate::error::{Error, NodeFault};
use crate::hash::KeyHash;
use crate::node::{NodeIdx, Weight};
use crate::placement::{Build, FingerprintOf, Guarantees, Placement, Walk, equal_weights};
use crate::slips::OrSlip;
use crate::steps;
use crate::topology::{Change, Members};
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

/// A bucket function over named nodes: bucket i is the i-th node that joined.
///
/// The numbering decides answers, so it is part of the state: it is saved, and fingerprinted by
/// label. A fresh value numbers the live nodes in the order in which they were given. Nodes that join
/// get the next numbers. Only the nodes with the last numbers can leave or be drained; removing any
/// other node is an error and never renumbers. Unequal weights are an error.
///
/// Replicas are chosen as in [`Buckets`](crate::bucket::Buckets).
#[derive(Clone, Debug)]
pub struct Numbered<B> {
    pub(super) function: B,
    pub(super) order: Arc<[NodeIdx]>,
    pub(super) slots: usize,
}

impl<B> Numbered<B> {
    /// The node of each bucket.
    #[must_use]
    pub fn numbering(&self) -> &[NodeIdx] {
        &self.order
    }

    fn n(&self) -> u32 {
        // Bounded by the nodes a topology may hold, below MAX_BUCKETS.
        self.order.len() as u32
    }

    fn node(&self, bucket: u32) -> Option<NodeIdx> {
        self.order.get(bucket as usize).copied()
    }
}

impl<B: BucketHash> Placement for Numbered<B> {
    fn slots(&self) -> usize {
        self.slots
    }

    fn live(&self) -> usize {
        self.order.len()
    }

    fn guarantees(&self) -> Guarantees {
        PROMISES
    }

    #[inline]
    fn locate(&self, key: KeyHash) -> Option<NodeIdx> {
        self.node(self.function.bucket(key, self.n()))
    }

    fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx> {
        self.next_candidate_where(walk, &mut |_| true)
    }

    fn next_candidate_where(
        &self,
        walk: &mut Walk,
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> Option<NodeIdx> {
        let n = self.n();
        let first = |hash| self.function.bucket(hash, n);
        let accept = |bucket| self.node(bucket).is_some_and(&mut *accept);
        self.node(next_bucket(n, walk, first, |_| true, accept)?)
    }

    fn next_candidates(
        &self,
        walk: &mut Walk,
        out: &mut [NodeIdx],
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> usize {
        let n = self.n();
        let first = |hash| self.function.bucket(hash, n);
        next_buckets(
            n,
            walk,
            out.len(),
            first,
            |_| true,
            |place, bucket| put(out, place, self.node(bucket), accept),
        )
    }

    fn walk_repeats(&self) -> bool {
        false
    }

    fn locate_batch(&self, hashes: &[u64], out: &mut [NodeIdx]) -> usize {
        owners(&self.function, self.n(), hashes, out, |bucket| self.node(bucket))
    }

    fn replicas(&self, key: KeyHash, out: &mut [NodeIdx]) -> usize {
        let n = self.n();
        let first = |hash| self.function.bucket(hash, n);
        first_buckets(
            (n, n),
            key,
            out.len(),
            first,
            |_| true,
            |i, bucket| {
                if let (Some(place), Some(node)) = (out.get_mut(i), self.node(bucket)) {
                    *place = node;
                }
            },
        )
    }
}

impl<B: BucketHash + Clone + Default> crate::placement::sealed::SealedBuild for Numbered<B> {}

impl<B: BucketHash + Clone + Default> Build for Numbered<B> {
    type Config = ();

    fn build((): &(), members: &Members) -> Result<Self, Error> {
        let function = B::default();
        equal_weights(function.name(), members)?;
        Ok(Self { function, order: members.iter_live().collect(), slots: members.slots() })
    }

    fn update(&self, changes: &[Change], before: &Members, after: &Members) -> Result<Self, Error> {
        let algorithm = self.function.name();
        equal_weights(algorithm, after)?;
        let live = |members: &Members, node| members.weight(node).is_some_and(Weight::is_live);
        let mut leaving = vec![false; self.slots];
        let mut joining = Vec::new();
        steps::count(self.order.len() as u64 + changes.len() as u64);
        for change in changes {
            match *change {
                Change::Add(node) if live(after, node) => joining.push(node),
                Change::Reweight(node, weight) if weight.is_live() && !live(before, node) => {
                    joining.push(node);
                }
                Change::Reweight(_, weight) if weight.is_live() => {}
                Change::Remove(node) | Change::Reweight(node, _) => {
                    if let Some(flag) = leaving.get_mut(node.index()) {
                        *flag = true;
                    }
                }
                Change::Add(_) => {}
            }
        }
        let leaves = |node: &NodeIdx| leaving.get(node.index()).is_some_and(|flag| *flag);
        let stay = self.order.iter().rposition(|node| !leaves(node)).map_or(0, |last| last + 1);
        let (staying, _) = self.order.split_at_checked(stay).or_slip();
        if let Some(bucket) = staying.iter().position(leaves) {
            let node = self.order.get(bucket).copied().or_slip();
            let label = before.shown(node);
            let last = self.order.len().saturating_sub(1);
            return Err(NodeFault::NotLast { algorithm, label, bucket, last }.into());
        }
        let order = staying.iter().copied().chain(joining).collect();
        Ok(Self { function: self.function.clone(), order, slots: after.slots() })
    }

    fn fingerprint(&self, members: &Members) -> u64 {
        let identity = |node: &NodeIdx| members.identity(*node).or_slip();
        FingerprintOf { algorithm: &recorded_name(&self.function), members }
            .with(self.order.iter().map(identity))
    }
}
