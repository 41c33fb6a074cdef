//! The outcome as tables.

use crate::chance::chance;
use crate::cluster::Plan;
use crate::measure::{Counted, Outcome};
use crate::text::{aligned, counted, grouped, percent, short, size, visible};
use apportion::{Balance, Flow};
use std::fmt::Write;

/// Steps of the change, and flows of an algorithm, that are spelled out.
const STEPS: usize = 6;
const FLOWS: usize = 5;

const COLUMNS: [&str; 13] = [
    "algorithm",
    "moved",
    "share",
    "exact",
    "bytes",
    "ideal",
    "least",
    "excess",
    "old→old",
    "max/mean",
    "min/mean",
    "chance",
    "lookup",
];

const LEGEND: &str = "
exact               what moves of all possible keys, computed without looking at one
ideal               what had to move if every node held exactly its quota
least, excess       what had to move between the balances counted; moved / least - 1
old→old             moves between two nodes that the change did not touch
max/mean, min/mean  the fullest and the emptiest node, before → after: held / quota
chance              of a balance no better, if every key fell to a node by weight (chi-squared)
";

pub(crate) fn write(plan: &Plan, replicas: usize, origin: &str, outcome: &Outcome<'_>) -> String {
    let mut out = heading(plan, replicas, origin, outcome);
    for line in rows(outcome) {
        out.push_str(&line);
        out.push('\n');
    }
    out.push_str(LEGEND);
    let flows = flows(outcome, if replicas == 1 { "key" } else { "replica" });
    if !flows.is_empty() {
        out.push_str("\nlargest flows\n");
    }
    for line in flows {
        let _ = writeln!(out, "  {line}");
    }
    out
}

fn heading(plan: &Plan, replicas: usize, origin: &str, outcome: &Outcome<'_>) -> String {
    let mut change = plan.steps.iter().take(STEPS).cloned().collect::<Vec<_>>().join(", ");
    if plan.steps.len() > STEPS {
        let _ = write!(change, ", … and {} more", plan.steps.len() - STEPS);
    }
    let keys = counted(outcome.keys, "key");
    let bytes = if outcome.bytes == 0 { "no sizes".to_owned() } else { size(outcome.bytes) };
    let (before, after) =
        (grouped(plan.before.len() as u64), counted(plan.after.len() as u64, "node"));
    let origin = visible(origin);
    let mut out = format!("{keys}, {bytes}: {origin}\n{before} → {after}: {change}\n");
    if replicas > 1 {
        let _ = writeln!(out, "{replicas} replicas of each key; moves are counted in replicas");
    }
    out.push('\n');
    out
}

fn rows(outcome: &Outcome<'_>) -> Vec<String> {
    let mut table = vec![COLUMNS.map(str::to_owned).to_vec()];
    table.extend(outcome.rows.iter().map(|row| match &row.counted {
        Ok(counted) => cells(row.name, counted),
        Err(_) => vec![row.name.to_owned(), String::new()],
    }));
    let width =
        outcome.rows.iter().map(|row| row.name.len()).max().unwrap_or(0).max(COLUMNS[0].len());
    let mut lines = aligned(&table, 1);
    // A reason is longer than any column: it takes the rest of its line.
    for (line, row) in lines.iter_mut().skip(1).zip(&outcome.rows) {
        if let Err(reason) = row.counted {
            *line = format!("{:width$}  not possible: {reason}", row.name);
        }
    }
    lines
}

fn cells(name: &str, counted: &Counted<'_>) -> Vec<String> {
    let movement = &counted.movement;
    let ratio = |x: Option<f64>| match x {
        None => "–".to_owned(),
        Some(x) if x < 1000.0 => format!("{x:.2}"),
        Some(x) => format!("{x:.0e}"),
    };
    let both = |before, after| format!("{} → {}", ratio(before), ratio(after));
    let (before, after) = (movement.before(), movement.after());
    vec![
        name.to_owned(),
        grouped(movement.moved()),
        percent(movement.moved_fraction(), 2),
        counted.exact.map_or_else(|| "–".to_owned(), |x| percent(x, 2)),
        size(movement.moved_bytes()),
        percent(movement.ideal(), 2),
        percent(movement.least(), 2),
        movement.excess().map_or_else(|| "∞".to_owned(), |x| percent(x, 1)),
        grouped(movement.moved_between_unchanged()),
        both(before.max_over_quota(), after.max_over_quota()),
        both(before.min_over_quota(), after.min_over_quota()),
        format!("{} → {}", probability(before), probability(after)),
        format!("{:.0} ns", counted.lookup_ns),
    ]
}

fn probability(balance: &Balance<'_, String>) -> String {
    match chance(balance) {
        None => "–".to_owned(),
        Some((_, p)) if p >= 0.001 => format!("{p:.3}"),
        Some((_, p)) => format!("{p:.0e}"),
    }
}

/// The largest flows of each algorithm, its name before the first of them.
fn flows(outcome: &Outcome<'_>, unit: &str) -> Vec<String> {
    let end = |node: Option<&String>| node.map_or_else(|| "nobody".to_owned(), |name| short(name));
    let mut table = Vec::new();
    for row in &outcome.rows {
        let Ok(counted_here) = &row.counted else { continue };
        let mut flows: Vec<&Flow<'_, String>> = counted_here.movement.flows().iter().collect();
        flows.sort_by_key(|flow| std::cmp::Reverse(flow.keys));
        let mut names = std::iter::once(row.name).chain(std::iter::repeat(""));
        for flow in flows.iter().take(FLOWS) {
            let name = names.next().unwrap_or_default().to_owned();
            let ends = format!("{} → {}", end(flow.from), end(flow.to));
            table.push(vec![name, ends, counted(flow.keys, unit), size(flow.bytes)]);
        }
        if flows.len() > FLOWS {
            let more = grouped((flows.len() - FLOWS) as u64);
            table.push(vec![String::new(), format!("… and {more} more")]);
        }
    }
    aligned(&table, 2)
}
