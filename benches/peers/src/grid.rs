//! Who meets whom, over what and how large.

use crate::bench::Bench;
use crate::diffs::{HALF_OTHER, HALF_OTHER_THREE, ONE_MORE, SOURCES};
use crate::peer::{Locate, Peer, Three};
use crate::peers::{
    CacheMiss, ChooseK, ChooseKMixed, ChooseThree, ConsistentHash, FindSources, FlipFunction,
    HalfOther, HashOnly, HashRing, HashRings, Hrw, HrwHash, JumpBackAnew, JumpBackFunction,
    JumpConsistentHash, JumpFunction, JumpThree, MaglevCrate, MaglevSlot, MaglevTable,
    MigratedRanges, Modulo, OneMore, OneMoreSources, PingoraKetama, PlainRendezvous, ReadPoints,
    RingAlone, RingCrc32, RingNode, RingSlot, WeightedRendezvous,
};

const RINGS: [u32; 4] = [10, 100, 1000, 10_000];
/// 16,000,000 points, just within what a ring may have by default.
const LARGE_RING: u32 = 100_000;
const DIFFS: [u32; 3] = [10, 100, 1000];
/// hashring_coordinator copies its whole ring for every point of it.
const SOURCED: [u32; 2] = [10, 30];
/// Just below a power of two, just above one, and far out.
const FUNCTIONS: [u32; 5] = [10, 100, 1000, 1025, 1_000_000];
const RENDEZVOUS: [u32; 3] = [10, 100, 1000];

/// Goes through the whole grid once.
pub fn once(bench: &mut Bench) {
    for n in RINGS {
        pingora(bench, n);
        other_rings(bench, n);
        floors(bench, n);
    }
    large_ring(bench, LARGE_RING);
    for n in DIFFS {
        diffs(bench, n);
    }
    for n in SOURCED {
        bench.diff::<OneMoreSources, FindSources>(&SOURCES, n);
    }
    for n in FUNCTIONS {
        functions(bench, n);
    }
    for n in RENDEZVOUS {
        maglev(bench, n);
        rendezvous(bench, n);
    }
}

fn lookups<Ours, Theirs>(bench: &mut Bench, n: u32)
where
    Ours: Locate<u64> + Locate<str>,
    Theirs: Locate<u64> + Locate<str>,
{
    bench.ids::<Ours, Theirs>(n);
    bench.names::<Ours, Theirs>(n);
}

/// 160 points a node on both sides.
fn pingora(bench: &mut Bench, n: u32) {
    lookups::<RingSlot, PingoraKetama>(bench, n);
    lookups::<RingNode, PingoraKetama>(bench, n);
    lookups::<RingCrc32, PingoraKetama>(bench, n);
    bench.three::<RingSlot, PingoraKetama>(n);
    bench.three::<RingNode, PingoraKetama>(n);
    bench.build::<RingSlot, PingoraKetama>(n);
    bench.grow::<RingSlot, PingoraKetama>(n);
    bench.memory::<RingSlot, PingoraKetama>(n);
    bench.memory::<RingAlone, PingoraKetama>(n);
}

fn other_rings(bench: &mut Bench, n: u32) {
    lookups::<RingSlot, HashRing>(bench, n);
    lookups::<RingSlot, HashRings>(bench, n);
    lookups::<RingSlot, ConsistentHash>(bench, n);
    // hashring copies its whole ring for every key.
    if n <= 1000 {
        bench.three::<RingSlot, HashRing>(n);
    }
    bench.three::<RingSlot, ConsistentHash>(n);
    bench.grow::<RingSlot, HashRing>(n);
    bench.grow::<RingSlot, HashRings>(n);
    static_parts::<RingSlot, HashRing>(bench, n);
    static_parts::<RingSlot, HashRings>(bench, n);
    static_parts::<RingSlot, ConsistentHash>(bench, n);
}

fn static_parts<Ours: Peer, Theirs: Peer>(bench: &mut Bench, n: u32) {
    bench.build::<Ours, Theirs>(n);
    bench.memory::<Ours, Theirs>(n);
}

fn floors(bench: &mut Bench, n: u32) {
    lookups::<RingSlot, HashOnly>(bench, n);
    lookups::<RingSlot, Modulo>(bench, n);
    lookups::<RingSlot, CacheMiss>(bench, n);
}

/// Only what shows how the costs go on growing.
fn large_ring(bench: &mut Bench, n: u32) {
    bench.ids::<RingSlot, PingoraKetama>(n);
    static_parts::<RingSlot, PingoraKetama>(bench, n);
}

fn diffs(bench: &mut Bench, n: u32) {
    bench.diff::<OneMore, MigratedRanges<false>>(&ONE_MORE, n);
    bench.diff::<HalfOther<1>, MigratedRanges<true>>(&HALF_OTHER, n);
    bench.diff::<HalfOther<1>, ReadPoints<false>>(&HALF_OTHER, n);
    bench.diff::<HalfOther<1>, ReadPoints<true>>(&HALF_OTHER, n);
    bench.diff::<HalfOther<3>, ReadPoints<false>>(&HALF_OTHER_THREE, n);
    bench.diff::<HalfOther<3>, ReadPoints<true>>(&HALF_OTHER_THREE, n);
}

/// Functions of a number that is taken for a hash.
fn functions(bench: &mut Bench, n: u32) {
    bench.ids::<JumpFunction, JumpConsistentHash>(n);
    bench.ids::<JumpBackFunction, JumpConsistentHash>(n);
    bench.ids::<JumpBackAnew, JumpConsistentHash>(n);
    bench.ids::<FlipFunction, JumpConsistentHash>(n);
    bench.ids::<FlipFunction, ChooseKMixed>(n);
    bench.ids::<JumpBackFunction, ChooseK>(n);
    bench.ids::<JumpBackFunction, ChooseKMixed>(n);
    bench.three::<JumpThree, ChooseThree<false>>(n);
    bench.three::<JumpThree, ChooseThree<true>>(n);
}

fn maglev(bench: &mut Bench, n: u32) {
    lookups::<MaglevSlot, MaglevCrate>(bench, n);
    bench.ids::<MaglevTable, MaglevCrate>(n);
    bench.ids::<MaglevSlot, RingSlot>(n);
    static_parts::<MaglevSlot, MaglevCrate>(bench, n);
}

fn rendezvous(bench: &mut Bench, n: u32) {
    rendezvous_pair::<PlainRendezvous, Hrw>(bench, n);
    rendezvous_pair::<WeightedRendezvous, HrwHash>(bench, n);
}

fn rendezvous_pair<Ours, Theirs>(bench: &mut Bench, n: u32)
where
    Ours: Locate<u64> + Locate<str> + Three,
    Theirs: Locate<u64> + Locate<str> + Three,
{
    lookups::<Ours, Theirs>(bench, n);
    bench.three::<Ours, Theirs>(n);
}
