//! ketama: libketama's ring, 160 points per node, MD5, binary search of pairs.

use super::server;
use crate::peer::{Locate, Peer};
use ::ketama::Ring;

/// The ring; its answers are the places of the servers in the list.
pub struct Ketama(Ring);

impl Peer for Ketama {
    const NAME: &'static str = "ketama";
    const FAMILY: &'static str = "interop";
    type Plan = Vec<String>;

    fn plan(n: u32) -> Vec<String> {
        (0..n).map(server).collect()
    }

    fn build(plan: &Vec<String>) -> Self {
        let servers: Vec<&str> = plan.iter().map(String::as_str).collect();
        Self(Ring::build(&servers))
    }
}

impl Locate<u64> for Ketama {
    fn locate(&self, key: &u64) -> u32 {
        self.0.route(&key.to_le_bytes()) as u32
    }
}

impl Locate<str> for Ketama {
    fn locate(&self, key: &str) -> u32 {
        self.0.route(key.as_bytes()) as u32
    }
}
