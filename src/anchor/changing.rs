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
    /// The maximum number of working buckets.
    capacity: u32,
}

impl Changing {
    /// `slots` bounds the slots of the nodes.
    pub(super) fn new(
        buckets: AnchorBuckets,
        nodes: Vec<NodeIdx>,
        slots: usize,
        capacity: u32,
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

    /// The buckets and their nodes after these changes.
    pub(super) fn after(
        mut self,
        changes: &[Change],
        before: &Members,
        after: &Members,
    ) -> Result<(AnchorBuckets, Vec<NodeIdx>), Error> {
        let was_live = |node| before.weight(node).is_some_and(Weight::is_live);
        for change in changes {
            match *change {
                Change::Remove(node) => self.leave(node)?,
                Change::Reweight(node, weight) if !weight.is_live() => self.leave(node)?,
                Change::Reweight(node, _) if !was_live(node) => self.join(node)?,
                Change::Add(node) if after.weight(node).is_some_and(Weight::is_live) => {
                    self.join(node)?;
                }
                Change::Reweight(..) | Change::Add(_) => {}
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
        let (working, capacity) = (self.buckets.working(), self.capacity);
        if working == capacity {
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
