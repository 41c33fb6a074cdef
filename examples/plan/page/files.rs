//! Downloads: the figures as JSON, the nodes as CSV, and the commands that print the rest.

use super::super::options::Options;
use super::super::outcome::Outcome;
use super::Pages;
use super::report::files::{csv, file, shell};
use super::report::{Section, Values};
use serde_json::Value;
use std::fmt::Write;

pub(super) fn downloads(pages: &Pages, outcome: &Outcome, options: &Options) -> Section {
    let (commands, nodes) = (commands(options, pages.joint()), nodes(pages));
    let small = nodes.len() <= MAX_NODES_BYTES;
    let figures = file("plan.json", "application/json", &figures(outcome), "Figures (JSON)");
    let nodes = file("nodes.csv", "text/csv", &nodes, "Nodes of every step (CSV)");
    let others = file("commands.txt", "text/plain", &commands, "Commands");
    let files = if small { vec![figures, nodes, others] } else { vec![figures, others] };
    let values = Values::new().with("files", files).with("nodes", small).with("commands", commands);
    Section::new("downloads", "Downloads", "plan/downloads", values)
}

/// A larger table of nodes is left out.
const MAX_NODES_BYTES: usize = 100_000;

/// What differs from run to run, and the moves, which have files of their own.
const LEFT_OUT: [&str; 6] =
    ["plan_ms", "disperse_ms", "certificate_ms", "peak_bytes", "moves", "deletions"];

/// The JSON of `--json` without these members.
fn figures(outcome: &Outcome) -> String {
    // Not read back from the text of --json: numbers would be off in their last digit.
    let mut value = serde_json::to_value(outcome).unwrap_or_default();
    let steps = value.get_mut("steps").and_then(Value::as_array_mut);
    for step in steps.into_iter().flatten().filter_map(Value::as_object_mut) {
        for field in LEFT_OUT {
            step.remove(field);
        }
    }
    format!("{value:#}\n")
}

fn nodes(pages: &Pages) -> String {
    let mut out = String::from("step,node,weight,quota,before,peak,after,led\n");
    for step in &pages.steps {
        for row in &step.rows {
            let weight = row.weight.map_or_else(|| "gone".to_owned(), |weight| weight.to_string());
            let before = if step.fresh { 0 } else { row.before() };
            let (label, id) = (csv(&step.label), csv(&row.id));
            // Writing to a string cannot fail.
            let _ = writeln!(
                out,
                "{label},{id},{weight},{:.4},{before},{},{},{}",
                row.quota, row.peak, row.load, row.led
            );
        }
    }
    out
}

/// Of several tables, some options are not there.
fn commands(options: &Options, joint: bool) -> String {
    let shell = |path: &std::path::Path| shell(path.as_os_str());
    let mut plan = "plan".to_owned();
    let source = options.source.as_deref().map_or_else(|| "SCENARIO.json".to_owned(), shell);
    plan += &format!(" {source}");
    if let Some(from) = &options.from {
        plan += &format!(" --from {}", shell(from));
    }
    if options.no_disperse {
        plan += " --no-disperse";
    }
    if let Some(steps) = options.steps {
        plan += &format!(" --steps {steps}");
    }
    if let Some((send, receive)) = options.schedule {
        plan += &format!(" --schedule {send},{receive}");
    }
    let (what, moves) = if joint { ("and node", "") } else { (", node and move", " --moves") };
    let mut out = format!(
        "# every figure{what}, as one JSON object\n\
         {plan} --json --nodes{moves} > plan.json\n\
         # every table, before and after\n\
         {plan} --dump tables.txt\n"
    );
    if !joint {
        out += &format!(
            "# every transfer by round\n\
             {plan} --dump-schedule schedule.txt\n\
             # why the replicas of a partition stay or move\n\
             {plan} --explain 0\n\
             # what speaks for and against every step\n\
             {plan} --dry-run\n"
        );
    }
    out
}
