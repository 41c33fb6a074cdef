//! A saved board's slots, checked.

use super::board::fault;
use super::config::{rest, slots_for};
use super::slots::{Slots, weight};
use crate::error::{AsuraFault, Error};
use crate::node::NodeIdx;
use crate::topology::Members;
use alloc::vec;
use alloc::vec::Vec;

impl Slots {
    /// Slots of live nodes, as many as their weights ask for.
    pub(super) fn checked(
        nodes: Vec<Option<NodeIdx>>,
        rests: &[u32],
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
            _ => Self { nodes, rests: Vec::new() }.with_rests(rests, unit, members),
        }
    }

    /// One slot for the rest of each node that has one.
    fn with_rests(
        mut self,
        slots: &[u32],
        unit: Option<u32>,
        members: &Members,
    ) -> Result<Self, Error> {
        let has_rest = |node| unit.is_some_and(|unit| rest(weight(members, node), unit) > 0);
        let known = |of: &Self, node: NodeIdx| of.rests.get(node.index()).copied().flatten();
        for slot in slots {
            let node = self.nodes.get(*slot as usize).copied().flatten();
            match node.filter(|node| has_rest(*node) && known(&self, *node).is_none()) {
                Some(node) => self.set_rest(node, *slot),
                None => return fault(AsuraFault::SavedRest { slot: *slot }),
            }
        }
        match members.iter_live().find(|node| has_rest(*node) && known(&self, *node).is_none()) {
            Some(node) => fault(AsuraFault::SavedNoRest { node: node.get() }),
            None => Ok(self),
        }
    }
}
