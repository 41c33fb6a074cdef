//! A placement of a user's own that answers from a list, whatever the key.

use apportion::{Guarantees, KeyHash, NodeIdx, Placement, Walk};

/// Says that it has so many live nodes, and gives these slots as candidates, in this order.
#[derive(Clone, Debug)]
pub(crate) struct Scripted {
    pub(crate) nodes: usize,
    pub(crate) candidates: &'static [u32],
}

impl Placement for Scripted {
    fn slots(&self) -> usize {
        self.nodes
    }

    fn live(&self) -> usize {
        self.nodes
    }

    fn guarantees(&self) -> Guarantees {
        Guarantees::none()
    }

    fn locate(&self, _: KeyHash) -> Option<NodeIdx> {
        Some(NodeIdx::new(0))
    }

    fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx> {
        let [step, ..] = walk.state();
        *step += 1;
        self.candidates.get(*step as usize - 1).copied().map(NodeIdx::new)
    }
}
