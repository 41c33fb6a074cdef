//! The assignment of slots to nodes.
//!
//! ```text
//!  unit of weight 4     node a: 10 = 2 full slots and a partial one of 2/4, node b: 4, node c: 2
//!
//!  slot        0     1     2     3     4     5    6    7
//!  node        a     a     a     b     c     -    -    -      '-' is free
//!  weight    full  full   2/4   full  2/4    0    0    0
//!                          ^ partial slot (`rests`): the last one that a took
//! ```

use super::board::{AsuraBoard, FULL, exponent_for, fault};
use super::config::{last_slot, slots_for};
use crate::error::{AsuraFault, Error};
use crate::limits::MAX_ASURA_SLOTS;
use crate::node::{NodeIdx, Weight};
use crate::slips::OrSlip;
use crate::steps;
use crate::topology::{Change, Members};
use alloc::vec;
use alloc::vec::Vec;

/// The node of each slot, and the partial slot of each node: the one with the rest of its weight. All
/// other slots are full.
///
/// A node that grows takes the lowest free slots; the last one taken becomes its partial slot. A node
/// that shrinks frees its partial slot first, then its highest slots; the highest remaining slot
/// becomes partial. So no slot of a growing node loses weight, and no slot of a shrinking node gains
/// any. The partial slot has to be stored, because it is not always the highest one: if a node grows
/// into a lower slot and the highest slot had to become partial, keys would leave the growing node.
#[derive(Clone, Debug, Default)]
pub(super) struct Slots {
    pub(super) nodes: Vec<Option<NodeIdx>>,
    /// The partial slot by node; `None` means the node's highest slot.
    pub(super) rests: Vec<Option<u32>>,
}

impl Slots {
    /// The slots of a board.
    pub(super) fn of(nodes: &[Option<NodeIdx>], board: &AsuraBoard) -> Self {
        let mut slots = Self { nodes: nodes.to_vec(), rests: Vec::new() };
        for slot in board.rests() {
            if let Some(node) = nodes.get(slot as usize).copied().flatten() {
                slots.set_rest(node, slot);
            }
        }
        slots
    }

    pub(super) fn set_rest(&mut self, node: NodeIdx, slot: u32) {
        if self.rests.len() <= node.index() {
            self.rests.resize(node.index() + 1, None);
        }
        if let Some(rest) = self.rests.get_mut(node.index()) {
            *rest = Some(slot);
        }
    }

    pub(super) fn into_nodes(self) -> Vec<Option<NodeIdx>> {
        self.nodes
    }

    /// Applies changes as one step: all slots that become free are freed before any node takes one.
    pub(super) fn update(
        &mut self,
        changes: &[Change],
        unit: u32,
        after: &Members,
    ) -> Result<(), Error> {
        let last = self.nodes.iter().flatten().map(|node| node.index() + 1).max();
        let bound = last.unwrap_or_default().max(after.slots());
        let mut leaves = vec![false; bound];
        let mut resized = Vec::new();
        for change in changes {
            match *change {
                Change::Remove(node) => mark(&mut leaves, node),
                Change::Reweight(node, weight) if !weight.is_live() => mark(&mut leaves, node),
                Change::Reweight(node, _) | Change::Add(node) => {
                    resized.push((node, slots_for(weight(after, node), unit)));
                }
            }
        }
        for (rest, leaves) in self.rests.iter_mut().zip(&leaves) {
            *rest = rest.filter(|_| !leaves);
        }
        let mut has = vec![0_u64; bound];
        for slot in &mut self.nodes {
            steps::count(1);
            let Some(node) = *slot else { continue };
            if leaves.get(node.index()).copied().or_slip() {
                *slot = None;
            } else if let Some(count) = has.get_mut(node.index()) {
                *count += 1;
            }
        }
        let count = |node: NodeIdx| has.get(node.index()).copied().or_slip();
        let total = has.iter().map(|count| u128::from(*count)).sum();
        enough_for(&resized, count, total, after)?;
        self.give_up(&resized, count, bound);
        self.take(&resized, count);
        let last = self.nodes.iter().rposition(Option::is_some);
        self.nodes.truncate(last.map_or(0, |last| last + 1));
        Ok(())
    }

