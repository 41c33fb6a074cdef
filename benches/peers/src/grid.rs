//! The grid: which adapters are compared, in which questions and at which sizes.

use crate::bench::Bench;
use crate::diffs::{HALF_OTHER, HALF_OTHER_THREE, ONE_MORE, SOURCES};
use crate::peer::{Locate, Peer, Three};
use crate::peers::{
    AnchorHash, AnchorHashHashed, AnchorHashed, AnchorSlot, AsuraCrate, AsuraHashed, AsuraSlot,
    CacheMiss, CapacityHashed, CapacitySlot, ChooseK, ChooseKMixed, ChooseThree, ConsistentHash,
    CopiedMap, EqualRendezvous, FindSources, FlipBatch, FlipFunction, HalfOther, HashOnly,
    HashRing, HashRings, HashRingsCarp, HashRingsJump, HashRingsMaglev, HashRingsProbes,
    HashRingsRendezvous, HashRingsWeighted, Hrw, HrwHash, HrwHashUnequal, JumpBackAnew,
    JumpBackBatch, JumpBackFunction, JumpBatch, JumpConsistentHash, JumpFunction, JumpSlot,
    JumpThree, KafkaPartition, Ketama, KetamaRing, MaglevBatch, MaglevCrate, MaglevHashed,
    MaglevSlot, MaglevTable, MigratedRanges, Modulo, MpcHash, Murmur2, NginxRing, OneMore,
    OneMoreSources, PingoraKetama, PingoraServers, PlainRendezvous, ReadPoints, RedisCluster,
    RedisProtocol, RedisProtocolTable, RedisSlot, RendezvousBatch, RendezvousHashed, RingAlone,
    RingBatch, RingCrc32, RingHashed, RingNode, RingSlot, UnequalRendezvous,
};

/// Just above a power of two, where a function of (hash, n) may cost several times more than just
/// below one. Lookups are measured at this size wherever they are measured at 1000.
const ABOVE: u32 = 1025;

const RINGS: [u32; 5] = [10, 100, 1000, ABOVE, 10_000];
/// 16,000,000 points, just within the default limit of a ring.
const LARGE_RING: u32 = 100_000;
const DIFFS: [u32; 3] = [10, 100, 1000];
/// hashring_coordinator copies its whole ring for every point of it.
const SOURCED: [u32; 2] = [10, 30];
const FUNCTIONS: [u32; 5] = [10, 100, 1000, ABOVE, 1_000_000];
const TABLES: [u32; 4] = [10, 100, 1000, ABOVE];
const BATCHES: [u32; 2] = [1000, ABOVE];
/// Tables that leave the first caches.
const LARGE_BATCH: u32 = 10_000;

