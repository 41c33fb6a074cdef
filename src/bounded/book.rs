//! Loads against caps, slot by slot, for one number of keys.

use super::LoadFactor;
use crate::error::{BoundedFault, Error};
use crate::hash::KeyHash;
use crate::node::{NodeIdx, Weight};
use crate::placement::{Placement, Walk};
use crate::topology::Members;
use alloc::vec;
use alloc::vec::Vec;

#[derive(Clone, Debug)]
pub(super) struct Book {
    /// Holes and drained nodes have the cap 0.
    caps: Vec<u64>,
    loads: Vec<u32>,
}

impl Book {
    /// Nothing held, and the caps for so many keys.
    pub(super) fn new(members: &Members, factor: LoadFactor, keys: u32) -> Self {
        let total = members.total_weight();
        let mut caps = vec![0; members.slots()];
        for (node, member) in members.live_entries() {
            if let Some(cap) = caps.get_mut(node.index()) {
                *cap = factor.cap(keys, member.weight, total);
            }
        }
        Self { loads: vec![0; caps.len()], caps }
    }

    pub(super) fn load(&self, node: NodeIdx) -> u32 {
        self.loads.get(node.index()).copied().unwrap_or(0)
    }

    /// Keys above the cap.
    pub(super) fn excess(&self, node: NodeIdx) -> u64 {
        u64::from(self.load(node)).saturating_sub(self.cap(node))
    }

    pub(super) fn add(&mut self, node: NodeIdx, keys: u32) {
        if let Some(load) = self.loads.get_mut(node.index()) {
            *load += keys;
        }
    }

    pub(super) fn take(&mut self, node: NodeIdx) {
        if let Some(load) = self.loads.get_mut(node.index()) {
            *load = load.saturating_sub(1);
        }
    }

    /// Gives a key to the first node of its walk that is below its cap.
    pub(super) fn place<P: Placement>(
        &mut self,
        placement: &P,
        key: KeyHash,
    ) -> Result<NodeIdx, Error> {
        let below = |node| u64::from(self.load(node)) < self.cap(node);
        let node = first(placement, key, below)?;
        self.add(node, 1);
        Ok(node)
    }

    pub(super) fn into_loads(self) -> Vec<u32> {
        self.loads
    }

    fn cap(&self, node: NodeIdx) -> u64 {
        self.caps.get(node.index()).copied().unwrap_or(0)
    }
}

/// The first candidate of a key that has room.
pub(super) fn first<P: Placement>(
    placement: &P,
    key: KeyHash,
    has_room: impl Fn(NodeIdx) -> bool,
) -> Result<NodeIdx, Error> {
    let node = placement.next_candidate_where(&mut Walk::new(key), &mut |node| has_room(node));
    // The caps add up to the keys, so this is a placement that leaves live nodes out.
    node.ok_or_else(|| BoundedFault::NoRoom { key: key.get() }.into())
}

/// Refuses keys where no node can hold any.
pub(super) fn somebody(members: &Members, keys: u32) -> Result<(), Error> {
    let live = |node| members.weight(node).is_some_and(Weight::is_live);
    if keys > 0 && !members.iter().any(live) {
        return Err(BoundedFault::NoLiveNode { keys }.into());
    }
    Ok(())
}
