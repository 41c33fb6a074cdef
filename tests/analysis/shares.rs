//! Shares and inclusion where they are ratios: every interval, every entry is asked.

use super::{any, inclusion, near, probabilities, weighted_rendezvous};
use crate::support::{holders, topology};
use apportion::analysis::{self, Balance, Shares};
use apportion::maglev::MaglevConfig;
use apportion::ring::RingConfig;
use apportion::{KeyHash, Locator, NodeIdx, Ring};

/// Every interval of a small ring is asked for its holders.
#[test]
fn shares_of_rings_equal_asking_every_interval() {
    let sets: [&[u64]; 7] =
        [&[1], &[1, 1], &[3, 1], &[1, 2, 3, 4], &[5, 0, 1, 1, 1, 1], &[1; 9], &[1, 100, 3, 20, 7]];
    for weights in sets {
        for points in [1, 2, 5, 40] {
            let config = RingConfig::default().points_per_node(points);
            let locator = Locator::ring_of(topology(weights), config).unwrap();
            for replicas in 1..=weights.len() + 1 {
                let shares = analysis::inclusion(&locator, replicas).unwrap();
                let ring: &Ring = locator.placement();
                let mut held = vec![0_u128; weights.len()];
                for arc in ring.arcs() {
                    let last = holders(ring, KeyHash::from_hash(arc.last), replicas);
                    assert_eq!(last, holders(ring, KeyHash::from_hash(arc.first), replicas));
                    last.iter().for_each(|at| held[at.index()] += arc.len());
                }
                let live = weights.iter().filter(|w| **w > 0).count();
                assert_eq!(shares.nodes().len(), live);
                assert_eq!(shares.holders(), replicas.min(live));
                for share in shares.nodes() {
                    let hashes = held[share.slot.index()];
                    assert_eq!(share.exact, Some((hashes, 1 << 64)), "{weights:?} {replicas}");
                    assert_eq!(share.probability, hashes as f64 / 2_f64.powi(64));
                }
                if replicas == 1 {
                    assert_same(&shares, &analysis::shares(&locator));
                    let share = |i| (ring.share(NodeIdx::new(i as u32)), held[i]);
                    assert!((0..weights.len()).map(share).all(|(a, b)| a == b));
                }
            }
        }
    }
}

/// Every entry of a small table is asked for its holders.
#[test]
fn shares_of_maglev_tables_equal_asking_every_entry() {
    for (entries, weights) in
        [(2_u32, &[1][..]), (13, &[1; 13]), (101, &[3, 1, 4, 0, 1, 5]), (1021, &[1, 1000, 1, 1])]
    {
        let config = MaglevConfig::default().table_size(entries);
        let locator = Locator::maglev_of(topology(weights), config).unwrap();
        for replicas in 1..=weights.len() + 1 {
            let shares = analysis::inclusion(&locator, replicas).unwrap();
            let mut held = vec![0_u128; weights.len()];
            for entry in 0..entries {
                let first = (u128::from(entry) << 64).div_ceil(entries.into()) as u64;
                let holders = holders(locator.placement(), KeyHash::from_hash(first), replicas);
                holders.iter().for_each(|at| held[at.index()] += 1);
            }
            for share in shares.nodes() {
                let held = held[share.slot.index()];
                assert_eq!(share.exact, Some((held, entries.into())), "{weights:?} {replicas}");
                assert!(near(share.probability, held as f64 / f64::from(entries), 1e-15));
            }
        }
        let shares = analysis::shares(&locator);
        let owned = |at| locator.placement().entries_of(at) as u128;
        assert!(shares.nodes().iter().all(|s| s.exact == Some((owned(s.slot), entries.into()))));
    }
}

fn assert_same(one: &Shares<'_, String>, other: &Shares<'_, String>) {
    let plain = |shares: &Shares<'_, String>| -> Vec<_> {
        let nodes = shares.nodes().iter();
        nodes.map(|s| (s.node.clone(), s.slot, s.exact, s.probability, s.quota)).collect()
    };
    assert_eq!(plain(one), plain(other));
    assert_eq!(one.holders(), other.holders());
}

