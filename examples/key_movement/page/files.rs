//! Downloads: the figures as JSON, the flows as CSV, and the commands.

use super::Shown;
use crate::cluster::{Member, Plan};
use crate::json;
use crate::report::files::{csv, file, shell};
use crate::report::{Section, Values};
use std::collections::HashMap;
use std::ffi::OsStr;
use std::fmt::Write;

/// A larger table of flows is left out.
const MAX_FLOWS_BYTES: usize = 500_000;

pub(super) fn downloads(shown: &Shown<'_>) -> Section {
    let (commands, flows) = (commands(shown), flows(shown));
    let mut files =
        vec![file("key_movement.json", "application/json", &figures(shown), "Figures (JSON)")];
    if flows.len() <= MAX_FLOWS_BYTES {
        files.push(file("flows.csv", "text/csv", &flows, "Flows (CSV)"));
    }
    files.push(file("commands.txt", "text/plain", &commands, "Commands"));
    let values = Values::new().with("files", files).with("commands", commands);
    Section::new("downloads", "Downloads", "keys/downloads", values)
}

/// The JSON of `--json`, without times; flows are left out where they have a file of their own.
fn figures(shown: &Shown<'_>) -> String {
    json::write(shown.plan, shown.replicas, shown.outcome, json::Members::Figures)
}

fn flows(shown: &Shown<'_>) -> String {
    let mut out = String::from("algorithm,from,to,moved,bytes\n");
    for row in &shown.outcome.rows {
        let Ok(counted) = &row.counted else { continue };
        let mut flows: Vec<_> = counted.movement.flows().iter().collect();
        flows.sort_by_key(|flow| (flow.from, flow.to));
        for flow in flows {
            let end = |node: Option<&String>| node.map_or_else(String::new, |name| csv(name));
            let (from, to) = (end(flow.from), end(flow.to));
            // Writing to a string cannot fail.
            let _ = writeln!(out, "{},{from},{to},{},{}", row.name, flow.keys, flow.bytes);
        }
    }
    out
}

fn commands(shown: &Shown<'_>) -> String {
    let mut given = String::new();
    for argument in shown.given {
        let _ = write!(given, " {}", shell(argument));
    }
    format!(
        "# this report\nkey_movement{given}\n# the same with every flow, as one JSON object\nkey_movement{given} --json\n"
    )
}

/// The command that shows the change in the other direction.
pub(super) fn reversed(plan: &Plan) -> String {
    let mut out = String::from("key_movement");
    let option = |out: &mut String, name: &str, member: &Member| {
        let value = format!("{}={}", member.name, member.weight);
        let _ = write!(out, " {name} {}", shell(OsStr::new(&value)));
    };
    plan.after.iter().for_each(|member| option(&mut out, "--node", member));
    let after: HashMap<&str, u64> =
        plan.after.iter().map(|member| (member.name.as_str(), member.weight)).collect();
    let mut left = after.clone();
    for member in &plan.before {
        match left.remove(member.name.as_str()) {
            None => option(&mut out, "--add", member),
            Some(weight) if weight != member.weight => option(&mut out, "--reweight", member),
            Some(_) => {}
        }
    }
    let gone = plan.after.iter().filter(|member| left.contains_key(member.name.as_str()));
    for member in gone {
        let _ = write!(out, " --remove {}", shell(OsStr::new(&member.name)));
    }
    out
}
