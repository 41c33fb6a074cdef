//! Each rule against its definition.

use crate::model::{KINDS, Kind, Paths, Rule, topology, tree};
use crate::orders::Order;
use crate::support::{Draws, holders};
use apportion::{Algorithm, KeyHash, Locator, Node, NodeIdx, Placement, Spread};

fn spread(of: &Spread, placement: &dyn Placement, key: KeyHash, k: usize) -> Vec<NodeIdx> {
    let mut out = vec![NodeIdx::default(); k];
    let found = of.replicas(placement, key, &mut out);
    out.truncate(found);
    out
}

/// The definition, that lists are prefixes, that the owner comes first, that `kept` tells the truth.
fn agrees(rule: &Rule, replicas: usize, placement: &dyn Placement, paths: &Paths, of: &Spread) {
    let key = KeyHash::of_id(replicas as u64);
    let candidates = holders(placement, key, placement.live());
    let expected = rule.of(paths, &candidates, replicas);
    let context = format!("{rule:?}, {replicas} replicas of {candidates:?}");
    assert_eq!(spread(of, placement, key, replicas + 2), expected, "{context}");
    assert_eq!(of.max_replicas(), expected.len(), "{context}");
    for k in 0..=replicas {
        let found = spread(of, placement, key, k);
        assert_eq!(found, expected[..k.min(expected.len())], "{context}, k = {k}");
        let kept = (0..rule.limits.len()).take_while(|i| rule.allows(i + 1, paths, &found));
        let most = if rule.kind == Kind::Even { rule.limits.len() } else { kept.count() };
        assert_eq!(of.kept(&found), most, "{context}, k = {k}");
    }
    assert_eq!(expected.first().copied(), placement.locate(key), "{context}");
}

#[test]
fn every_placement_agrees_with_the_definition() {
    let mut draws = Draws(40);
    let mut asked = [0_u64; 3];
    for round in 0..1200 {
        let name = Algorithm::NAMES[round % Algorithm::NAMES.len()];
        let algorithm: Algorithm = name.parse().unwrap();
        let depth = draws.below(4) as usize;
        let n = 1 + draws.below(24);
        let mut weights = vec![1; n as usize];
        let plain =
            Locator::any_of(topology(&tree(&mut draws, &weights, depth)), algorithm.clone());
        if plain.unwrap().placement().guarantees().weights {
            weights.iter_mut().for_each(|weight| *weight = draws.below(5));
            weights[0] = 1;
        } else {
            weights.iter_mut().skip(1).for_each(|weight| *weight = draws.below(8).min(1));
        }
        let nodes = tree(&mut draws, &weights, depth);
        let locator = Locator::any_of(topology(&nodes), algorithm).unwrap();
        let members = locator.topology().members();
        let paths = Paths::of(members);
        for (kind, asked) in KINDS.into_iter().zip(&mut asked) {
            let rule = Rule::random(&mut draws, kind, depth);
            let replicas = 1 + draws.below(9) as usize;
            let Ok(of) = rule.compile(members, replicas) else { continue };
            agrees(&rule, replicas, locator.placement(), &paths, &of);
            *asked += 1;
        }
    }
    assert!(asked.iter().all(|asked| *asked > 500), "{asked:?}");
}

/// Lists that name nodes several times, as a ring does, and all of their nodes as replicas.
#[test]
fn every_order_agrees_with_the_definition() {
    let mut draws = Draws(41);
    for _ in 0..4000 {
        let depth = draws.below(4) as usize;
        let n = 1 + draws.below(12) as usize;
        let topology = topology(&tree(&mut draws, &vec![1; n], depth));
        let members = topology.members();
        let paths = Paths::of(members);
        let mut list: Vec<NodeIdx> = members.iter().chain(members.iter()).collect();
        draws.shuffle(&mut list);
        for kind in KINDS {
            let rule = Rule::random(&mut draws, kind, depth);
            for replicas in 1..=n + 1 {
                let Ok(of) = rule.compile(members, replicas) else { continue };
                agrees(&rule, replicas, &Order(list.clone()), &paths, &of);
            }
        }
    }
}

