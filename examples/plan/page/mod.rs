//! The report of `--html`: what every step does, as one page.
//!
//! ```text
//!  figures::add, tables::run --Shown--> Pages::add --> gather: a Step, in numbers and names alone
//!                                                  --> data: what the script of the page reads
//!  main --------------------Outcome--> Pages::html -> sections of each Step --> report::Report
//! ```
//!
//! A step has one table, or several that are planned together: what nodes hold and when it is copied
//! is that of all tables, and each table shows its partitions.

mod cluster;
mod data;
mod failures;
mod files;
mod gather;
mod overview;
mod per_table;
mod sections;
mod takeover;

use super::change::{Change, TableOf};
use super::options::Options;
use super::outcome::{Check, NodeRow, Outcome};
use super::report::{self, Part, Report, Section, Sources, Values};
use super::scenario::Scenario;
use super::text;
use apportion::migration::{Schedule, Steps};
use apportion::partition::{Certificate, Plan};
use data::Data;
use gather::Step;
use std::collections::HashMap;

/// What is shown of a step that was planned.
pub(crate) struct Shown<'a> {
    pub(crate) label: &'a str,
    /// One, or those that are planned together; never none.
    pub(crate) tables: Vec<ShownTable<'a>>,
    /// `None` for a split.
    pub(crate) certificate: Option<&'a Certificate>,
    pub(crate) change: Option<&'a Change>,
    pub(crate) schedule: Option<&'a Schedule>,
    pub(crate) steps: Option<&'a Steps<'a, String>>,
    pub(crate) rows: Vec<NodeRow>,
    pub(crate) checks: Vec<Check>,
}

/// What is shown of a table.
#[derive(Clone, Copy)]
pub(crate) struct ShownTable<'a> {
    pub(crate) before: Option<TableOf<'a>>,
    pub(crate) after: TableOf<'a>,
    /// `None` for a split.
    pub(crate) plan: Option<&'a Plan>,
}

/// What the scenario says of a step beside its nodes.
struct Given {
    /// How many replicas nodes can hold, where that is limited.
    slots: HashMap<String, u64>,
    leaders: bool,
}

/// What the scenario says of a table.
struct OneTable {
    /// Empty for the only table.
    name: String,
    limits: Vec<(String, u32)>,
}

/// The pages of the steps so far.
pub(crate) struct Pages {
    levels: Vec<String>,
    tables: Vec<OneTable>,
    given: Vec<Given>,
    steps: Vec<Step>,
    data: Data,
}

const TEMPLATES: &Sources = &[
    ("plan/domains", include_str!("templates/domains.html")),
    ("plan/downloads", include_str!("templates/downloads.html")),
    ("plan/explain", include_str!("templates/explain.html")),
    ("plan/failures", include_str!("templates/failures.html")),
    ("plan/flows", include_str!("templates/flows.html")),
    ("plan/leaders", include_str!("templates/leaders.html")),
    ("plan/loads", include_str!("templates/loads.html")),
    ("plan/method", include_str!("templates/method.html")),
    ("plan/overview", include_str!("templates/overview.html")),
    ("plan/schedule", include_str!("templates/schedule.html")),
    ("plan/table", include_str!("templates/table.html")),
    ("plan/undo", include_str!("templates/undo.html")),
    ("plan/verdict", include_str!("templates/verdict.html")),
];

impl Pages {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let given = scenario.steps.iter().map(|step| {
            let slots = step.slots.iter();
            let slots = slots.filter_map(|(node, n)| Some((step.nodes.get(*node)?.clone(), *n)));
            Given { slots: slots.collect(), leaders: step.leaders.is_some() }
        });
        let table = |name: &str, limits: &std::collections::BTreeMap<String, u32>| OneTable {
            name: name.to_owned(),
            limits: limits.iter().map(|(level, limit)| (level.clone(), *limit)).collect(),
        };
        let mut tables: Vec<OneTable> = scenario
            .tables
            .iter()
            .map(|one| table(&one.name, one.limits.as_ref().unwrap_or(&scenario.limits)))
            .collect();
        if tables.is_empty() {
            tables.push(table("", &scenario.limits));
        }
        Self {
            levels: scenario.levels.clone(),
            tables,
            given: given.collect(),
            steps: Vec::new(),
            data: Data::default(),
        }
    }

    /// Takes in the next step.
    pub(crate) fn add(&mut self, shown: &Shown<'_>) {
        let Some(given) = self.given.get(self.steps.len()) else { return };
        let step = Step::of(shown, given, &self.levels, &self.tables);
        self.data.add(shown, &step);
        self.steps.push(step);
    }

    /// True if several tables are planned together.
    fn joint(&self) -> bool {
        self.tables.iter().any(|table| !table.name.is_empty())
    }

    /// The whole file.
    pub(crate) fn html(&self, outcome: &Outcome, options: &Options) -> String {
        let steps = || self.steps.iter().zip(&outcome.steps).enumerate();
        // The change that moves the most is what a reader came for.
        let open = steps().max_by_key(|(i, (_, done))| (done.moved, *i)).map_or(0, |(i, _)| i);
        let parts = steps().map(|(i, (step, done))| Part {
            id: format!("step-{}", i + 1),
            title: format!("Step {}: {}", i + 1, text::short(&step.label)),
            verdict: report::worst(&step.checks),
            summary: sections::summary(step, done),
            open: i == open,
            sections: sections::of(i, step, done),
        });
        let report = Report {
            title: "What the plan changes".to_owned(),
            lead: overview::lead(self, outcome),
            sections: overview::sections(self, outcome),
            parts_title: "Step by step".to_owned(),
            parts: parts.collect(),
            closing: vec![
                self.explain_box(),
                files::downloads(self, outcome, options),
                Section::new("method", "Limits and method", "plan/method", Values::new()),
            ],
            data: self.data.json(),
        };
        report.html(TEMPLATES)
    }

    fn explain_box(&self) -> Section {
        let tables = self.steps.last().map_or(&[][..], |step| &step.tables);
        let last = tables.first().map_or(0, |table| table.partitions.saturating_sub(1));
        let names = tables.iter().map(|table| table.name.as_str());
        let names: Vec<&str> = names.filter(|_| self.joint()).collect();
        let values = Values::new().with("last", last.to_string()).with("tables", names);
        Section::new("explain", "Explain a partition", "plan/explain", values)
    }
}
