//! The report of `--html`: what every algorithm moves, as one page.

mod algorithm;
mod explain;
mod files;
mod ring;

use crate::cluster::Plan;
use crate::measure::{Outcome, Pair, Row};
use crate::report::{Cell, Groups, Part, Report, Section, Sources, Table, Values, tally, worst};
use crate::sample::Sample;
use crate::text::{counted, grouped, percent, short, size};
use serde_json::json;
use std::collections::{HashMap, HashSet};
use std::ffi::OsString;

/// What is shown.
pub(crate) struct Shown<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) pairs: &'a [Pair],
    pub(crate) outcome: &'a Outcome<'a>,
    pub(crate) sample: &'a Sample,
    /// Where the keys come from.
    pub(crate) origin: &'a str,
    pub(crate) replicas: usize,
    /// The arguments of the command line.
    pub(crate) given: &'a [OsString],
}

impl Shown<'_> {
    /// What is counted.
    fn unit(&self) -> &'static str {
        if self.replicas == 1 { "key" } else { "replica" }
    }
}

/// The numbers of nodes in the data of the page.
#[derive(Default)]
struct Names {
    all: Vec<String>,
    numbers: HashMap<String, usize>,
}

impl Names {
    fn number(&mut self, name: &str) -> usize {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        self.all.push(name.to_owned());
        self.numbers.insert(name.to_owned(), self.all.len() - 1);
        self.all.len() - 1
    }
}

const TEMPLATES: &Sources = &[
    ("keys/change", include_str!("templates/change.html")),
    ("keys/downloads", include_str!("templates/downloads.html")),
    ("keys/explain", include_str!("templates/explain.html")),
    ("keys/failures", include_str!("templates/failures.html")),
    ("keys/loads", include_str!("templates/loads.html")),
    ("keys/method", include_str!("templates/method.html")),
    ("keys/overview", include_str!("templates/overview.html")),
    ("keys/ring", include_str!("templates/ring.html")),
    ("keys/schedule", include_str!("templates/schedule.html")),
    ("keys/undo", include_str!("templates/undo.html")),
    ("keys/verdict", include_str!("templates/verdict.html")),
];

/// The whole file.
pub(crate) fn html(shown: &Shown<'_>) -> String {
    let mut known = HashSet::new();
    let nodes = shown.plan.before.iter().chain(&shown.plan.after).map(|node| node.name.as_str());
    let nodes: Vec<&str> = nodes.filter(|name| known.insert(*name)).collect();
    let groups = Groups::of_neighbours(&nodes);
    let mut names = Names::default();
    let (mut parts, mut steps) = (Vec::new(), Vec::new());
    let rows = shown.outcome.rows.iter().zip(shown.pairs).enumerate();
    for (number, (row, pair)) in rows {
        let (sections, transfers) =
            algorithm::sections(number, shown, row, pair, &groups, &mut names);
        steps.push(json!({"label": row.name, "transfers": transfers}));
        let summary = match &row.counted {
            Err(_) => "cannot make this change".to_owned(),
            Ok(counted) => format!(
                "{} of all {}s move, {} must",
                percent(counted.movement.moved_fraction(), 2),
                shown.unit(),
                percent(counted.movement.minimum(), 2),
            ),
        };
        parts.push(Part {
            id: format!("algorithm-{}", number + 1),
            title: row.name.to_owned(),
            verdict: worst(&algorithm::checks_of(shown, row, pair)),
            summary,
            open: number == 0,
            sections,
        });
    }
    let (keys, routes) = (explain::keys(shown, &mut names), explain::routes(shown));
    let explain = explain::section(shown, keys.len(), &routes);
    let algorithms: Vec<&str> = shown.outcome.rows.iter().map(|row| row.name).collect();
    let data = json!({
        "kind": "keys",
        "nodes": names.all,
        "tables": [],
        "steps": steps,
        "algorithms": algorithms,
        "keys": keys,
        "routes": routes,
    });
    let report = Report {
        title: "What the change moves".to_owned(),
        lead: lead(shown),
        sections: vec![
            Section::new("verdict", "Verdict", "keys/overview", overview(shown)),
            Section::new("checks", "The change, and checks", "keys/change", change(shown)),
        ],
        parts_title: "Algorithm by algorithm".to_owned(),
        parts,
        closing: vec![
            explain,
            files::downloads(shown),
            Section::new("method", "Limits and method", "keys/method", Values::new()),
        ],
        data: data.to_string(),
    };
    report.html(TEMPLATES)
}

fn lead(shown: &Shown<'_>) -> String {
    let Shown { plan, outcome, origin, replicas, .. } = shown;
    let bytes =
        if outcome.bytes == 0 { String::new() } else { format!(", {}", size(outcome.bytes)) };
    let replicas = match replicas {
        1 => String::new(),
        n => format!(", {n} replicas of each"),
    };
    format!(
        "{}{bytes}{replicas}: {}. {} → {}.",
        counted(outcome.keys, "key"),
        crate::text::visible(origin),
        grouped(plan.before.len() as u64),
        counted(plan.after.len() as u64, "node"),
    )
}

/// One line for every algorithm.
fn overview(shown: &Shown<'_>) -> Values {
    let heads =
        ["moved", "moved %", "exact %", "minimum %", "excess %", "between unchanged", "load/quota"];
    let mut table = Table::new("Every algorithm against the minimum for the counted balances")
        .text("algorithm")
        .text("verdict")
        .numbers(heads);
    for (row, pair) in shown.outcome.rows.iter().zip(shown.pairs) {
        let verdict = worst(&algorithm::checks_of(shown, row, pair));
        let mut cells: Vec<Cell> = vec![row.name.into(), verdict.into()];
        match &row.counted {
            Err(_) => cells.extend(heads.map(|_| Cell::from("–"))),
            Ok(counted) => {
                let movement = &counted.movement;
                let share = |x: f64| Cell::from(percent(x, 2).trim_end_matches(" %").to_owned());
                cells.push(movement.moved().into());
                cells.push(share(movement.moved_fraction()));
                cells.push(counted.exact.map_or("–".into(), share));
                cells.push(share(movement.minimum()));
                cells.push(movement.excess().map_or("∞".into(), share));
                cells.push(movement.moved_between_unchanged().into());
                let over = movement.after().max_over_quota();
                cells.push(over.map_or("–".to_owned(), |over| format!("{over:.4}")).into());
            }
        }
        table.row(cells);
    }
    Values::new().with("table", table)
}

/// The change in words.
fn change(shown: &Shown<'_>) -> Values {
    const LISTED: usize = 40;
    let steps: Vec<&str> = shown.plan.steps.iter().take(LISTED).map(String::as_str).collect();
    let all = shown.outcome.rows.iter().zip(shown.pairs);
    let checks: Vec<_> =
        all.flat_map(|(row, pair)| algorithm::checks_of(shown, row, pair)).collect();
    let more = shown.plan.steps.len().saturating_sub(LISTED);
    tally(&checks).with("steps", steps).number("more", more as u64)
}

/// The name of a row's node, or none.
fn end(node: Option<&String>) -> String {
    node.map_or_else(|| "none".to_owned(), |name| short(name))
}

/// Whether a row was counted.
fn counted_row<'r, 'a>(row: &'r Row<'a>) -> Option<&'r crate::measure::Counted<'a>> {
    row.counted.as_ref().ok()
}
