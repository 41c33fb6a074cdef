//! anchorhash: the paper's arrays in 16 bits, SipHash-1-3 with random keys, of which 32 bits count,
//! and a hash map from buckets to nodes.

use super::{remaining, removals};
use crate::peer::{Locate, Peer};
use ::anchorhash::Builder;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

type Anchor<H> = ::anchorhash::AnchorHash<u64, u32, H>;

/// An anchor with a capacity of exactly its nodes, which is fastest for it; then nodes are removed.
fn anchor<H: BuildHasher>(builder: Builder<u32, H>, (n, removed): &Plan) -> Anchor<H> {
    let mut anchor = builder.with_resources(0..*n).build(*n as u16);
    for node in removed {
        anchor.remove_resource(node).expect("a node");
    }
    anchor
}

/// The number of nodes, and the removed nodes in order.
type Plan = (u32, Vec<u32>);

/// With its default hasher.
pub struct AnchorHash<const REMOVED: u32>(Anchor<RandomState>);

impl<const REMOVED: u32> Peer for AnchorHash<REMOVED> {
    const NAME: &'static str = match REMOVED {
        0 => "anchorhash",
        10 => "anchorhash (10 % removed)",
        _ => "anchorhash (50 % removed)",
    };
    type Plan = Plan;

    fn plan(n: u32) -> Plan {
        (n, removals(n, REMOVED))
    }

    fn build(plan: &Plan) -> Self {
        Self(anchor(Builder::default(), plan))
    }

    fn weights(n: u32) -> Vec<u32> {
        remaining(n, REMOVED)
    }
}

impl<const REMOVED: u32> Locate<u64> for AnchorHash<REMOVED> {
    fn locate(&self, key: &u64) -> u32 {
        self.0.get_resource(*key).map_or(0, |node| *node)
    }
}

/// The same over keys that are already hashes.
pub struct AnchorHashHashed<const REMOVED: u32>(Anchor<Given>);

/// A hasher that returns its input.
#[derive(Clone, Copy)]
pub struct Given;

impl BuildHasher for Given {
    type Hasher = Taken;

    fn build_hasher(&self) -> Taken {
        Taken(0)
    }
}

/// The number.
pub struct Taken(u64);

impl Hasher for Taken {
    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl<const REMOVED: u32> Peer for AnchorHashHashed<REMOVED> {
    const NAME: &'static str = match REMOVED {
        0 => "anchorhash (hashed keys)",
        10 => "anchorhash (hashed keys, 10 % removed)",
        _ => "anchorhash (hashed keys, 50 % removed)",
    };
    type Plan = Plan;

    fn plan(n: u32) -> Plan {
        (n, removals(n, REMOVED))
    }

    fn build(plan: &Plan) -> Self {
        Self(anchor(Builder::with_hasher(Given), plan))
    }

    fn weights(n: u32) -> Vec<u32> {
        remaining(n, REMOVED)
    }
}

impl<const REMOVED: u32> Locate<u64> for AnchorHashHashed<REMOVED> {
    fn locate(&self, key: &u64) -> u32 {
        self.0.get_resource(*key).map_or(0, |node| *node)
    }
}
