//! Matches the nodes before and after a change by label.

use super::factor::LoadFactor;
use crate::node::NodeIdx;
use crate::topology::Members;
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

#[derive(Debug)]
pub(super) struct Succession {
    /// The new slot for each old slot; `None` for a node that left or was drained.
    successors: Vec<Option<NodeIdx>>,
    /// Nodes that joined or gained weight, in the order of their labels.
    gaining: Vec<NodeIdx>,
    /// Their fair loads, by slot.
    fair: Vec<Option<u32>>,
}

impl Succession {
    pub(super) fn new(old: &Members, new: &Members, keys: u32) -> Self {
        let mut before: BTreeMap<&[u8], NodeIdx> = BTreeMap::new();
        before.extend(old.entries().map(|(node, member)| (&*member.label, node)));
        let mut after: BTreeMap<&[u8], NodeIdx> = BTreeMap::new();
        after.extend(new.live_entries().map(|(node, member)| (&*member.label, node)));

        let mut succession = Self {
            successors: vec![None; old.slots()],
            gaining: Vec::new(),
            fair: vec![None; new.slots()],
        };
        let total = new.total_weight();
        for (label, node) in after {
            let known = before.get(label).copied();
            if let Some(successor) = known.and_then(|at| succession.successors.get_mut(at.index()))
            {
                *successor = Some(node);
            }
            let weight = new.weight(node).unwrap_or_default();
            if known.and_then(|at| old.weight(at)).is_none_or(|old| old < weight) {
                succession.gaining.push(node);
                if let Some(fair) = succession.fair.get_mut(node.index()) {
                    *fair = Some(LoadFactor::fair(keys, weight, total));
                }
            }
        }
        succession
    }

    /// The new slot of a node; `None` if it left or was drained.
    pub(super) fn successor(&self, old: NodeIdx) -> Option<NodeIdx> {
        self.successors.get(old.index()).copied().flatten()
    }

    /// Nodes that joined or gained weight, in the order of their labels.
    pub(super) fn gaining(&self) -> impl Iterator<Item = NodeIdx> {
        self.gaining.iter().copied()
    }

    /// The fair load of a node that joined or gained weight.
    pub(super) fn fair(&self, node: NodeIdx) -> Option<u32> {
        self.fair.get(node.index()).copied().flatten()
    }
}
