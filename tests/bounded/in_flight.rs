//! Requests in flight.

use crate::histories::RATIOS;
use crate::support::Draws;
use crate::{Named, locator, ring};
use apportion::bounded::{InFlight, Lease, LoadFactor};
use apportion::{Algorithm, Candidates, KeyHash, NodeIdx, Placement, Walk};
use std::sync::{Arc, Barrier};
use std::thread;

fn all(nodes: &Named, key: KeyHash) -> impl Iterator<Item = NodeIdx> + Clone {
    Candidates::new(nodes.placement(), key)
}

fn start(nodes: &Named, (num, den): (u32, u32)) -> InFlight {
    InFlight::new(nodes.topology().members(), LoadFactor::new(num, den).unwrap())
}

fn within_caps(nodes: &Named, in_flight: &InFlight) {
    for (node, name) in nodes.topology().iter() {
        let (load, cap) = (in_flight.load(node), in_flight.cap(node));
        assert!(u64::from(load) <= cap, "{name}: {load} of {cap}");
    }
}

/// One thread: every lease is on the first candidate with room by the caps of one request more.
#[test]
fn leases_on_one_thread_follow_the_definition() {
    let (mut refused, mut passed_over) = (0, 0);
    for (number, ratio) in RATIOS.into_iter().enumerate() {
        for algorithm in [ring(), Algorithm::WeightedRendezvous] {
            let nodes = locator(&algorithm, &[("a", 1), ("b", 5), ("c", 0), ("d", 2), ("e", 2)]);
            let weights = [1_u128, 5, 0, 2, 2];
            let in_flight = start(&nodes, ratio);
            let mut draws = Draws(number as u64);
            let mut leases: Vec<Lease> = Vec::new();
            for _ in 0..4000 {
                if draws.below(2) == 0 && !leases.is_empty() {
                    drop(leases.swap_remove(draws.below(leases.len() as u64) as usize));
                    continue;
                }
                let key = draws.key();
                let out = NodeIdx::new(draws.below(9) as u32);
                let short = if draws.below(3) == 0 { 2 } else { 9 };
                let candidates = all(&nodes, key).filter(move |node| *node != out).take(short);
                let load = |node: NodeIdx| leases.iter().filter(|l| l.node() == node).count();
                let requests = leases.len() as u128 + 1;
                let cap = |node: NodeIdx| {
                    let part = u128::from(ratio.0) * requests * weights[node.index()];
                    part.div_ceil(u128::from(ratio.1) * 10)
                };
                let expected = candidates.clone().find(|node| (load(*node) as u128) < cap(*node));
                let lease = in_flight.acquire(candidates.clone());
                assert_eq!(lease.as_ref().map(Lease::node), expected);
                refused += u32::from(expected.is_none());
                passed_over +=
                    u32::from(expected.is_some() && expected != candidates.clone().next());
                if let Some(lease) = lease {
                    leases.push(lease);
                    let node = expected.unwrap();
                    assert!(u64::from(in_flight.load(node)) <= in_flight.cap(node));
                }
                assert_eq!(in_flight.total() as usize, leases.len(), "None leaves nothing behind");
                // Everybody together always has room.
                drop(in_flight.acquire(all(&nodes, key)).unwrap());
            }
            drop(leases);
            assert_eq!(in_flight.total(), 0);
            assert!(nodes.topology().iter().all(|(node, _)| in_flight.load(node) == 0));
        }
    }
    assert!(refused > 100 && passed_over > 1000, "{refused}, {passed_over}");
}

#[test]
fn repeats_holes_and_strangers_among_the_candidates() {
    let nodes = locator(&ring(), &[("a", 1), ("b", 1), ("c", 1)]);
    let in_flight = start(&nodes, (1, 1));
    let [a, b] = [0, 1].map(NodeIdx::new);
    let strangers = [7, u32::MAX - 1, 1, 1, 1, 0].map(NodeIdx::new);
    let first = in_flight.acquire(strangers.into_iter()).unwrap();
    let second = in_flight.acquire(strangers.into_iter()).unwrap();
    assert_eq!((first.node(), second.node()), (b, a));
    // ⌈3/3⌉ = 1: both are full, however often they are named.
    assert!(in_flight.acquire([a, b, a, b, a, b].into_iter()).is_none());
    assert!(in_flight.acquire([].into_iter()).is_none());
    assert_eq!((in_flight.total(), in_flight.load(NodeIdx::new(9))), (2, 0));
    // A raw walk repeats nodes.
    let walk = |key| {
        let mut walk = Walk::new(key);
        std::iter::from_fn({
            let placement = nodes.placement().clone();
            move || placement.next_candidate(&mut walk)
        })
    };
    let third = in_flight.acquire(walk(KeyHash::of_id(1))).unwrap();
    assert_eq!(third.node(), NodeIdx::new(2));
}

