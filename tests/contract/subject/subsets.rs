//! The subsets of tenants, which borrow their nodes.

use super::{Step, Subject, topology};
use apportion::subset::Subsets;
use apportion::{Guarantees, KeyHash, Node, NodeIdx, Placement, Topology, Walk};

/// The nodes, and [`Subsets`] of them for each call.
#[derive(Clone)]
pub struct Tenants {
    topology: Topology<String>,
}

impl Tenants {
    pub fn new(topology: Topology<String>) -> Self {
        Self { topology }
    }

    fn subsets(&self) -> Subsets<'_> {
        Subsets::new(self.topology.members())
    }
}

impl Placement for Tenants {
    fn slots(&self) -> usize {
        self.subsets().slots()
    }

    fn live(&self) -> usize {
        self.subsets().live()
    }

    fn guarantees(&self) -> Guarantees {
        self.subsets().guarantees()
    }

    fn locate(&self, key: KeyHash) -> Option<NodeIdx> {
        self.subsets().locate(key)
    }

    fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx> {
        self.subsets().next_candidate(walk)
    }

    fn next_candidate_where(
        &self,
        walk: &mut Walk,
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> Option<NodeIdx> {
        self.subsets().next_candidate_where(walk, accept)
    }

    fn next_candidates(
        &self,
        walk: &mut Walk,
        out: &mut [NodeIdx],
        accept: &mut dyn FnMut(NodeIdx) -> bool,
    ) -> usize {
        self.subsets().next_candidates(walk, out, accept)
    }

    fn walk_repeats(&self) -> bool {
        self.subsets().walk_repeats()
    }

    fn replicas(&self, key: KeyHash, out: &mut [NodeIdx]) -> usize {
        self.subsets().replicas(key, out)
    }
}

impl Subject for Tenants {
    fn over(&self, nodes: &[(String, u64)]) -> Option<Self> {
        Some(Self::new(topology(nodes, false)))
    }

    fn step(&self, step: &Step) -> Option<Self> {
        Some(Self::new(match step {
            Step::Add(name, weight) => {
                self.topology.with_node(Node::new(name.clone()).weight(*weight)).ok()?.0
            }
            Step::Remove(name) => self.topology.without(name).ok()?.0,
            Step::Reweight(name, weight) => self.topology.reweighted(name, *weight).ok()?.0,
        }))
    }

    fn placement(&self) -> &dyn Placement {
        self
    }

    fn name(&self, slot: NodeIdx) -> Option<&str> {
        self.topology.get(slot).map(String::as_str)
    }
}
