//! What hostile forms take while they are read: every list of every form, filled with little, in each
//! order of the fields.

use super::meter::most_held;
use super::newer::{both_orders, versioned};
use super::samples;
use serde_json::{Value, json};

/// Bytes of each list: for entries of two bytes just above a power of two, where a list that grows
/// holds the most.
const LIST: usize = 530_000;

/// What a form takes beside its lists: a list may be given up to a megabyte before its items are seen.
const FIXED: usize = 1 << 21;

/// Bytes held for each byte of the form, at most: a list within a list takes three words for `[],`, and
/// a source of a migration is chosen among up to 64 candidates.
const MOST: usize = 24;

#[test]
fn lists_take_memory_in_proportion_to_the_input() {
    let placeholder = "a list is here";
    for (sample, fields) in versioned() {
        // The lists of locators have a test of their own, with their own bounds.
        if sample.source == Some(samples::LOCATOR) {
            continue;
        }
        for (field, value) in &fields {
            let Some(list) = value.as_array() else { continue };
            let mut items = vec![json!(0), json!(null), json!([]), json!(""), json!({})];
            items.extend(list.first().cloned());
            for item in items {
                let item = item.to_string();
                let count = LIST / (item.len() + 1);
                let long = format!("[{}]", vec![item.as_str(); count].join(","));
                let mut form = fields.clone();
                form.insert(field.clone(), Value::String(placeholder.into()));
                for text in both_orders(&json!(1), &form) {
                    let text = text.replacen(&format!("{placeholder:?}"), &long, 1);
                    let (_, held) = most_held(|| (sample.accepts)(&text).err());
                    let most = FIXED + MOST * text.len();
                    let name = sample.name;
                    assert!(held <= most, "{name}, {field} of {item}: {held} for {}", text.len());
                }
            }
        }
    }
}

/// A compact list says how long it is; nothing is believed.
#[test]
fn lengths_are_not_believed() {
    for (sample, _) in versioned() {
        for at in 0..sample.binary.len() {
            let mut bytes = sample.binary[..at].to_vec();
            bytes.extend([0xFF; 9]);
            bytes.push(1);
            bytes.extend(&sample.binary[at..]);
            let (_, held) = most_held(|| (sample.accepts_binary)(&bytes).is_err());
            assert!(held <= FIXED + 1000 * bytes.len(), "{}: {held} at {at}", sample.name);
        }
    }
}
