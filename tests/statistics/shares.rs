//! Shares, at a significance level corrected for the number of tests, with fixed seeds.
//!
//! All tests of this file together reject a true hypothesis once in a thousand sets of seeds.

use crate::support::{Draws, chi_squared, holders, level, topology};
use apportion::anchor::AnchorConfig;
use apportion::asura::AsuraConfig;
use apportion::bucket::Buckets;
use apportion::hash::KeyHasher;
use apportion::maglev::MaglevConfig;
use apportion::{
    Algorithm, AnyPlacement, Guarantees, JumpBack, KeyHash, Locator, NodeIdx, Placement, Walk, Xxh3,
};

/// Tests in this file that may reject.
const TESTS: u32 = 500;

fn accept(what: &str, counts: &[u64], expected: &[f64]) {
    let p = chi_squared(counts, expected);
    assert!(p > level(TESTS), "{what}: p = {p:e}");
}

/// Key streams that applications have: random, sequential, shifted.
fn streams(seed: u64, n: usize) -> Vec<(&'static str, Vec<KeyHash>)> {
    let hashed = |keys: &mut dyn Iterator<Item = u64>| keys.map(|k| Xxh3.hash_key(&k)).collect();
    let base = seed << 40;
    vec![
        ("random", Draws(seed).keys(n)),
        ("sequential", hashed(&mut (base..).take(n))),
        ("shifted by 16", hashed(&mut (base..).take(n).map(|k| k << 16))),
        ("mixed ids", (base..).take(n).map(KeyHash::of_id).collect()),
    ]
}

fn count(placement: &(impl Placement + ?Sized), keys: &[KeyHash]) -> Vec<u64> {
    let mut counts = vec![0; placement.slots()];
    for key in keys {
        counts[placement.locate(*key).unwrap().index()] += 1;
    }
    counts
}

fn quotas(weights: &[u64], keys: usize) -> Vec<f64> {
    let total: u64 = weights.iter().sum();
    weights.iter().map(|w| *w as f64 / total as f64 * keys as f64).collect()
}

fn any(algorithm: Algorithm, weights: &[u64]) -> AnyPlacement {
    Locator::any_of(topology(weights), algorithm).unwrap().placement().clone()
}

/// An anchor after some removals in random order, and the weights that are left.
fn removed(
    algorithm: Algorithm,
    weights: &[u64],
    removals: usize,
    seed: u64,
) -> (AnyPlacement, Vec<u64>) {
    let mut left = weights.to_vec();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    Draws(seed).shuffle(&mut order);
    let mut anchor = Locator::any_of(topology(weights), algorithm).unwrap();
    for node in order.into_iter().take(removals) {
        anchor = anchor.reweighted(&format!("n{node}"), 0).unwrap();
        left[node] = 0;
    }
    (anchor.placement().clone(), left)
}

#[test]
fn owners_are_uniform() {
    for n in [3, 10, 100, 1000, 1025] {
        let weights = vec![1; n];
        for (stream, keys) in streams(n as u64, 200_000) {
            let expected = quotas(&weights, keys.len());
            for algorithm in
                [Algorithm::Jump, Algorithm::JumpGuava, Algorithm::JumpBack, Algorithm::Flip]
            {
                let name = algorithm.name();
                accept(
                    &format!("{name} {n} {stream}"),
                    &count(&any(algorithm, &weights), &keys),
                    &expected,
                );
            }
            // Any unit and board, with and without the fallback.
            for config in [
                AsuraConfig::default(),
                AsuraConfig::default().unit(2).board(12),
                AsuraConfig::default().darts(2),
            ] {
                let keys = &keys[..(20_000_000 / n).min(keys.len())];
                accept(
                    &format!("asura {n} {stream} {config:?}"),
                    &count(&any(Algorithm::Asura(config), &weights), keys),
                    &quotas(&weights, keys.len()),
                );
            }
            // A third of the buckets removed, in no order.
            let all: Vec<u64> = vec![1; n + n / 2];
            // AnchorHash also with buckets that never had a node.
            let capacity = |buckets| Algorithm::Anchor(AnchorConfig::default().capacity(buckets));
            let full = all.len() as u32;
            for algorithm in [Algorithm::JumpBackAnchor, capacity(full), capacity(full * 3)] {
                let name = algorithm.to_string();
                let (anchor, gone) = removed(algorithm, &all, n / 2, n as u64);
                let expected = quotas(&gone, keys.len());
                accept(&format!("{name} {n} {stream}"), &count(&anchor, &keys), &expected);
            }
            // O(n) a lookup: fewer keys for many nodes.
            let keys = &keys[..(20_000_000 / n).min(keys.len())];
            let expected = quotas(&weights, keys.len());
            for algorithm in [Algorithm::Rendezvous, Algorithm::WeightedRendezvous] {
                let name = algorithm.name();
                accept(
                    &format!("{name} {n} {stream}"),
                    &count(&any(algorithm, &weights), keys),
                    &expected,
                );
            }
        }
    }
}

