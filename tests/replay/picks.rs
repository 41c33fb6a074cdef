//! Picks and claims over any loads, weights and limits, and leases with costs: equal to a model of
//! fractions and plain lists for numbers of up to 32 bits, and within their promises for all others.

use super::input::Input;
use super::picks_model::{Loads, Rule};
use apportion::bounded::{InFlight, Lease, LoadFactor, LoadLimit, NodeLoads, Picked, Shed};
use apportion::{Node, NodeIdx, Topology, Weight};

const STEPS: usize = 48;
const NODES: u8 = 7;

pub fn run(data: &[u8]) {
    let mut input = Input(data);
    match input.below(4) {
        0 => extremes(&mut input),
        1 => leases(&mut input),
        _ => history(&mut input),
    }
}

/// A number of up to 32 bits.
fn small(input: &mut Input<'_>) -> u64 {
    input.number() & u64::from(u32::MAX)
}

fn rule(input: &mut Input<'_>) -> Rule {
    let den = 1 + (input.number() % 1000) as u32;
    Rule {
        num: den + (input.number() % 5000) as u32,
        den,
        margin: small(input),
        cap: (input.below(3) == 0).then(|| small(input)),
        gateways: 1 + input.below(9) as u32,
        sheds: input.below(4) == 0,
    }
}

fn candidates(input: &mut Input<'_>) -> Vec<NodeIdx> {
    // Repeats and strangers do no harm.
    let len = input.below(12);
    (0..len).map(|_| NodeIdx::new(input.below(NODES + 1) as u32)).collect()
}

/// Requests begin and end; each pick and each claim is the model's.
fn history(input: &mut Input<'_>) {
    let rule = rule(input);
    let limit = rule.limit();
    let weights: Vec<u64> = (0..1 + input.below(NODES)).map(|_| small(input) >> 8).collect();
    let mut loads = Loads::idle(&weights);
    for _ in 0..STEPS {
        if input.is_empty() {
            break;
        }
        if input.below(4) == 0 {
            let at = input.below(weights.len() as u8);
            loads.loads[at] -= small(input).min(loads.loads[at]);
            continue;
        }
        let order = candidates(input);
        let cost = small(input) >> 6;
        let expected = loads.pick(&rule, &order, cost);
        assert_eq!(limit.pick(order.iter().copied(), cost, loads.seen()), expected);
        let mut counted = loads.loads.clone();
        let claimed = limit.claim(order.iter().copied(), cost, loads.seen(), |node, max| {
            let load = &mut counted[node.index()];
            let room = *load + cost <= max;
            *load += if room { cost } else { 0 };
            room
        });
        assert_eq!(claimed, expected);
        if let Ok(picked) = expected {
            let load = &mut loads.loads[picked.node().index()];
            *load += cost;
            assert!(rule.fits(*load));
        }
        assert_eq!(counted, loads.loads);
    }
}

