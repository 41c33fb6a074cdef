//! Picks over loads that the caller counts.

use crate::pick_model::{Loads, Rule};
use crate::support::Draws;
use crate::{locator, ring};
use apportion::bounded::{LoadFactor, LoadLimit, NodeLoads, Picked, Shed};
use apportion::{Algorithm, Locator, Node, NodeIdx, Topology, Weight};

const RULES: [(u32, u32, u64); 7] =
    [(1, 1, 0), (1, 1, 3), (5, 4, 0), (5, 4, 1), (5, 4, 20), (2, 1, 7), (101, 100, 64)];

fn slots(n: usize) -> Vec<NodeIdx> {
    (0..n as u32).map(NodeIdx::new).collect()
}

fn rule(draws: &mut Draws) -> Rule {
    let (num, den, margin) = RULES[draws.below(7) as usize];
    Rule {
        num,
        den,
        margin,
        cap: (draws.below(3) == 0).then(|| draws.below(60)),
        gateways: [1, 1, 2, 4, 7][draws.below(5) as usize],
        sheds: draws.below(2) == 0,
    }
}

/// Random loads, candidates that are filtered, repeated and strangers, all options.
#[test]
fn picks_equal_the_model() {
    let mut counts = [0_u32; 6];
    for case in 0..30_000 {
        let mut draws = Draws(case);
        let rule = rule(&mut draws);
        let nodes = 1 + draws.below(8) as usize;
        let weights: Vec<u64> = (0..nodes).map(|_| draws.below(6)).collect();
        let mut loads = Loads::idle(&weights);
        let high = 1 + draws.below(30);
        loads.loads.iter_mut().for_each(|load| *load = draws.below(high));
        let mut candidates = slots(nodes + 2);
        draws.shuffle(&mut candidates);
        candidates.truncate(1 + draws.below(nodes as u64 + 3) as usize);
        if draws.below(4) == 0 {
            candidates.extend(candidates.clone());
        }
        let cost = draws.below(2) * draws.below(12) + draws.below(2);
        let expected = loads.pick(&rule, &candidates, cost);
        let limit = rule.limit();
        let found = limit.pick(candidates.iter().copied(), cost, loads.seen());
        assert_eq!(found, expected, "{case}: {rule:?} {loads:?} {candidates:?} {cost}");
        counts[match found {
            Ok(Picked::Preferred { .. }) => 0,
            Ok(Picked::Spilled { .. }) => 1,
            Ok(Picked::AllAbove { .. }) => 2,
            Err(Shed::NoLiveNode) => 3,
            Err(Shed::AllAbove { .. }) => 4,
            Err(Shed::AllFull { .. }) => 5,
        }] += 1;

        // Alone, a claim is the pick, and counts it.
        let mut counted = loads.loads.clone();
        let claimed = limit.claim(candidates.iter().copied(), cost, loads.seen(), |node, max| {
            let load = &mut counted[node.index()];
            let room = *load + cost <= max;
            *load += if room { cost } else { 0 };
            room
        });
        assert_eq!(claimed, expected);
        let added = counted.iter().zip(&loads.loads).map(|(now, was)| now - was);
        let node = expected.map(Picked::node).ok();
        assert!(
            added
                .zip(slots(nodes))
                .all(|(added, at)| { added == if Some(at) == node { cost } else { 0 } })
        );
    }
    assert!(counts.iter().all(|count| *count > 400), "{counts:?}");
}

