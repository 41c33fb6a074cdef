//! consistent_hash_ring: a ring as a sorted array of points, FNV, and the ranges that migrate
//! between two rings.

use super::{POINTS, hashes, share};
use crate::peer::{Diff, Peer};
use consistent_hash_ring::{Ring, RingBuilder, migrated_ranges};

/// Two rings with their default hasher: before and after adding a node or, with `HALF`, replacing
/// half of the nodes.
pub struct MigratedRanges<const HALF: bool> {
    old: Ring<u32>,
    new: Ring<u32>,
}

impl<const HALF: bool> Peer for MigratedRanges<HALF> {
    const NAME: &'static str = "consistent_hash_ring";
    const FAMILY: &'static str = "ring diff";
    type Plan = u32;

    fn plan(n: u32) -> u32 {
        n
    }

    fn build(n: &u32) -> Self {
        let old = RingBuilder::default().vnodes(POINTS as usize).nodes_iter(0..*n).build();
        let mut new = old.clone();
        if HALF {
            for node in 0..n / 2 {
                new.remove(&node);
                new.insert(n + node);
            }
        } else {
            new.insert(*n);
        }
        Self { old, new }
    }
}

impl<const HALF: bool> Diff for MigratedRanges<HALF> {
    fn points(&self) -> usize {
        self.old.vnodes() + self.new.vnodes()
    }

    fn moved(&self) -> f64 {
        let ranges = migrated_ranges(&self.old, &self.new);
        share(ranges.map(|range| hashes(*range.keys().start(), *range.keys().end())).sum())
    }
}
