//! A placement as a user writes one.

use super::{Step, Subject, topology};
use apportion::placement::DynPlacement;
use apportion::{Guarantees, KeyHash, Locator, Node, NodeIdx, Placement, Topology, Walk, Xxh3};
use std::sync::Arc;

/// A placement that is not of the crate: nodes rank by a mix of their identity and the key.
struct Own {
    nodes: Vec<(u64, NodeIdx)>,
    slots: usize,
}

impl Placement for Own {
    fn slots(&self) -> usize {
        self.slots
    }

    fn live(&self) -> usize {
        self.nodes.len()
    }

    fn guarantees(&self) -> Guarantees {
        let mut guarantees = Guarantees::none();
        guarantees.minimal_owner = true;
        guarantees.minimal_replicas = true;
        guarantees.minimal_order = true;
        guarantees.order_free = true;
        guarantees.any_removal = true;
        guarantees
    }

    fn locate(&self, key: KeyHash) -> Option<NodeIdx> {
        self.next_candidate(&mut Walk::new(key))
    }

    fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx> {
        let key = walk.key().get();
        let rank = |identity: u64| KeyHash::of_id(identity ^ KeyHash::of_id(key).get()).get();
        let [begun, last, ..] = *walk.state();
        let left = self.nodes.iter().map(|(id, node)| (rank(*id), node));
        let (rank, node) = left.filter(|(rank, _)| begun == 0 || *rank < last).max()?;
        [walk.state()[0], walk.state()[1]] = [1, rank];
        Some(*node)
    }
}

/// A user's own placement behind a pointer, over a topology.
#[derive(Clone)]
pub struct UsersOwn {
    topology: Topology<String>,
    placement: Arc<Locator<String, Box<DynPlacement>>>,
}

impl UsersOwn {
    pub fn new(topology: Topology<String>) -> Self {
        let members = topology.members();
        let nodes = members.iter_live().map(|node| (members.identity(node).unwrap(), node));
        let own = Own { nodes: nodes.collect(), slots: members.slots() };
        let own: Box<DynPlacement> = Box::new(own);
        let placement = Locator::from_parts(topology.clone(), own, Xxh3).unwrap();
        Self { topology, placement: Arc::new(placement) }
    }
}

impl Subject for UsersOwn {
    fn over(&self, nodes: &[(String, u64)]) -> Option<Self> {
        let live = || nodes.iter().map(|(_, weight)| *weight).filter(|weight| *weight > 0);
        (live().min() == live().max()).then(|| Self::new(topology(nodes, false)))
    }

    fn step(&self, step: &Step) -> Option<Self> {
        Some(Self::new(match step {
            Step::Add(name, _) => self.topology.with_node(Node::new(name.clone())).ok()?.0,
            Step::Remove(name) => self.topology.without(name).ok()?.0,
            Step::Reweight(..) => return None,
        }))
    }

    fn placement(&self) -> &dyn Placement {
        self.placement.placement()
    }

    fn name(&self, slot: NodeIdx) -> Option<&str> {
        self.topology.get(slot).map(String::as_str)
    }
}
