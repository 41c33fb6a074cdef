//! Maglev tables beside the paper's own construction, their shares, their errors and their diff.

use apportion::diff::Extent;
use apportion::maglev::MaglevConfig;
use apportion::placement::Build;
use apportion::topology::Members;
use apportion::{KeyHash, Locator, Maglev, NodeIdx, Placement, Topology};
use apportion_properties::support::{Draws, topology};
use proptest::prelude::*;
use std::collections::BTreeMap;

type Ends = (Option<String>, Option<String>);

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The paper's pseudocode with its whole permutation table, and weights as accumulated turns.
fn filled(members: &Members, m: u64) -> Vec<NodeIdx> {
    let live = |node: &NodeIdx| members.weight(*node).unwrap().get() > 0;
    let mut nodes: Vec<NodeIdx> = members.iter().filter(live).collect();
    nodes.sort_by_key(|node| members.identity(*node).unwrap());
    let permutation = |node: &NodeIdx| -> Vec<u64> {
        let identity = members.identity(*node).unwrap();
        let offset = mix(identity ^ u64::from_be_bytes(*b"maglevof")) % m;
        let skip = mix(identity ^ u64::from_be_bytes(*b"maglevsk")) % (m - 1) + 1;
        (0..m).map(|j| (offset + j * skip) % m).collect()
    };
    let permutations: Vec<Vec<u64>> = nodes.iter().map(permutation).collect();
    let weight = |node: &NodeIdx| u128::from(members.weight(*node).unwrap().get());
    let most = nodes.iter().map(weight).max().unwrap_or(1);
    let mut table = vec![None; if nodes.is_empty() { 0 } else { m as usize }];
    let mut targets = vec![0; nodes.len()];
    let mut next = vec![0; nodes.len()];
    let mut round = 1;
    while table.iter().any(Option::is_none) {
        for (i, node) in nodes.iter().enumerate() {
            if round * weight(node) < targets[i] || table.iter().all(Option::is_some) {
                continue;
            }
            targets[i] += most;
            while table[permutations[i][next[i]] as usize].is_some() {
                next[i] += 1;
            }
            table[permutations[i][next[i]] as usize] = Some(*node);
        }
        round += 1;
    }
    table.into_iter().flatten().collect()
}

/// Entry by entry: the owner of the hash in the middle of each.
fn entries(maglev: &Maglev, m: u64) -> Vec<NodeIdx> {
    let middle = |i: u64| (((2 * u128::from(i) + 1) << 63) / u128::from(m)) as u64;
    (0..m).filter_map(|i| maglev.locate(KeyHash::from_hash(middle(i)))).collect()
}

fn maglev(weights: &[u64], m: u32) -> Locator<String, Maglev> {
    Locator::maglev_of(topology(weights), MaglevConfig::default().table_size(m)).unwrap()
}

fn owner(locator: &Locator<String, Maglev>, hash: u64) -> Option<String> {
    let slot = locator.placement().locate(KeyHash::from_hash(hash))?;
    locator.topology().get(slot).cloned()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn tables_are_filled_as_in_the_paper(
        weights in prop::collection::vec(prop_oneof![Just(0), 1..=10_u64, Just(1 << 60)], 0..30),
        m in prop::sample::select(vec![31_u32, 37, 101, 503, 1021]),
    ) {
        let locator = maglev(&weights, m);
        let expected = filled(locator.topology().members(), m.into());
        prop_assert_eq!(entries(locator.placement(), m.into()), expected);
    }

    #[test]
    fn diffs_are_recounts(
        before in prop::collection::vec(0_u64..4, 0..12),
        after in prop::collection::vec(0_u64..4, 0..12),
        m in prop::sample::select(vec![13_u32, 31, 101]),
        other in prop::sample::select(vec![13_u32, 31, 503]),
    ) {
        let (old, new) = (maglev(&before, m), maglev(&after, other));
        let diff = old.diff(&new).unwrap();
        // The first hash of each entry of either side.
        let firsts = |m: u32| (0..u128::from(m)).map(move |i| (i << 64).div_ceil(m.into()) as u64);
        let mut cuts: Vec<u64> = firsts(m).chain(firsts(other)).collect();
        cuts.sort_unstable();
        cuts.dedup();
        let mut expected: BTreeMap<Ends, u128> = BTreeMap::new();
        let mut moves: Vec<(u64, u64, Ends)> = Vec::new();
        for (i, first) in cuts.iter().enumerate() {
            let last = cuts.get(i + 1).map_or(u64::MAX, |next| next - 1);
            let ends = (owner(&old, *first), owner(&new, *first));
            prop_assert_eq!(&ends, &(owner(&old, last), owner(&new, last)));
            if ends.0 == ends.1 {
                continue;
            }
            *expected.entry(ends.clone()).or_default() += u128::from(last - first) + 1;
            match moves.last_mut() {
                Some((_, end, same)) if *same == ends && *end + 1 == *first => *end = last,
                _ => moves.push((*first, last, ends)),
            }
        }
        let moved: u128 = expected.values().sum();
        prop_assert_eq!(diff.moved(), Some((moved, 1 << 64)));
        let matrix = diff.matrix().unwrap().into_iter();
        let matrix: BTreeMap<Ends, u128> =
            matrix.map(|t| ((t.from.cloned(), t.to.cloned()), t.exact.unwrap().0)).collect();
        prop_assert_eq!(matrix, expected);
        let found: Vec<(u64, u64, Ends)> = diff
            .moves()
            .map(|m| match m.extent {
                Extent::Hashes { first, last } => (first, last, (m.from.cloned(), m.to.cloned())),
                _ => panic!("no interval"),
            })
            .collect();
        prop_assert_eq!(found, moves);
        prop_assert!(diff.moved_fraction() >= Some(diff.minimum_fraction()));
    }
}

