//! Changes of bounded loads: adding and removing keys, and changing the nodes.

use super::canonical::{Assignment, Canonical, Repair};
use super::caps::{CappedLoads, check_live_node, first_with_room};
use super::keyed::{BoundedLoads, Mode};
use super::online;
use super::succession::Succession;
use crate::error::{BoundedFault, Error};
use crate::hash::{Key, KeyHash};
use crate::limits::MAX_BOUNDED_KEYS;
use crate::locator::Locator;
use crate::node::NodeIdx;
use crate::placement::Placement;
use alloc::vec::Vec;
use core::iter;

/// What one operation on [`BoundedLoads`] did to the keys.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct ChangeReport {
    /// The number of keys added. Their first assignment is not a move.
    pub added: u32,
    /// The number of keys removed.
    pub removed: u32,
    /// The number of keys, held before and after, whose node changed. Nodes are compared by label.
    pub moved: u32,
    /// The number of keys whose holder left or was drained to weight 0. These moves, part of `moved`,
    /// were unavoidable.
    pub orphaned: u32,
    /// After a change of nodes: the loads of the nodes that joined or gained weight, in the order of
    /// their labels. If few keys moved and a load here is low, the node was not filled.
    pub filled: Vec<Filled>,
}

/// The load of a node that joined or gained weight.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Filled {
    /// The node, as a slot of the new locator.
    pub node: NodeIdx,
    /// The number of keys it holds.
    pub load: u32,
    /// Its fair load: ⌈keys · weight / total weight⌉.
    pub fair: u32,
}

/// A canonical assignment is recomputed, instead of repaired key by key, if there is at least one new
/// key for this many held keys.
const REASSIGN_RATIO: usize = 8;

/// Changes. A change that fails leaves everything as it was.
impl<N, P: Placement, H> BoundedLoads<N, P, H> {
    /// Adds a key. Adding a key that is already held changes nothing.
    ///
    /// # Errors
    /// No node is live, or [`MAX_BOUNDED_KEYS`] keys are held already. Nothing changes then.
    pub fn insert(&mut self, key: &(impl Key<H> + ?Sized)) -> Result<ChangeReport, Error> {
        self.insert_hash(self.locator.hash(key))
    }

    /// As [`insert`](Self::insert), for a key already hashed by [`Locator::hash`].
    ///
    /// # Errors
    /// As [`insert`](Self::insert).
    pub fn insert_hash(&mut self, key: KeyHash) -> Result<ChangeReport, Error> {
        self.extend_hashes(iter::once(key))
    }

    /// Adds many keys: in canonical mode all at once, in online mode one after the other in the given
    /// order. The result is the same as inserting them one by one.
    ///
    /// # Errors
    /// As [`insert`](Self::insert). None of the keys is added then.
    pub fn extend<K: Key<H>>(
        &mut self,
        keys: impl IntoIterator<Item = K>,
    ) -> Result<ChangeReport, Error> {
        let hashes: Vec<KeyHash> = keys.into_iter().map(|key| self.locator.hash(&key)).collect();
        self.extend_hashes(hashes)
    }

    /// As [`extend`](Self::extend), for keys that are already hashed.
    ///
    /// # Errors
    /// As [`extend`](Self::extend).
    pub fn extend_hashes(
        &mut self,
        keys: impl IntoIterator<Item = KeyHash>,
    ) -> Result<ChangeReport, Error> {
        let keys = keys.into_iter();
        match self.mode {
            Mode::Canonical => {
                let mut new: Vec<KeyHash> = keys.collect();
                new.sort_unstable();
                new.dedup();
                new.retain(|key| self.held.holder(*key).is_none());
                if new.is_empty() {
                    return Ok(ChangeReport::default());
                }
                let total = u32::try_from(self.len() + new.len()).map_err(|_| too_many())?;
                check_live_node(self.locator.topology().members(), total)?;
                if new.len() >= self.len() / REASSIGN_RATIO {
                    return self.assign_with(total, &new);
                }
                let mut moves =
                    self.repair(|repair| new.iter().try_for_each(|key| repair.insert(*key)))?;
                moves.added = new.len() as u32;
                Ok(moves)
            }
            Mode::Online => {
                let mut new = Vec::new();
                let outcome: Result<(), Error> = keys.into_iter().try_for_each(|key| {
                    if self.held.holder(key).is_none() {
                        self.take(key)?;
                        new.push(key);
                    }
                    Ok(())
                });
                if let Err(why) = outcome {
                    // Adding these keys moved no other key, so removing them is enough.
                    for key in new {
                        self.held.remove(key);
                    }
                    return Err(why);
                }
                Ok(ChangeReport { added: new.len() as u32, ..ChangeReport::default() })
            }
        }
    }

    /// Removes a key. Removing a key that is not held changes nothing.
    ///
    /// # Errors
    /// Only with a placement of your own whose walks omit live nodes. Nothing changes then.
    pub fn remove(&mut self, key: &(impl Key<H> + ?Sized)) -> Result<ChangeReport, Error> {
        self.remove_hash(self.locator.hash(key))
    }

    /// As [`remove`](Self::remove), for a key that is already hashed.
    ///
    /// # Errors
    /// As [`remove`](Self::remove).
    pub fn remove_hash(&mut self, key: KeyHash) -> Result<ChangeReport, Error> {
        if self.held.holder(key).is_none() {
            return Ok(ChangeReport::default());
        }
        match self.mode {
            Mode::Canonical => {
                let moves = self.repair(|repair| repair.remove(key))?;
                Ok(ChangeReport { removed: 1, ..moves })
            }
            Mode::Online => {
                let members = self.locator.topology().members();
                let placement = self.locator.placement();
                let shed = online::shed(placement, members, self.factor, &self.held, key)?;
                let moved = shed.len() as u32;
                self.held.remove(key);
                for (key, node) in shed {
                    self.held.set(key, node);
                }
                Ok(ChangeReport { moved, removed: 1, ..ChangeReport::default() })
            }
        }
    }

