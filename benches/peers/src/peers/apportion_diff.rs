//! apportion's exact diff of two rings.

use super::{address, hashes, share};
use crate::peer::{Diff, Peer};
use apportion::diff::Extent;
use apportion::{KeyHash, Locator, NodeIdx, Placement};
use std::hint::black_box;
use std::net::SocketAddr;
use std::ops::Range;

fn ring(nodes: Range<u32>) -> Locator<SocketAddr> {
    Locator::ring(nodes.map(address)).expect("a ring")
}

/// The old ring and the new one.
struct Pair(Locator<SocketAddr>, Locator<SocketAddr>);

impl Pair {
    fn one_more(n: u32) -> Self {
        let old = ring(0..n);
        let new = old.with(address(n)).expect("a ring");
        Self(old, new)
    }

    fn points(&self) -> usize {
        self.0.placement().points() + self.1.placement().points()
    }
}

/// A ring before and after adding a node, with each range that moves.
pub struct OneMore(Pair);

impl Peer for OneMore {
    const NAME: &'static str = "apportion ring (moves)";
    const FAMILY: &'static str = "ring diff";
    type Plan = u32;

    fn plan(n: u32) -> u32 {
        n
    }

    fn build(n: &u32) -> Self {
        Self(Pair::one_more(*n))
    }
}

impl Diff for OneMore {
    fn points(&self) -> usize {
        self.0.points()
    }

    fn moved(&self) -> f64 {
        let Pair(old, new) = &self.0;
        let diff = old.diff(new).expect("two rings");
        let arcs = diff.moves().map(|one| arc(one.extent));
        share(arcs.map(|(first, last)| hashes(first, last)).sum())
    }
}

fn arc(part: Extent) -> (u64, u64) {
    match part {
        Extent::Hashes { first, last } => (first, last),
        _ => unreachable!("rings have arcs"),
    }
}

/// The same at three replicas, with the three old holders of each range: any of them can send it,
/// not only the one that loses it.
pub struct OneMoreSources(Pair);

impl Peer for OneMoreSources {
    const NAME: &'static str = "apportion ring (moves and holders)";
    const FAMILY: &'static str = "ring diff";
    type Plan = u32;

    fn plan(n: u32) -> u32 {
        n
    }

    fn build(n: &u32) -> Self {
        Self(Pair::one_more(*n))
    }
}

impl Diff for OneMoreSources {
    fn points(&self) -> usize {
        self.0.points()
    }

    fn moved(&self) -> f64 {
        let Pair(old, new) = &self.0;
        let diff = old.diff_replicas(new, 3).expect("two rings");
        let mut sum = 0;
        for one in diff.moves() {
            let (first, last) = arc(one.extent);
            let mut holders = [NodeIdx::default(); 3];
            old.placement().replicas(KeyHash::from_hash(last), &mut holders);
            black_box(holders);
            sum += hashes(first, last);
        }
        share(sum) / 3.0
    }
}

/// How much moves at `R` replicas between two rings that are built independently and share half of
/// their nodes.
pub struct HalfOther<const R: usize>(Pair);

impl<const R: usize> Peer for HalfOther<R> {
    const NAME: &'static str = "apportion ring (moved)";
    const FAMILY: &'static str = "ring diff";
    type Plan = u32;

    fn plan(n: u32) -> u32 {
        n
    }

    fn build(n: &u32) -> Self {
        Self(Pair(ring(0..*n), ring(n / 2..n / 2 + n)))
    }
}

impl<const R: usize> Diff for HalfOther<R> {
    fn points(&self) -> usize {
        self.0.points()
    }

    fn moved(&self) -> f64 {
        let Pair(old, new) = &self.0;
        let diff = old.diff_replicas(new, R).expect("two rings");
        diff.moved_fraction().unwrap_or(f64::NAN)
    }
}
