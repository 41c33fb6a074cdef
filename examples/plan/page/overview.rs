//! What stands above the steps: the verdict against the proved minimum, the checks, and one line for
//! every step.

use super::super::outcome::{Done, Outcome};
use super::Pages;
use super::gather::Step;
use super::report::{Cell, Check, Html, Section, Table, Verdict, worst};
use super::text::{counted, grouped, short};

/// One sentence under the title.
pub(super) fn lead(pages: &Pages, outcome: &Outcome) -> String {
    let (Some(first), Some(last)) = (pages.steps.first(), pages.steps.last()) else {
        return "No step was planned.".to_owned();
    };
    let moved: u64 = outcome.steps.iter().map(|done| done.moved).sum();
    let nodes = if first.nodes == last.nodes {
        counted(last.nodes as u64, "node")
    } else {
        format!("{} to {}", grouped(first.nodes as u64), counted(last.nodes as u64, "node"))
    };
    let partitions = if first.partitions == last.partitions {
        counted(last.partitions.into(), "partition")
    } else {
        let last = counted(last.partitions.into(), "partition");
        format!("{} to {last}", grouped(first.partitions.into()))
    };
    format!(
        "{}, {nodes}, {partitions}: {} in all.",
        counted(pages.steps.len() as u64, "step"),
        counted(moved, "moved replica")
    )
}

pub(super) fn sections(pages: &Pages, outcome: &Outcome) -> Vec<Section> {
    vec![verdict(pages, outcome), checks(pages, outcome)]
}

fn verdict(pages: &Pages, outcome: &Outcome) -> Section {
    let mut body = Html::new();
    if let Some(error) = &outcome.error {
        body.markup("<p>").push(&Verdict::Fail.html()).markup(" ").text(&error.message);
        body.markup(". The steps before it are below.</p>\n");
    }
    let sum = |of: fn(&Done) -> u64| outcome.steps.iter().map(of).sum::<u64>();
    let (moved, bound) = (sum(|done| done.moved), sum(|done| done.lower_bound));
    let proved = outcome.steps.iter().filter(|done| done.optimal).count();
    let changes = pages.steps.iter().zip(&outcome.steps);
    let changes: Vec<_> = changes.filter(|(step, _)| !step.fresh).collect();
    let peak = changes.iter().map(|(_, done)| done.peak_over_quota).fold(0.0, f64::max);
    let violations = outcome.steps.last().map_or(0, |done| done.domain_violations);
    let all = outcome.steps.len();
    body.markup("<dl class=\"facts\">");
    fact(
        &mut body,
        "moved replicas",
        grouped(moved),
        format!("at least {} by loads alone", grouped(bound)),
    );
    let proof = if proved == all { "PROVED" } else { "NOT ALL PROVED" };
    fact(&mut body, "minimum", proof, format!("in {proved} of {}", counted(all as u64, "step")));
    fact(&mut body, "highest peak / quota", format!("{peak:.3}"), "while copies are under way");
    fact(
        &mut body,
        "rule violations at the end",
        grouped(violations),
        "pairs of a partition and a domain",
    );
    body.markup("</dl>\n");
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
            Cell::Number(format!("{:.4}", done.peak_over_quota)),
            Cell::Number(format!("{:.4}", done.max_over_quota)),
            done.domain_violations.into(),
        ]);
    }
    body.push(&table.html());
    body.push(&fingerprints(pages));
    Section::new("verdict", "Verdict", body)
}

/// A figure in a box of its own.
pub(super) fn fact(
    out: &mut Html,
    what: &'static str,
    figure: impl std::fmt::Display,
    note: impl std::fmt::Display,
) {
    out.markup("<div><dt>").markup(what).markup("</dt><dd>").text(figure).markup("<small>");
    out.text(note).markup("</small></dd></div>\n");
}

fn fingerprints(pages: &Pages) -> Html {
    let mut table = Table::new("Fingerprints: equal ones mean equal answers, on any machine")
        .text("step")
        .text("of")
        .text("fingerprint");
    for step in &pages.steps {
        for (what, print) in &step.fingerprints {
            let mut code = Html::new();
            code.markup("<code>").text(print).markup("</code>");
            let cells: [Cell; 3] = [short(&step.label).into(), what.clone().into(), code.into()];
            table.row(cells);
        }
    }
    let mut out = Html::new();
    out.markup(
        "<details class=\"more\"><summary>Fingerprints of nodes, tables and certificates</summary>",
    );
    out.push(&table.html()).markup("</details>\n");
    out
}

/// What speaks for and against each step, on one line.
fn checks(pages: &Pages, outcome: &Outcome) -> Section {
    let mut body = Html::new();
    let mut table = Table::new("The worst verdict of each step, and what it is about")
        .text("step")
        .text("verdict")
        .text("to read");
    for step in &pages.steps {
        let told = |check: &&Check| check.verdict != Verdict::Pass;
        let names: Vec<String> = step
            .checks
            .iter()
            .filter(told)
            .map(|check| format!("{}: {}", check.name, check.finding))
            .collect();
        let names = if names.is_empty() { "nothing".to_owned() } else { names.join("; ") };
        let worst = worst(&step.checks);
        let cells: [Cell; 3] = [short(&step.label).into(), worst.html().into(), names.into()];
        table.row(cells);
    }
    if let Some(error) = &outcome.error {
        let why = error.message.clone();
        let cells: [Cell; 3] = ["the next step".into(), Verdict::Fail.html().into(), why.into()];
        table.row(cells);
    }
    body.push(&table.html());
    Section::new("checks", "Checks before anything moves", body)
}

/// The checks of a step, all of them.
pub(super) fn checks_of(step: &Step) -> Html {
    let mut out = Html::new();
    out.markup("<p>").push(&super::report::tally(&step.checks)).markup(".</p>\n");
    out.push(&super::report::checks("Checks of this step", &step.checks));
    out
}
