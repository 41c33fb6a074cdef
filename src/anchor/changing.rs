//! An anchor's buckets and their nodes while nodes leave and join.

use super::buckets::{AnchorBuckets, fault};
use crate::error::{AnchorFault, Error};
use crate::node::{NodeIdx, Weight};
use crate::topology::{Change, Members};
use alloc::vec;
use alloc::vec::Vec;

/// A node that leaves frees its bucket, and a node that joins takes the bucket that was freed last.
pub(super) struct Changing {
    buckets: AnchorBuckets,
    /// The node of each working bucket.
    nodes: Vec<NodeIdx>,
    /// The bucket of each slot that has one.
    bucket_of: Vec<Option<u32>>,
    /// The maximum number of working buckets, if there is one.
    capacity: Option<u32>,
}

/// What a change means for the buckets.
#[derive(Clone, Copy)]
enum Effect {
    Leave(NodeIdx),
    Join(NodeIdx),
}

impl Changing {
    /// `slots` bounds the slots of the nodes.
    pub(super) fn new(
        buckets: AnchorBuckets,
        nodes: Vec<NodeIdx>,
        slots: usize,
        capacity: Option<u32>,
    ) -> Self {
        let mut bucket_of = vec![None; slots];
        for (bucket, node) in (0..).zip(&nodes).filter(|(bucket, _)| buckets.is_working(*bucket)) {
            crate::steps::count(1);
            if let Some(place) = bucket_of.get_mut(node.index()) {
                *place = Some(bucket);
            }
        }
        Self { buckets, nodes, bucket_of, capacity }
    }

    /// The buckets and their nodes after these changes, one after the other. With a capacity all nodes
    /// leave before any joins, so that a step succeeds if its result has room.
    pub(super) fn after(
        mut self,
        changes: &[Change],
        before: &Members,
        after: &Members,
    ) -> Result<(AnchorBuckets, Vec<NodeIdx>), Error> {
        let live = |of: &Members, node| of.weight(node).is_some_and(Weight::is_live);
        let effect = |change: &Change| match *change {
            Change::Remove(node) => Some(Effect::Leave(node)),
            Change::Reweight(node, weight) if !weight.is_live() => Some(Effect::Leave(node)),
            Change::Reweight(node, _) => (!live(before, node)).then_some(Effect::Join(node)),
            Change::Add(node) => live(after, node).then_some(Effect::Join(node)),
        };
        let mut effects: Vec<Effect> = changes.iter().filter_map(effect).collect();
        if self.capacity.is_some() {
            effects.sort_by_key(|effect| matches!(effect, Effect::Join(_)));
        }
        for effect in effects {
            match effect {
                Effect::Leave(node) => self.leave(node)?,
                Effect::Join(node) => self.join(node)?,
            }
        }
        self.nodes.truncate(self.buckets.size() as usize);
        Ok((self.buckets, self.nodes))
    }

    fn leave(&mut self, node: NodeIdx) -> Result<(), Error> {
        let bucket = self.bucket_of.get_mut(node.index()).and_then(Option::take);
        match bucket {
            None => Ok(()),
            // Without nodes there is no history.
            Some(_) if self.buckets.working() == 1 => {
                self.buckets = AnchorBuckets::default();
                Ok(())
            }
            Some(bucket) => self.buckets.remove(bucket),
        }
    }

    fn join(&mut self, node: NodeIdx) -> Result<(), Error> {
        let working = self.buckets.working();
        if let Some(capacity) = self.capacity.filter(|capacity| working >= *capacity) {
            return fault(AnchorFault::Full { nodes: working as usize + 1, capacity });
        }
        let bucket = self.buckets.add()? as usize;
        match self.nodes.get_mut(bucket) {
            Some(place) => *place = node,
            None => self.nodes.push(node),
        }
        if self.bucket_of.len() <= node.index() {
            self.bucket_of.resize(node.index() + 1, None);
        }
        if let Some(place) = self.bucket_of.get_mut(node.index()) {
            *place = Some(bucket as u32);
        }
        Ok(())
    }
}
