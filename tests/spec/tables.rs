//! Partition tables: lookups, splits, copies of other placements, fingerprints.

use crate::case::{Listed, Rng, hashes, hex, hex_list, listed, slots, topology};
use apportion::partition::TableConfig;
use apportion::{
    Algorithm, Candidates, KeyHash, Locator, NodeIdx, PartitionTable, Placement, Topology, Xxh3,
};
use serde_json::{Value, json};

pub(crate) fn rows(table: &PartitionTable) -> Value {
    let row = |partition| slots(&table.row(partition).collect::<Vec<NodeIdx>>());
    (0..table.partitions()).map(row).collect()
}

fn answers(table: &PartitionTable, topology: &Topology<String>, keys: &[KeyHash]) -> Value {
    let partitions: Vec<u32> = keys.iter().map(|key| table.partition(*key)).collect();
    let all =
        |key: &KeyHash| -> Value { Candidates::new(table, *key).map(|node| node.get()).collect() };
    let candidates: Vec<Value> = keys.iter().map(all).collect();
    let locator = Locator::from_parts(topology.clone(), table.clone(), Xxh3).unwrap();
    json!({"rows": rows(table), "keys": hex_list(keys), "partitions": partitions,
        "candidates": candidates, "fingerprint": hex(locator.fingerprint())})
}

pub(crate) fn cases() -> Vec<Value> {
    let mut rng = Rng::new(9);
    let nodes: Vec<Listed> = (0..9)
        .map(|i| {
            let mut node = Listed::new(format!("n{i}"), [1, 2, 3, 0][i % 4]);
            node.domains = vec![("zone", format!("z{}", i % 3))];
            node
        })
        .collect();
    let topology = topology(&nodes);
    let mut cases = Vec::new();
    let configs = [
        (TableConfig::new(1, 1), json!({"limits": [], "name": "", "copies": []})),
        (
            TableConfig::new(7, 3).max_per_domain("zone", 1),
            json!({"limits": [["zone", 1]], "name": "", "copies": []}),
        ),
        (
            TableConfig::new(16, 2).max_per_domain("zone", 2).named("users"),
            json!({"limits": [["zone", 2]], "name": "users", "copies": []}),
        ),
        (
            TableConfig::new(12, 2).copies([(3, 4), (7, 1)]),
            json!({"limits": [], "name": "", "copies": [[3, 4], [7, 1]]}),
        ),
        (
            TableConfig::new(5, 5).max_per_domain("zone", 1).allow_under_replicated(),
            json!({"limits": [["zone", 1]], "name": "", "copies": []}),
        ),
    ];
    for (config, mut settings) in configs {
        settings["replicas"] = json!(config.replicas());
        settings["under_replicated"] = json!(config.allows_under_replicated());
        let table = Locator::table_of(topology.clone(), config).unwrap().placement().clone();
        let keys = hashes(&mut rng, 12);
        let mut case = answers(&table, &topology, &keys);
        case["nodes"] = listed(&nodes);
        case["settings"] = settings;
        case["split"] = json!({"ways": 3, "rows": rows(&table.split(3).unwrap())});
        cases.push(case);
    }
    for (algorithm, partitions) in
        [("rendezvous", 1), ("ring", 10), ("jump-back", 16), ("asura", 13)]
    {
        let equal: Vec<Listed> = (0..5).map(|i| Listed::new(format!("n{i}"), 1)).collect();
        let named: Algorithm = algorithm.parse().unwrap();
        let other = Locator::any_of(crate::case::topology(&equal), named).unwrap();
        let members = other.topology().members();
        let table = PartitionTable::derived(members, partitions, 3, |key, out| {
            other.placement().replicas(key, out)
        });
        cases.push(json!({"derived_from": algorithm, "partitions": partitions,
            "nodes": listed(&equal), "rows": rows(&table.unwrap())}));
    }
    cases
}