/// The bound of the documentation, over histories of requests that begin and end.
#[test]
fn loads_stay_within_the_bound() {
    let mut spilled = 0;
    for case in 0..200 {
        let mut draws = Draws(case);
        let (num, den, margin) = RULES[case as usize % 7];
        let rule = Rule { gateways: 1 + draws.below(3) as u32, ..Rule::of(num, den, margin) };
        let limit = rule.limit();
        let weights: Vec<u64> = (0..2 + draws.below(6)).map(|_| 1 + draws.below(4)).collect();
        let nodes = weights.len();
        let mut loads = Loads::idle(&weights);
        let costs = if case % 2 == 0 { 1 } else { 30 };
        let ends = if case % 3 == 0 { 0 } else { 5 };
        let mut bounds = vec![0; nodes];
        let mut flying: Vec<(usize, u64)> = Vec::new();
        for _ in 0..400 {
            if draws.below(12) < ends && !flying.is_empty() {
                let (node, cost) = flying.swap_remove(draws.below(flying.len() as u64) as usize);
                loads.loads[node] -= cost;
                continue;
            }
            // A few hot keys: their orders.
            let mut order = slots(nodes);
            Draws(case << 8 | draws.below(3)).shuffle(&mut order);
            let cost = 1 + draws.below(costs);
            let picked = limit.pick(order.iter().copied(), cost, loads.seen()).unwrap();
            assert!(!matches!(picked, Picked::AllAbove { .. }), "some node is below its limit");
            spilled += u32::from(picked.past() > 0);
            let at = picked.node().index();
            loads.loads[at] += cost;
            flying.push((at, cost));
            let of = |at: usize| {
                limit.limit_of(Weight::new(weights[at]), loads.total(), loads.weight().into())
            };
            assert!(loads.loads[at] < of(at) + cost);
            bounds[at] = of(at) + cost - 1;
            assert!(loads.loads.iter().zip(&bounds).all(|(load, bound)| load <= bound));
            if costs == 1 && ends == 0 {
                assert!((0..nodes).all(|at| loads.loads[at] <= of(at)), "{rule:?} {loads:?}");
            }
        }
    }
    assert!(spilled > 10_000, "{spilled}");
}

/// n gateways, each with loads of its own and 1/n of margin and cap.
#[test]
fn gateways_keep_the_bound_together() {
    for case in 0..300 {
        let mut draws = Draws(case);
        let (num, den, margin) = RULES[case as usize % 7];
        let gateways = 2 + draws.below(4);
        let cap = (case % 2 == 0).then_some(100);
        let rule = Rule { gateways: gateways as u32, cap, ..Rule::of(num, den, margin) };
        let (limit, weights) = (rule.limit(), [1, 2, 3, 1]);
        let mut each = vec![Loads::idle(&weights); gateways as usize];
        for _ in 0..500 {
            // Unevenly, which the bound allows.
            let at = draws.below(gateways).min(draws.below(gateways)) as usize;
            let mut order = slots(4);
            Draws(draws.below(2)).shuffle(&mut order);
            let cost = 1 + draws.below(6);
            if let Ok(picked) = limit.pick(order.into_iter(), cost, each[at].seen()) {
                each[at].loads[picked.node().index()] += cost;
            }
        }
        let total: u64 = each.iter().map(Loads::total).sum();
        for (node, weight) in weights.into_iter().enumerate() {
            let load: u64 = each.iter().map(|gateway| gateway.loads[node]).sum();
            match cap {
                Some(cap) => assert!(load <= cap, "{load} on {node}"),
                // load < c · F + M + n · cost, F = total · weight / 7
                None => assert!(
                    (load * u64::from(den) * 7)
                        < u64::from(num) * total * weight
                            + (margin + 6 * gateways) * u64::from(den) * 7
                ),
            }
        }
    }
}

/// Of three idle nodes the preferred one takes requests of a key up to the margin above the fair
/// share, then the next one; and the key returns as soon as one of them ends.
#[test]
fn a_key_stays_spills_and_returns() {
    for (margin, stay) in [(0, 1), (1, 2), (2, 4), (8, 13)] {
        let limit = Rule::of(5, 4, margin).limit();
        let mut loads = Loads::idle(&[1, 1, 1]);
        let pick = |loads: &Loads| limit.pick(slots(3).into_iter(), 1, loads.seen()).unwrap();
        let node = NodeIdx::new(0);
        let mut stayed = 0;
        while pick(&loads) == (Picked::Preferred { node }) {
            loads.loads[0] += 1;
            stayed += 1;
        }
        // load < (load + 1)/3 + margin as long as 2 · load < 3 · margin + 1.
        assert_eq!(stayed, stay, "{margin}");
        assert_eq!(pick(&loads), Picked::Spilled { node: NodeIdx::new(1), past: 1 });
        loads.loads[1] += 1;
        loads.loads[0] -= 1;
        assert_eq!(pick(&loads), Picked::Preferred { node }, "{margin}");
    }
}