/// Strict limits are refused exactly where no choice of nodes could keep them.
#[test]
fn strict_limits_are_refused_only_where_no_choice_keeps_them() {
    let mut draws = Draws(42);
    let (mut refused, mut taken) = (0, 0);
    for _ in 0..1500 {
        let depth = draws.below(4) as usize;
        let n = 1 + draws.below(9) as usize;
        let weights: Vec<u64> = (0..n).map(|_| draws.below(5).min(1)).collect();
        let topology = topology(&tree(&mut draws, &weights, depth));
        let members = topology.members();
        let paths = Paths::of(members);
        let rule = Rule::random(&mut draws, Kind::Strict, depth);
        let live: Vec<NodeIdx> = members.iter_live().collect();
        let subset = |bits: u32| {
            let picked = (0..).zip(&live).filter(move |(i, _)| bits >> i & 1 == 1);
            picked.map(|(_, node)| *node).collect::<Vec<_>>()
        };
        let choices = (0..1_u32 << live.len()).map(subset);
        let room = choices.filter(|nodes| rule.allows(rule.limits.len(), &paths, nodes));
        let room = room.map(|nodes| nodes.len()).max().unwrap();
        for replicas in 1..=n + 1 {
            // A level that no node knows is refused whatever the room is.
            let found = rule.compile(members, replicas);
            assert_eq!(found.is_ok(), replicas <= room, "{rule:?} {replicas}: {found:?}");
            if found.is_ok() { taken += 1 } else { refused += 1 }
        }
    }
    assert!(refused > 1000 && taken > 1000, "{refused} refused, {taken} taken");
}

/// Seven in three zones of which one is small, and racks that are filled evenly inside.
#[test]
fn even_spreads_fill_domains_evenly() {
    let node = |i: usize| {
        let zone = ["a", "a", "a", "a", "b", "b", "b", "b", "c"][i % 9];
        let rack = ["1", "1", "2", "3"][i % 9 % 4];
        Node::new(format!("n{i}")).domain("zone", zone).domain("rack", rack)
    };
    let ring =
        Locator::ring_of(topology(&(0..9).map(node).collect::<Vec<_>>()), Default::default());
    let ring = ring.unwrap();
    let members = ring.topology().members();
    let even = Spread::even(members, 7, ["zone", "rack"]).unwrap();
    for key in 0..300_u64 {
        let holders = ring.replicas_under::<7>(&even, &key);
        let count = |zone: &str, rack: &str| {
            let at = |node: &&NodeIdx| {
                let domain = members.domain(**node).unwrap();
                domain.at("zone") == Some(zone) && rack.contains(domain.at("rack").unwrap())
            };
            holders.indices().iter().filter(at).count()
        };
        assert_eq!(["a", "b", "c"].map(|zone| count(zone, "123")), [3, 3, 1]);
        assert_eq!(["1", "2", "3"].map(|rack| count("a", rack)), [1, 1, 1]);
    }
}

/// Without levels, and with every limit above the number of replicas, a spread is the plain list.
#[test]
fn nothing_to_spread() {
    let mut draws = Draws(43);
    let nodes = tree(&mut draws, &[1; 20], 2);
    for name in Algorithm::NAMES {
        let locator = Locator::any_of(topology(&nodes), name.parse().unwrap()).unwrap();
        let members = locator.topology().members();
        let spreads = [
            Spread::strict(members, 5, []).unwrap(),
            Spread::best_effort(members, 5, []).unwrap(),
            Spread::even(members, 5, []).unwrap(),
            Spread::best_effort(members, 5, [("zone", 5), ("region", 6)]).unwrap(),
        ];
        for key in draws.keys(50) {
            let plain = holders(locator.placement(), key, 5);
            for of in &spreads {
                assert_eq!(spread(of, locator.placement(), key, 5), plain, "{name}");
            }
        }
    }
}