#[test]
fn facade_candidates_go_in_as_they_are() {
    let nodes = locator(&ring(), &[("a", 1), ("b", 1), ("c", 1)]);
    let in_flight = start(&nodes, (2, 1));
    let healthy = nodes.candidates("key").filter(|(_, name)| *name != "a").map(|(at, _)| at);
    let lease = in_flight.acquire(healthy).unwrap();
    assert_ne!(nodes.topology().get(lease.node()).unwrap(), "a");
    assert_eq!(format!("{lease:?}"), format!("Lease {{ node: {:?}, .. }}", lease.node()));
    let shown = "InFlight { factor: LoadFactor { num: 2, den: 1 }, total: 1, .. }";
    assert_eq!(format!("{in_flight:?}"), shown);
}

/// Everything comes back, and whoever asks all nodes is never refused.
#[test]
fn threads_that_acquire_and_drop() {
    for ratio in RATIOS {
        let nodes = locator(&ring(), &[("a", 1), ("b", 5), ("c", 0), ("d", 2), ("e", 2)]);
        let in_flight = start(&nodes, ratio);
        let (threads, most) = (8, 6);
        thread::scope(|scope| {
            for number in 0..threads {
                let (nodes, in_flight) = (&nodes, in_flight.clone());
                scope.spawn(move || {
                    let mut draws = Draws(number);
                    let mut leases = Vec::new();
                    for _ in 0..20_000 {
                        if leases.len() == most {
                            drop(leases.swap_remove(draws.below(most as u64) as usize));
                        }
                        let key = draws.key();
                        if draws.below(4) == 0 {
                            leases.extend(in_flight.acquire(all(nodes, key).take(1)));
                        } else {
                            let lease = in_flight.acquire(all(nodes, key));
                            leases.push(lease.expect("the caps add up to the requests"));
                        }
                        // No more can be in flight than threads hold, so no node can be above
                        // this cap at any moment.
                        let weights = [1_u64, 5, 0, 2, 2];
                        for (node, weight) in weights.into_iter().enumerate() {
                            let load = in_flight.load(NodeIdx::new(node as u32));
                            let weight = apportion::Weight::new(weight);
                            let requests = (threads as usize * most) as u32;
                            assert!(
                                u64::from(load) <= in_flight.factor().cap(requests, weight, 10)
                            );
                        }
                    }
                });
            }
        });
        assert_eq!(in_flight.total(), 0);
        assert!(nodes.topology().iter().all(|(node, _)| in_flight.load(node) == 0));
    }
}

/// As long as nothing ends, caps only rise, so at rest no node is above its cap: whatever was
/// refused to other threads meanwhile must not have counted.
#[test]
fn threads_that_acquire_only() {
    let threads = 8;
    for round in 0..200_u64 {
        let ratio = RATIOS[round as usize % 4];
        let nodes = locator(&ring(), &[("a", 1), ("b", 3), ("c", 1), ("d", 2)]);
        let in_flight = start(&nodes, ratio);
        let gate = Arc::new(Barrier::new(threads));
        let asking = (0..threads as u64).map(|number| {
            let (nodes, in_flight, gate) = (nodes.clone(), in_flight.clone(), gate.clone());
            thread::spawn(move || {
                let mut draws = Draws(round * 100 + number);
                gate.wait();
                let ask = |_| {
                    let short = if draws.below(2) == 0 { 1 } else { 2 };
                    let key = draws.key();
                    in_flight.acquire(all(&nodes, key).take(short))
                };
                (0..30).filter_map(ask).collect::<Vec<Lease>>()
            })
        });
        let asking: Vec<_> = asking.collect();
        let leases: Vec<Lease> = asking.into_iter().flat_map(|t| t.join().unwrap()).collect();
        assert_eq!(in_flight.total() as usize, leases.len());
        within_caps(&nodes, &in_flight);
        let held = |node| leases.iter().filter(|lease| lease.node() == node).count();
        assert!(nodes.topology().iter().all(|(at, _)| in_flight.load(at) as usize == held(at)));
    }
}

/// Of two nodes at 1/1, one alone may have one request: many threads that see room for it at once
/// still get one.
#[test]
fn threads_racing_for_one_place_get_one_lease() {
    let nodes = locator(&Algorithm::Rendezvous, &[("a", 1), ("b", 1)]);
    let a = NodeIdx::new(0);
    for _ in 0..500 {
        let in_flight = start(&nodes, (1, 1));
        let gate = Barrier::new(4);
        let taken: Vec<Option<Lease>> = thread::scope(|scope| {
            let ask = || {
                gate.wait();
                in_flight.acquire([a].into_iter())
            };
            let asking: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
            asking.into_iter().map(|t| t.join().unwrap()).collect()
        });
        assert_eq!(taken.iter().flatten().count(), 1);
        assert_eq!((in_flight.total(), in_flight.load(a)), (1, 1));
    }
}

