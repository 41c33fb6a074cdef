//! apportion's constant-time algorithms that allow any node to leave.

use super::apportion::{Addresses, addresses, slot};
use super::apportion_nodes::unequal;
use super::{address, remaining, removals, weights};
use crate::peer::{Locate, Peer};
use apportion::anchor::JumpBackAnchor;
use apportion::asura::AsuraConfig;
use apportion::{Asura, KeyHash, Locator, Placement, Topology};
use std::net::SocketAddr;

pub const FAMILY: &str = "any node may leave";

type Anchor = Locator<SocketAddr, JumpBackAnchor>;
type Board = Locator<SocketAddr, Asura>;

/// AnchorHash on JumpBackHash with the default hasher, after removing this percentage of its nodes.
pub struct AnchorSlot<const REMOVED: u32>(Anchor);

impl<const REMOVED: u32> Peer for AnchorSlot<REMOVED> {
    const NAME: &'static str = match REMOVED {
        0 => "apportion jump-back-anchor",
        10 => "apportion jump-back-anchor (10 % removed)",
        _ => "apportion jump-back-anchor (50 % removed)",
    };
    const FAMILY: &'static str = FAMILY;
    /// The nodes, and the removed nodes in order.
    type Plan = (Addresses, Addresses);

    fn plan(n: u32) -> Self::Plan {
        (addresses(n), removals(n, REMOVED).into_iter().map(address).collect())
    }

    fn build((nodes, removed): &Self::Plan) -> Self {
        let all = Locator::jump_back_anchor(nodes.iter().copied()).expect("an anchor");
        let without = |anchor: Anchor, node| anchor.without(node).expect("an anchor");
        Self(removed.iter().fold(all, without))
    }

    fn weights(n: u32) -> Vec<u32> {
        remaining(n, REMOVED)
    }
}

impl<const REMOVED: u32> Locate<u64> for AnchorSlot<REMOVED> {
    fn locate(&self, key: &u64) -> u32 {
        slot(self.0.locate(key))
    }
}

/// The same over keys that are hashed already.
pub struct AnchorHashed<const REMOVED: u32>(Anchor);

impl<const REMOVED: u32> Peer for AnchorHashed<REMOVED> {
    const NAME: &'static str = match REMOVED {
        0 => "apportion jump-back-anchor (hashed keys)",
        10 => "apportion jump-back-anchor (hashed keys, 10 % removed)",
        _ => "apportion jump-back-anchor (hashed keys, 50 % removed)",
    };
    const FAMILY: &'static str = FAMILY;
    type Plan = (Addresses, Addresses);

    fn plan(n: u32) -> Self::Plan {
        AnchorSlot::<REMOVED>::plan(n)
    }

    fn build(plan: &Self::Plan) -> Self {
        Self(AnchorSlot::<REMOVED>::build(plan).0)
    }

    fn weights(n: u32) -> Vec<u32> {
        remaining(n, REMOVED)
    }
}

impl<const REMOVED: u32> Locate<u64> for AnchorHashed<REMOVED> {
    fn locate(&self, key: &u64) -> u32 {
        slot(self.0.placement().locate(KeyHash::from_hash(*key)))
    }
}

/// The Asura board of its default unit and size, with the default hasher.
pub struct AsuraSlot<const WEIGHTED: bool>(Board);

impl<const WEIGHTED: bool> Peer for AsuraSlot<WEIGHTED> {
    const NAME: &'static str =
        if WEIGHTED { "apportion asura (weights 1..10)" } else { "apportion asura" };
    const FAMILY: &'static str = FAMILY;
    type Plan = (Addresses, Option<Topology<SocketAddr>>);

    fn plan(n: u32) -> Self::Plan {
        (addresses(n), WEIGHTED.then(|| unequal(n)))
    }

    fn build((equal, unequal): &Self::Plan) -> Self {
        Self(
            match unequal {
                Some(nodes) => Locator::asura_of(nodes.clone(), AsuraConfig::default()),
                None => Locator::asura(equal.iter().copied()),
            }
            .expect("a board"),
        )
    }

    fn weights(n: u32) -> Vec<u32> {
        weights(n, WEIGHTED)
    }
}

impl<const WEIGHTED: bool> Locate<u64> for AsuraSlot<WEIGHTED> {
    fn locate(&self, key: &u64) -> u32 {
        slot(self.0.locate(key))
    }
}

/// The same over keys that are hashed already.
pub struct AsuraHashed<const WEIGHTED: bool>(Board);

impl<const WEIGHTED: bool> Peer for AsuraHashed<WEIGHTED> {
    const NAME: &'static str = match WEIGHTED {
        false => "apportion asura (hashed keys)",
        true => "apportion asura (hashed keys, weights 1..10)",
    };
    const FAMILY: &'static str = FAMILY;
    type Plan = (Addresses, Option<Topology<SocketAddr>>);

    fn plan(n: u32) -> Self::Plan {
        AsuraSlot::<WEIGHTED>::plan(n)
    }

    fn build(plan: &Self::Plan) -> Self {
        Self(AsuraSlot::<WEIGHTED>::build(plan).0)
    }

    fn weights(n: u32) -> Vec<u32> {
        weights(n, WEIGHTED)
    }
}

impl<const WEIGHTED: bool> Locate<u64> for AsuraHashed<WEIGHTED> {
    fn locate(&self, key: &u64) -> u32 {
        slot(self.0.placement().locate(KeyHash::from_hash(*key)))
    }
}
