//! Prints the outcome as tables.

use crate::chance::chance;
use crate::cluster::Plan;
use crate::layout::{blocks, help, wrapped};
use crate::measure::{Counted, Outcome, Row};
use crate::text::{aligned, counted, grouped, percent, short, size, visible};
use apportion::analysis::{Balance, KeyFlow};
use std::fmt::Write;

/// Maximum number of steps of the change that are listed.
const STEPS: usize = 6;
/// Maximum number of flows listed for each algorithm.
const FLOWS: usize = 5;

const COLUMNS: [&str; 12] = [
    "algorithm",
    "moved",
    "moved %",
    "exact %",
    "minimum %",
    "excess %",
    "between unchanged",
    "bytes",
    "ideal %",
    "load/quota max",
    "load/quota min",
    "lookup",
];
const CHANCE: &str = "chance";

const LEGEND: &str = "
exact %            share of all possible keys that moves, computed without enumerating them
minimum %          share that must move between the counted balances
excess %           moved / minimum - 1
between unchanged  moves between two nodes that the change did not touch
ideal %            minimum if every node held exactly its quota
load/quota         maximum and minimum over the nodes, before → after
";
const LEGEND_OF_CHANCE: &str = "\
chance             probability that random placement is as uneven; near 0 is expected of a ring
                   and a Maglev table, which follow weights only approximately
";

/// How to show the table.
#[derive(Clone, Copy)]
pub(crate) struct Show {
    /// Columns of the terminal.
    pub(crate) width: usize,
    /// Whether to show the column `chance`.
    pub(crate) chance: bool,
}

pub(crate) fn write(
    plan: &Plan,
    replicas: usize,
    origin: &str,
    outcome: &Outcome<'_>,
    show: Show,
) -> String {
    let mut out = heading(plan, replicas, origin, outcome, show.width);
    for line in rows(outcome, show) {
        out.push_str(&line);
        out.push('\n');
    }
    out.push_str(&help(LEGEND, show.width));
    if show.chance {
        out.push_str(&help(LEGEND_OF_CHANCE, show.width));
    }
    let flows = flows(outcome, if replicas == 1 { "key" } else { "replica" });
    if !flows.is_empty() {
        out.push_str("\nlargest flows\n");
    }
    for line in flows {
        let _ = writeln!(out, "  {line}");
    }
    out
}

fn heading(
    plan: &Plan,
    replicas: usize,
    origin: &str,
    outcome: &Outcome<'_>,
    width: usize,
) -> String {
    let mut change = plan.steps.iter().take(STEPS).cloned().collect::<Vec<_>>().join(", ");
    if plan.steps.len() > STEPS {
        let _ = write!(change, ", … and {} more", plan.steps.len() - STEPS);
    }
    let keys = counted(outcome.keys, "key");
    let bytes = if outcome.bytes == 0 { "no sizes".to_owned() } else { size(outcome.bytes) };
    let (before, after) =
        (grouped(plan.before.len() as u64), counted(plan.after.len() as u64, "node"));
    let origin = visible(origin);
    let change = wrapped(&format!("{before} → {after}: "), 2, change.split(' '), width);
    let mut out = format!("{keys}, {bytes}: {origin}\n{change}\n");
    if replicas > 1 {
        let _ = writeln!(out, "{replicas} replicas of each key; moves are counted in replicas");
    }
    out.push('\n');
    out
}

fn rows(outcome: &Outcome<'_>, show: Show) -> Vec<String> {
    let mut heads = COLUMNS.map(str::to_owned).to_vec();
    if show.chance {
        heads.push(CHANCE.to_owned());
    }
    let mut table = vec![heads];
    let counted = |row: &Row<'_>| Some(cells(row.name, row.counted.as_ref().ok()?, show.chance));
    table.extend(outcome.rows.iter().filter_map(counted));
    let mut lines = Vec::new();
    for block in blocks(&table, show.width) {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.extend(aligned(&block, 1));
    }
    // A reason is longer than any column, so it gets its own line.
    let refused =
        outcome.rows.iter().filter_map(|row| Some((row.name, *row.counted.as_ref().err()?)));
    let refused: Vec<_> = refused.collect();
    if !refused.is_empty() {
        lines.push(String::new());
    }
    for (name, reason) in refused {
        lines.push(wrapped(&format!("{name}: not possible: "), 4, reason.split(' '), show.width));
    }
    lines
}

fn cells(name: &str, counted: &Counted<'_>, with_chance: bool) -> Vec<String> {
    let movement = &counted.movement;
    let ratio = |x: Option<f64>| match x {
        None => "–".to_owned(),
        Some(x) if x < 1000.0 => format!("{x:.2}"),
        Some(x) => format!("{x:.0e}"),
    };
    let both = |before, after| format!("{} → {}", ratio(before), ratio(after));
    let (before, after) = (movement.before(), movement.after());
    // The unit is in the column head.
    let share = |x: f64, decimals| percent(x, decimals).trim_end_matches(" %").to_owned();
    let mut cells = vec![
        name.to_owned(),
        grouped(movement.moved()),
        share(movement.moved_fraction(), 2),
        counted.exact.map_or_else(|| "–".to_owned(), |x| share(x, 2)),
        share(movement.minimum(), 2),
        movement.excess().map_or_else(|| "∞".to_owned(), |x| share(x, 1)),
        grouped(movement.moved_between_unchanged()),
        size(movement.moved_bytes()),
        share(movement.ideal(), 2),
        both(before.max_over_quota(), after.max_over_quota()),
        both(before.min_over_quota(), after.min_over_quota()),
        format!("{:.0} ns", counted.lookup_ns),
    ];
    if with_chance {
        cells.push(format!("{} → {}", probability(before), probability(after)));
    }
    cells
}

fn probability(balance: &Balance<'_, String>) -> String {
    match chance(balance) {
        None => "–".to_owned(),
        Some((_, p)) if p >= 0.001 => format!("{p:.3}"),
        Some((_, p)) => format!("{p:.0e}"),
    }
}

/// The largest flows of each algorithm, with its name before the first of them.
fn flows(outcome: &Outcome<'_>, unit: &str) -> Vec<String> {
    let end = |node: Option<&String>| node.map_or_else(|| "none".to_owned(), |name| short(name));
    let mut table = Vec::new();
    for row in &outcome.rows {
        let Ok(counted_here) = &row.counted else { continue };
        let mut flows: Vec<&KeyFlow<'_, String>> = counted_here.movement.flows().iter().collect();
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