#[test]
fn leases_survive_reloads() {
    fn sendable<T: Send + Sync + 'static>(value: T) -> T {
        value
    }
    let nodes = locator(&Algorithm::Rendezvous, &[("a", 1), ("b", 1), ("c", 1)]);
    let old = start(&nodes, (1, 1));
    let [a, b, c] = [0, 1, 2].map(NodeIdx::new);
    let on = |in_flight: &InFlight, node| in_flight.acquire([node].into_iter());
    let [lease_a, lease_b] = [a, b].map(|node| sendable(on(&old, node).unwrap()));

    // b leaves and d takes its slot.
    let reloaded = nodes.without("b").unwrap().with("d".to_owned()).unwrap();
    assert_eq!(reloaded.topology().members().find(b"d"), Some(b), "the slot is used again");
    let new = old.follow(reloaded.topology().members());
    assert_eq!((new.total(), new.load(a), new.load(b), new.load(c)), (2, 1, 0, 0));
    let lease_d = on(&new, b).unwrap();
    assert_eq!((lease_d.node(), new.load(b), old.load(b)), (b, 1, 1), "d has one, b has one");
    // The old value goes on counting with the new one, for requests that began before.
    assert_eq!((old.total(), new.total()), (3, 3));
    let late = on(&old, b).unwrap();
    assert_eq!((old.load(b), new.load(b), new.total()), (2, 1, 4));
    drop(late);

    // b comes back while its lease is out, under another slot and another weight.
    let returned = reloaded
        .replaced_by([apportion::Node::new("b".to_owned()), apportion::Node::new("d".to_owned())]);
    let returned = returned.unwrap();
    let at = returned.topology().members().find(b"b").unwrap();
    assert_ne!(at, b);
    let newer = new.follow(returned.topology().members());
    assert_eq!((newer.load(at), newer.load(b), newer.total()), (1, 1, 3));
    assert!(on(&newer, at).is_some(), "⌈4/2⌉ = 2");
    drop(lease_b);
    assert_eq!((newer.load(at), newer.total(), old.load(b)), (0, 2, 0));

    // a left with a lease, which counts until it ends.
    drop(lease_d);
    assert_eq!((newer.total(), newer.load(b)), (1, 0));
    drop((old, new, nodes));
    assert_eq!(lease_a.node(), a);
    drop(lease_a);
    assert_eq!(newer.total(), 0);

    // Without a lease nothing is remembered: gone and back again begins at 0.
    let away = newer.follow(locator(&ring(), &[("z", 1)]).topology().members());
    let back = away.follow(returned.topology().members());
    assert_eq!((back.total(), back.load(at)), (0, 0));
}

#[test]
fn drained_and_reweighted_nodes() {
    let nodes = locator(&ring(), &[("a", 1), ("b", 1)]);
    let in_flight = start(&nodes, (1, 1));
    let [a, b] = [0, 1].map(NodeIdx::new);
    let leases: Vec<Lease> =
        (0..10).map(|i| in_flight.acquire(all(&nodes, KeyHash::of_id(i))).unwrap()).collect();
    assert_eq!((in_flight.load(a), in_flight.load(b)), (5, 5));
    let drained = nodes.reweighted("a", 0).unwrap();
    let in_flight = in_flight.follow(drained.topology().members());
    assert_eq!((in_flight.load(a), in_flight.cap(a), in_flight.cap(b)), (5, 0, 10));
    assert!(in_flight.acquire([a].into_iter()).is_none());
    assert_eq!(in_flight.acquire([a, b].into_iter()).unwrap().node(), b);
    let raised = drained.reweighted("a", 3).unwrap();
    let in_flight = in_flight.follow(raised.topology().members());
    assert_eq!((in_flight.cap(a), in_flight.cap(b)), (8, 3));
    assert_eq!(in_flight.acquire([b, a].into_iter()).unwrap().node(), a, "b is above its cap");
    drop(leases);
    assert_eq!(in_flight.total(), 0);
}

/// Reloads while requests come and go.
#[test]
fn threads_across_reloads() {
    let nodes = locator(&ring(), &[("a", 1), ("b", 1), ("c", 1)]);
    let first = start(&nodes, (5, 4));
    let mut values = vec![(nodes, first.clone())];
    for i in 0..12 {
        let (nodes, in_flight) = values.last().unwrap();
        let leaving = ["a", "b", "c"][i % 3];
        let next = match nodes.without(leaving) {
            Ok(without) => without,
            Err(_) => nodes.with(leaving.to_owned()).unwrap(),
        };
        let next = if next.placement().live() == 0 { nodes.clone() } else { next };
        let followed = in_flight.follow(next.topology().members());
        values.push((next, followed));
    }
    thread::scope(|scope| {
        for number in 0..4 {
            let values = &values;
            scope.spawn(move || {
                let mut draws = Draws(number);
                let mut leases = Vec::new();
                for i in 0..10_000 {
                    let (nodes, in_flight) = &values[i * values.len() / 10_000];
                    leases.push(in_flight.acquire(all(nodes, draws.key())).unwrap());
                    if leases.len() > 5 {
                        drop(leases.swap_remove(draws.below(5) as usize));
                    }
                }
            });
        }
    });
    for (nodes, in_flight) in &values {
        assert_eq!(in_flight.total(), 0);
        assert!(nodes.topology().iter().all(|(node, _)| in_flight.load(node) == 0));
    }
}
