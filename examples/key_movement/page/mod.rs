//! The report of `--html`: what every algorithm moves, as one page.

mod algorithm;
mod files;
mod groups;
mod ring;

use crate::cluster::Plan;
use crate::measure::{Outcome, Pair, Row};
use crate::report::{Cell, Html, Part, Report, Section, Table, tally, worst};
use crate::sample::Sample;
use crate::text::{counted, grouped, percent, short, size};
use groups::Groups;
use serde_json::{Value, json};
use std::collections::HashMap;
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

/// The whole file.
pub(crate) fn html(shown: &Shown<'_>) -> String {
    let groups = Groups::new(shown.plan);
    let mut names = Names::default();
    let (mut parts, mut steps) = (Vec::new(), Vec::new());
    let rows = shown.outcome.rows.iter().zip(shown.pairs).enumerate();
    for (number, (row, pair)) in rows {
        let (sections, transfers) =
            algorithm::sections(number, shown, row, pair, &groups, &mut names);
        steps.push(json!({"label": row.name, "transfers": transfers}));
        let mut summary = worst(&algorithm::checks_of(shown, row, pair)).html();
        summary.markup(" ").text(match &row.counted {
            Err(_) => "cannot make this change".to_owned(),
            Ok(counted) => format!(
                "{} of all {}s move, {} must",
                percent(counted.movement.moved_fraction(), 2),
                shown.unit(),
                percent(counted.movement.minimum(), 2),
            ),
        });
        parts.push(Part {
            id: format!("algorithm-{}", number + 1),
            title: row.name.to_owned(),
            summary,
            open: number == 0,
            sections,
        });
    }
    let keys = sampled(shown, &mut names);
    let algorithms: Vec<&str> = shown.outcome.rows.iter().map(|row| row.name).collect();
    let data = json!({
        "kind": "keys",
        "unit": "range",
        "nodes": names.all,
        "tables": [],
        "steps": steps,
        "algorithms": algorithms,
        "keys": keys,
    });
    let mut lead = Html::new();
    lead.markup("<p class=\"lead\">").text(lead_line(shown)).markup("</p>\n");
    let report = Report {
        title: "What the change moves".to_owned(),
        lead,
        sections: vec![verdict(shown), change(shown)],
        parts_title: "Algorithm by algorithm".to_owned(),
        parts,
        closing: vec![
            explain_box(shown, keys.len()),
            files::downloads(shown),
            Section::new("method", "Limits and method", method()),
        ],
        data: data.to_string(),
    };
    report.html()
}

fn lead_line(shown: &Shown<'_>) -> String {
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
fn verdict(shown: &Shown<'_>) -> Section {
    let heads =
        ["moved", "moved %", "exact %", "minimum %", "excess %", "between unchanged", "load/quota"];
    let mut table = Table::new("Every algorithm against the minimum for the counted balances")
        .text("algorithm")
        .text("verdict")
        .numbers(heads);
    for (row, pair) in shown.outcome.rows.iter().zip(shown.pairs) {
        let badge = worst(&algorithm::checks_of(shown, row, pair)).html();
        let mut cells: Vec<Cell> = vec![row.name.into(), badge.into()];
        match &row.counted {
            Err(_) => cells.extend((0..7).map(|_| Cell::from("–"))),
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
    let mut body = table.html();
    body.paragraph(
        "The minimum is what the nodes gain between the counted balances before and after: no placement \
         with these balances moves less. Exact is the share of all possible keys that moves, computed \
         without enumerating them.",
    );
    Section::new("verdict", "Verdict", body)
}

/// The change in words.
fn change(shown: &Shown<'_>) -> Section {
    let mut body = Html::new();
    body.markup("<ul class=\"plain\">");
    for step in shown.plan.steps.iter().take(40) {
        body.markup("<li>").text(step).markup("</li>");
    }
    body.markup("</ul>\n");
    if shown.plan.steps.len() > 40 {
        body.paragraph(format_args!("… and {} more", shown.plan.steps.len() - 40));
    }
    let all = shown.outcome.rows.iter().zip(shown.pairs);
    let checks: Vec<_> =
        all.flat_map(|(row, pair)| algorithm::checks_of(shown, row, pair)).collect();
    body.markup("<p>").push(&tally(&checks)).markup(" over all algorithms.</p>\n");
    Section::new("checks", "The change, and checks", body)
}

/// How many keys of the sample the page lists.
const LISTED: usize = 500;

/// Keys of the sample with their owners before and after, by algorithm.
fn sampled(shown: &Shown<'_>, names: &mut Names) -> Vec<Value> {
    let mut keys = Vec::new();
    let texts = shown.sample.keys().filter_map(|key| Some((key, std::str::from_utf8(key).ok()?)));
    for (key, text) in texts.filter(|(_, text)| text.len() <= 200).take(LISTED) {
        let mut ends = Vec::new();
        for pair in shown.pairs {
            ends.push(match pair.sides() {
                None => Value::Null,
                Some((before, after)) => {
                    let mut side = |side: &crate::measure::Side| -> Vec<usize> {
                        let holders = side.replicas_vec(key, shown.replicas);
                        holders.into_iter().map(|id| names.number(id)).collect()
                    };
                    json!([side(before), side(after)])
                }
            });
        }
        keys.push(json!([text, ends]));
    }
    keys
}

fn explain_box(shown: &Shown<'_>, listed: usize) -> Section {
    let mut body = Html::new();
    body.paragraph(format_args!(
        "Where a key is before and after, by each algorithm. This page has {} of the {}: a sample by \
         hash, the same for any order of the keys. For any other key, run the example route.",
        counted(listed as u64, "key"),
        grouped(shown.outcome.keys),
    ));
    body.markup("<form id=\"ask\" class=\"ask\" hidden><label for=\"ask-for\">Key</label>");
    body.markup("<input id=\"ask-for\" type=\"search\" list=\"keys\" autocomplete=\"off\">");
    body.markup("<datalist id=\"keys\"></datalist><button>Explain</button></form>\n");
    body.markup("<div id=\"answer\" role=\"status\"></div>\n");
    Section::new("explain", "Explain a key", body)
}

fn method() -> Html {
    let mut out = Html::new();
    out.markup("<ul class=\"plain\">");
    for line in [
        "Every key was placed by both sides of every algorithm: the figures are exact for these keys, and \
         an estimate for others, except the column exact.",
        "A peak counts what a node holds if every key is copied before the first one is deleted.",
        "If a node fails, a key goes to its next candidate; that is counted on a sample of the keys.",
        "Lookup times differ from run to run and are left out: the command prints them.",
    ] {
        out.markup("<li>").text(line).markup("</li>\n");
    }
    out.markup("</ul>\n");
    out
}

/// The name of a row's node, or none.
fn end(node: Option<&String>) -> String {
    node.map_or_else(|| "none".to_owned(), |name| short(name))
}

/// Whether a row was counted.
fn counted_row<'r, 'a>(row: &'r Row<'a>) -> Option<&'r crate::measure::Counted<'a>> {
    row.counted.as_ref().ok()
}
