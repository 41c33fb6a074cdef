//! What is printed below the table: how the steps are carried out, their nodes, and their moves.

use super::layout::{blocks, help, width, wrapped};
use super::options::Options;
use super::outcome::{Copied, Deleted, Done, NodeRow, Outcome};
use super::scenario::Scenario;
use super::text::{aligned, counted, grouped, quoted, short, visible};
use std::fmt::Write;

/// The columns of how steps are carried out, and what they mean.
const COLUMNS: [(&str, &str); 7] = [
    ("transfers", "replicas that are copied"),
    ("steps", "bounded steps, one after the other"),
    (
        "peak/quota",
        "maximum over the nodes of the most replicas held at any moment, copies included",
    ),
    ("rounds", "rounds of transfers that run at the same time"),
    ("bound", "rounds that no schedule does without"),
    ("extra partition", "a partition that requires more rounds than the bound"),
    ("guarantee", "what is known about the number of rounds"),
];

/// The sections that the options ask for.
pub(crate) fn write(scenario: &Scenario, outcome: &Outcome, options: &Options) -> String {
    let mut out = String::new();
    if outcome.steps.is_empty() {
        return out;
    }
    if outcome.steps.iter().any(|done| done.size_moved.is_some()) {
        sizes(&mut out, outcome);
    }
    if options.steps.is_some() || options.schedules() {
        carrying_out(&mut out, outcome, options);
    }
    for done in &outcome.steps {
        if let Some(tried) = &done.dry_run {
            // A check is `PASS  limits    finding`, everything else a plain line.
            let hang = |line: &str| if line.get(4..6) == Some("  ") { 16 } else { 4 };
            let lines = tried.text.lines().map(|line| (hang(line), line));
            told(&mut out, "dry run", &done.label, lines);
        }
        if let Some(lines) = &done.explanation {
            let lines: Vec<String> = lines
                .iter()
                .enumerate()
                .map(|(i, line)| if i == 0 { line.clone() } else { format!("  {line}") })
                .collect();
            let lines = lines.iter().map(|line| (4, line.as_str()));
            told(&mut out, "explanation", &done.label, lines);
        }
        if let Some(nodes) = &done.nodes {
            let label = quoted(done.label.as_bytes());
            table(
                &mut out,
                &format!("nodes of step {label}"),
                node_rows(scenario, nodes),
                1 + scenario.levels.len(),
            );
        }
        if done.moves.is_some() {
            moves(&mut out, done);
        }
    }
    out
}

/// How evenly the steps with sizes spread them.
fn sizes(out: &mut String, outcome: &Outcome) {
    const COLUMNS: [&str; 4] = ["size/fair", "minimum", "gap", "size moved"];
    let names = COLUMNS.map(str::to_owned);
    let mut rows = vec![std::iter::once("step".to_owned()).chain(names).collect::<Vec<_>>()];
    for done in outcome.steps.iter().filter(|done| done.size_moved.is_some()) {
        let ratios = [done.size_max_over_fair, done.size_lower_bound, done.size_gap];
        let ratios = ratios.map(|ratio| format!("{:.4}", ratio.unwrap_or(0.0)));
        let moved = grouped(done.size_moved.unwrap_or(0));
        rows.push(std::iter::once(short(&done.label)).chain(ratios).chain([moved]).collect());
    }
    let heading = "sizes: the maximum over the nodes of size over fair size, and what no table of \
                   minimum movement is below";
    table(out, heading, rows, 1);
}

fn carrying_out(out: &mut String, outcome: &Outcome, options: &Options) {
    let mut heading = Vec::new();
    if let Some(max) = options.steps {
        heading.push(format!("in bounded steps of at most {}", counted(max.into(), "transfer")));
    }
    if options.schedules() {
        let (send, receive) = options.limits();
        heading.push(format!(
            "in rounds in which a node sends at most {} and receives at most {}",
            grouped(send.into()),
            grouped(receive.into())
        ));
    }
    let printed = |column: &str| match column {
        "transfers" | "peak/quota" => true,
        "steps" => options.steps.is_some(),
        _ => options.schedules(),
    };
    let columns = || COLUMNS.iter().filter(|(column, _)| printed(column));
    let names = columns().map(|(column, _)| (*column).to_owned());
    let mut rows = vec![std::iter::once("step".to_owned()).chain(names).collect::<Vec<_>>()];
    for done in &outcome.steps {
        let cell = |column: &str| match column {
            "transfers" => grouped(done.transfers),
            "steps" => grouped(done.bounded_steps.unwrap_or(0)),
            "peak/quota" => format!("{:.4}", done.peak_over_quota),
            "rounds" => grouped(done.rounds.into()),
            "bound" => grouped(done.round_bound.into()),
            "extra partition" => done.extra_partition.map_or("–".to_owned(), |p| p.to_string()),
            _ => done.guarantee.clone(),
        };
        let cells = columns().map(|(column, _)| cell(column));
        rows.push(std::iter::once(short(&done.label)).chain(cells).collect());
    }
    table(out, &format!("carried out {}", heading.join(", and ")), rows, 1);
    let wide = columns().map(|(column, _)| column.len()).max().unwrap_or(0);
    out.push('\n');
    for (column, meaning) in columns() {
        let _ = writeln!(
            out,
            "{}",
            wrapped(&format!("{column:wide$}  "), wide + 2, meaning.split(' '), width())
        );
    }
}

