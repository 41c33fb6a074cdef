//! Every algorithm through histories of its nodes, and rings of every kind.

use crate::case::{Listed, Rng, found, hashes, hex, hex_list, listed, topology};
use apportion::anchor::AnchorConfig;
use apportion::asura::AsuraConfig;
use apportion::maglev::MaglevConfig;
use apportion::placement::Build;
use apportion::ring::{GivenPointsConfig, LabelPointsConfig, RingConfig, Rule};
use apportion::{Algorithm, AnyPlacement, Error, KeyHash, Locator, NodeIdx, Placement};
use serde_json::{Value, json};

type Any = Locator<String, AnyPlacement>;

/// Weights where all live nodes must have the same: one in four is drained.
const EQUAL: [u64; 4] = [1, 1, 1, 0];

/// An algorithm, its configuration as the vectors write it, and the weights of its nodes.
fn algorithms() -> Vec<(Algorithm, Value, Vec<u64>)> {
    let small = vec![1, 2, 3, 5, 0];
    let bytes: Vec<u64> = vec![1 << 40, 3 << 40, (5 << 40) + 12_345, 0, 1 << 38];
    let mut list: Vec<(Algorithm, Value, Vec<u64>)> = Algorithm::NAMES
        .iter()
        // Newer than the others: see `newer`.
        .filter(|name| **name != "anchor")
        .map(|name| (name.parse().unwrap(), json!({}), EQUAL.to_vec()))
        .collect();
    for (algorithm, _, weights) in &mut list {
        let one = Locator::any_of(topology(&[Listed::new("a", 1)]), algorithm.clone()).unwrap();
        if one.placement().guarantees().weights {
            weights.clone_from(&small);
        }
    }
    let ring = RingConfig::default;
    let asura = AsuraConfig::default;
    let maglev = MaglevConfig::default;
    list.extend([
        (Algorithm::Ring(ring().scale(3, 2)), json!({"scale": [3, 2]}), small.clone()),
        (
            Algorithm::Ring(ring().scale(7, 1 << 40).budget(500)),
            json!({"scale": [7, 1_u64 << 40], "budget": 500}),
            bytes.clone(),
        ),
        (Algorithm::Ring(ring().points_per_node(8)), json!({"points_per_node": 8}), bytes.clone()),
        (
            Algorithm::Ring(ring().points_per_node(50).budget(60)),
            json!({"points_per_node": 50, "budget": 60}),
            vec![1, 1000, 90, 7, 0],
        ),
        (Algorithm::Asura(asura()), json!({}), vec![40, 60, 3, 1000, 0]),
        (Algorithm::Asura(asura().unit(8)), json!({"unit": 8}), vec![8, 3, 20, 16, 0]),
        (
            Algorithm::Asura(asura().unit(1 << 40).board(6).darts(3)),
            json!({"unit": 1_u64 << 40, "board": 6, "darts": 3}),
            bytes.clone(),
        ),
        (Algorithm::Maglev(maglev().table_size(251)), json!({"table_size": 251}), small),
        (Algorithm::Maglev(maglev().table_size(13)), json!({"table_size": 13}), bytes.clone()),
        (Algorithm::WeightedRendezvous, json!({}), bytes),
    ]);
    list
}

pub(crate) fn cases() -> Vec<Value> {
    let mut rng = Rng::new(7);
    let mut cases = Vec::new();
    for (algorithm, config, weights) in algorithms() {
        for _ in 0..2 {
            cases.push(history(&mut rng, &algorithm, &config, &weights));
        }
    }
    cases.push(compacted(&mut rng));
    for (algorithm, config, weights) in newer() {
        for _ in 0..2 {
            cases.push(history(&mut rng, &algorithm, &config, &weights));
        }
    }
    cases
}

/// As [`algorithms`], for those whose cases come at the end of the file.
fn newer() -> Vec<(Algorithm, Value, Vec<u64>)> {
    let anchor = AnchorConfig::default;
    let of = |capacity| Algorithm::Anchor(anchor().capacity(capacity));
    vec![
        (Algorithm::Anchor(anchor()), json!({}), EQUAL.to_vec()),
        (of(5), json!({"capacity": 5}), vec![1]),
        (of(11), json!({"capacity": 11}), EQUAL.to_vec()),
        (of(1000), json!({"capacity": 1000}), EQUAL.to_vec()),
    ]
}

