//! The nodes of two topologies, matched by label.

use super::members::{Member, Members};
use super::values::Topology;
use crate::node::NodeIdx;
use crate::steps;
use alloc::vec;
use alloc::vec::Vec;

/// A node of either topology.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Identity {
    pub(crate) old: Option<NodeIdx>,
    pub(crate) new: Option<NodeIdx>,
    /// On both sides with the same weight.
    pub(crate) unchanged: bool,
}

impl Identity {
    /// A node, or a hole, in the same slot of both.
    fn unchanged(place: u32, is_node: bool) -> Self {
        let here = is_node.then_some(NodeIdx::new(place));
        Self { old: here, new: here, unchanged: is_node }
    }

    fn of(old: Option<(NodeIdx, &Member)>, new: Option<(NodeIdx, &Member)>) -> Self {
        let unchanged = old.zip(new).is_some_and(|((_, a), (_, b))| a.weight == b.weight);
        Self { old: old.map(|(at, _)| at), new: new.map(|(at, _)| at), unchanged }
    }
}

/// The nodes of two topologies, each once: slots of both map to places in one list.
#[derive(Debug)]
pub(crate) struct Union {
    pub(crate) nodes: Vec<Identity>,
    /// The places of the nodes that are not unchanged, in ascending order.
    pub(crate) changed: Vec<u32>,
    /// The place of each old slot; 0 for holes.
    pub(crate) old: Vec<u32>,
    /// The place of each new slot; 0 for holes.
    pub(crate) new: Vec<u32>,
}

impl Union {
    pub(crate) fn new(old: &Members, new: &Members) -> Self {
        Self::aligned(old, new).unwrap_or_else(|| Self::by_label(old, new))
    }

    /// The fast case, one comparison for each slot, or for a run of slots that both share: one side was
    /// derived from the other without reusing a slot, or both were built from the same list. `None`
    /// otherwise.
    fn aligned(old: &Members, new: &Members) -> Option<Self> {
        let slots = old.slots().max(new.slots());
        let no_holes = old.len() == old.slots();
        let (mut nodes, mut changed) = (Vec::with_capacity(slots), Vec::new());
        let (mut only_old, mut only_new) = (0, 0);
        while nodes.len() < slots {
            let place = nodes.len() as u32;
            let at = NodeIdx::new(place);
            if let Some(run) = old.shared_run(new, at).filter(|run| !run.is_empty()) {
                steps::count(run.len() as u64);
                let places = place..place + run.len() as u32;
                if no_holes {
                    nodes.extend(places.map(|at| Identity::unchanged(at, true)));
                } else {
                    let run = places.zip(run);
                    nodes.extend(run.map(|(at, node)| Identity::unchanged(at, node.is_some())));
                }
                continue;
            }
            steps::count(1);
            let (left, right) = (old.get(at), new.get(at));
            if let (Some(a), Some(b)) = (left, right) {
                if a.label != b.label {
                    return None;
                }
            }
            only_old += u32::from(left.is_some() && right.is_none());
            only_new += u32::from(right.is_some() && left.is_none());
            let node = Identity::of(left.map(|m| (at, m)), right.map(|m| (at, m)));
            changed.extend((!node.unchanged).then_some(place));
            nodes.push(node);
        }
        // A node that left one slot might have come back in another.
        if only_old > 0 && only_new > 0 {
            return None;
        }
        let places: Vec<u32> = (0..slots as u32).collect();
        Some(Self { nodes, changed, old: places.clone(), new: places })
    }

    fn by_label(old: &Members, new: &Members) -> Self {
        let sorted = |members| {
            let mut nodes: Vec<(NodeIdx, &Member)> = Members::entries(members).collect();
            nodes.sort_unstable_by(|(_, a), (_, b)| {
                steps::count(1);
                a.label.cmp(&b.label)
            });
            nodes.into_iter().peekable()
        };
        let (mut left, mut right) = (sorted(old), sorted(new));
        let mut union = Self {
            nodes: Vec::new(),
            changed: Vec::new(),
            old: vec![0; old.slots()],
            new: vec![0; new.slots()],
        };
        loop {
            let order = match (left.peek(), right.peek()) {
                (Some((_, a)), Some((_, b))) => a.label.cmp(&b.label),
                (Some(_), None) => core::cmp::Ordering::Less,
                (None, Some(_)) => core::cmp::Ordering::Greater,
                (None, None) => break,
            };
            let a = if order.is_le() { left.next() } else { None };
            let b = if order.is_ge() { right.next() } else { None };
            let place = union.nodes.len() as u32;
            for (places, found) in [(&mut union.old, a), (&mut union.new, b)] {
                if let Some(entry) = found.and_then(|(at, _)| places.get_mut(at.index())) {
                    *entry = place;
                }
            }
            let node = Identity::of(a, b);
            union.changed.extend((!node.unchanged).then_some(place));
            union.nodes.push(node);
        }
        union
    }

    pub(crate) fn get(&self, place: u32) -> Option<&Identity> {
        self.nodes.get(place as usize)
    }

    /// The value of a node; the new one if it has two.
    pub(crate) fn newer<'t, N>(
        &self,
        place: Option<u32>,
        old: &'t Topology<N>,
        new: &'t Topology<N>,
    ) -> Option<&'t N> {
        let (old, new) = self.values(place, old, new);
        new.or(old)
    }

    /// The value of a node; the old one if it has two.
    pub(crate) fn older<'t, N>(
        &self,
        place: Option<u32>,
        old: &'t Topology<N>,
        new: &'t Topology<N>,
    ) -> Option<&'t N> {
        let (old, new) = self.values(place, old, new);
        old.or(new)
    }

    fn values<'t, N>(
        &self,
        place: Option<u32>,
        old: &'t Topology<N>,
        new: &'t Topology<N>,
    ) -> (Option<&'t N>, Option<&'t N>) {
        let identity = place.and_then(|place| self.get(place));
        let of = |at: Option<NodeIdx>, topology: &'t Topology<N>| topology.get(at?);
        identity.map_or((None, None), |node| (of(node.old, old), of(node.new, new)))
    }
}
