//! The caps of all nodes while the number of keys rises and falls.

use super::factor::LoadFactor;
use crate::node::{NodeIdx, Weight};
use crate::steps;
use crate::topology::Members;
use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

/// Caps with, for each node, the numbers of keys between which its cap holds: so a key more costs
/// no look at nodes whose cap stays.
#[derive(Clone, Debug, Default)]
pub(super) struct Caps {
    keys: u32,
    by_slot: Vec<u64>,
    /// The lowest number of keys at which a node has a higher cap than now.
    rises: BTreeSet<(u32, NodeIdx)>,
    /// The lowest number of keys at which a node has the cap that it has now.
    falls: BTreeSet<(u32, NodeIdx)>,
}

impl Caps {
    /// For so many keys. O(n log n).
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

    /// For another number of keys: the nodes whose caps are other ones now. O(log n) for each.
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

    /// The cap of a node that has no entries.
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