/// A large board that few nodes are left on, then compacted, then grown again.
fn compacted(rng: &mut Rng) -> Value {
    let nodes: Vec<Listed> = (0..12).map(|i| Listed::new(format!("n{i}"), 5 + i)).collect();
    let config = AsuraConfig::default().unit(4).board(7);
    let large = Locator::asura_of(topology(&nodes), config).unwrap();
    let keys = hashes(rng, 6);
    let mut steps = vec![answers(&large, &keys)];
    let leaving: Vec<String> = (3..12).map(|i| format!("n{i}")).collect();
    let few = large.without_all(leaving.clone()).unwrap();
    steps.push(json!({"remove": leaving, "after": answers(&few, &keys)}));
    let small = few.compact();
    steps.push(json!({"compact": true, "after": answers(&small, &keys)}));
    let joining = [Listed::new("late", 100)];
    let grown = small.with_nodes(joining.iter().map(Listed::node)).unwrap();
    steps.push(json!({"add": listed(&joining), "after": answers(&grown, &keys)}));
    json!({"algorithm": "asura", "config": {"unit": 4, "board": 7}, "nodes": listed(&nodes),
        "keys": hex_list(&keys), "steps": steps})
}

fn history(rng: &mut Rng, algorithm: &Algorithm, config: &Value, weights: &[u64]) -> Value {
    let mut next = 0;
    let mut fresh = |rng: &mut Rng, weight: u64| {
        next += 1;
        // Labels whose order is not that of their numbers.
        Listed::new(format!("{}-{next}", rng.pick(&["n", "узел", "z"])), weight)
    };
    let count = rng.below(6);
    let first: Vec<u64> = (0..count).map(|_| *rng.pick(weights)).collect();
    let nodes: Vec<Listed> = first.into_iter().map(|weight| fresh(rng, weight)).collect();
    let mut locator = Locator::any_of(topology(&nodes), algorithm.clone()).unwrap();
    let keys = hashes(rng, 6);
    let mut steps = vec![answers(&locator, &keys)];
    for _ in 0..10 {
        let (op, after) = change(rng, &locator, weights, &mut fresh);
        let mut step = op;
        match after {
            Ok(after) => {
                locator = after;
                step["after"] = answers(&locator, &keys);
            }
            Err(_) => step["refused"] = json!(true),
        }
        steps.push(step);
    }
    // A configuration stands after a colon.
    let text = algorithm.to_string();
    let name = text.split(':').next();
    json!({"algorithm": name, "config": config,
        "nodes": listed(&nodes), "keys": hex_list(&keys), "steps": steps})
}

/// A random change: as the vectors write it, and what becomes of it.
fn change(
    rng: &mut Rng,
    locator: &Any,
    weights: &[u64],
    fresh: &mut dyn FnMut(&mut Rng, u64) -> Listed,
) -> (Value, Result<Any, Error>) {
    let names: Vec<String> = locator.nodes().cloned().collect();
    match if names.is_empty() { 0 } else { rng.below(7) } {
        0..=2 => {
            let count = 1 + rng.below(2);
            let nodes: Vec<Listed> = (0..count)
                .map(|_| {
                    let weight = *rng.pick(weights);
                    fresh(rng, weight)
                })
                .collect();
            (json!({"add": listed(&nodes)}), locator.with_nodes(nodes.iter().map(Listed::node)))
        }
        3 | 4 => {
            // Where only some may leave, mostly one of those.
            let mut order = names.clone();
            rng.shuffle(&mut order);
            let allowed = order.iter().find(|name| locator.without(*name).is_ok());
            let mut leaving = vec![allowed.unwrap_or(&order[0]).clone()];
            if rng.one_in(2) {
                leaving.extend(order.into_iter().find(|name| *name != leaving[0]));
            }
            (json!({"remove": leaving}), locator.without_all(leaving.clone()))
        }
        5 => {
            let name = rng.pick(&names).clone();
            let weight = *rng.pick(weights);
            let pairs = vec![(name, weight)];
            (json!({"reweight": pairs}), locator.reweighted_all(pairs.clone()))
        }
        _ => {
            // One weight for all of those that have one, where weights must be equal.
            let equal = weights == EQUAL;
            let common = 1 + rng.below(2) * 6;
            let mut nodes = Vec::new();
            for name in names {
                let weight = locator.weight(&name).unwrap().get();
                let weight = if rng.one_in(3) { *rng.pick(weights) } else { weight };
                if !rng.one_in(5) {
                    nodes.push(Listed::new(name, weight));
                }
            }
            for _ in 0..rng.below(3) {
                let weight = *rng.pick(weights);
                nodes.push(fresh(rng, weight));
            }
            if equal {
                nodes.iter_mut().for_each(|node| node.weight = node.weight.min(1) * common);
            }
            rng.shuffle(&mut nodes);
            (
                json!({"replace": listed(&nodes)}),
                locator.replaced_by(nodes.iter().map(Listed::node)),
            )
        }
    }
}

