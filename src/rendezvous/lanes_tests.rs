//! Vectors and single numbers give the same nodes.

use super::named::Rendezvous;
use super::plain;
use super::weighted::WeightedRendezvous;
use crate::hash::KeyHash;
use crate::hash::mix::{mix, word};
use crate::node::{Node, NodeIdx};
use crate::placement::{Build, Placement, Walk};
use crate::score::crafted::seed_of;
use crate::score::{
    Scorer, Seed, WeightedSeed, best, best_in_lanes, next_batch, next_batch_in_lanes,
};
use crate::topology::Topology;
use crate::vector::{ScoreLanes, runs};
use std::vec;
use std::vec::Vec;

/// Around the sizes of blocks and groups, and some larger ones.
fn counts() -> impl Iterator<Item = usize> {
    (0..=100).chain([127, 128, 129, 190, 500])
}

fn plain_lanes(seeds: &[Seed]) -> Vec<ScoreLanes> {
    ScoreLanes::at_every_level(seeds, |seed| seed.word(), None::<&fn(&Seed) -> u64>)
}

fn weighted_lanes(entries: &[WeightedSeed]) -> Vec<ScoreLanes> {
    ScoreLanes::at_every_level(entries, |(seed, _)| seed.word(), Some(&|(_, w): &WeightedSeed| *w))
}

/// The best k without lanes and with each.
fn check_plain(seeds: &[Seed], key: KeyHash, k: usize) {
    let best = plain::best(seeds, |seed| *seed, key);
    let of = |lanes: &ScoreLanes| {
        let (mut out, mut walk) = (vec![NodeIdx::new(0); k], Walk::new(key));
        let seed = |seed: &Seed| *seed;
        let n = plain::next_batch_in_lanes(lanes, seeds, seed, &mut walk, &mut out, |_| true);
        (n, out, *walk.state())
    };
    let expected = of(&ScoreLanes::NONE);
    for lanes in plain_lanes(seeds) {
        // Equal bounds are left to the scalar code.
        let highest = lanes.highest(Scorer::new(key).word());
        assert!(highest.is_none() || highest == best, "{} {lanes:?}", seeds.len());
        assert_eq!(of(&lanes), expected, "{k} of {} {lanes:?}", seeds.len());
    }
}

fn check_weighted(entries: &[WeightedSeed], key: KeyHash, k: usize) {
    let owner = best(entries.iter().copied().enumerate(), key);
    let entry = |at: usize| entries.get(at).copied();
    let of = |lanes: &ScoreLanes| {
        let (mut out, mut walk) = (vec![NodeIdx::new(0); k], Walk::new(key));
        let n = next_batch_in_lanes(lanes, entry, entries.len(), &mut walk, &mut out, |_| true);
        (n, out, *walk.state())
    };
    let expected = of(&ScoreLanes::NONE);
    for lanes in weighted_lanes(entries) {
        let found = best_in_lanes(&lanes, entries, key);
        assert!(found == owner || (found.is_none() && entries.len() < 16), "{lanes:?}");
        assert_eq!(of(&lanes), expected, "{k} of {} {lanes:?}", entries.len());
    }
}

#[test]
fn random_nodes() {
    for count in counts() {
        let seeds: Vec<Seed> = (0..count as u64).map(|c| Seed::new(word(3, c))).collect();
        let mut decided = 0;
        for case in 0..40 {
            let key = KeyHash::from_hash(word(5, case));
            check_plain(&seeds, key, (case as usize).min(17));
            let highest = |lanes: ScoreLanes| lanes.highest(Scorer::new(key).word()).is_some();
            decided +=
                plain_lanes(&seeds).into_iter().filter(|lanes| highest(lanes.clone())).count();
        }
        let levels = plain_lanes(&seeds).len();
        assert_eq!(decided, if count < 16 { 0 } else { 40 * levels }, "{count}");
    }
}

/// Weights of every order of magnitude, side by side.
#[test]
fn random_nodes_with_weights() {
    type Weight = fn(u64) -> u64;
    let weights: [Weight; 6] = [
        |_| 1,
        |_| u64::MAX,
        |c| 1 + c % 10,
        |c| u64::MAX - c,
        |c| (mix(c) >> (c % 64)).max(1),
        |c| if c % 7 == 3 { u64::MAX } else { 1 },
    ];
    for count in counts() {
        for weight in weights {
            let entry = |c| (Seed::new(word(3, c)), weight(c));
            let entries: Vec<WeightedSeed> = (0..count as u64).map(entry).collect();
            for case in 0..20 {
                check_weighted(
                    &entries,
                    KeyHash::from_hash(word(5, case)),
                    (case as usize).min(17),
                );
            }
        }
    }
}