/// The key itself chooses the first bucket of an AnchorHash, and words of the key choose the others:
/// where the first and the second of them are removed, the owner depends on neither.
#[test]
fn further_draws_of_an_anchor_do_not_depend_on_the_first() {
    let config = AnchorConfig::default().capacity(8);
    let anchor = Locator::anchor_of(topology(&[1; 8]), config).unwrap();
    // Bucket 5 was removed first and bucket 2 second; then six are left, of which two more leave.
    let six = anchor.without("n5").unwrap().without("n2").unwrap();
    let four = six.without("n0").unwrap().without("n7").unwrap();
    let owner = |of: &Locator<String, _>, key| of.locate(&key).unwrap().index();
    for (stream, keys) in streams(6, 400_000) {
        // A row for each first bucket and each bucket after the second removal.
        let mut ways = std::collections::BTreeMap::<(usize, usize), [u64; 8]>::new();
        for key in keys {
            let way = (owner(&anchor, key), owner(&six, key));
            ways.entry(way).or_default()[owner(&four, key)] += 1;
        }
        for (way, counts) in ways {
            let total: u64 = counts.iter().sum();
            // From a bucket that works the key does not go on.
            if [1, 3, 4, 6].contains(&way.1) {
                assert_eq!(counts[way.1], total);
                continue;
            }
            let expected = [1, 3, 4, 6].map(|_| total as f64 / 4.0);
            let counts = [1, 3, 4, 6].map(|bucket| counts[bucket]);
            assert!(total > 1000 && counts.iter().sum::<u64>() == total);
            accept(&format!("anchor {way:?} {stream}"), &counts, &expected);
        }
    }
}

#[test]
fn owners_follow_the_weights() {
    let sets: [&[u64]; 5] = [
        &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
        &[1, 1000],
        &[1 << 40, 3 << 40, 0, 2 << 40],
        &[u64::MAX, u64::MAX, u64::MAX / 2],
        &[100, 1, 1, 1, 1, 1, 1, 1, 1, 1],
    ];
    for (i, weights) in sets.into_iter().enumerate() {
        let scaled: Vec<u64> = weights.iter().map(|w| w / 16).collect();
        let weights = if i == 3 { &scaled } else { weights };
        for algorithm in [
            Algorithm::WeightedRendezvous,
            Algorithm::Asura(AsuraConfig::default()),
            Algorithm::Asura(AsuraConfig::default().darts(1)),
        ] {
            let name = algorithm.name();
            let placement = any(algorithm, weights);
            for (stream, keys) in streams(50 + i as u64, 400_000) {
                let expected = quotas(weights, keys.len());
                let what = format!("{name} {weights:?} {stream}");
                accept(&what, &count(&placement, &keys), &expected);
            }
        }
    }
}

/// Most slots dead, weights of any kind: shares stay what the weights say.
#[test]
fn empty_boards_follow_the_weights() {
    for (darts, dead) in [(256, 50), (256, 90), (256, 99), (4, 90), (0, 90)] {
        let mut draws = Draws(u64::from(darts) + dead);
        let mut weights: Vec<u64> = (0..200)
            .map(|_| if draws.below(100) < dead { 0 } else { 1 + draws.below(10) })
            .collect();
        weights[199] = 5;
        let config = AsuraConfig::default().unit(16).darts(darts);
        let placement = any(Algorithm::Asura(config), &weights);
        let keys = draws.keys(200_000);
        let expected = quotas(&weights, keys.len());
        let what = format!("{darts} darts, {dead} of 100 dead");
        accept(&what, &count(&placement, &keys), &expected);
    }
}

/// A table's shares are its entries.
#[test]
fn maglev_owners_follow_the_entries() {
    for n in [3, 10, 100, 1000, 1025] {
        let config = MaglevConfig::default().table_size(100_003);
        let pool = Locator::maglev_of(topology(&vec![1; n]), config).unwrap();
        let table = pool.placement();
        for (stream, keys) in streams(n as u64 + 80, 200_000) {
            let share = |at| table.entries_of(at) as f64 / 100_003.0 * keys.len() as f64;
            let expected: Vec<f64> = pool.topology().members().iter().map(share).collect();
            accept(&format!("maglev {n} {stream}"), &count(table, &keys), &expected);
        }
    }
}

