//! maglev: the paper's table, SipHash-1-3, 100 entries per node.

use crate::peer::{Locate, Peer};
use ::maglev::{ConsistentHasher, Maglev};

/// The table with its default hasher and size.
pub struct MaglevCrate(Maglev<u32>);

impl Peer for MaglevCrate {
    const NAME: &'static str = "maglev";
    const FAMILY: &'static str = "maglev";
    type Plan = u32;

    fn plan(n: u32) -> u32 {
        n
    }

    fn build(n: &u32) -> Self {
        Self(Maglev::new(0..*n))
    }
}

impl Locate<u64> for MaglevCrate {
    fn locate(&self, key: &u64) -> u32 {
        self.0.get(key).map_or(0, |node| *node)
    }
}

impl Locate<str> for MaglevCrate {
    fn locate(&self, key: &str) -> u32 {
        self.0.get(key).map_or(0, |node| *node)
    }
}