#[test]
fn shares_are_within_one_entry() {
    for (n, m) in [(3, 101), (10, 1021), (100, 65_537), (1000, 100_003)] {
        let pool = maglev(&vec![1; n], m);
        for (slot, _) in pool.topology().iter() {
            let entries = pool.placement().entries_of(slot);
            assert!([0, 1].contains(&(entries - m as usize / n)), "{entries} of {m}");
        }
    }
    // In proportion to weight, and never nothing.
    let weights = [1, 10, 100, 1000, 0, 10_000_000];
    let pool = maglev(&weights, 65_537);
    for (slot, _) in pool.topology().iter() {
        let weight = weights[slot.index()];
        let fair = weight as f64 / weights.iter().sum::<u64>() as f64 * 65_537.0;
        let entries = pool.placement().entries_of(slot);
        assert!((entries as f64 - fair).abs() < 5.0, "{entries}, fair {fair}");
        assert_eq!(entries > 0, weight > 0);
    }
}

/// The figures of the documentation: how much more moves than has to.
#[test]
fn a_hundred_entries_a_node_move_a_little_more() {
    let mut between_others: Vec<f64> = Vec::new();
    for seed in 0..5 {
        let ids: Vec<u64> = Draws(seed).keys(100).into_iter().map(KeyHash::get).collect();
        let config = MaglevConfig::default().table_size(10_007);
        let pool = Locator::maglev_of(Topology::new(ids.clone()).unwrap(), config).unwrap();
        let fewer = pool.without(&ids[17]).unwrap();
        let diff = pool.diff(&fewer).unwrap();
        assert!((diff.minimum_fraction() - 0.01).abs() < 0.0002);
        assert_eq!(fewer.diff(&pool).unwrap().moved(), diff.moved());
        between_others.push(diff.moved_fraction().unwrap() - diff.minimum_fraction());
    }
    let mean = between_others.iter().sum::<f64>() / between_others.len() as f64;
    println!("of all keys, {:.2} % move between nodes that stay", mean * 100.0);
    assert!(mean > 0.001 && mean < 0.03, "{mean}");
}

#[test]
fn refusals_name_the_value() {
    let build = |m: u32, n: usize| {
        let config = MaglevConfig::default().table_size(m);
        let built = Maglev::build(&config, topology(&vec![1; n]).members());
        built.map_or_else(|e| e.to_string(), |_| String::new())
    };
    let range = "a Maglev table has a prime number of entries in 2..=67108864, got ";
    for m in [0, 1, 67_108_865] {
        assert_eq!(build(m, 1), format!("{range}{m}"));
    }
    for (m, divisor, nearest) in
        [(4, 2, 3), (65_536, 2, 65_537), (196_611, 3, 196_613), (4_294_049, 131, 4_294_051)]
    {
        let prime = "a Maglev table has a prime number of entries, and";
        assert_eq!(
            build(m, 1),
            format!("{prime} {m} is divisible by {divisor}; the nearest prime is {nearest}")
        );
    }
    // The largest prime below 2^26, and 2^26 itself. Without nodes there is no table to fill.
    assert_eq!(build(67_108_859, 0), "");
    assert!(build(67_108_864, 0).ends_with("divisible by 2; the nearest prime is 67108859"));
    let full =
        "a Maglev table of 7 entries has room for at most 7 live nodes, got 8; use a larger table";
    assert_eq!(build(7, 8), full);
    assert_eq!((build(7, 7), build(2, 0), build(3, 1)), Default::default());
    assert_eq!(maglev(&[1; 7], 7).with("x".into()).unwrap_err().to_string(), full);
    let pool = maglev(&[1; 7], 7);
    assert_eq!(pool.diff_replicas(&pool, 3).unwrap().moved().unwrap().0, 0);
}
