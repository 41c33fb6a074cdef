//! Replicas in failure domains, and subsets of tenants.

use crate::case::{Listed, Rng, found, hashes, hex_list, listed, topology};
use apportion::subset::Subsets;
use apportion::{Algorithm, Locator, NodeIdx, Placement, Spread};
use serde_json::{Value, json};

pub(crate) fn cases() -> Vec<Value> {
    let mut rng = Rng::new(10);
    let mut cases = Vec::new();
    for algorithm in
        ["ring", "weighted-rendezvous", "asura", "maglev", "ring", "weighted-rendezvous"]
    {
        let nodes: Vec<Listed> = (0..12)
            .map(|i| {
                let weight = if rng.one_in(8) { 0 } else { 1 + rng.below(4) };
                let mut node = Listed::new(format!("n{i}"), weight);
                let (zone, rack) = (format!("z{}", rng.below(3)), format!("r{}", rng.below(3)));
                node.domains = vec![("zone", zone), ("rack", rack)];
                node
            })
            .collect();
        let topology = topology(&nodes);
        let members = topology.members();
        let named: Algorithm = algorithm.parse().unwrap();
        let locator = Locator::any_of(topology.clone(), named).unwrap();
        let both = [("zone", 2), ("rack", 1)];
        let (zone, rack) = ([("zone", 1)], [("rack", 1)]);
        let rules = [
            ("strict", 2, json!(zone), Spread::strict(members, 2, zone)),
            ("strict", 4, json!(both), Spread::strict(members, 4, both)),
            ("strict", 3, json!(rack), Spread::strict(members, 3, rack)),
            ("best-effort", 7, json!(both), Spread::best_effort(members, 7, both)),
            ("best-effort", 5, json!(zone), Spread::best_effort(members, 5, zone)),
            (
                "even",
                7,
                json!([["zone", null], ["rack", null]]),
                Spread::even(members, 7, ["zone", "rack"]),
            ),
            ("even", 4, json!([["rack", null]]), Spread::even(members, 4, ["rack"])),
        ];
        let mut spreads = Vec::new();
        for (rule, k, limits, spread) in rules {
            let Ok(spread) = spread else {
                spreads.push(json!({"rule": rule, "k": k, "limits": limits, "refused": true}));
                continue;
            };
            let (keys, down) = (hashes(&mut rng, 8), NodeIdx::new(rng.below(12) as u32));
            let mut columns = [Vec::new(), Vec::new(), Vec::new()];
            for key in &keys {
                let mut out = vec![NodeIdx::default(); k];
                let count = spread.replicas(locator.placement(), *key, &mut out);
                columns[0].push(crate::case::slots(&out[..count]));
                columns[1].push(json!(spread.kept(&out[..count])));
                columns[2].push(found(k, |out| {
                    spread.replicas_where(locator.placement(), *key, out, |node| node != down)
                }));
            }
            let tenants = Subsets::new(members);
            let subset = |key| found(k, |out| spread.replicas(&tenants, key, out));
            let subsets: Vec<Value> = keys.iter().map(|key| subset(*key)).collect();
            let [replicas, kept, without] = columns;
            spreads.push(json!({"rule": rule,
                "k": k, "limits": limits, "keys": hex_list(&keys), "replicas": replicas,
                "kept": kept, "down": down.get(), "replicas_without": without,
                "subsets": subsets}));
        }
        let keys = hashes(&mut rng, 10);
        let tenants = Subsets::new(members);
        let subset = |key| found(4, |out| tenants.replicas(key, out));
        let subsets: Vec<Value> = keys.iter().map(|key| subset(*key)).collect();
        cases.push(json!({"algorithm": algorithm, "nodes": listed(&nodes), "spreads": spreads,
            "k": 4, "keys": hex_list(&keys), "subsets": subsets}));
    }
    cases
}
