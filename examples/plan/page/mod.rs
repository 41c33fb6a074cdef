//! The report of `--html`: what every step does, as one page.
//!
//! ```text
//!  figures::add --Shown--> Pages::add --> gather: a Step, in numbers and names alone
//!                                     --> data: what the script of the page reads
//!  main --------Outcome--> Pages::html -> sections of each Step --> report::Report
//! ```

mod cluster;
mod data;
mod failures;
mod files;
mod gather;
mod groups;
mod overview;
mod resilience;
mod sections;

use super::change::{Change, TableOf};
use super::options::Options;
use super::outcome::{Check, NodeRow, Outcome};
use super::report::{self, Html, Part, Report, Section};
use super::scenario::Scenario;
use super::text;
use apportion::migration::{Schedule, Steps};
use apportion::partition::Plan;
use data::Data;
use gather::Step;
use std::collections::HashMap;

/// What is shown of a step that was planned.
pub(crate) struct Shown<'a> {
    pub(crate) label: &'a str,
    pub(crate) before: Option<TableOf<'a>>,
    pub(crate) after: TableOf<'a>,
    /// `None` for a split.
    pub(crate) plan: Option<&'a Plan>,
    pub(crate) change: Option<&'a Change>,
    pub(crate) schedule: Option<&'a Schedule>,
    pub(crate) steps: Option<&'a Steps<'a, String>>,
    pub(crate) rows: Vec<NodeRow>,
    pub(crate) checks: Vec<Check>,
}

/// What the scenario says of a step beside its nodes.
struct Given {
    /// How many replicas nodes can hold, where that is limited.
    slots: HashMap<String, u64>,
    leaders: bool,
}

/// The pages of the steps so far.
pub(crate) struct Pages {
    levels: Vec<String>,
    limits: Vec<(String, u32)>,
    given: Vec<Given>,
    steps: Vec<Step>,
    data: Data,
}

impl Pages {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let given = scenario.steps.iter().map(|step| {
            let slots = step.slots.iter();
            let slots = slots.filter_map(|(node, n)| Some((step.nodes.get(*node)?.clone(), *n)));
            Given { slots: slots.collect(), leaders: step.leaders.is_some() }
        });
        Self {
            levels: scenario.levels.clone(),
            limits: scenario.limits.iter().map(|(level, limit)| (level.clone(), *limit)).collect(),
            given: given.collect(),
            steps: Vec::new(),
            data: Data::default(),
        }
    }

    /// Takes in the next step.
    pub(crate) fn add(&mut self, shown: &Shown<'_>) {
        let Some(given) = self.given.get(self.steps.len()) else { return };
        let step = Step::of(shown, given, &self.levels, &self.limits);
        self.data.add(shown, &step);
        self.steps.push(step);
    }

    /// The whole file.
    pub(crate) fn html(&self, outcome: &Outcome, options: &Options) -> String {
        let mut lead = Html::new();
        lead.markup("<p class=\"lead\">").text(overview::lead(self, outcome)).markup("</p>\n");
        let steps = || self.steps.iter().zip(&outcome.steps).enumerate();
        // The change that moves the most is what a reader came for.
        let open = steps().max_by_key(|(i, (_, done))| (done.moved, *i)).map_or(0, |(i, _)| i);
        let parts = steps().map(|(i, (step, done))| Part {
            id: format!("step-{}", i + 1),
            title: format!("Step {}: {}", i + 1, text::short(&step.label)),
            summary: sections::summary(step, done),
            open: i == open,
            sections: sections::of(i, step, done),
        });
        let report = Report {
            title: "What the plan changes".to_owned(),
            lead,
            sections: overview::sections(self, outcome),
            parts_title: "Step by step".to_owned(),
            parts: parts.collect(),
            closing: vec![
                explain_box(self),
                files::downloads(self, outcome, options),
                Section::new("method", "Limits and method", method()),
            ],
            data: self.data.json(),
        };
        report.html()
    }
}

fn explain_box(pages: &Pages) -> Section {
    let mut body = Html::new();
    let partitions = pages.steps.last().map_or(0, |step| step.partitions);
    body.paragraph(format_args!(
        "Which nodes hold a partition in every step, and why each of its replicas stays or moves. The \
         box reads data that is in this file. Without script, run plan with --explain P."
    ));
    body.markup("<form id=\"ask\" class=\"ask\" hidden><label for=\"ask-for\">Partition</label>");
    body.markup("<input id=\"ask-for\" type=\"number\" min=\"0\" required max=\"");
    body.text(partitions.saturating_sub(1)).markup("\"><button>Explain</button></form>\n");
    body.markup("<div id=\"answer\" role=\"status\"></div>\n");
    Section::new("explain", "Explain a partition", body)
}

fn method() -> Html {
    let mut out = Html::new();
    out.markup("<ul class=\"plain\">");
    for line in [
        "The report is computed from the tables alone: it is exact for them, and says nothing of how \
         keys or bytes are spread over partitions, except where a scenario gives sizes.",
        "A minimum is proved by a certificate: potentials of nodes and failure domains from which the \
         bound follows by linear programming duality. Anyone can check it with Planner::verify.",
        "A peak counts the replicas that a node holds while copies are under way: with bounded steps \
         during these, otherwise as if every copy came before the first deletion.",
        "If a node fails, the next holder in the row takes over at once; where the lost replicas are \
         copied to afterwards is a plan of its own, and is not shown here.",
    ] {
        out.markup("<li>").text(line).markup("</li>\n");
    }
    out.markup("</ul>\n");
    out
}