    /// Moves the keys to the nodes of a new locator. Nodes are matched by label, so a reused slot is a
    /// different node. Only the hashes of keys are stored: the new locator must have the same key
    /// hasher, otherwise [`get`](Self::get) looks for hashes that are not held.
    ///
    /// In canonical mode all keys are placed anew. In online mode, in this order:
    ///
    /// 1. Keys whose holder left or was drained are placed, in ascending order of their hashes.
    /// 2. Each node above its new cap releases its highest hashes. The released keys of all nodes
    ///    are placed in descending order.
    /// 3. Nodes that joined or gained weight are filled: a key that prefers such a node to its holder
    ///    moves to it, in ascending order of keys, until the node holds its fair load. If there are
    ///    several such nodes, a key goes to the first one in its walk that is below its fair load. If
    ///    one of them lost keys to another, all keys are visited again. No other key moves.
    ///
    /// # Errors
    /// Keys are held and no node is live. Nothing changes then.
    pub fn change(&mut self, locator: Locator<N, P, H>) -> Result<ChangeReport, Error> {
        let (old, new) = (self.locator.topology().members(), locator.topology().members());
        let keys = self.held.len();
        check_live_node(new, keys)?;
        let succession = Succession::new(old, new, keys);
        let successor = |(key, node)| (key, succession.successor(node));
        let kept: Vec<(KeyHash, Option<NodeIdx>)> = self.held.iter().map(successor).collect();
        let placement = locator.placement();
        let (placed, loads) = match self.mode {
            Mode::Canonical => {
                let all = kept.iter().map(|(key, _)| *key);
                let Assignment { placed, loads, canonical } =
                    Canonical::assign(placement, new, self.factor, keys, all)?;
                self.canonical = canonical;
                (placed, loads)
            }
            Mode::Online => {
                let mut loads = CappedLoads::new(new, self.factor, keys);
                let placed = online::follow(placement, &mut loads, &kept, &succession)?;
                (placed, loads.into_loads())
            }
        };
        let moved = kept.iter().zip(&placed).filter(|(old, new)| old.1 != Some(new.1)).count();
        let orphaned = kept.iter().filter(|(_, holder)| holder.is_none()).count();
        let filled = succession.gaining().map(|node| Filled {
            node,
            load: loads.get(node.index()).copied().unwrap_or(0),
            fair: succession.fair(node).unwrap_or(0),
        });
        let moves = ChangeReport {
            moved: moved as u32,
            orphaned: orphaned as u32,
            filled: filled.collect(),
            ..ChangeReport::default()
        };
        self.total_weight = new.total_weight();
        self.held.replace(placed, loads);
        self.locator = locator;
        Ok(moves)
    }

    /// Adds these keys, given in ascending order, by assigning all `total` keys anew.
    fn assign_with(&mut self, total: u32, new: &[KeyHash]) -> Result<ChangeReport, Error> {
        let mut all: Vec<KeyHash> = self.held.iter().map(|(key, _)| key).collect();
        all.extend_from_slice(new);
        all.sort_unstable();
        let members = self.locator.topology().members();
        let Assignment { placed, loads, canonical } = Canonical::assign(
            self.locator.placement(),
            members,
            self.factor,
            total,
            all.into_iter(),
        )?;
        let held = |(key, node): &&(KeyHash, NodeIdx)| {
            self.held.holder(*key).is_some_and(|before| before != *node)
        };
        let moved = placed.iter().filter(held).count() as u32;
        self.held.replace(placed, loads);
        self.canonical = canonical;
        Ok(ChangeReport { added: new.len() as u32, moved, ..ChangeReport::default() })
    }

    /// Repairs the canonical assignment after a change. If that fails, nothing changes.
    fn repair(
        &mut self,
        change: impl FnOnce(&mut Repair<'_, P>) -> Result<(), Error>,
    ) -> Result<ChangeReport, Error> {
        let nodes = (self.locator.placement(), self.locator.topology().members(), self.factor);
        let mut repair = Repair::new(nodes, &mut self.held, &mut self.canonical);
        if let Err(why) = change(&mut repair) {
            repair.undo();
            return Err(why);
        }
        Ok(ChangeReport { moved: repair.moved(), ..ChangeReport::default() })
    }

    /// Places a new key on the first node below its cap, where the caps include the new key.
    fn take(&mut self, key: KeyHash) -> Result<(), Error> {
        let keys = one_more(self.held.len())?;
        let has_room = |node| u64::from(self.held.load(node)) < self.cap_of(keys, node);
        if self.total_weight == 0 {
            return Err(BoundedFault::NoLiveNode { keys }.into());
        }
        let node = first_with_room(self.locator.placement(), key, has_room)?;
        self.held.set(key, node);
        Ok(())
    }
}

fn one_more(keys: u32) -> Result<u32, Error> {
    keys.checked_add(1).ok_or_else(too_many)
}

#[cold]
fn too_many() -> Error {
    BoundedFault::TooManyKeys { max: MAX_BOUNDED_KEYS }.into()
}

#[cfg(test)]
mod tests {
    use super::{MAX_BOUNDED_KEYS, one_more};
    extern crate std;
    use std::string::ToString;

    #[test]
    fn the_last_key() {
        assert_eq!(one_more(MAX_BOUNDED_KEYS - 1).unwrap(), MAX_BOUNDED_KEYS);
        assert_eq!(
            one_more(MAX_BOUNDED_KEYS).unwrap_err().to_string(),
            "bounded loads hold at most 4294967295 keys; remove keys before adding more"
        );
    }
}
