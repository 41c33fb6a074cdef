//! What stands above the steps: the verdict against the proved minimum, the checks, and one line for
//! every step.

use super::super::outcome::{Done, Outcome};
use super::Pages;
use super::report::{Cell, Check, Section, Table, Values, Verdict, fact, worst};
use super::text::{counted, grouped, short};

/// One sentence under the title.
pub(super) fn lead(pages: &Pages, outcome: &Outcome) -> String {
    let (Some(first), Some(last)) = (pages.steps.first(), pages.steps.last()) else {
        return "No step was planned.".to_owned();
    };
    let moved: u64 = outcome.steps.iter().map(|done| done.moved).sum();
    let from_to = |first: u64, last: u64, what: &str| match counted(last, what) {
        last_only if first == last => last_only,
        last => format!("{} to {last}", grouped(first)),
    };
    let tables = match last.tables.len() {
        1 => String::new(),
        n => format!("{} planned together, ", counted(n as u64, "table")),
    };
    format!(
        "{}, {tables}{}, {}: {} in all.",
        counted(pages.steps.len() as u64, "step"),
        from_to(first.nodes as u64, last.nodes as u64, "node"),
        from_to(first.partitions(), last.partitions(), "partition"),
        counted(moved, "moved replica")
    )
}

pub(super) fn sections(pages: &Pages, outcome: &Outcome) -> Vec<Section> {
    let checks = Values::new().with("table", checks(pages, outcome));
    vec![
        Section::new("verdict", "Verdict", "plan/overview", verdict(pages, outcome)),
        Section::new("checks", "Checks before anything moves", "only-table", checks),
    ]
}

fn verdict(pages: &Pages, outcome: &Outcome) -> Values {
    let sum = |of: fn(&Done) -> u64| outcome.steps.iter().map(of).sum::<u64>();
    let (moved, bound) = (sum(|done| done.moved), sum(|done| done.lower_bound));
    let (proved, all) =
        (outcome.steps.iter().filter(|done| done.optimal).count(), outcome.steps.len());
    let changes = pages.steps.iter().zip(&outcome.steps).filter(|(step, _)| !step.fresh);
    let peak = changes.map(|(_, done)| done.peak_over_quota).fold(0.0, f64::max);
    let violations = outcome.steps.last().map_or(0, |done| done.domain_violations);
    let proof = if proved == all { "PROVED" } else { "NOT ALL PROVED" };
    let bound = format!("at least {} by loads alone", grouped(bound));
    let facts = vec![
        fact("moved replicas", grouped(moved), bound),
        fact("minimum", proof, format!("in {proved} of {}", counted(all as u64, "step"))),
        fact("highest peak / quota", format!("{peak:.3}"), "while copies are under way"),
        fact(
            "rule violations at the end",
            grouped(violations),
            "pairs of a partition and a domain",
        ),
    ];
    let error = outcome.error.as_ref().map(|error| {
        Values::new().with("verdict", Verdict::Fail).with("message", error.message.as_str())
    });
    Values::new()
        .with("error", error)
        .with("facts", facts)
        .with("steps", steps(pages, outcome))
        .with("fingerprints", fingerprints(pages))
}

fn steps(pages: &Pages, outcome: &Outcome) -> Table {
    let heads = ["moved", "minimum", "copied", "rounds", "peak/quota", "load/quota", "violations"];
    let mut table = Table::new("Every step against the minimum that is proved for it")
        .text("step")
        .text("minimum proved")
        .numbers(heads);
    for (step, done) in pages.steps.iter().zip(&outcome.steps) {
        let proved = match (done.optimal, step.fresh) {
            (true, true) => "fresh table",
            (true, false) => "yes",
            (false, _) => "no",
        };
        table.row([
            short(&step.label).into(),
            proved.into(),
            done.moved.into(),
            done.lower_bound.max(if done.optimal { done.moved } else { 0 }).into(),
            done.transfers.into(),
            u64::from(done.rounds).into(),
            format!("{:.4}", done.peak_over_quota).into(),
            format!("{:.4}", done.max_over_quota).into(),
            done.domain_violations.into(),
        ]);
    }
    table
}

fn fingerprints(pages: &Pages) -> Table {
    let mut table = Table::new("Fingerprints: equal ones mean equal answers, on any machine")
        .text("step")
        .text("of")
        .text("fingerprint");
    for step in &pages.steps {
        for (what, print) in &step.fingerprints {
            let print = Cell::Code(print.clone());
            table.row([short(&step.label).into(), what.clone().into(), print]);
        }
    }
    table
}

/// What speaks for and against each step, on one line.
fn checks(pages: &Pages, outcome: &Outcome) -> Table {
    let mut table = Table::new("The worst verdict of each step, and what it is about")
        .text("step")
        .text("verdict")
        .text("finding");
    for step in &pages.steps {
        let told = |check: &&Check| check.verdict != Verdict::Pass;
        let line = |check: &Check| format!("{}: {}", check.name, check.finding);
        let findings: Vec<String> = step.checks.iter().filter(told).map(line).collect();
        let findings = if findings.is_empty() { "–".to_owned() } else { findings.join("; ") };
        table.row([short(&step.label).into(), worst(&step.checks).into(), findings.into()]);
    }
    if let Some(error) = &outcome.error {
        let why = error.message.clone();
        table.row(["the next step".into(), Verdict::Fail.into(), why.into()]);
    }
    table
}