/// Any numbers, also totals that fit nothing and claims that are lost: an answer is a live candidate
/// that has room, and a refusal is true.
fn extremes(input: &mut Input<'_>) {
    let den = 1 + (input.number() as u32 >> 1);
    let factor = LoadFactor::checked(den.saturating_add(input.number() as u32), den).unwrap();
    let cap = (input.below(2) == 0).then(|| input.number());
    let gateways = input.number() as u32;
    let mut limit = LoadLimit::new(factor).margin(input.number()).one_of(gateways);
    limit = cap.map_or(limit, |cap| limit.cap(cap));
    let weights: Vec<u64> = (0..NODES).map(|_| input.number()).collect();
    let loads: Vec<u64> = (0..NODES).map(|_| input.number()).collect();
    let total_weight = u128::from(input.number()) << input.below(64) | u128::from(input.word());
    let total_load = input.number();
    let at = |list: &[u64], node: NodeIdx| list.get(node.index()).copied().unwrap_or(0);
    let seen = NodeLoads::new(
        |node| Weight::new(at(&weights, node)),
        total_weight,
        |node| at(&loads, node),
        total_load,
    );
    let order = candidates(input);
    let cost = input.number();
    let live = |node: &NodeIdx| at(&weights, *node) > 0;
    let room = |node: &NodeIdx| {
        let with = at(&loads, *node).checked_add(cost);
        let cap = cap.map_or(u64::MAX, |cap| cap / u64::from(gateways.max(1)));
        with.is_some_and(|with| with <= cap)
    };
    let count = order.iter().filter(|node| live(node)).count();
    let picked = limit.pick(order.iter().copied(), cost, seen);
    match picked {
        Ok(picked) => {
            let node = picked.node();
            assert!(order.contains(&node) && live(&node) && room(&node));
            let mut lives = order.iter().filter(|node| live(node));
            assert_eq!(lives.nth(picked.past() as usize), Some(&node));
            let above = matches!(picked, Picked::AllAbove { .. });
            let shed = limit.shedding().pick(order.iter().copied(), cost, seen);
            let candidates = count as u32;
            assert_eq!(shed, if above { Err(Shed::AllAbove { candidates }) } else { Ok(picked) });
        }
        Err(Shed::NoLiveNode) => assert_eq!(count, 0),
        Err(shed) => {
            assert_eq!(shed, Shed::AllFull { candidates: count as u32 });
            assert!(!order.iter().any(|node| live(node) && room(node)));
        }
    }
    // Claims of which the first few are lost.
    let lost = input.below(20);
    let mut calls = 0;
    let claimed = limit.claim(order.iter().copied(), cost, seen, |node, max| {
        assert!(live(&node) && cap.is_none_or(|cap| max <= cap));
        calls += 1;
        calls > lost
    });
    assert!(calls <= 2 * count + 1);
    assert_eq!(claimed.is_ok(), calls > lost);
    assert!(lost > 0 || picked.is_err() || claimed == picked);
}

/// Leases with costs on one thread: each on the first candidate that is below its limit and has room.
fn leases(input: &mut Input<'_>) {
    let rule = rule(input);
    let weights: Vec<u64> = (0..1 + input.below(NODES)).map(|_| small(input) >> 8).collect();
    let nodes = weights.iter().enumerate().map(|(at, w)| Node::new(at as u32).weight(*w));
    let nodes = Topology::of(nodes).unwrap();
    let in_flight = InFlight::of(nodes.members(), rule.limit());
    let follower = in_flight.follow(nodes.members());
    let mut leases: Vec<Lease> = Vec::new();
    let load = |leases: &[Lease], node: NodeIdx| -> u64 {
        let on = leases.iter().filter(|lease| lease.node() == node);
        on.map(|lease| u64::from(lease.cost())).sum()
    };
    for _ in 0..STEPS {
        if input.is_empty() {
            break;
        }
        if input.below(3) == 0 && !leases.is_empty() {
            drop(leases.swap_remove(input.below(leases.len() as u8)));
            continue;
        }
        let order = candidates(input);
        let asked = small(input) as u32;
        let cost = u64::from(asked.max(1));
        let total: u64 = leases.iter().map(|lease| u64::from(lease.cost())).sum();
        let weight = |node: &NodeIdx| weights.get(node.index()).copied().unwrap_or(0);
        let takes = |node: &&NodeIdx| {
            let load = load(&leases, **node);
            weight(node) > 0
                && rule.is_below(load, total + cost, weight(node), weights.iter().sum())
                && rule.fits(load + cost)
        };
        let fits = total + cost <= u64::from(apportion::limits::MAX_IN_FLIGHT);
        let expected = order.iter().find(takes).copied().filter(|_| fits);
        let asks = if asked % 2 == 0 { &in_flight } else { &follower };
        let lease = asks.acquire_cost(order.iter().copied(), asked);
        assert_eq!(lease.as_ref().map(Lease::node), expected);
        leases.extend(lease);
        let total: u64 = leases.iter().map(|lease| u64::from(lease.cost())).sum();
        for value in [&in_flight, &follower] {
            assert_eq!(u64::from(value.total()), total);
            for node in (0..=u32::from(NODES)).map(NodeIdx::new) {
                assert_eq!(u64::from(value.load(node)), load(&leases, node));
            }
        }
    }
    drop(leases);
    assert_eq!((in_flight.total(), follower.total()), (0, 0));
}
