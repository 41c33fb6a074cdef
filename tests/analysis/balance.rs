//! Balances over keys, counted again in the plainest way.

use super::{any, near, weighted_rendezvous};
use crate::support::{holders, topology, upper_tail};
use apportion::analysis::{self, Balance, ChiSquared, Shares};
use apportion::bucket::Numbered;
use apportion::ring::RingConfig;
use apportion::{Algorithm, Guarantees, JumpBack, KeyHash, Locator, NodeIdx, Placement, Walk};

/// Weights that an algorithm takes.
fn weights_for(algorithm: &Algorithm) -> Vec<u64> {
    match algorithm {
        Algorithm::Ring(_) | Algorithm::Maglev(_) | Algorithm::WeightedRendezvous => {
            vec![3, 1, 4, 0, 1, 5, 9, 2, 6]
        }
        _ => vec![2, 2, 2, 0, 2, 2, 2, 2, 2],
    }
}

#[test]
fn balance_equals_plain_counting() {
    for algorithm in Algorithm::all() {
        let weights = weights_for(&algorithm);
        let locator = any(algorithm.name(), &weights);
        let total: u64 = weights.iter().sum();
        for replicas in [1, 2, 5, 8, 20] {
            let keys = 3000..5000_u64;
            let balance = Balance::of_keys(&locator, replicas, keys.clone()).unwrap();
            let mut held = vec![0_u64; weights.len()];
            for key in keys {
                let hash = locator.hash(&key);
                holders(locator.placement(), hash, replicas)
                    .iter()
                    .for_each(|at| held[at.index()] += 1);
            }
            let placed = replicas.min(8) as u64 * 2000;
            assert_eq!((balance.keys(), balance.sum()), (2000, placed));
            assert_eq!(balance.mean(), Some(placed as f64 / 8.0));
            let live: Vec<usize> = (0..weights.len()).filter(|i| weights[*i] > 0).collect();
            let quota = |i: &usize| placed as f64 * weights[*i] as f64 / total as f64;
            assert_eq!(balance.nodes().len(), live.len());
            for (node, i) in balance.nodes().iter().zip(&live) {
                assert_eq!((node.node.as_str(), node.slot.index()), (&*format!("n{i}"), *i));
                assert_eq!(node.load, held[*i]);
                assert!(near(node.quota, quota(i), 1e-12));
            }
            let ratios: Vec<f64> = live.iter().map(|i| held[*i] as f64 / quota(i)).collect();
            let mean = ratios.iter().sum::<f64>() / 8.0;
            let deviation = (ratios.iter().map(|r| (r - 1.0).powi(2)).sum::<f64>() / 8.0).sqrt();
            assert!(near(balance.mean_over_quota().unwrap(), mean, 1e-12));
            assert!(near(balance.deviation_over_quota().unwrap(), deviation, 1e-12));
            let most = ratios.iter().copied().fold(0.0, f64::max);
            assert!(near(balance.max_over_quota().unwrap(), most, 1e-12));
            let statistic = |i: &usize| (held[*i] as f64 - quota(i)).powi(2) / quota(i);
            let expected = live.iter().map(statistic).sum::<f64>();
            match balance.chi_squared() {
                Some(found) => {
                    assert_eq!((replicas, found.degrees_of_freedom, found.joined), (1, 7, 0));
                    assert!(near(found.statistic, expected, 1e-10));
                }
                None => assert!(replicas > 1),
            }
        }
    }
}

