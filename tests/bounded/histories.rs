//! Random histories of keys and nodes, step by step against the model.

use crate::model::{Model, Report, weights};
use crate::support::Draws;
use crate::{Named, locator, ring};
use apportion::bounded::{BoundedLoads, ChangeReport, LoadFactor, Mode};
use apportion::{Algorithm, AnyPlacement, Error, KeyHash, Node, Placement};
use std::collections::BTreeMap;

pub(crate) const RATIOS: [(u32, u32); 4] = [(1, 1), (21, 20), (5, 4), (2, 1)];

pub(crate) type Held = BoundedLoads<String, AnyPlacement>;

pub(crate) fn start(nodes: Named, ratio: (u32, u32), online: bool) -> Held {
    let factor = LoadFactor::new(ratio.0, ratio.1).unwrap();
    if online { Held::online(nodes, factor) } else { Held::canonical(nodes, factor) }
}

/// Who holds what, by label.
pub(crate) fn by_label(held: &Held) -> BTreeMap<u64, String> {
    let name = |at| held.locator().topology().get(at).unwrap().clone();
    held.iter().map(|(key, at)| (key.get(), name(at))).collect()
}

/// Another list of nodes, of one to three changes.
pub(crate) fn changed(nodes: &Named, draws: &mut Draws, step: u64) -> Named {
    let weighted = nodes.placement().guarantees().weights;
    let mut next = nodes.clone();
    for change in 0..1 + draws.below(3) * draws.below(2) {
        let names: Vec<String> = next.topology().iter().map(|(_, name)| name.clone()).collect();
        let weight = |draws: &mut Draws| if weighted { draws.below(6) } else { draws.below(2) };
        let pick = names.get(draws.below(names.len() as u64) as usize);
        next = match (draws.below(4), pick) {
            (0, Some(name)) => next.without(name).unwrap(),
            (1, Some(name)) => next.reweighted(name, weight(draws)).unwrap(),
            (2, _) if names.len() < 8 => {
                // Names come back, slots are used again.
                let name = format!("x{}", (step + change) % 12);
                let node = Node::new(name).weight(weight(draws).max(1));
                next.with_node(node).unwrap_or(next)
            }
            _ => {
                let equal = 1 + draws.below(3);
                let mut list: Vec<Node<String>> = Vec::new();
                for name in names {
                    let weight = if weighted { draws.below(5) } else { equal };
                    if draws.below(4) > 0 {
                        list.push(Node::new(name).weight(weight));
                    }
                }
                for i in 0..draws.below(3) {
                    let weight = if weighted { draws.below(9) } else { equal };
                    list.push(Node::new(format!("y{step}.{change}.{i}")).weight(weight));
                }
                // Unweighted algorithms want one weight of all.
                if !weighted {
                    list = list.into_iter().map(|node| node.weight(1)).collect();
                }
                next.replaced_by(list).unwrap()
            }
        };
    }
    next
}

fn checked(held: &Held, model: &Model, moves: &ChangeReport, report: &Report, at: &str) {
    assert_eq!(by_label(held), model.held, "{at}");
    assert_eq!((held.len(), held.is_empty()), (model.held.len(), model.held.is_empty()));
    let topology = held.locator().topology();
    for (node, label) in topology.iter() {
        let (load, cap) = (held.load(node), held.cap(node));
        assert!(u64::from(load) <= cap, "{at}: {label} holds {load} of {cap}");
        assert_eq!(load as usize, model.load(label), "{at}: {label}");
        assert_eq!(u128::from(cap), model.cap(label, model.held.len()), "{at}: {label}");
    }
    let filled = moves.filled.iter().map(|f| {
        let label = topology.get(f.node).unwrap().clone();
        (label, f.load, f.fair)
    });
    let said = Report {
        added: moves.added,
        removed: moves.removed,
        moved: moves.moved,
        orphaned: moves.orphaned,
        filled: filled.collect(),
    };
    assert_eq!(said, *report, "{at}");
}

/// One step of a history, on both.
fn step(held: &mut Held, model: &mut Model, draws: &mut Draws, pool: &[u64], number: u64) {
    let nodes = held.locator().clone();
    let dead = weights(&nodes).values().all(|weight| *weight == 0);
    let key = pool[draws.below(pool.len() as u64) as usize];
    let before = (by_label(held), nodes.fingerprint());
    let at = format!("step {number}");
    let result: Result<(ChangeReport, Report), Error> = match draws.below(8) {
        0..=2 => held
            .insert_hash(KeyHash::from_hash(key))
            .map(|moves| (moves, model.insert(&nodes, &[key]))),
        3 | 4 => {
            let moves = held.remove_hash(KeyHash::from_hash(key)).unwrap();
            let report = if dead { Report::default() } else { model.remove(&nodes, key) };
            Ok((moves, report))
        }
        5 => {
            let many = 1 + draws.below(8) as usize;
            let from = draws.below((pool.len() - many) as u64) as usize;
            let mut keys = pool[from..from + many].to_vec();
            keys.push(keys[0]);
            held.extend_hashes(keys.iter().map(|key| KeyHash::from_hash(*key)))
                .map(|moves| (moves, model.insert(&nodes, &keys)))
        }
        _ => {
            let next = changed(&nodes, draws, number);
            held.change(next.clone()).map(|moves| (moves, model.change(&next)))
        }
    };
    match result {
        Ok((moves, report)) => checked(held, model, &moves, &report, &at),
        Err(why) => {
            assert!(why.to_string().starts_with("no node has a weight above 0 to hold "), "{why}");
            assert_eq!((by_label(held), held.locator().fingerprint()), before, "{at}: untouched");
            checked(held, model, &ChangeReport::default(), &Report::default(), &at);
        }
    }
}

#[test]
fn every_step_is_that_of_the_model() {
    let algorithms = [ring(), Algorithm::Rendezvous, Algorithm::WeightedRendezvous];
    for (which, algorithm) in algorithms.iter().enumerate() {
        let unequal = locator(algorithm, &[]).placement().guarantees().weights;
        for (i, ratio) in RATIOS.into_iter().enumerate() {
            for online in [false, true] {
                for seed in 0..12 {
                    let mut draws = Draws((which * 1000 + i * 100 + seed) as u64);
                    let weight = |w| if unequal { w } else { 1 };
                    let first = [("a", weight(3)), ("b", weight(1)), ("c", 0), ("d", weight(7))];
                    let nodes = locator(algorithm, &first[..1 + seed % 4]);
                    let mut held = start(nodes.clone(), ratio, online);
                    assert_eq!(held.mode(), if online { Mode::Online } else { Mode::Canonical });
                    let held_by = BTreeMap::new();
                    let mut model =
                        Model { online, ratio, weights: weights(&nodes), held: held_by };
                    let pool: Vec<u64> = (0..60).map(|_| draws.next()).collect();
                    for number in 0..120 {
                        step(&mut held, &mut model, &mut draws, &pool, number);
                    }
                }
            }
        }
    }
}