/// A heading and lines, each wrapped under its beginning, which is so many columns wide.
fn told<'a>(
    out: &mut String,
    what: &str,
    label: &str,
    lines: impl Iterator<Item = (usize, &'a str)>,
) {
    let _ = writeln!(out, "\n{what} of step {}", quoted(label.as_bytes()));
    for (hang, line) in lines {
        let line = visible(line);
        let _ = writeln!(out, "{}", wrapped("", hang, line.split(' '), width()));
    }
}

fn node_rows(scenario: &Scenario, nodes: &[NodeRow]) -> Vec<Vec<String>> {
    const COLUMNS: [&str; 8] =
        ["weight", "quota", "load", "load/quota", "led", "moved in", "moved out", "peak"];
    let levels = scenario.levels.iter().map(|level| short(level));
    let first = std::iter::once("node".to_owned()).chain(levels);
    let mut rows = vec![first.chain(COLUMNS.map(str::to_owned)).collect::<Vec<_>>()];
    for node in nodes {
        let name =
            |level: &String| node.domains.get(level).map_or("–".to_owned(), |name| short(name));
        let mut row = vec![short(&node.id)];
        row.extend(scenario.levels.iter().map(name));
        row.push(node.weight.map_or_else(|| "gone".to_owned(), grouped));
        row.push(format!("{:.2}", node.quota));
        row.push(grouped(node.load));
        row.push(node.load_over_quota.map_or_else(|| "–".to_owned(), |over| format!("{over:.4}")));
        row.extend([node.led, node.moved_in, node.moved_out, node.peak].map(grouped));
        rows.push(row);
    }
    rows
}

/// A heading and a table in as many blocks as the width needs.
fn table(out: &mut String, heading: &str, rows: Vec<Vec<String>>, left: usize) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "\n{}", help(heading, width()).trim_end());
    for (number, block) in blocks(&rows, width()).iter().enumerate() {
        out.push_str(if number > 0 { "\n" } else { "" });
        let left = if number > 0 { 1 } else { left };
        for line in aligned(block, left) {
            let _ = writeln!(out, "{line}");
        }
    }
}

/// One line for each replica that is copied or deleted, by partition.
fn moves(out: &mut String, done: &Done) {
    let (copied, deleted) = (done.moves.as_deref(), done.deletions.as_deref());
    let (copied, deleted) = (copied.unwrap_or_default(), deleted.unwrap_or_default());
    let label = quoted(done.label.as_bytes());
    let _ = writeln!(
        out,
        "\nmoves of step {label}: {}, {}",
        counted(copied.len() as u64, "transfer"),
        counted(deleted.len() as u64, "deletion")
    );
    let row = |partition: u32, action: &str, from: &str, to: &str| {
        let cells = [action, from, to].map(visible);
        (partition, std::iter::once(partition.to_string()).chain(cells).collect::<Vec<_>>())
    };
    let mut rows: Vec<(u32, Vec<String>)> = Vec::with_capacity(copied.len() + deleted.len());
    rows.extend(copied.iter().map(|Copied { partition, from, to }| {
        row(*partition, "copy", from.as_deref().unwrap_or("-"), to)
    }));
    rows.extend(
        deleted.iter().map(|Deleted { partition, node }| row(*partition, "delete", node, "")),
    );
    // Stable: the copies of a partition stand before its deletions.
    rows.sort_by_key(|(partition, _)| *partition);
    if rows.is_empty() {
        return;
    }
    let heading = ["partition", "action", "from", "to"].map(str::to_owned).to_vec();
    let rows: Vec<Vec<String>> =
        std::iter::once(heading).chain(rows.into_iter().map(|(_, row)| row)).collect();
    for line in aligned(&rows, 4) {
        let _ = writeln!(out, "{line}");
    }
}
