//! Leases with costs, under limits with a margin and a hard cap.

use crate::pick_model::Rule;
use crate::support::Draws;
use crate::{Named, locator, ring};
use apportion::bounded::{InFlight, Lease, LoadFactor, LoadLimit};
use apportion::{Candidates, KeyHash, NodeIdx};
use std::thread;

const WEIGHTS: [u64; 5] = [1, 5, 0, 2, 2];

fn nodes() -> Named {
    locator(&ring(), &[("a", 1), ("b", 5), ("c", 0), ("d", 2), ("e", 2)])
}

fn all(nodes: &Named, key: KeyHash) -> impl Iterator<Item = NodeIdx> + Clone {
    Candidates::new(nodes.placement(), key)
}

fn rules() -> Vec<Rule> {
    let rule =
        |num, den, margin, cap, gateways| Rule { cap, gateways, ..Rule::of(num, den, margin) };
    vec![
        rule(1, 1, 0, None, 1),
        rule(5, 4, 0, Some(60), 1),
        rule(5, 4, 10, None, 1),
        rule(1, 1, 40, Some(90), 3),
        rule(2, 1, 1, Some(25), 1),
    ]
}

/// One thread: every lease is on the first candidate that is below the limit of the total with the
/// request and that the request does not raise above the cap.
#[test]
fn leases_follow_the_definition() {
    let (mut refused, mut passed_over) = (0, 0);
    for (number, rule) in rules().into_iter().enumerate() {
        let nodes = nodes();
        let in_flight = InFlight::of(nodes.topology().members(), rule.limit());
        assert_eq!(in_flight.limit(), rule.limit());
        let mut draws = Draws(number as u64);
        let mut leases: Vec<Lease> = Vec::new();
        let load = |leases: &[Lease], node: NodeIdx| -> u64 {
            let on = leases.iter().filter(|lease| lease.node() == node);
            on.map(|lease| u64::from(lease.cost())).sum()
        };
        for _ in 0..6000 {
            if draws.below(2) == 0 && !leases.is_empty() {
                drop(leases.swap_remove(draws.below(leases.len() as u64) as usize));
                continue;
            }
            let key = draws.key();
            let short = if draws.below(3) == 0 { 2 } else { 9 };
            let candidates = all(&nodes, key).take(short);
            let asked = draws.below(2) * draws.below(20);
            let cost = asked.max(1);
            let total: u64 = leases.iter().map(|lease| u64::from(lease.cost())).sum();
            let expected = candidates.clone().find(|node| {
                let (load, weight) = (load(&leases, *node), WEIGHTS[node.index()]);
                rule.is_below(load, total + cost, weight, 10) && rule.fits(load + cost)
            });
            let lease = in_flight.acquire_cost(candidates.clone(), asked as u32);
            assert_eq!(lease.as_ref().map(Lease::node), expected);
            refused += u32::from(expected.is_none());
            passed_over +=
                u32::from(expected.is_some_and(|at| Some(at) != candidates.clone().next()));
            if rule.cap.is_none() && short == 9 {
                assert!(lease.is_some(), "some node is below its limit");
            }
            leases.extend(lease);
            let sum: u64 = leases.iter().map(|lease| u64::from(lease.cost())).sum();
            assert_eq!(u64::from(in_flight.total()), sum);
            for (at, weight) in WEIGHTS.iter().enumerate() {
                let node = NodeIdx::new(at as u32);
                assert_eq!(u64::from(in_flight.load(node)), load(&leases, node));
                let cap = in_flight.cap(node);
                let below = |load| rule.is_below(load, sum, *weight, 10) && rule.fits(load + 1);
                if *weight == 0 {
                    assert_eq!(cap, 0);
                    continue;
                }
                assert!(!below(cap) && cap.checked_sub(1).is_none_or(below), "{rule:?} {cap}");
            }
        }
        drop(leases);
        assert_eq!(in_flight.total(), 0);
    }
    assert!(refused > 400 && passed_over > 3000, "{refused}, {passed_over}");
}

/// Without a margin and a cap, a limit is the factor, and requests of cost 1 are requests.
#[test]
fn the_factor_alone_is_as_before() {
    let nodes = nodes();
    let members = nodes.topology().members();
    for (num, den) in crate::histories::RATIOS {
        let factor = LoadFactor::new(num, den).unwrap();
        let values =
            [InFlight::new(members, factor), InFlight::of(members, LoadLimit::new(factor))];
        let mut draws = Draws(u64::from(num));
        let mut leases: Vec<[Lease; 2]> = Vec::new();
        for _ in 0..2000 {
            let key = draws.key();
            let granted = [
                values[0].acquire(all(&nodes, key)).unwrap(),
                values[1].acquire_cost(all(&nodes, key), 1).unwrap(),
            ];
            assert_eq!(granted[0].node(), granted[1].node());
            assert_eq!(granted.each_ref().map(Lease::cost), [1, 1]);
            leases.push(granted);
            if leases.len() > 50 {
                drop(leases.swap_remove(draws.below(50) as usize));
            }
            let state = |value: &InFlight| -> Vec<_> {
                (0..5).map(NodeIdx::new).map(|at| (value.load(at), value.cap(at))).collect()
            };
            assert_eq!(state(&values[0]), state(&values[1]));
        }
    }
}

#[test]
fn a_value_that_follows_has_the_limit_and_the_costs() {
    let nodes = locator(&ring(), &[("a", 1), ("b", 1), ("c", 1)]);
    let limit = LoadLimit::new(LoadFactor::ONE).margin(10).cap(12);
    let in_flight = InFlight::of(nodes.topology().members(), limit);
    let a = NodeIdx::new(0);
    let on = |value: &InFlight, cost| value.acquire_cost([a].into_iter(), cost);
    let first = on(&in_flight, 7).unwrap();
    let next = in_flight.follow(nodes.without("c").unwrap().topology().members());
    assert_eq!((next.limit(), next.load(a), next.total()), (limit, 7, 7));
    assert!(on(&next, 6).is_none(), "13 is above 12");
    let second = on(&next, 5).unwrap();
    assert_eq!((in_flight.load(a), second.cost()), (12, 5));
    assert!(on(&next, 1).is_none() && on(&next, u32::MAX).is_none());
    drop(first);
    assert_eq!((next.load(a), in_flight.total()), (5, 5));
}

/// Caps at every moment, and everything comes back.
#[test]
fn threads_with_costs_and_caps() {
    for (round, rule) in rules().into_iter().enumerate() {
        let nodes = nodes();
        let in_flight = InFlight::of(nodes.topology().members(), rule.limit());
        thread::scope(|scope| {
            for number in 0..8 {
                let (nodes, in_flight) = (&nodes, in_flight.clone());
                scope.spawn(move || {
                    let mut draws = Draws((round * 100 + number) as u64);
                    let mut leases = Vec::new();
                    for _ in 0..10_000 {
                        if leases.len() == 6 {
                            drop(leases.swap_remove(draws.below(6) as usize));
                        }
                        let cost = 1 + draws.below(9) as u32;
                        let lease = in_flight.acquire_cost(all(nodes, draws.key()), cost);
                        assert!(rule.cap.is_some() || lease.is_some());
                        leases.extend(lease);
                        let load = |at| u64::from(in_flight.load(NodeIdx::new(at)));
                        assert!((0..5).all(|at| rule.fits(load(at))));
                    }
                });
            }
        });
        assert_eq!(in_flight.total(), 0);
        assert!((0..5).all(|at| in_flight.load(NodeIdx::new(at)) == 0));
    }
}
