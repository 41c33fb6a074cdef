//! The next topology before its values exist.

use super::change::Change;
use super::label_order::sort_by_label;
use super::members::{Member, Members};
use super::values::Topology;
use crate::error::{Error, NodeFault};
use crate::node::{Domain, Node, NodeIdx, Weight};
use crate::slips::OrSlip;
use crate::steps;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

/// The nodes of the next topology and the changes that lead to them.
///
/// Descriptions of type `T` become values only after the algorithm has accepted the changes: no
/// connection is opened for a change that is rejected.
pub(crate) struct Draft<T> {
    members: Members,
    changes: Vec<Change>,
    /// The descriptions of nodes that join or are listed again.
    given: Vec<(NodeIdx, T)>,
    epoch: u64,
}

impl<T> Draft<T> {
    fn new<N>(from: &Topology<N>) -> Self {
        let members = Members::clone(from.members());
        let epoch = from.epoch().saturating_add(1);
        Self { members, changes: Vec::new(), given: Vec::new(), epoch }
    }

    /// Adds nodes in the order given.
    pub(super) fn adding<N>(
        from: &Topology<N>,
        nodes: impl IntoIterator<Item = Node<T>>,
    ) -> Result<Self, Error> {
        let (mut members, mut values) = (Vec::new(), Vec::new());
        for node in nodes {
            let domain = Domain::new(node.domains, &node.label)?;
            members.push(Member::new(node.label, node.weight, domain)?);
            values.push(node.value);
        }
        let mut draft = Self::new(from);
        let added = draft.members.exchange(&[], members)?;
        draft.changes.extend(added.iter().copied().map(Change::Add));
        draft.given.extend(added.into_iter().zip(values));
        Ok(draft)
    }

    /// Removes known nodes, each of which is named once.
    pub(super) fn removing<N>(from: &Topology<N>, nodes: &[NodeIdx]) -> Result<Self, Error> {
        let mut draft = Self::new(from);
        draft.members.exchange(nodes, Vec::new())?;
        draft.changes.extend(nodes.iter().copied().map(Change::Remove));
        Ok(draft)
    }

    /// Changes weights of known nodes.
    pub(super) fn reweighting<N>(from: &Topology<N>, weights: &[(NodeIdx, Weight)]) -> Self {
        let mut draft = Self::new(from);
        for (at, weight) in weights {
            draft.members.amend(*at, *weight, None);
            draft.changes.push(Change::Reweight(*at, *weight));
        }
        draft
    }

    /// A whole new list: see [`Topology::replaced_by`].
    pub(super) fn replacing<N>(
        from: &Topology<N>,
        nodes: impl IntoIterator<Item = Node<T>>,
    ) -> Result<Self, Error> {
        let list: Vec<Node<T>> = nodes.into_iter().collect();
        let old = from.members();
        let Matched { slots, mut leaving } = Matched::new(old, &list)?;
        sort_by_label(old, &mut leaving, |at| *at);

        let mut draft = Self::new(from);
        let (mut reweighted, mut joining, mut added) = (Vec::new(), Vec::new(), Vec::new());
        let mut listed = Vec::with_capacity(list.len());
        for (node, at) in list.into_iter().zip(slots) {
            let domain = Domain::new(node.domains, &node.label)?;
            listed.push((at, node.value));
            let Some(at) = at else {
                joining.push(None);
                added.push(Member::new(node.label, node.weight, domain)?);
                continue;
            };
            let before = old.weight(at);
            if before != Some(node.weight) {
                let was_live = before.is_some_and(Weight::is_live);
                let change = (at, node.weight);
                if was_live { reweighted.push(change) } else { joining.push(Some(change)) }
            }
            draft.members.amend(at, node.weight, Some((node.label, domain)));
        }
        sort_by_label(old, &mut reweighted, |(at, _)| *at);

        let added = draft.members.exchange(&leaving, added)?;
        let reweight = |(at, weight)| Change::Reweight(at, weight);
        let mut fresh = added.iter().copied();
        let joining = joining.into_iter().filter_map(|known| match known {
            Some(change) => Some(reweight(change)),
            None => fresh.next().map(Change::Add),
        });
        draft.changes.extend(leaving.into_iter().map(Change::Remove));
        draft.changes.extend(reweighted.into_iter().map(reweight));
        draft.changes.extend(joining);
        let mut fresh = added.iter().copied();
        let slots = listed.into_iter();
        draft
            .given
            .extend(slots.filter_map(|(at, value)| Some((at.or_else(|| fresh.next())?, value))));
        Ok(draft)
    }