/// Scores whose upper bits agree, at any position, and the lowest and highest scores of all.
#[test]
fn equal_bounds() {
    let key = KeyHash::from_hash(7);
    let scorer = Scorer::new(key);
    for count in [16, 17, 63, 64, 65, 100, 130] {
        for a in 0..count {
            let b = (a * 7 + 1 + a / 9) % count;
            for (high, more) in
                [(u64::MAX << 33, 1), (u64::MAX << 33, 3 << 31), (1 << 63, 2), (0, 1)]
            {
                let mut scores: Vec<u64> =
                    (0..count as u64).map(|i| (mix(i) >> 34).max(4)).collect();
                (scores[a], scores[b]) = (high | more, high);
                if a == b {
                    continue;
                }
                let seeds: Vec<Seed> = scores.iter().map(|score| seed_of(scorer, *score)).collect();
                check_plain(&seeds, key, 1 + a % 5);
                let weighted = |weight: fn(usize) -> u64| {
                    let entry = |(at, seed): (usize, &Seed)| (*seed, weight(at));
                    seeds.iter().enumerate().map(entry).collect::<Vec<_>>()
                };
                check_weighted(&weighted(|_| 5), key, 1 + a % 5);
                check_weighted(&weighted(|at| 1 + at as u64 % 3), key, 1 + a % 5);
            }
        }
    }
}

/// Nodes that all have one bound: every node is compared exactly.
#[test]
fn nodes_with_one_bound() {
    let key = KeyHash::from_hash(8);
    let scorer = Scorer::new(key);
    for high in [0, 1 << 40, u64::MAX << 33] {
        for count in [16, 64, 65, 100] {
            let seed = |i: u64| seed_of(scorer, high | ((i * 37) % 1009 * 5));
            let seeds: Vec<Seed> = (0..count).map(seed).collect();
            let entries: Vec<WeightedSeed> = seeds.iter().map(|seed| (*seed, 3)).collect();
            for k in [1, 2, 8] {
                check_plain(&seeds, key, k);
                check_weighted(&entries, key, k);
            }
        }
    }
}

/// A walk that goes on behind its place, with nodes refused on the way.
#[test]
fn batches_of_a_walk() {
    let entries: Vec<WeightedSeed> = (0..200).map(|c| (Seed::new(c), 1 + c % 4)).collect();
    let entry = |at: usize| entries.get(at).copied();
    let accept = |at: usize| at % 5 != 2;
    for lanes in weighted_lanes(&entries) {
        for case in 0..20 {
            let key = KeyHash::from_hash(word(6, case));
            let (mut one, mut other) = (Walk::new(key), Walk::new(key));
            for _ in 0..50 {
                let (mut a, mut b) = ([NodeIdx::new(0); 4], [NodeIdx::new(0); 4]);
                let n = next_batch(entry, 200, &mut one, &mut a, accept);
                let m = next_batch_in_lanes(&lanes, entry, 200, &mut other, &mut b, accept);
                assert_eq!((n, a, *one.state()), (m, b, *other.state()));
            }
        }
    }
}

#[test]
fn lookups_are_computed_with_vectors_where_there_are_any() {
    let (_, there) = runs();
    let nodes = |count: u64| Topology::of((0..count).map(|i| Node::new(i).weight(7))).unwrap();
    for (count, expected) in [(15, 0), (16, 2), (24, 4), (1000, 4)] {
        let topology = nodes(count);
        let plain = Rendezvous::build(&(), topology.members()).unwrap();
        let weighted = WeightedRendezvous::build(&(), topology.members()).unwrap();
        let (before, _) = runs();
        let mut three = [NodeIdx::new(0); 3];
        for placement in [&plain as &dyn Placement, &weighted] {
            placement.locate(KeyHash::from_hash(1));
            placement.replicas(KeyHash::from_hash(1), &mut three);
        }
        let (after, _) = runs();
        assert_eq!(after - before, if there { expected } else { 0 }, "{count}");
    }
}