/// The fingerprint, the labels by slot, and all candidates of every key, five at most.
fn answers<P: Placement + Build>(locator: &Locator<String, P>, keys: &[KeyHash]) -> Value {
    let replicas: Vec<Value> =
        keys.iter().map(|key| found(5, |out| locator.placement().replicas(*key, out))).collect();
    let slots = locator.placement().slots().max(locator.topology().members().slots());
    let labels: Vec<Option<&String>> =
        (0..slots as u32).map(|slot| locator.topology().get(NodeIdx::new(slot))).collect();
    json!({"fingerprint": hex(locator.fingerprint()), "slots": labels, "replicas": replicas})
}

/// Rings of given points under every rule, with equal points of several nodes; rings from labels.
pub(crate) fn rings() -> Vec<Value> {
    let mut rng = Rng::new(8);
    let mut cases = Vec::new();
    let rules = [Rule::FirstAtOrAfter, Rule::FirstAfter, Rule::LastAtOrBefore, Rule::Nearest];
    for (i, rule) in rules.iter().flat_map(|rule| [(0, rule), (1, rule), (2, rule)]) {
        let nodes: Vec<Listed> = ["p", "q", "r", "s", "t"]
            .iter()
            .map(|label| Listed::new(*label, u64::from(*label != "r")))
            .collect();
        // Few positions, close together or at the ends of the circle, so that ties are frequent.
        let near = |rng: &mut Rng| match i {
            0 => rng.below(20),
            1 => rng.below(12).wrapping_sub(6),
            _ => (rng.below(8) << 61) + rng.below(2),
        };
        let mut config = GivenPointsConfig::default().rule(*rule);
        let mut lists = Vec::new();
        for node in &nodes {
            let points: Vec<u64> = (0..5).map(|_| near(&mut rng)).collect();
            config = config.points(&node.label, points.iter().copied());
            lists.push(points.into_iter().map(hex).collect::<Value>());
        }
        let ring = Locator::given_points_of(topology(&nodes), config).unwrap();
        let keys: Vec<KeyHash> = (0..20).map(|_| KeyHash::from_hash(near(&mut rng))).collect();
        let replicas: Vec<Value> =
            keys.iter().map(|key| found(5, |out| ring.placement().replicas(*key, out))).collect();
        cases.push(json!({"rule": rule.to_string(), "nodes": listed(&nodes), "points": lists,
            "fingerprint": hex(ring.fingerprint()), "keys": hex_list(&keys),
            "replicas": replicas}));
    }
    let nodes: Vec<Listed> = (0..6).map(|i| Listed::new(format!("n{i}"), 1)).collect();
    let labels = LabelPointsConfig::default();
    let ring = Locator::label_points_of(topology(&nodes), labels).unwrap();
    let keys = hashes(&mut rng, 40);
    let owners: Vec<Value> =
        keys.iter().map(|key| found(3, |out| ring.placement().replicas(*key, out))).collect();
    cases.push(json!({"label_points": 160, "nodes": listed(&nodes), "keys": hex_list(&keys),
        "replicas": owners}));
    let config = GivenPointsConfig::default().points_32("a", [1, 0x8000_0000]).points_32("b", [7]);
    let wide: Vec<Value> = [("a", config.points_of("a")), ("b", config.points_of("b"))]
        .into_iter()
        .map(|(label, points)| json!([label, points.into_iter().map(hex).collect::<Value>()]))
        .collect();
    cases.push(json!({"points_32": [["a", [1, 0x8000_0000_u32]], ["b", [7]]], "points": wide}));
    cases
}
