//! A canonical assignment knows no history.

use crate::histories::{RATIOS, by_label, changed, start};
use crate::support::Draws;
use crate::{Named, locator, ring};
use apportion::{Algorithm, KeyHash, Node, Placement};
use std::collections::BTreeSet;

type Weights = Vec<(String, u64)>;

fn drawn_nodes(draws: &mut Draws, unequal: bool) -> Weights {
    let weight = |draws: &mut Draws| if unequal { draws.below(6) } else { 1 };
    let mut nodes: Weights =
        (0..draws.below(5)).map(|i| (format!("n{i}"), weight(draws))).collect();
    nodes.push(("last".to_owned(), 1));
    draws.shuffle(&mut nodes);
    nodes
}

fn build(algorithm: &Algorithm, nodes: &Weights) -> Named {
    let nodes: Vec<(&str, u64)> = nodes.iter().map(|(name, w)| (name.as_str(), *w)).collect();
    locator(algorithm, &nodes)
}

/// Nodes `from` turned into nodes `to`, one change after the other or all at once.
fn led(mut from: Named, to: &Weights, draws: &mut Draws) -> Vec<Named> {
    let node = |(name, weight): &(String, u64)| Node::new(name.clone()).weight(*weight);
    if draws.below(2) == 0 {
        return vec![from.replaced_by(to.iter().map(node)).unwrap()];
    }
    let mut way = Vec::new();
    let mut push = |next: Named| {
        way.push(next.clone());
        next
    };
    let names: Vec<String> = from.topology().iter().map(|(_, name)| name.clone()).collect();
    // First the node that is always there and live, so that keys have somebody.
    if !names.iter().any(|name| name == "last") {
        from = push(from.with("last".to_owned()).unwrap());
    }
    from = push(from.reweighted("last", 1).unwrap());
    for name in names {
        if !to.iter().any(|(other, _)| *other == name) {
            from = push(from.without(&name).unwrap());
        }
    }
    let mut to = to.clone();
    draws.shuffle(&mut to);
    for (name, weight) in &to {
        from = match from.topology().members().find(name.as_bytes()) {
            Some(_) => push(from.reweighted(name, *weight).unwrap()),
            None => push(from.with_node(node(&(name.clone(), *weight))).unwrap()),
        };
    }
    way
}

fn histories(range: std::ops::Range<u64>) {
    let algorithms = [ring(), Algorithm::Rendezvous, Algorithm::WeightedRendezvous];
    for seed in range {
        let mut draws = Draws(seed);
        let algorithm = &algorithms[seed as usize % 3];
        let unequal = locator(algorithm, &[]).placement().guarantees().weights;
        let ratio = RATIOS[draws.below(4) as usize];
        let nodes = drawn_nodes(&mut draws, unequal);
        let keys: BTreeSet<u64> = (0..draws.below(30)).map(|_| draws.next()).collect();

        let mut fresh = start(build(algorithm, &nodes), ratio, false);
        fresh.extend_hashes(keys.iter().map(|key| KeyHash::from_hash(*key))).unwrap();
        let expected = by_label(&fresh);
        assert!(expected.keys().copied().eq(keys.iter().copied()));

        let other = drawn_nodes(&mut draws, unequal);
        let mut held = start(build(algorithm, &other), ratio, false);
        for number in 0..draws.below(6) {
            let key = KeyHash::from_hash(draws.next());
            let some = keys.iter().nth(draws.below(30) as usize);
            let some = KeyHash::from_hash(some.copied().unwrap_or(7));
            // Refusals, for want of live nodes, change nothing.
            let _ = match draws.below(4) {
                0 => held.insert_hash(key),
                1 => held.extend_hashes([some, key, some]),
                2 => held.remove_hash(some),
                _ => held.change(changed(&held.locator().clone(), &mut draws, number)),
            };
        }
        // Nodes before keys or keys before nodes.
        let nodes_first = draws.below(2) == 0;
        for turn in [true, false] {
            if turn == nodes_first {
                for next in led(held.locator().clone(), &nodes, &mut draws) {
                    held.change(next).unwrap();
                }
                continue;
            }
            let extra: Vec<KeyHash> =
                held.iter().map(|(key, _)| key).filter(|key| !keys.contains(&key.get())).collect();
            for key in extra {
                held.remove_hash(key).unwrap();
            }
            let mut missing: Vec<u64> = keys.iter().copied().collect();
            draws.shuffle(&mut missing);
            let (single, many) = missing.split_at(draws.below(4).min(keys.len() as u64) as usize);
            let hashed = |key: &u64| KeyHash::from_hash(*key);
            let refused = single.iter().map(hashed).any(|key| held.insert_hash(key).is_err())
                || held.extend_hashes(many.iter().map(hashed)).is_err();
            if refused {
                // The drawn nodes were all drained.
                assert!(!nodes_first);
                for next in led(held.locator().clone(), &nodes, &mut draws) {
                    held.change(next).unwrap();
                }
                held.extend_hashes(keys.iter().map(hashed)).unwrap();
            }
        }
        assert_eq!(by_label(&held), expected, "seed {seed}");
    }
}

#[test]
fn canonical_answers_ignore_the_order_of_ten_thousand_histories() {
    histories(0..10_000);
}

/// Online they do not, which is why there are two modes.
#[test]
fn online_answers_depend_on_the_order() {
    let nodes = locator(&Algorithm::Rendezvous, &[("a", 1), ("b", 1), ("c", 1)]);
    let hashes: Vec<KeyHash> = (0..30).map(KeyHash::of_id).collect();
    let mut up = start(nodes.clone(), (1, 1), true);
    let mut down = start(nodes, (1, 1), true);
    up.extend_hashes(hashes.iter().copied()).unwrap();
    down.extend_hashes(hashes.iter().rev().copied()).unwrap();
    assert_ne!(by_label(&up), by_label(&down));
}
