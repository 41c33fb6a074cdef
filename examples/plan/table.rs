//! The outcome as a table.

use super::layout::{blocks, help, width};
use super::outcome::{Done, Outcome};
use super::scenario::{Scenario, Step};
use super::text::{self, aligned, grouped, short, visible};
use apportion::partition::TableConfig;
use std::fmt::Write;

const COLUMNS: [&str; 17] = [
    "step",
    "nodes",
    "P × R",
    "moved",
    "moved %",
    "minimum",
    "minimum proved",
    "partitions with 2+ moves",
    "load/quota min–max",
    "off quota",
    "rule violations",
    "worst pair",
    "copysets",
    "plan time",
    "dispersion time",
    "verify time",
    "peak memory",
];

const LEGEND: &str = "
moved           replicas that move to another node; moved %: as a share of all replicas
minimum         a lower bound on moves, from the loads of the nodes alone
minimum proved  whether the certificate proves that no balanced table moves less
load/quota      minimum and maximum over the nodes; quotas follow from weights and limits
off quota       nodes and failure domains at neither the floor nor the ceiling of their quota
worst pair      partitions that two nodes share, over their fair share; (how many they share)
copysets        different sets of nodes that hold a partition
peak memory     maximum heap in use during planning and dispersion
";

/// The table; empty if no step was planned.
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
        let limit = limit.map_or_else(|| "any number".to_owned(), |max| format!("at most {max}"));
        // Writing to a string cannot fail.
        let _ = writeln!(out, "replicas of a partition in one {}: {limit}", visible(level));
    }
    if out.is_empty() { out } else { out + "\n" }
}

fn cells(step: &Step, done: &Done) -> Vec<String> {
    let (partitions, replicas) = (step.config.partitions(), step.config.replicas());
    let copies = if step.config.copies_of_partitions().len() > 0 { "*" } else { "" };
    let (all, size) = if step.tables.is_empty() {
        let size = format!("{} × {replicas}{copies}", grouped(partitions.into()));
        (step.config.total_replicas(), size)
    } else {
        let all = step.tables.iter().map(TableConfig::total_replicas).sum();
        (all, format!("{}, {} tables", grouped(all), grouped(step.tables.len() as u64)))
    };
    vec![
        short(&done.label),
        grouped(step.nodes.members().len() as u64),
        size,
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
        text::size(done.peak_bytes),
    ]
}
