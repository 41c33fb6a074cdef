//! pingora-ketama: nginx's ring, 160 points for a weight of 1, crc32, binary search.

use super::{address, grow_copies, server_address};
use crate::peer::{Grow, Locate, Peer, Three};
use pingora_ketama::{Bucket, Continuum};
use std::net::SocketAddr;
use std::time::Duration;

/// The crate's only ring without optional features.
pub struct PingoraKetama(Continuum);

impl Peer for PingoraKetama {
    const NAME: &'static str = "pingora-ketama";
    type Plan = Vec<Bucket>;

    fn plan(n: u32) -> Vec<Bucket> {
        (0..n).map(|i| Bucket::new(address(i), 1)).collect()
    }

    fn build(plan: &Vec<Bucket>) -> Self {
        Self(Continuum::new(plan))
    }
}

impl PingoraKetama {
    fn node(&self, key: &[u8]) -> u32 {
        self.0.node(key).map_or(0, |address| address.port().into())
    }
}

impl Locate<u64> for PingoraKetama {
    fn locate(&self, key: &u64) -> u32 {
        self.node(&key.to_le_bytes())
    }
}

impl Locate<str> for PingoraKetama {
    fn locate(&self, key: &str) -> u32 {
        self.node(key.as_bytes())
    }
}

impl Three for PingoraKetama {
    /// The iterator returns the node of each point, so the caller skips repeated nodes.
    fn three(&self, key: u64) -> [u32; 3] {
        let mut chosen: [Option<&SocketAddr>; 3] = [None; 3];
        let mut found = 0;
        for node in self.0.node_iter(&key.to_le_bytes()) {
            // All references point into one array, so comparing pointers is enough.
            let new = chosen.iter().flatten().all(|other| !std::ptr::eq(*other, node));
            if new {
                chosen[found] = Some(node);
                found += 1;
                if found == 3 {
                    break;
                }
            }
        }
        chosen.map(|node| node.map_or(0, |address| address.port().into()))
    }
}

impl Grow for PingoraKetama {
    /// The ring can only be rebuilt.
    fn grow(&mut self, n: u32, count: u64) -> Duration {
        let mut plan = Self::plan(n + 1);
        grow_copies(n, count, |i| {
            plan[n as usize] = Bucket::new(address(i), 1);
            Continuum::new(&plan)
        })
    }
}

/// The same ring over the servers of the rows of other systems, all of which nginx accepts.
pub struct PingoraServers(PingoraKetama);

impl Peer for PingoraServers {
    const NAME: &'static str = PingoraKetama::NAME;
    const FAMILY: &'static str = "interop";
    type Plan = Vec<Bucket>;

    fn plan(n: u32) -> Vec<Bucket> {
        (0..n).map(|i| Bucket::new(server_address(i), 1)).collect()
    }

    fn build(plan: &Vec<Bucket>) -> Self {
        Self(PingoraKetama::build(plan))
    }
}

impl Locate<u64> for PingoraServers {
    fn locate(&self, key: &u64) -> u32 {
        self.0.locate(key) - 1
    }
}

impl Locate<str> for PingoraServers {
    fn locate(&self, key: &str) -> u32 {
        self.0.locate(key) - 1
    }
}

impl Three for PingoraServers {
    fn three(&self, key: u64) -> [u32; 3] {
        self.0.three(key).map(|port| port - 1)
    }
}