#[test]
fn no_keys_or_no_nodes_give_no_figures() {
    let empty = Locator::ring_of(topology(&[]), RingConfig::default()).unwrap();
    let balance = Balance::of_keys(&empty, 3, 0..10_u64).unwrap();
    assert_eq!((balance.nodes().len(), balance.keys(), balance.sum()), (0, 10, 0));
    assert_eq!((balance.mean(), balance.mean_over_quota()), (None, None));
    assert_eq!((balance.max_over_quota(), balance.deviation_over_quota()), (None, None));
    assert_eq!(balance.chi_squared(), None);

    let drained = weighted_rendezvous(&[0, 0]);
    assert_eq!(Balance::of_keys(&drained, 1, 0..10_u64).unwrap().nodes().len(), 0);

    let pool = any("ring", &[1, 2, 3]);
    let balance = Balance::of_keys(&pool, 2, [0_u64; 0]).unwrap();
    assert_eq!((balance.sum(), balance.mean()), (0, Some(0.0)));
    assert_eq!((balance.max_over_quota(), balance.mean_over_quota()), (None, None));
    assert_eq!(balance.chi_squared(), None);
    assert!(balance.against(&analysis::inclusion(&pool, 2).unwrap()).is_ok());

    // One node: every key, one cell.
    let one = any("jump", &[7]);
    let balance = Balance::of_keys(&one, 3, 0..10_u64).unwrap();
    assert_eq!((balance.sum(), balance.max_over_quota()), (10, Some(1.0)));
    assert_eq!((balance.deviation_over_quota(), balance.chi_squared()), (Some(0.0), None));

    for error in [
        Balance::of_keys(&pool, 0, 0..10_u64).map(|_| ()).unwrap_err(),
        analysis::inclusion(&pool, 0).map(|_| ()).unwrap_err(),
        analysis::compare(&pool, &pool, 0, [("key", 1)]).map(|_| ()).unwrap_err(),
    ] {
        assert_eq!(error.to_string(), "expected at least 1 replica, got 0");
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
    fn replicas(&self, key: KeyHash, out: &mut [NodeIdx]) -> usize {
        let found = self.locate(key).into_iter().zip(out.iter_mut());
        found.map(|(node, place)| *place = node).count()
    }
}

#[test]
fn a_biased_twin_is_rejected_and_a_fair_one_is_not() {
    let fair = Locator::jump_back_of(topology(&[1; 10])).unwrap();
    let twin: Numbered<JumpBack> = fair.placement().clone();
    let biased =
        Locator::from_parts(fair.topology().clone(), Biased(twin), *fair.hasher()).unwrap();
    for start in [0, 1 << 40] {
        let keys = start..start + 3_000_000_u64;
        let p = |found: Option<ChiSquared>| upper_tail(found.unwrap());
        let honest = p(Balance::of_keys(&fair, 1, keys.clone()).unwrap().chi_squared());
        assert!(honest > 1e-3, "the honest twin: {honest}");
        let found = p(Balance::of_keys(&biased, 1, keys).unwrap().chi_squared());
        assert!(found < 1e-12, "the biased twin passes: {found}");
    }
    // A ring's shares are not its weights, and enough keys tell; they are what it says they are.
    let ring = any("ring", &[1, 2, 3, 4]);
    let balance = Balance::of_keys(&ring, 1, 0..1_000_000_u64).unwrap();
    let p = |balance: &Balance<'_, String>| upper_tail(balance.chi_squared().unwrap());
    assert!(p(&balance) < 1e-12);
    assert!(p(&balance.against(&analysis::shares(&ring)).unwrap()) > 1e-3);
}

#[test]
fn shares_of_other_nodes_or_replicas_are_refused() {
    let pool = any("ring", &[1, 1, 1, 1]);
    let three = Balance::of_keys(&pool, 3, 0..1000_u64).unwrap();
    let message = |shares: &Shares<'_, String>| three.against(shares).unwrap_err().to_string();
    assert_eq!(
        message(&analysis::shares(&pool)),
        "one side has 3 replicas, the other 1; compare equal numbers"
    );
    let of = |weights: &[u64], slot: u32, only: &str| {
        let other = any("ring", weights);
        assert_eq!(
            message(&analysis::inclusion(&other, 3).unwrap()),
            format!(
                "the node in slot {slot} is in the {only} only; both must be of the same nodes"
            )
        );
    };
    of(&[1, 0, 1, 1], 1, "balance");
    of(&[1, 1, 1], 3, "balance");
    of(&[1; 5], 4, "shares");
    of(&[0, 1, 1, 1, 1], 0, "balance");
    // The other way round a node stands on the side of the shares only.
    let drained = any("ring", &[0, 1, 1, 1]);
    let balance = Balance::of_keys(&drained, 3, 0..1000_u64).unwrap();
    let error = balance.against(&analysis::inclusion(&pool, 3).unwrap()).unwrap_err();
    assert!(error.to_string().contains("slot 0 is in the shares only"), "{error}");
    // Five replicas on three nodes are three.
    let five = Balance::of_keys(&drained, 5, 0..1000_u64).unwrap();
    let against = five.against(&analysis::inclusion(&drained, 7).unwrap()).unwrap();
    assert!(against.nodes().iter().all(|node| node.quota == 1000.0 && node.load == 1000));
}
