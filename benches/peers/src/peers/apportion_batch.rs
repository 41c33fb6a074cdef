//! apportion over batches of hashes, and over single hashes for comparison where no other adapter
//! does that.

use super::apportion::{Addresses, addresses, slot};
use crate::peer::{Batch, Locate, Peer};
use apportion::bucket::{BucketHash, FlipHash, Jump};
use apportion::{JumpBack, KeyHash, Locator, Maglev, NodeIdx, Placement, Rendezvous, Ring};
use std::hint::black_box;
use std::net::SocketAddr;

const FAMILY: &str = "batch";

macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident $title:literal $function:ident;)*) => {$(
        $(#[$doc])*
        pub struct $name(u32);

        impl Peer for $name {
            const NAME: &'static str = $title;
            const FAMILY: &'static str = FAMILY;
            type Plan = u32;

            fn plan(n: u32) -> u32 {
                black_box(n)
            }

            fn build(n: &u32) -> Self {
                Self(*n)
            }
        }

        impl Batch for $name {
            type Owner = u32;

            fn batch(&self, hashes: &[u64], out: &mut [u32]) {
                $function.bucket_batch(hashes, self.0, out);
            }

            fn number(owner: u32) -> u32 {
                owner
            }
        }
    )*};
}

functions! {
    /// Jump consistent hash.
    JumpBatch "apportion jump (batch)" Jump;
    /// JumpBackHash.
    JumpBackBatch "apportion jump-back (batch)" JumpBack;
    /// FlipHash.
    FlipBatch "apportion flip (batch)" FlipHash;
}

macro_rules! placements {
    ($($(#[$doc:meta])* $batch:ident $of_batch:literal $single:ident $of_single:literal
        $constructor:ident $placement:ty;)*) => {$(
        $(#[$doc])*
        pub struct $batch(Locator<SocketAddr, $placement>);

        impl Peer for $batch {
            const NAME: &'static str = $of_batch;
            const FAMILY: &'static str = FAMILY;
            type Plan = Addresses;

            fn plan(n: u32) -> Addresses {
                addresses(n)
            }

            fn build(plan: &Addresses) -> Self {
                Self(Locator::$constructor(plan.iter().copied()).expect("a locator"))
            }
        }

        impl Batch for $batch {
            type Owner = NodeIdx;

            fn batch(&self, hashes: &[u64], out: &mut [NodeIdx]) {
                self.0.locate_batch(hashes, out);
            }

            fn number(owner: NodeIdx) -> u32 {
                owner.get()
            }
        }

        /// One by one.
        pub struct $single($batch);

        impl Peer for $single {
            const NAME: &'static str = $of_single;
            const FAMILY: &'static str = FAMILY;
            type Plan = Addresses;

            fn plan(n: u32) -> Addresses {
                addresses(n)
            }

            fn build(plan: &Addresses) -> Self {
                Self($batch::build(plan))
            }
        }

        impl Locate<u64> for $single {
            fn locate(&self, key: &u64) -> u32 {
                slot(self.0.0.placement().locate(KeyHash::from_hash(*key)))
            }
        }
    )*};
}

placements! {
    /// The ring.
    RingBatch "apportion ring (batch)" RingHashed "apportion ring (hashed keys)" ring Ring;
    /// Maglev.
    MaglevBatch "apportion maglev (batch)" MaglevHashed "apportion maglev (hashed keys)" maglev Maglev;
    /// Rendezvous hashing.
    RendezvousBatch "apportion rendezvous (batch)"
        RendezvousHashed "apportion rendezvous (hashed keys)" rendezvous Rendezvous;
}
