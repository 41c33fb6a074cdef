//! apportion's AnchorHash, with a capacity of exactly its nodes as anchorhash has here.

use super::apportion::slot;
use super::apportion_removable::{AnchorSlot, FAMILY};
use super::remaining;
use crate::peer::{Locate, Peer};
use apportion::anchor::{AnchorConfig, AnchorHash};
use apportion::{KeyHash, Locator, Placement, Topology};
use std::net::SocketAddr;

type Anchor = Locator<SocketAddr, AnchorHash>;

/// AnchorHash with the default hasher, after removing this percentage of its nodes.
pub struct CapacitySlot<const REMOVED: u32>(Anchor);

impl<const REMOVED: u32> Peer for CapacitySlot<REMOVED> {
    const NAME: &'static str = match REMOVED {
        0 => "apportion anchor",
        10 => "apportion anchor (10 % removed)",
        _ => "apportion anchor (50 % removed)",
    };
    const FAMILY: &'static str = FAMILY;
    type Plan = <AnchorSlot<REMOVED> as Peer>::Plan;

    fn plan(n: u32) -> Self::Plan {
        AnchorSlot::<REMOVED>::plan(n)
    }

    fn build((nodes, removed): &Self::Plan) -> Self {
        let all = Topology::new(nodes.iter().copied()).expect("distinct nodes");
        let capacity = AnchorConfig::default().capacity(nodes.len() as u32);
        let all = Locator::anchor_of(all, capacity).expect("an anchor");
        let without = |anchor: Anchor, node| anchor.without(node).expect("an anchor");
        Self(removed.iter().fold(all, without))
    }

    fn weights(n: u32) -> Vec<u32> {
        remaining(n, REMOVED)
    }
}

impl<const REMOVED: u32> Locate<u64> for CapacitySlot<REMOVED> {
    fn locate(&self, key: &u64) -> u32 {
        slot(self.0.locate(key))
    }
}

/// The same over keys that are hashed already.
pub struct CapacityHashed<const REMOVED: u32>(Anchor);

impl<const REMOVED: u32> Peer for CapacityHashed<REMOVED> {
    const NAME: &'static str = match REMOVED {
        0 => "apportion anchor (hashed keys)",
        10 => "apportion anchor (hashed keys, 10 % removed)",
        _ => "apportion anchor (hashed keys, 50 % removed)",
    };
    const FAMILY: &'static str = FAMILY;
    type Plan = <AnchorSlot<REMOVED> as Peer>::Plan;

    fn plan(n: u32) -> Self::Plan {
        AnchorSlot::<REMOVED>::plan(n)
    }

    fn build(plan: &Self::Plan) -> Self {
        Self(CapacitySlot::<REMOVED>::build(plan).0)
    }

    fn weights(n: u32) -> Vec<u32> {
        remaining(n, REMOVED)
    }
}

impl<const REMOVED: u32> Locate<u64> for CapacityHashed<REMOVED> {
    fn locate(&self, key: &u64) -> u32 {
        slot(self.0.placement().locate(KeyHash::from_hash(*key)))
    }
}
