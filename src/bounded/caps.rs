//! Caps of the nodes, for a fixed and for a changing number of keys.

use super::factor::LoadFactor;
use crate::error::{BoundedFault, Error};
use crate::hash::KeyHash;
use crate::node::{NodeIdx, Weight};
use crate::placement::{Placement, Walk};
use crate::steps;
use crate::topology::Members;
use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

/// The loads and caps of the nodes, by slot, for a fixed number of keys.
#[derive(Clone, Debug)]
pub(super) struct CappedLoads {
    /// Holes and drained nodes have the cap 0.
    caps: Vec<u64>,
    loads: Vec<u32>,
}

impl CappedLoads {
    /// The caps for this number of keys, and loads of 0.
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

    /// The number of keys above the cap.
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
        let node = first_with_room(placement, key, below)?;
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
pub(super) fn first_with_room<P: Placement>(
    placement: &P,
    key: KeyHash,
    has_room: impl Fn(NodeIdx) -> bool,
) -> Result<NodeIdx, Error> {
    let node = placement.next_candidate_where(&mut Walk::new(key), &mut |node| has_room(node));
    // The caps add up to at least the keys, so this placement's walk omits live nodes.
    node.ok_or_else(|| BoundedFault::NoRoom { key: key.get() }.into())
}

/// Rejects keys if no node is live.
pub(super) fn check_live_node(members: &Members, keys: u32) -> Result<(), Error> {
    let live = |node| members.weight(node).is_some_and(Weight::is_live);
    if keys > 0 && !members.iter().any(live) {
        return Err(BoundedFault::NoLiveNode { keys }.into());
    }
    Ok(())
}

/// Caps that follow a changing number of keys. They record the range of key counts in which the cap of
/// each node stays the same, so adding or removing a key costs nothing for a node whose cap stays.
#[derive(Clone, Debug, Default)]
pub(super) struct Caps {
    keys: u32,
    by_slot: Vec<u64>,
    /// The lowest number of keys at which a node has a higher cap than now.
    rises: BTreeSet<(u32, NodeIdx)>,
    /// The lowest number of keys at which a node has its present cap.
    falls: BTreeSet<(u32, NodeIdx)>,
}

impl Caps {
    /// The caps for this number of keys. O(n log n).
    pub(super) fn new(members: &Members, factor: LoadFactor, keys: u32) -> Self {
        let mut caps = Self { keys, by_slot: vec![0; members.slots()], ..Self::default() };
        for node in members.iter_live() {
            caps.set(members, factor, node);
        }
        caps
    }

    pub(super) fn get(&self, node: NodeIdx) -> u64 {
        self.by_slot.get(node.index()).copied().unwrap_or(0)
    }

    /// Sets the number of keys and returns the nodes whose caps changed. O(log n) for each of them.
    pub(super) fn set_keys(
        &mut self,
        members: &Members,
        factor: LoadFactor,
        keys: u32,
    ) -> Vec<NodeIdx> {
        self.keys = keys;
        let mut changed = Vec::new();
        loop {
            let rising = self.rises.first().filter(|entry| entry.0 <= keys);
            let falling = self.falls.last().filter(|entry| entry.0 > keys);
            let Some((_, node)) = rising.or(falling).copied() else { return changed };
            steps::count(1);
            let cap = self.get(node);
            self.entries(members, factor, node, cap, |set, entry| set.remove(&entry));
            self.set(members, factor, node);
            changed.push(node);
        }
    }

    /// Computes the cap of a node that has no entries, and adds them.
    fn set(&mut self, members: &Members, factor: LoadFactor, node: NodeIdx) {
        let weight = members.weight(node).unwrap_or(Weight::DRAINED);
        let cap = factor.cap(self.keys, weight, members.total_weight());
        if let Some(place) = self.by_slot.get_mut(node.index()) {
            *place = cap;
        }
        self.entries(members, factor, node, cap, BTreeSet::insert);
    }

    fn entries(
        &mut self,
        members: &Members,
        factor: LoadFactor,
        node: NodeIdx,
        cap: u64,
        change: impl Fn(&mut BTreeSet<(u32, NodeIdx)>, (u32, NodeIdx)) -> bool,
    ) {
        let weight = members.weight(node).unwrap_or(Weight::DRAINED);
        let keys_for = |cap| factor.keys_for(cap, weight, members.total_weight());
        if let Some(keys) = keys_for(cap) {
            change(&mut self.falls, (keys, node));
        }
        if let Some(keys) = cap.checked_add(1).and_then(keys_for) {
            change(&mut self.rises, (keys, node));
        }
    }
}
