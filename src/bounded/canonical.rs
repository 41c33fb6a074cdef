//! The canonical assignment, which depends only on the keys and the nodes.
//!
//! By definition the keys are placed in ascending order, each on the first node of its walk that is
//! below its cap. Equivalently, full nodes prefer lower keys: no node before a key's holder in the
//! key's walk has room or holds a higher key. There is exactly one such assignment, so it can be
//! repaired when a key is added or removed:
//!
//! - An added key asks the nodes of its walk in order. A full node that holds a higher key accepts it
//!   and rejects its own highest key, which then asks the nodes after this one in its own walk.
//! - A node that gets room takes the lowest key that it rejected. Then the node that held this key has
//!   room.
//!
//! **Invariant**: a key is rejected by exactly the nodes before its holder in its walk, and every key
//! that a node holds is lower than every key that it rejected.

use super::caps::CappedLoads;
use super::caps::Caps;
use super::factor::LoadFactor;
use super::held_keys::HeldKeys;
use crate::error::{BoundedFault, Error};
use crate::hash::KeyHash;
use crate::node::NodeIdx;
use crate::placement::{Candidates, Placement};
use crate::steps;
use crate::topology::Members;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

/// The state of the canonical assignment besides the holders of the keys.
#[derive(Clone, Debug, Default)]
pub(super) struct Canonical {
    caps: Caps,
    /// The keys that each node rejected.
    rejected: BTreeSet<(NodeIdx, KeyHash)>,
}

/// A whole assignment, keys in ascending order.
pub(super) struct Assignment {
    pub(super) placed: Vec<(KeyHash, NodeIdx)>,
    pub(super) loads: Vec<u32>,
    pub(super) canonical: Canonical,
}

impl Canonical {
    /// Keys in ascending order, `count` of them, each to the first node of its walk below its cap.
    pub(super) fn assign<P: Placement>(
        placement: &P,
        members: &Members,
        factor: LoadFactor,
        count: u32,
        keys: impl Iterator<Item = KeyHash>,
    ) -> Result<Assignment, Error> {
        Self::assign_within(placement, members, factor, (count, u64::MAX), keys)
    }

    /// As [`assign`](Self::assign), where at most `max` full nodes may be passed, over all keys.
    pub(super) fn assign_within<P: Placement>(
        placement: &P,
        members: &Members,
        factor: LoadFactor,
        (count, max): (u32, u64),
        keys: impl Iterator<Item = KeyHash>,
    ) -> Result<Assignment, Error> {
        let mut loads = CappedLoads::new(members, factor, count);
        let mut rejected = Vec::new();
        let place = |key| {
            let node = loads.place(placement, key)?;
            // A second walk up to the holder records the nodes that rejected the key.
            rejected.extend(before(placement, key, Some(node)).map(|node| (node, key)));
            if rejected.len() as u64 > max {
                return Err(BoundedFault::Passed { max }.into());
            }
            Ok((key, node))
        };
        let placed = keys.map(place).collect::<Result<_, Error>>()?;
        let rejected = rejected.into_iter().collect();
        let canonical = Self { caps: Caps::new(members, factor, count), rejected };
        Ok(Assignment { placed, loads: loads.into_loads(), canonical })
    }

    /// The assignment of no keys.
    pub(super) fn empty(members: &Members, factor: LoadFactor) -> Self {
        Self { caps: Caps::new(members, factor, 0), rejected: BTreeSet::new() }
    }

    /// How many full nodes the keys passed, over all keys.
    #[cfg(feature = "serde")]
    pub(super) fn passed(&self) -> u64 {
        self.rejected.len() as u64
    }

    fn lowest_rejected(&self, node: NodeIdx) -> Option<KeyHash> {
        let keys = |key| (node, KeyHash::from_hash(key));
        self.rejected.range(keys(0)..=keys(u64::MAX)).next().map(|(_, key)| *key)
    }
}

/// The nodes of a key's walk before this one; all for `None`.
fn before<P: Placement>(
    placement: &P,
    key: KeyHash,
    end: Option<NodeIdx>,
) -> impl Iterator<Item = NodeIdx> {
    Candidates::new(placement, key).take_while(move |node| {
        steps::count(1);
        Some(*node) != end
    })
}

/// An assignment while keys come and go.
pub(super) struct Repair<'a, P> {
    pub(super) placement: &'a P,
    pub(super) members: &'a Members,
    pub(super) factor: LoadFactor,
    pub(super) held: &'a mut HeldKeys,
    pub(super) canonical: &'a mut Canonical,
    /// The holders before, of all keys that were touched.
    touched: BTreeMap<KeyHash, Option<NodeIdx>>,
    keys: u32,
}

