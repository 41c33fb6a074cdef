//! Scenarios of the example `plan` with every field that nodes, steps and scenarios may have, mostly in
//! the right form: copies, slots, states, leaders, sizes, affinities, several tables.
//!
//! Fields stand here by name alone: one that the example does not know is an error of one line.

use super::input::Input;
use super::saved_edit::{edit_bytes, edit_value, something};
use super::tables_scenario;
use serde_json::{Map, Value, json};

const NODES: u8 = 12;

pub fn run(data: &[u8]) {
    // Bytes as they are: the dictionary has the names.
    if data.first() == Some(&b'{') {
        return tables_scenario::run(data);
    }
    let mut input = Input(data);
    let edits = input.below(8);
    let mut value = scenario(&mut input);
    match edits {
        0 => {
            let mut text = serde_json::to_vec(&value).unwrap();
            edit_bytes(&mut text, &mut input);
            return tables_scenario::run(&text);
        }
        1 => (0..=input.below(3)).for_each(|_| edit_value(&mut value, &mut input)),
        _ => {}
    }
    tables_scenario::run(&serde_json::to_vec(&value).unwrap());
}

/// Once in a while something else.
fn or_else(value: Value, input: &mut Input<'_>) -> Value {
    if input.byte() == u8::MAX { something(input) } else { value }
}

fn set(fields: &mut Value, name: &str, value: Value, input: &mut Input<'_>) {
    fields[name] = or_else(value, input);
}

/// True for this many of 16 inputs.
fn some(input: &mut Input<'_>, sixteenths: usize) -> bool {
    input.below(16) >= 16 - sixteenths
}

fn list(input: &mut Input<'_>, max: u8, item: impl Fn(&mut Input<'_>) -> Value) -> Value {
    (0..input.below(max + 1))
        .map(|_| {
            let item = item(input);
            or_else(item, input)
        })
        .collect()
}

fn id(input: &mut Input<'_>) -> String {
    format!("n{}", input.below(NODES))
}

fn zone(input: &mut Input<'_>) -> String {
    format!("z{}", input.below(4))
}

/// A small number, or now and then any.
fn number(input: &mut Input<'_>, below: u8) -> Value {
    if some(input, 1) { json!(input.number()) } else { json!(input.below(below)) }
}

fn partition(input: &mut Input<'_>) -> Value {
    number(input, 32)
}

fn scenario(input: &mut Input<'_>) -> Value {
    let levels = &["zone", "rack"][..input.below(3)];
    let mut all = json!({ "levels": levels });
    if some(input, 8) {
        let limits = levels.iter().map(|level| ((*level).to_owned(), json!(1 + input.below(4))));
        let limits = limits.collect::<Map<_, _>>();
        set(&mut all, "max_per_domain", json!(limits), input);
    }
    if some(input, 2) {
        set(&mut all, "allow_under_replicated", json!(true), input);
    }
    if some(input, 2) {
        let tables = list(
            input,
            3,
            |input| json!({ "name": input.text(), "partitions": 1 + input.below(16), "replicas": 1 + input.below(3) }),
        );
        set(&mut all, "tables", tables, input);
    }
    if all.get("tables").is_none() || some(input, 2) {
        let (partitions, replicas) = (1 + input.below(48), 1 + input.below(4));
        set(&mut all, "partitions", json!(partitions), input);
        set(&mut all, "replicas", json!(replicas), input);
    }
    let (mut steps, nodes) = (Vec::new(), 1 + input.below(NODES));
    for i in 0..=input.below(4) {
        steps.push(step(input, i, nodes, levels));
    }
    set(&mut all, "steps", json!(steps), input);
    all
}

fn step(input: &mut Input<'_>, at: usize, nodes: usize, levels: &[&str]) -> Value {
    // One node fewer or more than the others have.
    let nodes = nodes + input.below(3) - usize::from(nodes > 1);
    let nodes: Vec<Value> = (0..nodes).map(|i| node(input, i, levels)).collect();
    let mut step = json!({ "label": format!("step {at}"), "nodes": nodes });
    type Field = (&'static str, usize, fn(&mut Input<'_>) -> Value);
    let fields: [Field; 9] = [
        ("copies", 5, |input| {
            list(input, 8, |input| json!([partition(input), 1 + input.below(6)]))
        }),
        ("leaders", 6, leaders),
        ("sizes", 3, |input| list(input, 8, |input| json!([partition(input), number(input, 200)]))),
        ("affinity", 3, |input| list(input, 3, affinity)),
        ("pins", 2, |input| list(input, 4, |input| json!([partition(input), id(input)]))),
        ("frozen", 2, |input| list(input, 4, partition)),
        ("frozen_if_possible", 2, |input| list(input, 4, partition)),
        ("replicas", 2, |input| json!(1 + input.below(4))),
        ("partitions", 1, |input| json!(1 + input.below(96))),
    ];
    for (name, sixteenths, value) in fields {
        if some(input, sixteenths) {
            let value = value(input);
            set(&mut step, name, value, input);
        }
    }
    step
}

fn node(input: &mut Input<'_>, i: usize, levels: &[&str]) -> Value {
    let mut node = json!({ "id": format!("n{i}") });
    for level in levels {
        let domain = zone(input);
        set(&mut node, level, json!(domain), input);
    }
    if some(input, 8) {
        let weight = number(input, 6);
        set(&mut node, "weight", weight, input);
    }
    if some(input, 3) {
        let slots = number(input, 60);
        set(&mut node, "slots", slots, input);
    }
    if some(input, 2) {
        let state = *input.pick(&["no_new", "maintenance"]);
        set(&mut node, "state", json!(state), input);
    }
    node
}

fn leaders(input: &mut Input<'_>) -> Value {
    if some(input, 8) {
        return json!(input.below(4) > 0);
    }
    let weights = (0..input.below(5)).map(|_| (id(input), number(input, 6)));
    let weights = json!(weights.collect::<Map<_, _>>());
    json!({ "weights": or_else(weights, input) })
}

fn affinity(input: &mut Input<'_>) -> Value {
    let (first, last) = (input.below(32), input.below(32));
    let (level, domain) = (*input.pick(&["zone", "rack"]), zone(input));
    let mut rule = json!({ "partitions": [first, last], "level": level, "domain": domain });
    if some(input, 3) {
        // Labelled nodes in place of a domain.
        rule = json!({ "partitions": [first, last], "nodes": list(input, 4, |input| json!(id(input))) });
    }
    let bound = *input.pick(&["at_least", "at_most", "leader"]);
    let value = if bound == "leader" { json!(true) } else { number(input, 4) };
    set(&mut rule, bound, value, input);
    rule
}
