//! A placement that is a list: every key has the same candidates, in an order of the test's own.

use apportion::{Guarantees, KeyHash, NodeIdx, Placement, Walk};

#[derive(Clone, Debug)]
pub(crate) struct Order(pub(crate) Vec<NodeIdx>);

impl Placement for Order {
    fn slots(&self) -> usize {
        self.0.iter().map(|node| node.index() + 1).max().unwrap_or(0)
    }

    fn live(&self) -> usize {
        let mut nodes = self.0.clone();
        nodes.sort_unstable();
        nodes.dedup();
        nodes.len()
    }

    fn guarantees(&self) -> Guarantees {
        Guarantees::none()
    }

    fn locate(&self, _: KeyHash) -> Option<NodeIdx> {
        self.0.first().copied()
    }

    fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx> {
        let place = &mut walk.state()[0];
        let node = self.0.get(*place as usize).copied();
        *place += u64::from(node.is_some());
        node
    }
}

impl Order {
    /// The list with a node put in.
    pub(crate) fn with(&self, node: NodeIdx, place: usize) -> Self {
        let mut list = self.0.clone();
        list.insert(place, node);
        Self(list)
    }
}
