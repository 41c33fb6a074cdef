//! Scenarios of the example `plan`: any bytes are an outcome or a message of one line.

use super::input::Input;
use super::plans_cluster::{Cluster, label, level};
use super::saved_edit::{edit_bytes, edit_value};
use super::tables::most_partitions;
use serde_json::{Map, Value, json};

/// The example's own modules, all but its command line and its allocator.
#[allow(dead_code)]
#[path = "../../examples/plan"]
mod example {
    mod carried;
    #[path = "../common/mod.rs"]
    mod common;
    mod dump;
    mod json;
    mod nodes;
    pub(super) mod outcome;
    pub(super) mod scenario;
    pub(super) mod steps;
    pub(super) mod table;

    use common::layout;
    pub(super) use common::text;

    /// Nothing is measured here.
    mod heap {
        pub(crate) struct Watch;

        impl Watch {
            pub(crate) fn start() -> Self {
                Self
            }

            #[allow(clippy::unused_self)]
            pub(crate) fn peak(&self) -> usize {
                0
            }
        }
    }
}

use example::scenario::Scenario;

/// Pins and frozen partitions multiply with them, as they are meant to.
const PARTITIONS: u64 = 4096;
/// Replicas of all steps together that are planned here.
const PLANNED: u64 = 2000;

pub fn run(bytes: &[u8]) {
    let large = serde_json::from_slice(bytes).is_ok_and(|v| most_partitions(&v) > PARTITIONS);
    if large {
        return;
    }
    match Scenario::parse(bytes) {
        Ok(scenario) => play(&scenario, bytes.len() % 2 == 0),
        Err(why) => one_line(&why),
    }
}

fn one_line(message: &str) {
    let shown = example::text::visible(message);
    assert!(!shown.is_empty() && !shown.contains('\n'), "{shown}");
}

fn play(scenario: &Scenario, disperse: bool) {
    let replicas = |s: &example::scenario::Step| {
        u64::from(s.config.partitions()) * u64::from(s.config.replicas())
    };
    if scenario.steps.iter().map(replicas).sum::<u64>() > PLANNED {
        return;
    }
    let outcome = match example::steps::run(scenario, disperse, &mut None) {
        Ok(outcome) => outcome,
        Err(why) => return one_line(&why),
    };
    let done = outcome.steps.len();
    if let Some(stopped) = &outcome.error {
        assert!(done < scenario.steps.len());
        one_line(&stopped.message);
    } else {
        assert_eq!(done, scenario.steps.len());
    }
    assert!(outcome.steps.iter().all(|step| step.optimal && step.lower_bound <= step.moved));
    let json = outcome.json();
    let value: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["steps"].as_array().map(Vec::len), Some(done));
    assert_eq!(json.find('\n'), Some(json.len() - 1));
    let table = example::table::write(scenario, &outcome);
    assert_eq!(table.is_empty(), done == 0);
}

/// A scenario of a history, with edits.
pub fn edited(input: &mut Input<'_>) {
    let mut value = history(input);
    match input.below(4) {
        0 => {}
        1 => {
            let mut text = serde_json::to_vec(&value).unwrap();
            edit_bytes(&mut text, input);
            return run(&text);
        }
        _ => (0..=input.below(3)).for_each(|_| edit_value(&mut value, input)),
    }
    run(&serde_json::to_vec(&value).unwrap());
}

fn history(input: &mut Input<'_>) -> Value {
    let mut cluster = Cluster::read(input);
    let names: Vec<String> = (0..cluster.limits.len()).map(level).collect();
    let limits = names.iter().zip(&cluster.limits).filter_map(|(n, l)| Some((n.clone(), (*l)?)));
    let mut scenario = json!({
        "levels": names,
        "max_per_domain": limits.map(|(n, l)| (n, json!(l))).collect::<Map<_, _>>(),
        "partitions": cluster.partitions,
        "replicas": cluster.replicas,
    });
    let node = |spot: &super::plans_cluster::Spot| {
        let mut node = json!({ "id": label(spot.name), "weight": spot.weight });
        for (level, name) in names.iter().zip(&spot.path) {
            node[level] = json!(format!("d{name}"));
        }
        node
    };
    let mut steps = Vec::new();
    for i in 0..=input.below(6) {
        let pins = cluster.pins.iter().map(|(p, name)| json!([p, label(*name)]));
        steps.push(json!({
            "label": format!("step {i}"),
            "nodes": cluster.nodes.iter().map(node).collect::<Vec<_>>(),
            "partitions": cluster.partitions,
            "replicas": cluster.replicas,
            "pins": pins.collect::<Vec<_>>(),
            "frozen": cluster.frozen,
        }));
        (0..=input.below(2)).for_each(|_| cluster.change(None, input));
    }
    scenario["steps"] = json!(steps);
    scenario
}