#[test]
fn exact_fractions() {
    for name in ["jump", "jump-guava", "jump-back", "flip", "rendezvous", "weighted-rendezvous"] {
        let locator = any(name, &[5, 5, 0, 5, 5]);
        for (replicas, part) in [(1, 1), (2, 2), (3, 3), (4, 4), (9, 4)] {
            let shares = analysis::inclusion(&locator, replicas).unwrap();
            assert_eq!(shares.nodes().len(), 4);
            for share in shares.nodes() {
                assert_eq!(share.exact, Some((part, 4)), "{name} {replicas}");
                assert_eq!(
                    (share.probability, share.quota),
                    (part as f64 / 4.0, share.probability)
                );
            }
            assert_eq!((shares.max_over_quota(), shares.min_over_quota()), (Some(1.0), Some(1.0)));
        }
    }
    let heavy = weighted_rendezvous(&[u64::MAX, 0, 1, u64::MAX]);
    let shares = analysis::shares(&heavy);
    let total = 2 * u128::from(u64::MAX) + 1;
    let exact: Vec<_> = shares.nodes().iter().map(|share| share.exact.unwrap()).collect();
    assert_eq!(exact, [(u64::MAX.into(), total), (1, total), (u64::MAX.into(), total)]);
    assert_same(&shares, &analysis::inclusion(&heavy, 1).unwrap());
    let all = analysis::inclusion(&heavy, 3).unwrap();
    assert!(all.nodes().iter().all(|share| share.probability == 1.0));
    assert_eq!(all.min_over_quota().map(|x| x < 0.7), Some(true));

    let ring = any("ring", &[1; 100]);
    let shares = analysis::shares(&ring);
    let ratio = |share: u128| share as f64 / 2_f64.powi(64) * 100.0;
    let held = shares.nodes().iter().map(|share| share.exact.unwrap().0);
    let (most, least) = (held.clone().max().unwrap(), held.min().unwrap());
    assert!(near(shares.max_over_quota().unwrap(), ratio(most), 1e-12));
    assert!(near(shares.min_over_quota().unwrap(), ratio(least), 1e-12));

    let empty = any("maglev", &[0]);
    let shares = analysis::inclusion(&empty, 2).unwrap();
    assert_eq!((shares.nodes().len(), shares.holders()), (0, 0));
    assert_eq!((shares.max_over_quota(), shares.min_over_quota()), (None, None));
}

/// Chosen at run time, a placement has the shares it has.
#[test]
fn shares_are_the_same_by_the_run_time_choice() {
    let weights = [3, 1, 4, 1, 5];
    let ring = Locator::ring_of(topology(&weights), RingConfig::default()).unwrap();
    let maglev = Locator::maglev_of(topology(&weights), MaglevConfig::default()).unwrap();
    let rendezvous = weighted_rendezvous(&weights);
    for k in 1..=5 {
        let of = |name| inclusion(&any(name, &weights), k);
        assert_eq!(of("ring"), inclusion(&ring, k));
        assert_eq!(of("maglev"), inclusion(&maglev, k));
        assert_eq!(of("weighted-rendezvous"), inclusion(&rendezvous, k));
    }
}

/// Holes in the slots are no nodes.
#[test]
fn freed_slots_have_no_share() {
    for name in ["ring", "maglev", "rendezvous", "weighted-rendezvous"] {
        let five = any(name, &[1; 5]);
        let four = five.without("n1").unwrap();
        for k in [1, 2, 4] {
            let shares = analysis::inclusion(&four, k).unwrap();
            let slots: Vec<u32> = shares.nodes().iter().map(|share| share.slot.get()).collect();
            assert_eq!(slots, [0, 2, 3, 4]);
            let sum: f64 = probabilities(&shares).iter().sum();
            assert!(near(sum, k as f64, 1e-12), "{name} {k}: {sum}");
            let balance = Balance::of_keys(&four, k, 0..100_u64).unwrap();
            assert_eq!(balance.against(&shares).unwrap().sum(), 100 * k as u64);
        }
    }
}