    /// Frees slots of nodes that have too many: the partial slot, then the highest slots.
    fn give_up(&mut self, resized: &[(NodeIdx, u64)], has: impl Fn(NodeIdx) -> u64, bound: usize) {
        let mut surplus = vec![0_u64; bound];
        for (node, wanted) in resized {
            let Some(count) = surplus.get_mut(node.index()) else { continue };
            *count = has(*node).saturating_sub(*wanted);
            if *count > 0 {
                let rest = self.rests.get_mut(node.index()).and_then(Option::take);
                if let Some(slot) = rest.and_then(|slot| self.nodes.get_mut(slot as usize)) {
                    *count -= 1;
                    *slot = None;
                }
            }
        }
        for slot in self.nodes.iter_mut().rev() {
            steps::count(1);
            let Some(count) = slot.and_then(|node| surplus.get_mut(node.index())) else { continue };
            if *count > 0 {
                *count -= 1;
                *slot = None;
            }
        }
    }

    /// Gives the lowest free slots to nodes that have too few, one node after the other; the last slot
    /// of each becomes its partial slot.
    fn take(&mut self, resized: &[(NodeIdx, u64)], has: impl Fn(NodeIdx) -> u64) {
        let mut lowest = 0;
        for (node, wanted) in resized {
            for _ in has(*node)..*wanted {
                steps::count(1);
                while self.nodes.get(lowest).is_some_and(Option::is_some) {
                    steps::count(1);
                    lowest += 1;
                }
                match self.nodes.get_mut(lowest) {
                    Some(slot) => *slot = Some(*node),
                    None => self.nodes.push(Some(*node)),
                }
                self.set_rest(*node, lowest as u32);
            }
        }
    }

    /// The board of the nodes' weights, of at least 2^exponent slots.
    pub(super) fn board(
        &self,
        exponent: u32,
        darts: u16,
        unit: Option<u32>,
        members: &Members,
    ) -> Result<AsuraBoard, Error> {
        // The partial slot of each node.
        let mut rests = vec![None; members.slots()];
        let numbered = || (0..).zip(&self.nodes);
        for (slot, node) in numbered() {
            if let Some(highest) = node.and_then(|node| rests.get_mut(node.index())) {
                *highest = Some(slot);
            }
        }
        for (rest, known) in rests.iter_mut().zip(&self.rests) {
            *rest = known.or(*rest);
        }
        let weights = numbered().map(|(slot, node)| {
            let (Some(node), Some(unit)) = (*node, unit) else { return 0 };
            match rests.get(node.index()) {
                Some(rest) if *rest == Some(slot) => last_slot(weight(members, node), unit),
                _ => FULL,
            }
        });
        let exponent = exponent.max(exponent_for(self.nodes.len()));
        AsuraBoard::new(exponent, weights)?.with_darts(darts)
    }
}

/// Rejects changes after which the board, with `total` slots before, would have too many slots.
fn enough_for(
    resized: &[(NodeIdx, u64)],
    has: impl Fn(NodeIdx) -> u64,
    mut total: u128,
    after: &Members,
) -> Result<(), Error> {
    for (node, wanted) in resized {
        total -= u128::from(has(*node).saturating_sub(*wanted));
    }
    for (node, wanted) in resized {
        total += u128::from(wanted.saturating_sub(has(*node)));
        if total > MAX_ASURA_SLOTS as u128 {
            let label = after.shown(*node);
            let (wanted, max) = (*wanted, MAX_ASURA_SLOTS);
            return fault(AsuraFault::Slots { label, wanted, total, max });
        }
    }
    Ok(())
}

/// The weight of a node; 0 if there is no such node.
pub(super) fn weight(members: &Members, node: NodeIdx) -> u64 {
    members.weight(node).map_or(0, Weight::get)
}

fn mark(flags: &mut [bool], node: NodeIdx) {
    if let Some(flag) = flags.get_mut(node.index()) {
        *flag = true;
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_ASURA_SLOTS, Members, NodeIdx, enough_for};
    use alloc::string::ToString;

    /// Slots that one node frees in a step are available to others in it, in any order of changes.
    #[test]
    fn the_limit_is_that_of_the_whole_step() {
        let most = MAX_ASURA_SLOTS as u64;
        let (small, large) = (NodeIdx::new(0), NodeIdx::new(1));
        let has = |node| if node == small { 1 } else { most - 1 };
        let allowed = |changes: &[_]| enough_for(changes, has, most.into(), &Members::default());
        assert!(allowed(&[(small, most - 1), (large, 1)]).is_ok());
        assert!(allowed(&[(large, 1), (small, most - 1)]).is_ok());
        let error = allowed(&[(small, most - 1), (large, 2)]).unwrap_err().to_string();
        let expected = "needs 16777215 slots, which makes 16777217 with those of the other nodes";
        assert!(error.contains(expected), "{error}");
    }
}