/// Measures the whole grid once.
pub fn once(bench: &mut Bench) {
    for n in RINGS {
        ring_lookups(bench, n);
        bench.ids::<RingSlot, MpcHash>(n);
        bench.ids::<RingSlot, HashRingsProbes>(n);
        floors(bench, n);
        if n != ABOVE {
            ring_costs(bench, n);
        }
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
    for n in TABLES {
        bench.ids::<JumpSlot, HashRingsJump>(n);
        anchors(bench, n);
    }
    for n in RINGS {
        boards(bench, n);
    }
    for n in TABLES {
        anchors_hashed(bench, n);
        maglev(bench, n);
        rendezvous(bench, n);
    }
    for n in BATCHES {
        batches(bench, n);
        table_batches(bench, n);
    }
    table_batches(bench, LARGE_BATCH);
    for n in TABLES {
        interop_rings(bench, n);
        interop_functions(bench, n);
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

/// Lookups with 160 points per node on both sides.
fn ring_lookups(bench: &mut Bench, n: u32) {
    lookups::<RingSlot, PingoraKetama>(bench, n);
    lookups::<RingNode, PingoraKetama>(bench, n);
    lookups::<RingCrc32, PingoraKetama>(bench, n);
    lookups::<RingNode, RingSlot>(bench, n);
    lookups::<RingSlot, HashRing>(bench, n);
    lookups::<RingSlot, HashRings>(bench, n);
    lookups::<RingSlot, ConsistentHash>(bench, n);

    bench.three::<RingSlot, PingoraKetama>(n);
    bench.three::<RingNode, PingoraKetama>(n);
    // hashring copies its whole ring for every key.
    if n < 10_000 {
        bench.three::<RingSlot, HashRing>(n);
    }
    bench.three::<RingSlot, ConsistentHash>(n);
}

fn floors(bench: &mut Bench, n: u32) {
    lookups::<RingSlot, HashOnly>(bench, n);
    lookups::<RingSlot, Modulo>(bench, n);
    lookups::<RingSlot, CacheMiss>(bench, n);
}

/// The costs of a ring besides lookups.
fn ring_costs(bench: &mut Bench, n: u32) {
    bench.grow::<RingSlot, PingoraKetama>(n);
    bench.grow::<RingSlot, HashRing>(n);
    bench.grow::<RingSlot, HashRings>(n);
    bench.grow::<RingSlot, CopiedMap>(n);
    static_parts::<RingSlot, PingoraKetama>(bench, n);
    static_parts::<RingSlot, HashRing>(bench, n);
    static_parts::<RingSlot, HashRings>(bench, n);
    static_parts::<RingSlot, ConsistentHash>(bench, n);
    static_parts::<RingSlot, MpcHash>(bench, n);
    bench.memory::<RingAlone, PingoraKetama>(n);
}

fn static_parts<Ours: Peer, Theirs: Peer>(bench: &mut Bench, n: u32) {
    bench.build::<Ours, Theirs>(n);
    bench.memory::<Ours, Theirs>(n);
}

/// Shows how the costs grow on a very large ring.
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

/// Functions of a number that is used as a hash.
fn functions(bench: &mut Bench, n: u32) {
    bench.agree::<JumpFunction, JumpConsistentHash>(n);
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

/// Anchors, with the same nodes removed in the same order on both sides; `n` includes them.
fn anchors(bench: &mut Bench, n: u32) {
    bench.ids::<AnchorSlot<0>, AnchorHash<0>>(n);
    bench.ids::<AnchorSlot<10>, AnchorHash<10>>(n);
    bench.ids::<AnchorSlot<50>, AnchorHash<50>>(n);
    bench.ids::<CapacitySlot<0>, AnchorHash<0>>(n);
    bench.ids::<CapacitySlot<10>, AnchorHash<10>>(n);
    bench.ids::<CapacitySlot<50>, AnchorHash<50>>(n);
    if n != ABOVE {
        static_parts::<AnchorSlot<0>, AnchorHash<0>>(bench, n);
        static_parts::<CapacitySlot<0>, AnchorHash<0>>(bench, n);
    }
}

fn anchors_hashed(bench: &mut Bench, n: u32) {
    bench.agree::<AnchorHashed<0>, JumpBackFunction>(n);
    bench.ids::<AnchorHashed<0>, AnchorHashHashed<0>>(n);
    bench.ids::<AnchorHashed<10>, AnchorHashHashed<10>>(n);
    bench.ids::<AnchorHashed<50>, AnchorHashHashed<50>>(n);
    bench.ids::<CapacityHashed<0>, AnchorHashHashed<0>>(n);
    bench.ids::<CapacityHashed<10>, AnchorHashHashed<10>>(n);
    bench.ids::<CapacityHashed<50>, AnchorHashHashed<50>>(n);
}

/// The other crate does not hash keys, so it is compared with ours with and without a hasher.
fn boards(bench: &mut Bench, n: u32) {
    bench.ids::<AsuraSlot<false>, AsuraCrate<false>>(n);
    bench.ids::<AsuraSlot<true>, AsuraCrate<true>>(n);
    bench.ids::<AsuraHashed<false>, AsuraCrate<false>>(n);
    bench.ids::<AsuraHashed<true>, AsuraCrate<true>>(n);
    if n != ABOVE {
        static_parts::<AsuraSlot<false>, AsuraCrate<false>>(bench, n);
        static_parts::<AsuraSlot<true>, AsuraCrate<true>>(bench, n);
    }
}

fn maglev(bench: &mut Bench, n: u32) {
    lookups::<MaglevSlot, MaglevCrate>(bench, n);
    bench.ids::<MaglevTable, MaglevCrate>(n);
    bench.ids::<MaglevSlot, HashRingsMaglev>(n);
    bench.ids::<MaglevSlot, RingSlot>(n);
    if n != ABOVE {
        static_parts::<MaglevSlot, MaglevCrate>(bench, n);
    }
    // This crate stores the whole permutation of each node.
    if n <= 100 {
        static_parts::<MaglevSlot, HashRingsMaglev>(bench, n);
    }
}

fn rendezvous(bench: &mut Bench, n: u32) {
    rendezvous_pair::<PlainRendezvous, Hrw>(bench, n);
    rendezvous_pair::<EqualRendezvous, HrwHash>(bench, n);
    bench.ids::<UnequalRendezvous, HrwHashUnequal>(n);
    bench.ids::<PlainRendezvous, HashRingsRendezvous>(n);
    bench.ids::<EqualRendezvous, HashRingsWeighted>(n);
    bench.ids::<EqualRendezvous, HashRingsCarp>(n);
}

fn rendezvous_pair<Ours, Theirs>(bench: &mut Bench, n: u32)
where
    Ours: Locate<u64> + Locate<str> + Three,
    Theirs: Locate<u64> + Locate<str> + Three,
{
    lookups::<Ours, Theirs>(bench, n);
    bench.three::<Ours, Theirs>(n);
}

/// Batches against our own loop first, then against crates that also take hashed keys.
fn batches(bench: &mut Bench, n: u32) {
    bench.batch::<JumpBackBatch, JumpBackFunction, JumpBackFunction>(n);
    bench.batch::<JumpBackBatch, JumpBackFunction, JumpConsistentHash>(n);
    bench.batch::<JumpBackBatch, JumpBackFunction, ChooseK>(n);
    bench.batch::<JumpBackBatch, JumpBackFunction, ChooseKMixed>(n);
    bench.batch::<JumpBatch, JumpFunction, JumpFunction>(n);
    bench.batch::<JumpBatch, JumpFunction, JumpConsistentHash>(n);
    bench.batch::<FlipBatch, FlipFunction, FlipFunction>(n);
    bench.batch::<FlipBatch, FlipFunction, JumpConsistentHash>(n);
    bench.batch::<FlipBatch, FlipFunction, ChooseKMixed>(n);
    bench.batch::<RendezvousBatch, RendezvousHashed, RendezvousHashed>(n);
}

/// Batches of what reads a table, against our own loop.
fn table_batches(bench: &mut Bench, n: u32) {
    bench.batch::<RingBatch, RingHashed, RingHashed>(n);
    bench.batch::<MaglevBatch, MaglevHashed, MaglevHashed>(n);
}

/// Rings of other systems, whose points and answers are the same on both sides.
fn interop_rings(bench: &mut Bench, n: u32) {
    bench.same_points::<NginxRing, PingoraServers>(n);
    lookups::<NginxRing, PingoraServers>(bench, n);
    bench.three::<NginxRing, PingoraServers>(n);
    bench.same_points::<KetamaRing, Ketama>(n);
    lookups::<KetamaRing, Ketama>(bench, n);
    if n != ABOVE {
        static_parts::<NginxRing, PingoraServers>(bench, n);
        static_parts::<KetamaRing, Ketama>(bench, n);
    }
}

/// Slots and partitions of other systems.
fn interop_functions(bench: &mut Bench, n: u32) {
    bench.agree::<RedisSlot, RedisProtocol>(n);
    lookups::<RedisSlot, RedisProtocol>(bench, n);
    bench.agree::<RedisCluster, RedisProtocolTable>(n);
    lookups::<RedisCluster, RedisProtocolTable>(bench, n);
    bench.agree::<KafkaPartition, Murmur2>(n);
    lookups::<KafkaPartition, Murmur2>(bench, n);
}
