//! apportion's Maglev table, of the size that the crate maglev uses.

use super::address;
use crate::peer::{Locate, Peer};
use apportion::maglev::MaglevConfig;
use apportion::placement::Build;
use apportion::{KeyHash, Locator, Maglev, Placement, Topology};
use std::net::SocketAddr;

/// The first prime that gives at least 100 entries per node.
fn config(n: u32) -> MaglevConfig {
    let prime = |m: &u32| (2..=m.isqrt()).all(|divisor| !m.is_multiple_of(divisor));
    let entries = (100 * n..).find(prime).expect("a prime");
    MaglevConfig::default().table_size(entries)
}

/// A complete locator with the default hasher.
pub struct MaglevSlot(Locator<SocketAddr, Maglev>);

impl Peer for MaglevSlot {
    const NAME: &'static str = "apportion maglev";
    const FAMILY: &'static str = "maglev";
    type Plan = (Vec<SocketAddr>, MaglevConfig);

    fn plan(n: u32) -> Self::Plan {
        ((0..n).map(address).collect(), config(n))
    }

    fn build((nodes, config): &Self::Plan) -> Self {
        let topology = Topology::new(nodes.iter().copied()).expect("a topology");
        Self(Locator::maglev_of(topology, *config).expect("a table"))
    }
}

impl Locate<u64> for MaglevSlot {
    fn locate(&self, key: &u64) -> u32 {
        self.0.locate(key).map_or(0, |node| node.get())
    }
}

impl Locate<str> for MaglevSlot {
    fn locate(&self, key: &str) -> u32 {
        self.0.locate(key).map_or(0, |node| node.get())
    }
}

/// The table alone, over keys that are already hashes.
pub struct MaglevTable(Maglev);

impl Peer for MaglevTable {
    const NAME: &'static str = "apportion maglev (hashed keys)";
    const FAMILY: &'static str = "maglev";
    type Plan = (Topology<SocketAddr>, MaglevConfig);

    fn plan(n: u32) -> Self::Plan {
        (Topology::new((0..n).map(address)).expect("a topology"), config(n))
    }

    fn build((topology, config): &Self::Plan) -> Self {
        Self(Maglev::build(config, topology.members()).expect("a table"))
    }
}

impl Locate<u64> for MaglevTable {
    fn locate(&self, key: &u64) -> u32 {
        self.0.locate(KeyHash::from_hash(*key)).map_or(0, |node| node.get())
    }
}
