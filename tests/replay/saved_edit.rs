//! Saved forms to begin with, and arbitrary edits of them.

use super::input::Input;
use super::model::{Kind, Member};
use apportion::{AnyPlacement, Locator, Topology};
use serde_json::{Map, Value, json};

/// A valid locator with some history: holes, drained nodes, labels that are no names.
pub fn valid(input: &mut Input<'_>) -> Locator<String, AnyPlacement> {
    let kind = Kind::read(input);
    let mut locator = Locator::any_of(Topology::default(), kind.algorithm()).unwrap();
    for _ in 0..input.below(8) {
        let weight = if kind.has_weights() { input.number() } else { 1 };
        let member = Member::read(input, weight);
        let next = match input.below(4) {
            0 => locator.without(&member.name),
            1 => locator.reweighted(&member.name, 0),
            _ => locator.with_node(member.node()),
        };
        locator = next.unwrap_or(locator);
    }
    locator
}

/// Overwrites, inserts, removes, repeats or cuts off bytes, a few times.
pub fn edit_bytes(bytes: &mut Vec<u8>, input: &mut Input<'_>) {
    for _ in 0..=input.below(4) {
        let at = input.word() as usize % (bytes.len() + 1);
        let end = (at + input.below(32)).min(bytes.len());
        match input.below(7) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let copy = bytes[at..end].to_vec();
                let to = input.word() as usize % (bytes.len() + 1);
                bytes.splice(to..to, copy);
            }
            3 => {
                let new = input.below(16);
                bytes.splice(at..at, input.bytes(new).iter().copied());
            }
            // A length of its own in the binary form.
            4 => drop(bytes.splice(at..at, [0xFF; 9].into_iter().chain([1]))),
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = input.byte();
                }
            }
        }
    }
}

/// Overwrites one byte.
pub fn edit_byte(bytes: &mut [u8], input: &mut Input<'_>) {
    let at = (input.byte() as usize | input.below(8) << 8) % bytes.len();
    bytes[at] = input.byte();
}

/// Goes down a random path and puts something else at its end.
pub fn edit_value(value: &mut Value, input: &mut Input<'_>) {
    let deeper = input.below(6) > 0;
    match value {
        Value::Array(items) if deeper && !items.is_empty() => {
            let at = input.below(items.len().min(255) as u8);
            match input.below(8) {
                0 => drop(items.remove(at)),
                1 => items.push(items[at].clone()),
                2 => items.reverse(),
                3 => items.push(Value::Null),
                4 => items[at] = input.pick(items).clone(),
                _ => edit_value(&mut items[at], input),
            }
        }
        Value::Object(fields) if deeper && !fields.is_empty() => {
            let at = input.below(fields.len().min(255) as u8);
            let name = fields.keys().nth(at).cloned().unwrap_or_default();
            edit_field(fields, &name, input);
        }
        _ => *value = something(input),
    }
}

fn edit_field(fields: &mut Map<String, Value>, name: &str, input: &mut Input<'_>) {
    match input.below(10) {
        0 => drop(fields.remove(name)),
        1 => {
            let value = fields.remove(name).unwrap_or_default();
            let names = ["text", "hex", "ring", "numbered", "scale", "order", "epoch", "unknown"];
            fields.insert((*input.pick(&names)).into(), value);
        }
        _ => edit_value(&mut fields[name], input),
    }
}

pub fn something(input: &mut Input<'_>) -> Value {
    match input.below(12) {
        0 => Value::Null,
        1 => json!(input.byte() > 127),
        2 => json!([]),
        3 => json!({}),
        4 => json!(-1),
        5 => json!(0.5),
        6 => json!([input.number(), input.number()]),
        7 => {
            let names = ["ring", "jump", "jump-guava", "jump-back", "flip", "rendezvous", "leap"];
            json!({ "numbered": { "algorithm": input.pick(&names), "order": [0, 1, 2] } })
        }
        8 => json!(input.pick(&["rendezvous", "weighted-rendezvous", "ring"])),
        9 => json!(input.text()),
        _ => json!(input.number()),
    }
}