/// A ring's shares are what its arcs say, exactly.
#[test]
fn ring_owners_follow_the_arcs() {
    for weights in [vec![1; 10], vec![1, 2, 3, 4], vec![1; 100]] {
        let locator = Locator::ring_of(topology(&weights), Default::default()).unwrap();
        let ring = locator.placement();
        for (stream, keys) in streams(weights.len() as u64 + 70, 400_000) {
            let share = |n| ring.share(n) as f64 / 2_f64.powi(64) * keys.len() as f64;
            let expected: Vec<f64> = locator.topology().members().iter().map(share).collect();
            accept(&format!("ring {weights:?} {stream}"), &count(ring, &keys), &expected);
        }
    }
}

/// Fullest and emptiest of 100 equal nodes over their share, mean over `rings` sets of labels.
fn ring_extremes(points: u32, rings: u64) -> (f64, f64) {
    let (mut most, mut least) = (0.0, 0.0);
    for ring in 0..rings {
        let config = apportion::ring::RingConfig::default().points_per_node(points);
        let ids = apportion::Topology::new((0..100).map(|i| ring * 1000 + i)).unwrap();
        let locator = Locator::ring_of(ids, config).unwrap();
        let mut shares = [0_u128; 100];
        locator.placement().arcs().for_each(|arc| shares[arc.owner.index()] += arc.len());
        let ratio = |share: Option<&u128>| *share.unwrap() as f64 / 2_f64.powi(64) * 100.0;
        most += ratio(shares.iter().max());
        least += ratio(shares.iter().min());
    }
    (most / rings as f64, least / rings as f64)
}

/// A ring's shares lie about the weights as closely as the documentation says.
#[test]
fn ring_shares_are_close_to_the_weights() {
    let (most, least) = ring_extremes(160, 40);
    assert!((most - 1.21).abs() < 0.02, "fullest of 100 nodes: {most}");
    assert!((least - 0.81).abs() < 0.02, "emptiest of 100 nodes: {least}");
}

#[test]
#[ignore = "prints the table of the chapter on choosing"]
fn print_ring_extremes() {
    for points in [40, 160, 640] {
        let (most, least) = ring_extremes(points, 400);
        println!("{points} points: fullest {most:.2}, emptiest {least:.2}");
    }
}

/// Ordered pairs and triples of holders are uniform: replicas do not follow the owner.
#[test]
fn later_replicas_are_uniform() {
    let mut draws = Draws(90);
    for n in [3_usize, 4, 5, 9] {
        for algorithm in [
            Algorithm::Jump,
            Algorithm::JumpBack,
            Algorithm::Flip,
            Algorithm::Rendezvous,
            Algorithm::WeightedRendezvous,
            Algorithm::Asura(AsuraConfig::default()),
            Algorithm::Asura(AsuraConfig::default().darts(3)),
        ] {
            let name = algorithm.name();
            let placement = any(algorithm, &vec![1; n]);
            let keys = draws.keys(300_000);
            let mut counts = vec![0; n * n * n];
            for key in &keys {
                let h = holders(&placement, *key, 3);
                counts[(h[0].index() * n + h[1].index()) * n + h[2].index()] += 1;
            }
            let orders = (n * (n - 1) * (n - 2)) as f64;
            let expected: Vec<f64> = (0..n * n * n)
                .map(|i| (i / n / n, i / n % n, i % n))
                .map(
                    |(a, b, c)| {
                        if a == b || b == c || a == c { 0.0 } else { keys.len() as f64 / orders }
                    },
                )
                .collect();
            accept(&format!("{name}, ordered triples of {n}"), &counts, &expected);
        }
    }
}

/// The permutation that orders the jump family's replicas, in octaves that are shuffled exactly
/// and in octaves that go through a Feistel network: each position, and pairs of positions.
#[test]
fn bucket_permutations_are_uniform() {
    for n in [10_u32, 64, 65, 100, 256, 1000, 1025] {
        let placement = Buckets::new(JumpBack, n).unwrap();
        let mut draws = Draws(u64::from(n) + 200);
        let keys = draws.keys(200_000);
        let mut at = vec![vec![0_u64; n as usize]; 4];
        for key in &keys {
            for (place, node) in holders(&placement, *key, 4).into_iter().enumerate() {
                at[place][node.index()] += 1;
            }
        }
        let expected = vec![keys.len() as f64 / f64::from(n); n as usize];
        for (place, counts) in at.iter().enumerate() {
            accept(&format!("replica {place} of {n}"), counts, &expected);
        }
    }
    // Ordered pairs of the second and third holder, both in the octave 128..256 of a Feistel
    // network of seven bits, are uniform among all pairs there.
    let placement = Buckets::new(JumpBack, 256).unwrap();
    let mut counts = vec![0_u64; 128 * 128];
    let mut pairs = 0;
    for key in Draws(300).keys(4_000_000) {
        let mut out = [NodeIdx::default(); 3];
        placement.replicas(key, &mut out);
        if let (Some(a), Some(b)) =
            (out[1].index().checked_sub(128), out[2].index().checked_sub(128))
        {
            counts[a * 128 + b] += 1;
            pairs += 1;
        }
    }
    let expected: Vec<f64> = (0..128 * 128)
        .map(|i| if i / 128 == i % 128 { 0.0 } else { f64::from(pairs) / (128.0 * 127.0) })
        .collect();
    accept("pairs in one Feistel octave", &counts, &expected);
}

