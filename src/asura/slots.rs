//! Which node has which slots.

use super::AsuraBoard;
use super::board::{FULL, exponent_for, fault};
use super::config::{last_slot, slots_for};
use crate::error::{AsuraFault, Error, Label};
use crate::limits::MAX_ASURA_SLOTS;
use crate::node::{NodeIdx, Weight};
use crate::topology::{Change, Members};
use alloc::vec;
use alloc::vec::Vec;

/// The node of each slot: who comes takes the lowest free ones, who needs fewer gives up the
/// highest of its own. A node's highest slot has the rest of its weight, all others are full.
#[derive(Clone, Debug, Default)]
pub(super) struct Slots {
    nodes: Vec<Option<NodeIdx>>,
}

impl Slots {
    pub(super) fn new(nodes: Vec<Option<NodeIdx>>) -> Self {
        Self { nodes }
    }

    #[cfg(feature = "serde")]
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Slots that were read: those of live nodes, as many as their weights ask for.
    #[cfg(feature = "serde")]
    pub(super) fn checked(
        nodes: Vec<Option<NodeIdx>>,
        unit: Option<u32>,
        members: &Members,
    ) -> Result<Self, Error> {
        let mut has = vec![0_u64; members.slots()];
        for node in nodes.iter().flatten() {
            match has.get_mut(node.index()) {
                Some(count) => *count += 1,
                None => return fault(AsuraFault::SavedNode { node: node.get() }),
            }
        }
        for (node, has) in (0..).map(NodeIdx::new).zip(has) {
            let wanted = match (weight(members, node), unit) {
                (0, _) => 0,
                (weight, Some(unit)) => slots_for(weight, unit),
                (_, None) => return fault(AsuraFault::SavedNoUnit { node: node.get() }),
            };
            if has != wanted {
                return fault(AsuraFault::SavedSlots { node: node.get(), has, wanted });
            }
        }
        match nodes.last() {
            Some(None) => fault(AsuraFault::SavedHole { slot: nodes.len() - 1 }),
            _ => Ok(Self { nodes }),
        }
    }

    pub(super) fn into_nodes(self) -> Vec<Option<NodeIdx>> {
        self.nodes
    }

    /// Follows changes that are one step: what becomes free in it is free before anyone takes it.
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
        let mut has = vec![0_u64; bound];
        for slot in &mut self.nodes {
            let Some(node) = *slot else { continue };
            if leaves.get(node.index()).copied().unwrap_or_default() {
                *slot = None;
            } else if let Some(count) = has.get_mut(node.index()) {
                *count += 1;
            }
        }
        let count = |node: NodeIdx| has.get(node.index()).copied().unwrap_or_default();
        let mut total: u128 = has.iter().map(|count| u128::from(*count)).sum();
        for (node, wanted) in &resized {
            total = total - u128::from(count(*node)) + u128::from(*wanted);
            if total > MAX_ASURA_SLOTS as u128 {
                let label = Label::new(after.label(*node).unwrap_or_default());
                let (wanted, max) = (*wanted, MAX_ASURA_SLOTS);
                return fault(AsuraFault::Slots { label, wanted, total, max });
            }
        }
        self.give_up(&resized, count, bound);
        self.take(&resized, count);
        let last = self.nodes.iter().rposition(Option::is_some);
        self.nodes.truncate(last.map_or(0, |last| last + 1));
        Ok(())
    }

    /// Frees the highest slots of nodes that have too many.
    fn give_up(&mut self, resized: &[(NodeIdx, u64)], has: impl Fn(NodeIdx) -> u64, bound: usize) {
        let mut surplus = vec![0_u64; bound];
        for (node, wanted) in resized {
            if let Some(count) = surplus.get_mut(node.index()) {
                *count = has(*node).saturating_sub(*wanted);
            }
        }
        for slot in self.nodes.iter_mut().rev() {
            let Some(count) = slot.and_then(|node| surplus.get_mut(node.index())) else { continue };
            if *count > 0 {
                *count -= 1;
                *slot = None;
            }
        }
    }

    /// Gives the lowest free slots to nodes that have too few, one node after the other.
    fn take(&mut self, resized: &[(NodeIdx, u64)], has: impl Fn(NodeIdx) -> u64) {
        let missing = resized.iter().flat_map(|(node, wanted)| {
            let missing = wanted.saturating_sub(has(*node)) as usize;
            core::iter::repeat_n(Some(*node), missing)
        });
        let mut missing = missing.fuse();
        for slot in self.nodes.iter_mut().filter(|slot| slot.is_none()) {
            let Some(node) = missing.next() else { return };
            *slot = node;
        }
        self.nodes.extend(missing);
    }

    /// The board of the nodes' weights, of at least 2^exponent slots.
    pub(super) fn board(
        &self,
        exponent: u32,
        darts: u16,
        unit: Option<u32>,
        members: &Members,
    ) -> Result<AsuraBoard, Error> {
        let mut is_highest = vec![true; members.slots()];
        let mut weight_of = |node: &Option<NodeIdx>| {
            let (Some(node), Some(unit)) = (*node, unit) else { return 0 };
            match is_highest.get_mut(node.index()) {
                Some(highest) if *highest => {
                    *highest = false;
                    last_slot(weight(members, node), unit)
                }
                _ => FULL,
            }
        };
        let mut weights: Vec<u32> = self.nodes.iter().rev().map(&mut weight_of).collect();
        weights.reverse();
        let exponent = exponent.max(exponent_for(self.nodes.len()));
        AsuraBoard::new(exponent, weights)?.with_darts(darts)
    }
}

/// 0 where there is no node.
fn weight(members: &Members, node: NodeIdx) -> u64 {
    members.weight(node).map_or(0, Weight::get)
}

fn mark(flags: &mut [bool], node: NodeIdx) {
    if let Some(flag) = flags.get_mut(node.index()) {
        *flag = true;
    }
}