/// Every spilled request returns: with the loads fixed, lowering the preferred one by units makes it
/// the answer exactly when it is below its limit.
#[test]
fn requests_return_exactly_below_the_limit() {
    let mut draws = Draws(7);
    for _ in 0..2000 {
        let (num, den, margin) = RULES[draws.below(7) as usize];
        let rule = Rule::of(num, den, margin);
        let mut loads = Loads::idle(&[2, 1, 1]);
        loads.loads = vec![200, draws.below(50), draws.below(50)];
        let mut returned = false;
        while loads.loads[0] > 0 {
            let picked = rule.limit().pick(slots(3).into_iter(), 1, loads.seen()).unwrap();
            let below = rule.is_below(loads.loads[0], loads.total() + 1, 2, 4);
            assert_eq!(picked.past() == 0, below);
            assert!(below || !returned, "it returns once and stays");
            returned |= below;
            loads.loads[0] -= 1;
        }
        assert!(returned);
    }
}

/// A hot key over its first two candidates: both get the same, whatever the other nodes do.
#[test]
fn a_hot_key_over_its_first_candidates() {
    let limit = Rule::of(5, 4, 2).limit();
    let mut loads = Loads::idle(&[1, 1, 1, 1]);
    let mut above = 0;
    for _ in 0..1000 {
        let picked = limit.pick(slots(2).into_iter(), 1, loads.seen()).unwrap();
        above += u32::from(matches!(picked, Picked::AllAbove { .. }));
        loads.loads[picked.node().index()] += 1;
    }
    assert_eq!(loads.loads, [500, 500, 0, 0]);
    assert!(above > 900, "{above}");
    // By weight.
    let mut loads = Loads::idle(&[3, 1, 4]);
    for _ in 0..1000 {
        let picked = limit.pick(slots(2).into_iter(), 1, loads.seen()).unwrap();
        loads.loads[picked.node().index()] += 1;
    }
    assert_eq!(loads.loads, [750, 250, 0]);
}

#[test]
fn loads_of_a_locator() {
    let nodes = locator(&ring(), &[("a", 1), ("b", 5), ("c", 0), ("d", 2)]);
    let members = nodes.topology().members();
    let load = |node: NodeIdx| [5, 10, 100, 7][node.index()];
    let summed = NodeLoads::of(members, load);
    assert_eq!((summed.total_load(), summed.total_weight()), (22, 8), "c is not live");
    assert_eq!(format!("{summed:?}"), "NodeLoads { total_load: 22, total_weight: 8, .. }");
    let limit = LoadLimit::new(LoadFactor::new(5, 4).unwrap()).margin(1);
    // c is drained: it is not even passed. a has 5 of ⌈23/8 + 1⌉, b 10 of ⌈5/4 · 5/8 · 23⌉ = 18.
    let order = [2, 9, 0, 1].map(NodeIdx::new);
    let spilled = Ok(Picked::Spilled { node: NodeIdx::new(1), past: 1 });
    assert_eq!(limit.pick(order.into_iter(), 1, summed), spilled);
    let given = NodeLoads::with_totals(members, members.total_weight(), load, 22);
    assert_eq!(limit.pick(order.into_iter(), 1, given), spilled);
    let candidates = nodes.candidates("key").map(|(node, _)| node);
    assert_eq!(limit.pick(candidates.clone(), 1, given), limit.pick(candidates, 1, summed));

    let equal = NodeLoads::equal(2, |_| 3, 6);
    assert_eq!((equal.total_load(), equal.total_weight()), (6, 2));
    let picked = limit.pick([5, 2, 1].map(NodeIdx::new).into_iter(), 1, equal);
    assert_eq!(picked, Ok(Picked::Preferred { node: NodeIdx::new(1) }));
}