/// With weights, lists of holders follow Plackett and Luce: each next holder is drawn in
/// proportion to weight among those left.
#[test]
fn weighted_lists_are_plackett_luce() {
    let weights = [1_u64, 2, 3, 6];
    let total: u64 = weights.iter().sum();
    let chance = |a: usize, b: usize| {
        let first = weights[a] as f64 / total as f64;
        if a == b { 0.0 } else { first * weights[b] as f64 / (total - weights[a]) as f64 }
    };
    let keys = Draws(91).keys(400_000);
    let expected: Vec<f64> = (0..16).map(|i| chance(i / 4, i % 4) * keys.len() as f64).collect();
    for algorithm in [
        Algorithm::WeightedRendezvous,
        Algorithm::Asura(AsuraConfig::default()),
        Algorithm::Asura(AsuraConfig::default().unit(8)),
        Algorithm::Asura(AsuraConfig::default().darts(3)),
        Algorithm::Asura(AsuraConfig::default().darts(0)),
    ] {
        let placement = any(algorithm.clone(), &weights);
        let mut counts = vec![0; 16];
        for key in &keys {
            let h = holders(&placement, *key, 2);
            counts[h[0].index() * 4 + h[1].index()] += 1;
        }
        accept(&format!("Plackett-Luce pairs of {algorithm:?}"), &counts, &expected);
    }
}

/// The owner of one numbering says nothing about the owner of another one of the same size under
/// another algorithm.
#[test]
fn algorithms_are_independent() {
    let keys = Draws(92).keys(300_000);
    let all = [
        Algorithm::Jump,
        Algorithm::JumpBack,
        Algorithm::Flip,
        Algorithm::Asura(AsuraConfig::default()),
        Algorithm::Rendezvous,
    ];
    for (i, a) in all.iter().enumerate() {
        for b in &all[i + 1..] {
            let (one, other) = (any(a.clone(), &[1; 7]), any(b.clone(), &[1; 7]));
            let mut counts = vec![0; 49];
            for key in &keys {
                counts[one.locate(*key).unwrap().index() * 7
                    + other.locate(*key).unwrap().index()] += 1;
            }
            accept(&format!("{a} against {b}"), &counts, &[keys.len() as f64 / 49.0; 49]);
        }
    }
}

/// Takes one key in fifty away from node 0.
struct Biased<P>(P);

impl<P: Placement> Placement for Biased<P> {
    fn slots(&self) -> usize {
        self.0.slots()
    }
    fn live(&self) -> usize {
        self.0.live()
    }
    fn guarantees(&self) -> Guarantees {
        Guarantees::none()
    }
    fn locate(&self, key: KeyHash) -> Option<NodeIdx> {
        let owner = self.0.locate(key)?;
        let taken = owner.index() == 0 && key.get() % 50 == 0;
        Some(if taken { NodeIdx::new(1) } else { owner })
    }
    fn next_candidate(&self, walk: &mut Walk) -> Option<NodeIdx> {
        self.0.next_candidate(walk)
    }
}

#[test]
fn a_biased_twin_is_rejected() {
    for n in [3, 10] {
        for (stream, keys) in streams(95, 3_000_000) {
            let expected = quotas(&vec![1; n], keys.len());
            let honest = Buckets::new(JumpBack, n as u32).unwrap();
            accept(&format!("honest twin of {n}, {stream}"), &count(&honest, &keys), &expected);
            let p = chi_squared(&count(&Biased(honest), &keys), &expected);
            assert!(p < level(TESTS), "the biased twin of {n} passes on {stream}: p = {p}");
        }
    }
    // So is a bucket function that takes its hash modulo n where that is uneven.
    let keys: Vec<KeyHash> =
        Draws(96).keys(1_000_000).iter().map(|k| KeyHash::from_hash(k.get() % 1000)).collect();
    let mut counts = vec![0; 300];
    keys.iter().for_each(|k| counts[(k.get() % 300) as usize] += 1);
    assert!(chi_squared(&counts, &quotas(&[1; 300], keys.len())) < level(TESTS));
}