    /// The nodes.
    pub(crate) fn members(&self) -> &Members {
        &self.members
    }

    /// The changes from `from`.
    pub(crate) fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// The values of the removed nodes, in the order of the changes.
    pub(crate) fn removed<'a, N>(&self, from: &'a Topology<N>) -> impl Iterator<Item = &'a Arc<N>> {
        self.changes.iter().filter_map(|change| match change {
            Change::Remove(at) => from.get_arc(*at),
            _ => None,
        })
    }

    /// Makes the topology. `value` makes a node's value from its description and, if the node stays,
    /// from its value in `from`.
    pub(crate) fn finish<N>(
        self,
        from: &Topology<N>,
        mut value: impl FnMut(T, Option<&Arc<N>>) -> Arc<N>,
    ) -> (Topology<N>, Vec<Change>) {
        let mut values = from.values().to_vec();
        for change in &self.changes {
            if let Change::Remove(at) = change {
                if let Some(slot) = values.get_mut(at.index()) {
                    *slot = None;
                }
            }
        }
        values.resize(self.members.slots(), None);
        for (at, given) in self.given {
            if let Some(slot) = values.get_mut(at.index()) {
                // Empty for a node that joins: its slot was free, or was emptied above.
                let old = slot.take();
                *slot = Some(value(given, old.as_ref()));
            }
        }
        (Topology::from_parts(values, self.members, self.epoch), self.changes)
    }
}

/// A node list matched with a topology: the slots of listed nodes that exist already, and the existing
/// nodes that are not in the list.
struct Matched {
    /// The existing slot of each listed node, by position in the list; `None` for a new node.
    slots: Vec<Option<NodeIdx>>,
    /// The nodes that are not in the list.
    leaving: Vec<NodeIdx>,
}

impl Matched {
    /// Merges the identities of both sides, in ascending order.
    fn new<N>(members: &Members, list: &[Node<N>]) -> Result<Self, Error> {
        let identity = |node: &Node<N>| Members::identity_of(&node.label);
        let mut listed: Vec<(u64, usize)> =
            list.iter().enumerate().map(|(place, node)| (identity(node), place)).collect();
        listed.sort_unstable();
        let label = |place: usize| list.get(place).map_or(&[][..], |node| &node.label);
        let shown = |place: usize| list.get(place).map(|node| node.label.shown()).or_slip();
        let mut slots = vec![None; list.len()];
        let mut leaving = Vec::new();
        let mut known = members.index().iter().copied().peekable();
        let mut last: Option<(u64, usize)> = None;
        for (identity, place) in listed {
            steps::count(1);
            if let Some((_, other)) = last.filter(|last| last.0 == identity) {
                let (a, b) = (shown(other), shown(place));
                return Err(if label(other) == label(place) {
                    NodeFault::Duplicate { label: a }.into()
                } else {
                    NodeFault::SameIdentity { a, b, identity }.into()
                });
            }
            last = Some((identity, place));
            while let Some((_, slot)) = known.next_if(|entry| entry.0 < identity) {
                steps::count(1);
                leaving.push(NodeIdx::new(slot));
            }
            if let Some((_, slot)) = known.next_if(|entry| entry.0 == identity) {
                if let Some(found) = slots.get_mut(place) {
                    *found = Some(NodeIdx::new(slot));
                }
            }
        }
        leaving.extend(known.map(|(_, slot)| NodeIdx::new(slot)));
        // Another label may have the same identity by chance: that node leaves. Labels are compared in
        // the order of the list, which is mostly that of the slots, because identities are in random
        // order and each label would then be a cache miss.
        for (node, found) in list.iter().zip(&mut slots) {
            if let Some(at) = found.take_if(|at| members.label(*at) != Some(&*node.label)) {
                leaving.push(at);
            }
        }
        Ok(Self { slots, leaving })
    }
}
