//! Every kind of value that places keys, behind one interface for the laws.

#![allow(unreachable_pub)]

mod named;
mod numbers;
mod subsets;
mod users_own;

pub use named::{Behind, Named};
pub use numbers::{Anchored, board, buckets, slice, weighted_slice};
pub use subsets::Tenants;
pub use users_own::UsersOwn;

use apportion::topology::Members;
use apportion::{Guarantees, Node, NodeIdx, Placement, Topology};

/// Nodes by name and weight, in the order in which they joined.
pub type Nodes = Vec<(String, u64)>;

/// A change of one node.
#[derive(Clone, Debug)]
pub enum Step {
    Add(String, u64),
    Remove(String),
    Reweight(String, u64),
}

impl Step {
    /// The nodes after it.
    pub fn apply(&self, nodes: &mut Nodes) {
        match self {
            Self::Add(name, weight) => nodes.push((name.clone(), *weight)),
            Self::Remove(name) => nodes.retain(|(other, _)| other != name),
            Self::Reweight(name, weight) => {
                nodes.iter_mut().filter(|(other, _)| other == name).for_each(|n| n.1 = *weight);
            }
        }
    }
}

/// A value under test. What it cannot do is `None`.
pub trait Subject: Clone {
    /// A fresh value of the same configuration.
    fn over(&self, nodes: &[(String, u64)]) -> Option<Self>;

    /// This value after one change.
    fn step(&self, step: &Step) -> Option<Self>;

    fn placement(&self) -> &dyn Placement;

    /// The name of a slot that has a node.
    fn name(&self, slot: NodeIdx) -> Option<&str>;

    /// This value after a whole new list of nodes in one step.
    fn replaced(&self, _: &[(String, u64)]) -> Option<Self> {
        None
    }

    /// This value, saved and restored.
    fn restored(&self) -> Option<Self> {
        None
    }

    fn fingerprint(&self) -> Option<u64> {
        None
    }

    /// What holds between this value and the next one: what it promises, or more.
    fn keeps(&self, _: &Self) -> Guarantees {
        self.placement().guarantees()
    }

    /// The facade, if there is one, answers as the placement does.
    fn facade_agrees(&self, _: u64) {}
}

/// A node, in one of three zones if those are asked for.
fn node((name, weight): &(String, u64), zones: bool) -> Node<String> {
    let node = Node::new(name.clone()).weight(*weight);
    let zone = Members::identity_of(name.as_bytes()) % 3;
    if zones { node.domain("zone", &format!("z{zone}")) } else { node }
}

fn topology(nodes: &[(String, u64)], zones: bool) -> Topology<String> {
    Topology::of(nodes.iter().map(|n| node(n, zones))).unwrap()
}

/// With all that can be promised of movement.
pub fn minimal(mut guarantees: Guarantees) -> Guarantees {
    guarantees.minimal_owner = true;
    guarantees.minimal_replicas = true;
    guarantees.minimal_order = true;
    guarantees.minimal_reweight = true;
    guarantees
}
