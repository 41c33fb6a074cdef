//! The box that explains keys: those of the sample by what is in the file, others by commands.

use super::{Names, Shown};
use crate::cluster::{Member, nodes};
use crate::measure::Side;
use crate::report::files::shell;
use crate::report::{Section, Values};
use crate::text::{counted, grouped, is_control};
use apportion::{Locator, Topology};
use serde_json::{Value, json};
use std::ffi::OsStr;

/// Longer keys are not listed.
const MAX_KEY_BYTES: usize = 200;
/// What the listed keys may take: the rest of the page has its room.
const MAX_BYTES: usize = 1_200_000;
/// A command that names more nodes is no help.
const MAX_NAMED: usize = 60;

/// Keys of the sample with their owners before and after, by algorithm.
pub(super) fn keys(shown: &Shown<'_>, names: &mut Names) -> Vec<Value> {
    let (mut keys, mut bytes) = (Vec::new(), 0);
    let texts = shown.sample.keys().filter_map(|key| Some((key, std::str::from_utf8(key).ok()?)));
    for (key, text) in texts.filter(|(_, text)| text.len() <= MAX_KEY_BYTES) {
        let mut ends = Vec::new();
        for pair in shown.pairs {
            ends.push(pair.sides().map(|(before, after)| {
                let mut side = |side: &Side| -> Vec<usize> {
                    let holders = side.replicas_vec(key, shown.replicas);
                    holders.into_iter().map(|id| names.number(id)).collect()
                };
                [side(before), side(after)]
            }));
        }
        let entry = json!([text, ends]);
        bytes += entry.to_string().len();
        if bytes > MAX_BYTES {
            break;
        }
        keys.push(entry);
    }
    keys
}

/// What the example `route` is told to place any other key: the nodes before and after, and by
/// algorithm its options and whether it has the same answers after the change; none where an
/// algorithm depends on the order of changes, or where `route` takes no such names.
pub(super) fn routes(shown: &Shown<'_>) -> Value {
    let plan = shown.plan;
    let odd = |node: &Member| node.name == "-" || node.name.contains(|c| c == ',' || is_control(c));
    let many = plan.before.len().max(plan.after.len()) > MAX_NAMED;
    if many || plan.before.iter().chain(&plan.after).any(odd) {
        return Value::Null;
    }
    let algorithms = shown.pairs.iter().map(|pair| {
        let (_, after) = pair.sides()?;
        let fresh = Topology::of(nodes(&plan.after)).ok()?;
        let fresh = Locator::any_of(fresh, pair.algorithm().clone()).ok()?;
        let scale = shown.given.iter().position(|argument| argument == "--scale");
        let scale = scale.filter(|_| pair.algorithm().name() == "ring");
        let scale = scale.and_then(|at| shown.given.get(at + 1));
        let mut options = format!("--algorithm {}", pair.algorithm().name());
        if let Some(scale) = scale {
            options += &format!(" --scale {}", shell(scale));
        }
        if shown.replicas > 1 {
            options += &format!(" --replicas {}", shown.replicas);
        }
        Some((options, fresh.fingerprint() == after.fingerprint()))
    });
    let list = |members: &[Member]| {
        let node = |node: &Member| {
            let value = format!("{}={}", node.name, node.weight);
            let dash = if value.starts_with('-') { "=" } else { " " };
            format!(" --node{dash}{}", shell(OsStr::new(&value)))
        };
        members.iter().map(node).collect::<String>()
    };
    json!({
        "before": list(&plan.before),
        "after": list(&plan.after),
        "algorithms": algorithms.collect::<Vec<_>>(),
    })
}

pub(super) fn section(shown: &Shown<'_>, listed: usize, routes: &Value) -> Section {
    let values = Values::new()
        .with("commands", !routes.is_null())
        .with("listed", counted(listed as u64, "key"))
        .with("all", listed as u64 == shown.outcome.keys)
        .with("keys", grouped(shown.outcome.keys));
    Section::new("explain", "Explain a key", "keys/explain", values)
}