/// The facade's pick is the pick over its candidates, with the loads in the values of the nodes.
#[test]
fn picks_of_a_locator() {
    let mut draws = Draws(3);
    for algorithm in [ring(), Algorithm::WeightedRendezvous, Algorithm::Maglev(Default::default())]
    {
        let mut spilled = 0;
        let node = |i: u64, load: u64| Node::labelled(load, i.to_le_bytes()).weight(i % 4);
        for _ in 0..200 {
            let list: Vec<_> = (0..9).map(|i| node(i, draws.below(20))).collect();
            let pool = Locator::any_of(Topology::of(list).unwrap(), algorithm.clone()).unwrap();
            let limit = rule(&mut draws).limit();
            let (key, cost) = (draws.below(1000), draws.below(4));
            let members = pool.topology().members();
            let load = |node| pool.topology().get(node).copied().unwrap();
            let candidates = pool.candidates(&key).map(|(node, _)| node);
            let expected = limit.pick(candidates, cost, NodeLoads::of(members, load));
            let found = pool.pick(&key, &limit, cost, |load| *load);
            assert_eq!(found.map(|(picked, _)| picked), expected);
            if let Ok((picked, value)) = found {
                assert_eq!(pool.topology().get(picked.node()), Some(value));
                spilled += u32::from(picked.past() > 0);
            }
        }
        assert!(spilled > 10, "{spilled}");
    }
    let none = Locator::ring(Vec::<u64>::new()).unwrap();
    let limit = LoadLimit::new(LoadFactor::ONE);
    assert_eq!(none.pick("key", &limit, 1, |_| 0), Err(Shed::NoLiveNode));
}

/// What may never change: limits and picks over fixed random numbers, as a checksum.
#[test]
fn answers_are_pinned() {
    let mut sum = 0xcbf2_9ce4_8422_2325_u64;
    let mut note = |value: u64| sum = (sum ^ value).wrapping_mul(0x0000_0100_0000_01b3);
    for case in 0..5000 {
        let mut draws = Draws(case);
        let limit = rule(&mut draws).limit();
        let shift = draws.below(64);
        let total = u128::from(draws.next()) << draws.below(30);
        let weight = Weight::new((draws.next() >> draws.below(64)).min(total as u64));
        note(limit.limit_of(weight, draws.next() >> shift, total));
        let mut loads = Loads::idle(&[1, 2, 3, 4]);
        loads.loads.iter_mut().for_each(|load| *load = draws.below(30));
        match limit.pick(slots(4).into_iter(), draws.below(9), loads.seen()) {
            Ok(picked) => note(u64::from(picked.node().get())),
            Err(shed) => note(9 + u64::from(shed == Shed::AllFull { candidates: 4 })),
        }
    }
    assert_eq!(sum, 0xc35c_58b2_910a_f9f4, "{sum:#x}");
}

#[test]
fn extreme_numbers() {
    let one = |load: u64, total: u64| NodeLoads::equal(1, move |_| load, total);
    let node = NodeIdx::new(0);
    let pick = |limit: LoadLimit, cost, load, total| {
        limit.pick([node].into_iter(), cost, one(load, total))
    };
    let plain = LoadLimit::new(LoadFactor::new(u32::MAX, 1).unwrap());
    let max = u64::MAX;
    assert_eq!(pick(plain, max, 0, max), Ok(Picked::Preferred { node }));
    // A sum that does not fit is above every cap.
    assert_eq!(pick(plain, max, 1, max), Err(Shed::AllFull { candidates: 1 }));
    assert_eq!(pick(plain.margin(max).one_of(u32::MAX), 1, 5, 5), Ok(Picked::Preferred { node }));
    assert_eq!(pick(plain.cap(0), 0, 0, 0), Ok(Picked::Preferred { node }));
    assert_eq!(pick(plain.cap(0), 1, 0, 0), Err(Shed::AllFull { candidates: 1 }));
    // A total that is too low leaves no node below.
    let low = LoadLimit::new(LoadFactor::ONE);
    assert_eq!(pick(low, 1, 5, 0), Ok(Picked::AllAbove { node, past: 0 }));
    assert_eq!(pick(low.shedding(), 1, 5, 0), Err(Shed::AllAbove { candidates: 1 }));
}

#[test]
fn messages_say_what_to_do() {
    let error = |shed: Shed| -> String {
        let error: Box<dyn std::error::Error> = shed.into();
        error.to_string()
    };
    let live = "no candidate has a weight above 0; give at least one live node";
    assert_eq!(error(Shed::NoLiveNode), live);
    let above = "all 3 candidates are above the load limit; retry later";
    assert_eq!(error(Shed::AllAbove { candidates: 3 }), above);
    let full = "the only candidate is too full for the request; retry later or raise the cap";
    assert_eq!(error(Shed::AllFull { candidates: 1 }), full);
}
