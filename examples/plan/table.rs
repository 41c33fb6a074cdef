//! The outcome as a table.

use super::layout::{blocks, help, width};
use super::outcome::{Done, Outcome};
use super::scenario::{Scenario, Step};
use super::text::{aligned, grouped, short, size, visible};
use std::fmt::Write;

const COLUMNS: [&str; 17] = [
    "step",
    "nodes",
    "P × R",
    "moved",
    "moved %",
    "minimum",
    "proved",
    "2+ moves",
    "load/quota min–max",
    "off quota",
    "violations",
    "worst pair",
    "copysets",
    "plan time",
    "dispersion time",
    "verify time",
    "peak memory",
];

const LEGEND: &str = "
moved       replicas whose holder changes; moved %: of all replicas there are
minimum     what has to move whatever the partitions are
proved      whether it is proved that no table moves less
2+ moves    partitions of which two replicas or more moved
load/quota  the emptiest and the fullest node, by the quota that its weight and the limits give it
off quota   nodes and failure domains that hold neither the floor nor the ceiling of their quota
violations  limits that are exceeded
worst pair  partitions that one node would take over from another, over its fair part of them
copysets    different sets of nodes that hold a partition
times       to plan, to disperse, to verify the proof; peak memory: heap of planning and dispersion
";

/// Empty if there is nothing to show.
pub(crate) fn write(scenario: &Scenario, outcome: &Outcome) -> String {
    if outcome.steps.is_empty() {
        return String::new();
    }
    let mut rows = vec![COLUMNS.map(str::to_owned).to_vec()];
    rows.extend(scenario.steps.iter().zip(&outcome.steps).map(|(step, done)| cells(step, done)));
    let mut out = heading(scenario);
    for (number, block) in blocks(&rows, width()).iter().enumerate() {
        out.push_str(if number > 0 { "\n" } else { "" });
        for line in aligned(block, 1) {
            out.push_str(&line);
            out.push('\n');
        }
    }
    out + &help(LEGEND, width())
}

fn heading(scenario: &Scenario) -> String {
    let mut out = String::new();
    for level in &scenario.levels {
        let limit = scenario.limits.get(level);
        let limit = limit.map_or_else(|| "any number".to_owned(), |most| format!("at most {most}"));
        // Writing to a string cannot fail.
        let _ = writeln!(out, "replicas of a partition in one {}: {limit}", visible(level));
    }
    if out.is_empty() { out } else { out + "\n" }
}

fn cells(step: &Step, done: &Done) -> Vec<String> {
    let (partitions, replicas) = (step.config.partitions(), step.config.replicas());
    let all = u64::from(partitions) * u64::from(replicas);
    vec![
        short(&done.label),
        grouped(step.nodes.members().len() as u64),
        format!("{} × {replicas}", grouped(partitions.into())),
        grouped(done.moved),
        format!("{:.2}", 100.0 * done.moved as f64 / all as f64),
        grouped(done.lower_bound),
        if done.optimal { "yes" } else { "no" }.to_owned(),
        grouped(done.partitions_with_two_or_more_moved),
        format!("{:.4}–{:.4}", done.min_over_quota, done.max_over_quota),
        grouped(done.outside_floor_ceil),
        grouped(done.domain_violations),
        match done.worst_pair_shared {
            0 => "–".to_owned(),
            shared => format!("{:.2} ({})", done.worst_pair, grouped(shared)),
        },
        grouped(done.distinct_copysets),
        format!("{:.1} ms", done.plan_ms),
        format!("{:.1} ms", done.disperse_ms),
        format!("{:.1} ms", done.certificate_ms),
        size(done.peak_bytes),
    ]
}
