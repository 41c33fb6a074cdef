//! hash-rings besides its ring, with its own hashers: SipHash-1-3 with random keys, and SipHash-2-4
//! for Maglev and multi-probe.

use super::hash_rings::IDS;
use crate::peer::{Locate, Peer};
use hash_rings::{carp, jump, maglev, mpc, rendezvous, weighted_rendezvous};

macro_rules! rings {
    ($($(#[$doc:meta])* $name:ident $title:literal $even:literal $ring:ty: |$ids:ident|
        $build:expr;)*) => {$(
        $(#[$doc])*
        pub struct $name($ring);

        impl Peer for $name {
            const NAME: &'static str = $title;
            const EVEN: bool = $even;
            type Plan = &'static [u32];

            fn plan(n: u32) -> Self::Plan {
                &IDS[..n as usize]
            }

            fn build(plan: &Self::Plan) -> Self {
                let $ids = plan.iter();
                Self($build)
            }
        }

        impl Locate<u64> for $name {
            fn locate(&self, key: &u64) -> u32 {
                *self.0.get_node(key)
            }
        }
    )*};
}

rings! {
    /// The module `rendezvous`, one score per node.
    HashRingsRendezvous "hash-rings (rendezvous)" true rendezvous::Ring<'static, u32>: |ids| {
        let mut ring = rendezvous::Ring::new();
        ids.for_each(|id| ring.insert_node(id, 1));
        ring
    };
    /// The module `weighted_rendezvous`, all weights 1.
    HashRingsWeighted "hash-rings (weighted)" true
        weighted_rendezvous::Ring<'static, u32>: |ids| {
        let mut ring = weighted_rendezvous::Ring::new();
        ids.for_each(|id| ring.insert_node(id, 1.0));
        ring
    };
    /// The module `carp`, all weights 1.
    HashRingsCarp "hash-rings (carp)" true carp::Ring<'static, u32>: |ids| {
        carp::Ring::new(ids.map(|id| carp::Node::new(id, 1.0)).collect())
    };
    /// The module `maglev`, 100 entries per node.
    HashRingsMaglev "hash-rings (maglev)" true maglev::Ring<'static, u32>: |ids| {
        maglev::Ring::new(ids.collect())
    };
    /// The module `mpc`, one point per node and 21 probes, as in the paper. A node just after
    /// another one owns little.
    HashRingsProbes "hash-rings (multi-probe)" false mpc::Ring<'static, u32>: |ids| {
        let mut ring = mpc::Ring::new(21);
        ids.for_each(|id| ring.insert_node(id));
        ring
    };
}

/// The module `jump`.
pub struct HashRingsJump(jump::Ring);

impl Peer for HashRingsJump {
    const NAME: &'static str = "hash-rings (jump)";
    type Plan = u32;

    fn plan(n: u32) -> u32 {
        n
    }

    fn build(n: &u32) -> Self {
        Self(jump::Ring::new(*n))
    }
}

impl Locate<u64> for HashRingsJump {
    fn locate(&self, key: &u64) -> u32 {
        self.0.get_node(key)
    }
}
