//! Bounded loads: caps, keyed assignments, requests in flight, picks over loads of the caller.
#![cfg(feature = "std")]

mod caps;
mod claims;
mod errors;
mod families;
mod figures;
mod histories;
mod in_flight;
mod leases;
mod model;
mod order;
mod pick;
mod pick_model;
#[path = "../support/mod.rs"]
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