impl<'a, P: Placement> Repair<'a, P> {
    pub(super) fn new(
        (placement, members, factor): (&'a P, &'a Members, LoadFactor),
        held: &'a mut HeldKeys,
        canonical: &'a mut Canonical,
    ) -> Self {
        let keys = held.len();
        Self { placement, members, factor, held, canonical, touched: BTreeMap::new(), keys }
    }

    /// Adds a key that is not held. After an error only [`undo`](Self::undo) may be called.
    pub(super) fn insert(&mut self, key: KeyHash) -> Result<(), Error> {
        let keys = self.held.len().saturating_add(1);
        let raised = self.canonical.caps.set_keys(self.members, self.factor, keys);
        self.fill(raised);
        self.touch(key);
        self.propose(key, None)
    }

    /// Removes a key that is held. After an error only [`undo`](Self::undo) may be called.
    pub(super) fn remove(&mut self, key: KeyHash) -> Result<(), Error> {
        self.touch(key);
        let holder = self.held.holder(key);
        self.unassign(key);
        let lowered = self.canonical.caps.set_keys(self.members, self.factor, self.held.len());
        self.fill(holder.into_iter().collect());
        for node in lowered {
            while u64::from(self.held.load(node)) > self.canonical.caps.get(node) {
                let Some(last) = self.held.last_of(node).next() else { break };
                self.reject(node, last);
                self.propose(last, Some(node))?;
            }
        }
        Ok(())
    }

    /// The number of keys held before and after that are now on another node.
    pub(super) fn moved(&self) -> u32 {
        let moved = |(key, before): (&KeyHash, &Option<NodeIdx>)| {
            let now = self.held.holder(*key);
            before.is_some() && now.is_some() && *before != now
        };
        self.touched.iter().filter(|entry| moved(*entry)).count() as u32
    }

    /// Restores the assignment as it was at the beginning.
    pub(super) fn undo(mut self) {
        let touched = core::mem::take(&mut self.touched);
        for key in touched.keys() {
            self.unassign(*key);
        }
        for (key, node) in touched {
            if let Some(node) = node {
                self.assign_to(key, node);
            }
        }
        self.canonical.caps.set_keys(self.members, self.factor, self.keys);
    }

    /// Remembers the original holder of a key, before the key is moved.
    fn touch(&mut self, key: KeyHash) {
        let held = &self.held;
        self.touched.entry(key).or_insert_with(|| held.holder(key));
    }

    /// Removes a key from its node, and from the lists of the nodes that rejected it.
    fn unassign(&mut self, key: KeyHash) {
        for node in before(self.placement, key, self.held.holder(key)) {
            self.canonical.rejected.remove(&(node, key));
        }
        self.held.remove(key);
    }

    /// Assigns a key without a node to `node`, as rejected by all nodes before it.
    fn assign_to(&mut self, key: KeyHash, node: NodeIdx) {
        for node in before(self.placement, key, Some(node)) {
            self.canonical.rejected.insert((node, key));
        }
        self.held.set(key, node);
    }

    /// Lets a node reject a key that it holds. The key then has no node.
    fn reject(&mut self, node: NodeIdx, key: KeyHash) {
        self.touch(key);
        self.held.remove(key);
        self.canonical.rejected.insert((node, key));
    }

    /// Lets nodes that may have room take the lowest keys they rejected, until no node with room has
    /// rejected a key.
    fn fill(&mut self, mut nodes: Vec<NodeIdx>) {
        while let Some(node) = nodes.pop() {
            while u64::from(self.held.load(node)) < self.canonical.caps.get(node) {
                let Some(key) = self.canonical.lowest_rejected(node) else { break };
                self.touch(key);
                let holder = self.held.holder(key);
                self.unassign(key);
                self.assign_to(key, node);
                nodes.extend(holder);
            }
        }
    }

    /// Lets a key without a node ask the nodes of its walk after `after`. A key that it displaces
    /// continues in the same way.
    fn propose(&mut self, mut key: KeyHash, mut after: Option<NodeIdx>) -> Result<(), Error> {
        'next: loop {
            let mut passed = after.is_none();
            for node in Candidates::new(self.placement, key) {
                steps::count(1);
                if !passed {
                    passed = Some(node) == after;
                    continue;
                }
                if u64::from(self.held.load(node)) < self.canonical.caps.get(node) {
                    self.held.set(key, node);
                    return Ok(());
                }
                let last = self.held.last_of(node).next();
                match last.filter(|last| *last > key) {
                    Some(last) => {
                        self.held.set(key, node);
                        self.reject(node, last);
                        (key, after) = (last, Some(node));
                        continue 'next;
                    }
                    None => {
                        self.canonical.rejected.insert((node, key));
                    }
                }
            }
            // The caps add up to at least the keys, so this placement's walk omits live nodes.
            return Err(BoundedFault::NoRoom { key: key.get() }.into());
        }
    }
}
