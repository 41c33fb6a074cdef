//! apportion, used in the same ways as the other crates: as a complete locator (topology, labels,
//! values) with its default hasher, unless the name says otherwise.

use super::{POINTS, address, grow_copies};
use crate::peer::{Grow, Locate, Peer, Three};
use apportion::bucket::{BucketHash, Buckets, FlipHash, Jump};
use apportion::ring::RingConfig;
use apportion::{JumpBack, KeyHash, Locator, NodeIdx, Placement, Ring, Topology};
use std::hint::black_box;
use std::net::SocketAddr;
use std::time::Duration;

pub(super) type Addresses = Vec<SocketAddr>;

pub(super) fn addresses(n: u32) -> Addresses {
    (0..n).map(address).collect()
}

pub(super) fn slot(node: Option<NodeIdx>) -> u32 {
    node.map_or(0, NodeIdx::get)
}

pub(super) fn slots(nodes: &[NodeIdx]) -> [u32; 3] {
    [0, 1, 2].map(|i| slot(nodes.get(i).copied()))
}

/// The ring, which returns slots.
pub struct RingSlot(Locator<SocketAddr>);

impl Peer for RingSlot {
    const NAME: &'static str = "apportion ring (slot)";
    type Plan = Addresses;

    fn plan(n: u32) -> Addresses {
        addresses(n)
    }

    fn build(plan: &Addresses) -> Self {
        let ring = Locator::ring(plan.iter().copied()).expect("a ring");
        debug_assert_eq!(ring.placement().points(), plan.len() * POINTS as usize);
        Self(ring)
    }
}

impl Locate<u64> for RingSlot {
    fn locate(&self, key: &u64) -> u32 {
        slot(self.0.locate(key))
    }
}

impl Locate<str> for RingSlot {
    fn locate(&self, key: &str) -> u32 {
        slot(self.0.locate(key))
    }
}

impl Three for RingSlot {
    fn three(&self, key: u64) -> [u32; 3] {
        slots(self.0.replicas::<3>(&key).indices())
    }
}

impl Grow for RingSlot {
    fn grow(&mut self, n: u32, count: u64) -> Duration {
        grow_copies(n, count, |i| self.0.with(address(i)).expect("a ring"))
    }
}

/// The ring, which returns nodes, as pingora-ketama does.
pub struct RingNode(Locator<SocketAddr>);

impl Peer for RingNode {
    const NAME: &'static str = "apportion ring (node)";
    type Plan = Addresses;

    fn plan(n: u32) -> Addresses {
        addresses(n)
    }

    fn build(plan: &Addresses) -> Self {
        Self(RingSlot::build(plan).0)
    }
}

fn port(node: Option<&SocketAddr>) -> u32 {
    node.map_or(0, |address| address.port().into())
}

impl Locate<u64> for RingNode {
    fn locate(&self, key: &u64) -> u32 {
        port(self.0.get(key))
    }
}

impl Locate<str> for RingNode {
    fn locate(&self, key: &str) -> u32 {
        port(self.0.get(key))
    }
}

impl Three for RingNode {
    fn three(&self, key: u64) -> [u32; 3] {
        let holders = self.0.replicas::<3>(&key);
        [0, 1, 2].map(|i| port(holders.get(i)))
    }
}

/// The ring with pingora-ketama's hash function: the difference that remains if both sides use the
/// same hash.
pub struct RingCrc32(Locator<SocketAddr>);

impl Peer for RingCrc32 {
    const NAME: &'static str = "apportion ring (slot, crc32)";
    type Plan = Addresses;

    fn plan(n: u32) -> Addresses {
        addresses(n)
    }

    fn build(plan: &Addresses) -> Self {
        Self(RingSlot::build(plan).0)
    }
}

/// The 32 bits become the top bits, because a ring reads a hash from the top.
fn crc32(bytes: &[u8]) -> KeyHash {
    KeyHash::from_hash(u64::from(crc32fast::hash(bytes)) << 32)
}

impl Locate<u64> for RingCrc32 {
    fn locate(&self, key: &u64) -> u32 {
        slot(self.0.placement().locate(crc32(&key.to_le_bytes())))
    }
}

impl Locate<str> for RingCrc32 {
    fn locate(&self, key: &str) -> u32 {
        slot(self.0.placement().locate(crc32(key.as_bytes())))
    }
}

/// The points alone, over an existing topology.
pub struct RingAlone {
    _ring: Ring,
}

impl Peer for RingAlone {
    const NAME: &'static str = "apportion ring (points alone)";
    type Plan = Topology<SocketAddr>;

    fn plan(n: u32) -> Self::Plan {
        Topology::new(addresses(n)).expect("a topology")
    }

    fn build(plan: &Self::Plan) -> Self {
        let ring = Ring::build(&RingConfig::default(), plan.members());
        Self { _ring: ring.expect("a ring") }
    }
}

/// Bucket functions over a key that is used as a hash, as in the jump crates.
macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident $title:literal $function:ident;)*) => {$(
        $(#[$doc])*
        pub struct $name(u32);

        impl Peer for $name {
            const NAME: &'static str = $title;
            const FAMILY: &'static str = "bucket function";
            type Plan = u32;

            fn plan(n: u32) -> u32 {
                black_box(n)
            }

            fn build(n: &u32) -> Self {
                Self(*n)
            }
        }

        impl Locate<u64> for $name {
            fn locate(&self, key: &u64) -> u32 {
                $function.bucket(KeyHash::from_hash(*key), self.0)
            }

            fn asker(&self) -> impl Fn(&u64) -> u32 {
                let n = self.0;
                move |key| $function.bucket(KeyHash::from_hash(*key), n)
            }
        }
    )*};
}

functions! {
    /// Jump consistent hash.
    JumpFunction "apportion jump" Jump;
    /// JumpBackHash.
    JumpBackFunction "apportion jump-back" JumpBack;
    /// FlipHash.
    FlipFunction "apportion flip" FlipHash;
}

/// JumpBackHash that reads n from memory for every key, as in a program with other work in between.
pub struct JumpBackAnew(JumpBackFunction);

impl Peer for JumpBackAnew {
    const NAME: &'static str = "apportion jump-back (n read anew)";
    const FAMILY: &'static str = "bucket function";
    type Plan = u32;

    fn plan(n: u32) -> u32 {
        black_box(n)
    }

    fn build(n: &u32) -> Self {
        Self(JumpBackFunction::build(n))
    }
}

impl Locate<u64> for JumpBackAnew {
    fn locate(&self, key: &u64) -> u32 {
        black_box(self).0.locate(key)
    }
}

/// Three buckets per key.
pub struct JumpThree(Buckets<JumpBack>);

impl Peer for JumpThree {
    const NAME: &'static str = "apportion jump-back";
    const FAMILY: &'static str = "bucket function";
    type Plan = u32;

    fn plan(n: u32) -> u32 {
        black_box(n)
    }

    fn build(n: &u32) -> Self {
        Self(Buckets::new(JumpBack, *n).expect("buckets"))
    }
}

impl Three for JumpThree {
    fn three(&self, key: u64) -> [u32; 3] {
        let mut holders = [NodeIdx::default(); 3];
        self.0.replicas(KeyHash::from_hash(key), &mut holders);
        holders.map(NodeIdx::get)
    }
}
