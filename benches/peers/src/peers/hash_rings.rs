//! hash-rings: the ring as a BTreeMap, SipHash-1-3 with random keys.

use super::{POINTS, grow_copies};
use crate::peer::{Grow, Locate, Peer};
use hash_rings::consistent::Ring;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

/// Rings hold references to their nodes.
pub(super) static IDS: [u32; 1 << 15] = {
    let mut ids = [0; 1 << 15];
    let mut i = 0;
    while i < ids.len() {
        ids[i] = i as u32;
        i += 1;
    }
    ids
};

/// The module `consistent` with its default hasher.
pub struct HashRings(Ring<'static, u32>);

impl Peer for HashRings {
    const NAME: &'static str = "hash-rings";
    type Plan = &'static [u32];

    fn plan(n: u32) -> Self::Plan {
        &IDS[..n as usize]
    }

    fn build(plan: &Self::Plan) -> Self {
        let mut ring = Ring::new();
        for id in *plan {
            ring.insert_node(id, POINTS as usize);
        }
        Self(ring)
    }
}

impl Locate<u64> for HashRings {
    fn locate(&self, key: &u64) -> u32 {
        *self.0.get_node(key)
    }
}

impl Locate<str> for HashRings {
    fn locate(&self, key: &str) -> u32 {
        *self.0.get_node(&key)
    }
}

impl Grow for HashRings {
    /// Adds in place, so no lookups are possible meanwhile. The reset is not timed.
    fn grow(&mut self, n: u32, count: u64) -> Duration {
        let mut sum = Duration::ZERO;
        for turn in 0..count {
            let id = &IDS[n as usize + turn as usize % 64];
            let start = Instant::now();
            self.0.insert_node(id, POINTS as usize);
            sum += start.elapsed();
            self.0.remove_node(id);
        }
        sum
    }
}

/// A ring kept as hash-rings keeps it, a `BTreeMap` of points, but like ours: each change makes another
/// ring, and the one before still answers. Points are made with the same hash function.
pub struct CopiedMap(BTreeMap<u64, &'static u32>);

impl Peer for CopiedMap {
    const NAME: &'static str = "BTreeMap, copied";
    type Plan = &'static [u32];

    fn plan(n: u32) -> Self::Plan {
        HashRings::plan(n)
    }

    fn build(plan: &Self::Plan) -> Self {
        let mut ring = BTreeMap::new();
        plan.iter().for_each(|id| insert(&mut ring, id));
        Self(ring)
    }
}

impl Grow for CopiedMap {
    fn grow(&mut self, n: u32, count: u64) -> Duration {
        grow_copies(n, count, |id| {
            let mut bigger = self.0.clone();
            insert(&mut bigger, &IDS[id as usize]);
            bigger
        })
    }
}

fn insert(ring: &mut BTreeMap<u64, &'static u32>, id: &'static u32) {
    for point in 0..POINTS {
        let mut hasher = DefaultHasher::new();
        (id, point).hash(&mut hasher);
        ring.insert(hasher.finish(), id);
    }
}
