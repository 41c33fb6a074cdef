//! Nodes of some weights in some zones.

use apportion::{Node, Topology};

pub(crate) type Nodes = Topology<u64>;

/// Ids, weights and zones.
pub(crate) type Listed = Vec<(u64, u64, u64)>;

pub(crate) fn topology(nodes: &[(u64, u64, u64)]) -> Nodes {
    let node = |(id, weight, zone): &(u64, u64, u64)| {
        Node::new(*id).weight(*weight).domain("zone", &format!("z{zone}"))
    };
    Topology::of(nodes.iter().map(node)).unwrap()
}

/// So many nodes of weight 1, dealt to zones.
pub(crate) fn equal(nodes: u64, zones: u64) -> Nodes {
    topology(&(0..nodes).map(|id| (id, 1, id % zones)).collect::<Listed>())
}
