//! Writes scenarios.

use crate::support::Draws;
use serde_json::{Map, Value, json};

/// A cluster that changes: id, names of its failure domains, weight.
#[derive(Clone)]
pub(crate) struct Cluster {
    pub(crate) levels: Vec<&'static str>,
    nodes: Vec<(String, Vec<String>, u64)>,
    /// The number of the next node.
    next: usize,
}

impl Cluster {
    /// Nodes of the weights that a function gives, dealt to so many zones z0, z1, …
    pub(crate) fn zoned(nodes: usize, zones: usize, weight: impl Fn(usize) -> u64) -> Self {
        let mut cluster = Self { levels: vec!["zone"], nodes: Vec::new(), next: 0 };
        for i in 0..nodes {
            cluster.add(&format!("z{}", i % zones), weight(i));
        }
        cluster
    }

    pub(crate) fn empty(levels: &[&'static str]) -> Self {
        Self { levels: levels.to_vec(), nodes: Vec::new(), next: 0 }
    }

    /// The path's names are parted by `/`.
    pub(crate) fn add(&mut self, path: &str, weight: u64) {
        let names = path.split('/').filter(|name| !name.is_empty()).map(str::to_owned);
        self.nodes.push((format!("n{}", self.next), names.collect(), weight));
        self.next += 1;
    }

    pub(crate) fn remove(&mut self, id: &str) {
        self.nodes.remove(self.at(id));
    }

    pub(crate) fn times(&mut self, id: &str, num: u64, den: u64) {
        let at = self.at(id);
        self.nodes[at].2 = self.nodes[at].2 * num / den;
    }

    pub(crate) fn shuffle(&mut self, seed: usize) {
        self.nodes
            .sort_by_key(|(id, ..)| id.bytes().fold(seed, |x, b| x * 31 % 10_007 + b as usize));
    }

    fn at(&self, id: &str) -> usize {
        self.nodes.iter().position(|node| node.0 == id).expect("a node of this id")
    }

    pub(crate) fn json(&self) -> Value {
        let node = |(id, names, weight): &(String, Vec<String>, u64)| {
            let mut node = Map::new();
            node.insert("id".to_owned(), json!(id));
            node.insert("weight".to_owned(), json!(weight));
            node.extend(
                self.levels.iter().map(|l| (*l).to_owned()).zip(names.iter().map(|n| json!(n))),
            );
            Value::Object(node)
        };
        self.nodes.iter().map(node).collect()
    }

    /// A scenario of this cluster's levels without a step.
    pub(crate) fn scenario(&self, limits: Value, partitions: u32, replicas: u32) -> Value {
        json!({
            "levels": self.levels,
            "max_per_domain": limits,
            "partitions": partitions,
            "replicas": replicas,
            "steps": [],
        })
    }
}

/// Appends a step, with further fields.
pub(crate) fn step(scenario: &mut Value, label: &str, cluster: &Cluster, more: Value) {
    let mut step = json!({"label": label, "nodes": cluster.json()});
    let fields = step.as_object_mut().expect("an object");
    fields.extend(more.as_object().expect("an object").clone());
    scenario["steps"].as_array_mut().expect("a list").push(step);
}

/// One step after the other, each a change of the cluster.
pub(crate) fn history(
    cluster: &Cluster,
    partitions: u32,
    changes: &[&dyn Fn(&mut Cluster)],
) -> Value {
    let mut cluster = cluster.clone();
    let mut scenario = cluster.scenario(json!({"zone": 1}), partitions, 3);
    step(&mut scenario, "init", &cluster, json!({}));
    for (i, change) in changes.iter().enumerate() {
        change(&mut cluster);
        step(&mut scenario, &format!("change {}", i + 1), &cluster, json!({}));
    }
    scenario
}

/// A dozen random changes of a cluster in zones: nodes, weights, replicas and partitions.
pub(crate) fn random(seed: u64) -> Value {
    let mut draws = Draws(seed);
    let zones = 3 + draws.below(3) as usize;
    let mut cluster =
        Cluster::zoned(zones * (2 + draws.below(3) as usize), zones, |i| 1 + (i as u64 * seed) % 4);
    let mut partitions = 8 + draws.below(40) as u32;
    let mut scenario = cluster.scenario(
        json!({"zone": 1 + draws.below(2)}),
        partitions,
        1 + draws.below(3) as u32,
    );
    step(&mut scenario, "init", &cluster, json!({}));
    for i in 0..12 {
        let ids: Vec<String> = cluster.nodes.iter().map(|node| node.0.clone()).collect();
        let at = draws.below(ids.len() as u64) as usize;
        let mut more = json!({});
        // More than one change in some steps.
        for _ in 0..=draws.below(2) {
            match draws.below(7) {
                0 | 1 => {
                    cluster.add(&format!("z{}", draws.below(zones as u64 + 1)), 1 + draws.below(4))
                }
                // Three nodes stay in each zone, so that no step is infeasible.
                2 | 3
                    if cluster
                        .nodes
                        .iter()
                        .filter(|node| node.1 == cluster.nodes[at].1 && node.2 > 0)
                        .count()
                        > 3 =>
                {
                    if cluster.nodes.iter().any(|node| node.0 == ids[at]) {
                        cluster.remove(&ids[at]);
                    }
                    break;
                }
                4 => cluster.times(&ids[at], 2, 1),
                5 => more["replicas"] = json!(1 + draws.below(3)),
                6 if partitions < 100 => {
                    partitions *= 2;
                    more["partitions"] = json!(partitions);
                    break;
                }
                _ => cluster.shuffle(i),
            }
        }
        step(&mut scenario, &format!("change {i}"), &cluster, more);
    }
    scenario
}
