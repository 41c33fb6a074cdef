//! Bounded loads: caps, keyed assignments, requests in flight.

#[path = "bounded/caps.rs"]
mod caps;
#[path = "bounded/errors.rs"]
mod errors;
#[path = "bounded/families.rs"]
mod families;
#[path = "bounded/figures.rs"]
mod figures;
#[path = "bounded/histories.rs"]
mod histories;
#[path = "bounded/in_flight.rs"]
mod in_flight;
#[path = "bounded/model.rs"]
mod model;
#[path = "bounded/order.rs"]
mod order;
#[path = "support/scripted.rs"]
mod scripted;
mod support;

use apportion::ring::RingConfig;
use apportion::{Algorithm, AnyPlacement, Locator, Node, Topology};

type Named = Locator<String, AnyPlacement>;

/// A ring with few points, so that nodes differ and builds are quick. The scale is given: the one
/// that fits the first nodes would be history.
fn ring() -> Algorithm {
    Algorithm::Ring(RingConfig::default().scale(5, 1))
}

fn locator(algorithm: &Algorithm, nodes: &[(&str, u64)]) -> Named {
    let nodes = nodes.iter().map(|(name, weight)| Node::new((*name).to_owned()).weight(*weight));
    Locator::any_of(Topology::of(nodes).unwrap(), algorithm.clone()).unwrap()
}
