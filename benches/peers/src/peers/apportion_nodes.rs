//! apportion's algorithms over nodes besides the ring, as complete locators with the default
//! hasher.

use super::apportion::{Addresses, addresses, slot, slots};
use super::{address, one_to_ten, weights};
use crate::peer::{Locate, Peer, Three};
use apportion::bucket::{Jump, Numbered};
use apportion::{Locator, Node, Rendezvous, Topology, WeightedRendezvous};
use std::net::SocketAddr;

/// A locator with a constructor that takes only nodes.
macro_rules! locators {
    ($($(#[$doc:meta])* $name:ident $family:literal $title:literal $constructor:ident
        $placement:ty;)*) => {$(
        $(#[$doc])*
        pub struct $name(Locator<SocketAddr, $placement>);

        impl Peer for $name {
            const NAME: &'static str = $title;
            const FAMILY: &'static str = $family;
            type Plan = Addresses;

            fn plan(n: u32) -> Addresses {
                addresses(n)
            }

            fn build(plan: &Addresses) -> Self {
                Self(Locator::$constructor(plan.iter().copied()).expect("a locator"))
            }
        }

        impl Locate<u64> for $name {
            fn locate(&self, key: &u64) -> u32 {
                slot(self.0.locate(key))
            }
        }

        impl Locate<str> for $name {
            fn locate(&self, key: &str) -> u32 {
                slot(self.0.locate(key))
            }
        }

        impl Three for $name {
            fn three(&self, key: u64) -> [u32; 3] {
                slots(self.0.replicas::<3>(&key).indices())
            }
        }
    )*};
}

locators! {
    /// Rendezvous hashing.
    PlainRendezvous "rendezvous" "apportion rendezvous" rendezvous Rendezvous;
    /// Weighted rendezvous hashing.
    EqualRendezvous "rendezvous" "apportion weighted-rendezvous" weighted_rendezvous
        WeightedRendezvous;
    /// Jump hash with the default hasher and nodes.
    JumpSlot "bucket function" "apportion jump (slot)" jump Numbered<Jump>;
}

/// Nodes of weights 1 to 10.
pub(super) fn unequal(n: u32) -> Topology<SocketAddr> {
    let node = |i| Node::new(address(i)).weight(one_to_ten(i).into());
    Topology::of((0..n).map(node)).expect("a topology")
}

/// Weighted rendezvous hashing with weights of 1 to 10.
pub struct UnequalRendezvous(Locator<SocketAddr, WeightedRendezvous>);

impl Peer for UnequalRendezvous {
    const NAME: &'static str = "apportion weighted-rendezvous (weights 1..10)";
    const FAMILY: &'static str = "rendezvous";
    type Plan = Topology<SocketAddr>;

    fn plan(n: u32) -> Self::Plan {
        unequal(n)
    }

    fn build(plan: &Self::Plan) -> Self {
        Self(Locator::weighted_rendezvous_of(plan.clone()).expect("a locator"))
    }

    fn weights(n: u32) -> Vec<u32> {
        weights(n, true)
    }
}

impl Locate<u64> for UnequalRendezvous {
    fn locate(&self, key: &u64) -> u32 {
        slot(self.0.locate(key))
    }
}
