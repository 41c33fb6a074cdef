//! The sections of an algorithm.

use super::files::reversed;
use super::groups::Groups;
use super::{Names, Shown, counted_row, end, ring};
use crate::cluster::nodes;
use crate::measure::{Counted, Pair, Row, Side};
use crate::report::{Bar, Bars, Cell, Check, Html, Matrix, Section, Table, Verdict, checks, tally};
use crate::text::{counted, grouped, percent};
use apportion::analysis::Balance;
use serde_json::Value;
use std::collections::BTreeMap;

/// A load above the quota by more is worth reading.
const MAX_OVER_QUOTA: f64 = 1.25;
/// A command that names more nodes is no help.
const MAX_NAMED: usize = 60;
/// Fewer keys for each node say little about a balance.
const MIN_KEYS: u64 = 100;

/// The sections, and the transfers that the slider reads.
pub(super) fn sections(
    number: usize,
    shown: &Shown<'_>,
    row: &Row<'_>,
    pair: &Pair,
    groups: &Groups,
    names: &mut Names,
) -> (Vec<Section>, Value) {
    let mut sections = Vec::new();
    let id = |name: &str| format!("a{}-{name}", number + 1);
    let mut add = |name: &str, title: &str, body: Html| {
        sections.push(Section::new(id(name), title, body));
    };
    let all = checks_of(shown, row, pair);
    let mut body = Html::new();
    body.markup("<p>").push(&tally(&all)).markup(".</p>\n");
    body.push(&checks("Checks of this algorithm", &all));
    let Some((found, (before, after))) = counted_row(row).zip(pair.sides()) else {
        add("checks", "Checks", body);
        return (sections, ring::no_transfers());
    };
    add("verdict", "Verdict", verdict(shown, found, before, after));
    add("checks", "Checks", body);
    let (ring, schedule, transfers) =
        ring::sections(number, shown, before, after, groups, names, [&id("circle"), &id("rounds")]);
    add("ring", "Before and after", ring);
    add("flows", "From where to where", flows(shown, found, groups));
    add("loads", "What each node holds", loads(shown, found, groups, &id("bars")));
    add("failures", "If a node fails", failures(shown, after, groups));
    add("schedule", "Schedule", schedule);
    add("undo", "Undo", undo(shown, before, after));
    (sections, transfers)
}

/// What speaks for and against the change.
pub(super) fn checks_of(shown: &Shown<'_>, row: &Row<'_>, pair: &Pair) -> Vec<Check> {
    let found = match (&row.counted, pair.sides()) {
        (Err(reason), _) => return vec![Check::new("change", Verdict::Fail, *reason)],
        (Ok(found), _) => found,
    };
    let movement = &found.movement;
    let mut all = vec![Check::new("change", Verdict::Pass, "the algorithm can make it")];
    let (keys, nodes) = (shown.outcome.keys, shown.plan.after.len() as u64);
    let enough = keys >= MIN_KEYS.saturating_mul(nodes);
    all.push(Check::new(
        "keys",
        if enough { Verdict::Pass } else { Verdict::Warn },
        format!(
            "{} for {}{}",
            counted(keys, "key"),
            counted(nodes, "node"),
            if enough { "" } else { ": the balance is mostly chance" }
        ),
    ));
    let unit = shown.unit();
    let moved = counted(movement.moved(), unit);
    all.push(match movement.excess() {
        Some(excess) if excess <= 1e-9 => Check::new(
            "movement",
            Verdict::Pass,
            format!("{moved} to move: the minimum for these balances"),
        ),
        Some(excess) => {
            let finding = format!("{moved} to move: {} more than the minimum", percent(excess, 1));
            Check::new("movement", Verdict::Warn, finding)
        }
        None => Check::new(
            "movement",
            Verdict::Warn,
            format!("{moved} to move, and none would have to"),
        ),
    });
    let between = movement.moved_between_unchanged();
    all.push(Check::new(
        "between unchanged",
        if between == 0 { Verdict::Pass } else { Verdict::Warn },
        format!("{} between two nodes that the change did not touch", counted(between, unit)),
    ));
    if let Some(over) = movement.after().max_over_quota() {
        let verdict = if over <= MAX_OVER_QUOTA { Verdict::Pass } else { Verdict::Warn };
        all.push(Check::new(
            "balance",
            verdict,
            format!("the fullest node has {over:.2} times its quota"),
        ));
    }
    all
}

fn verdict(shown: &Shown<'_>, found: &Counted<'_>, before: &Side, after: &Side) -> Html {
    let movement = &found.movement;
    let mut out = Html::new();
    let mut fact = |what: &'static str, figure: String, note: String| {
        out.markup("<div><dt>").markup(what).markup("</dt><dd>").text(figure).markup("<small>");
        out.text(note).markup("</small></dd></div>\n");
    };
    let share = percent(movement.moved_fraction(), 2);
    let moved = if shown.unit() == "key" { "moved keys" } else { "moved replicas" };
    fact(moved, grouped(movement.moved()), format!("{share} of all"));
    let exact = found.exact.map_or("–".to_owned(), |exact| percent(exact, 2));
    fact("of all possible keys", exact, "exactly, without enumerating them".to_owned());
    let ideal = format!("{} if every node held its quota", percent(movement.ideal(), 2));
    fact("minimum", percent(movement.minimum(), 2), ideal);
    let excess = movement.excess().map_or("∞".to_owned(), |excess| percent(excess, 1));
    fact("above the minimum", excess, "for the counted balances".to_owned());
    let mut boxed = Html::new();
    boxed.markup("<dl class=\"facts\">").push(&out).markup("</dl>\n");
    let mut table = Table::new("Fingerprints: equal ones mean equal answers, on any machine")
        .text("of")
        .text("fingerprint");
    for (what, print) in [
        ("nodes before", before.topology().fingerprint()),
        ("nodes after", after.topology().fingerprint()),
        ("placement before", before.fingerprint()),
        ("placement after", after.fingerprint()),
    ] {
        let mut code = Html::new();
        code.markup("<code>").text(format_args!("{print:016x}")).markup("</code>");
        table.row([Cell::from(what), code.into()]);
    }
    boxed.push(&table.html());
    boxed
}

fn flows(shown: &Shown<'_>, found: &Counted<'_>, groups: &Groups) -> Html {
    let mut cells: BTreeMap<(usize, usize), u64> = BTreeMap::new();
    let none = groups.names.len();
    let row = |node: Option<&String>| node.and_then(|node| groups.row(node)).unwrap_or(none);
    for flow in found.movement.flows() {
        *cells.entry((row(flow.from), row(flow.to))).or_default() += flow.keys;
    }
    let mut names = groups.names.clone();
    names.push("none".to_owned());
    let caption = format!("Moved {}s by {}: rows give, columns get", shown.unit(), groups.of);
    let matrix = Matrix {
        caption: &caption,
        corner: "from \\ to",
        rows: &names,
        columns: &names,
        cells: &cells,
    };
    let mut out = matrix.html();
    if groups.of != "node" {
        let mut all: Vec<_> = found.movement.flows().iter().collect();
        all.sort_by_key(|flow| (std::cmp::Reverse(flow.keys), flow.from, flow.to));
        let mut table = Table::new("The largest flows between two nodes").text("from").text("to");
        table = table.numbers(["moved"]);
        for flow in all.into_iter().take(10) {
            table.row([Cell::from(end(flow.from)), end(flow.to).into(), flow.keys.into()]);
        }
        out.push(&table.html());
    }
    out
}

fn loads(shown: &Shown<'_>, found: &Counted<'_>, groups: &Groups, id: &str) -> Html {
    let mut bars: Vec<Bar> = groups.names.iter().map(|name| Bar::empty(name)).collect();
    let mut each = |balance: &Balance<'_, String>, add: fn(&mut Bar, u64, f64)| {
        for node in balance.nodes() {
            if let Some(bar) = groups.row(node.node).and_then(|row| bars.get_mut(row)) {
                add(bar, node.load, node.quota);
            }
        }
    };
    each(found.movement.before(), |bar, load, _| {
        bar.before += load;
        bar.peak += load;
    });
    each(found.movement.after(), |bar, load, quota| {
        bar.after += load;
        bar.quota += quota;
    });
    for flow in found.movement.flows() {
        let row = flow.to.and_then(|to| groups.row(to));
        if let Some(bar) = row.and_then(|row| bars.get_mut(row)) {
            bar.peak += flow.keys;
        }
    }
    let unit = format!("{}s", shown.unit());
    let title = format!("{} by {}", if unit == "keys" { "Keys" } else { "Replicas" }, groups.of);
    let bars = Bars { id, title: &title, unit: &unit, of: &groups.of, peaks: true, bars: &bars };
    let mut out = bars.html();
    out.paragraph("Nodes have no failure domains here, so there are no rules to break: the example plan has them.");
    out
}

/// Who is next in line, on the sample.
fn failures(shown: &Shown<'_>, after: &Side, groups: &Groups) -> Html {
    let mut cells: BTreeMap<(usize, usize), u64> = BTreeMap::new();
    let mut alone = 0_u64;
    for key in shown.sample.keys() {
        let next = after.replicas_vec(key, 2);
        match next.as_slice() {
            [owner, next] => {
                if let Some(cell) = groups.row(owner).zip(groups.row(next)) {
                    *cells.entry(cell).or_default() += 1;
                }
            }
            _ => alone += 1,
        }
    }
    let mut out = Html::new();
    out.paragraph(format_args!(
        "If a node fails, its keys go to their next candidates. Counted on a sample of {}.",
        counted(shown.sample.len() as u64, "key")
    ));
    if cells.is_empty() {
        out.paragraph("This algorithm gives a key one candidate alone: a lookup after a failure needs a changed list of nodes.");
        return out;
    }
    let caption =
        format!("Keys of the sample by {}: if a row fails, the columns take over", groups.of);
    let matrix = Matrix {
        caption: &caption,
        corner: "fails \\ takes over",
        rows: &groups.names,
        columns: &groups.names,
        cells: &cells,
    };
    out.push(&matrix.html());
    if alone > 0 {
        out.paragraph(format_args!("{} without another candidate.", counted(alone, "key")));
    }
    out
}

fn undo(shown: &Shown<'_>, before: &Side, after: &Side) -> Html {
    let mut out = Html::new();
    match after.replaced_by(nodes(&shown.plan.before)) {
        Err(error) => {
            out.markup("<p>").push(&Verdict::Fail.html()).markup(" ");
            out.text(format_args!("The algorithm cannot go back: {error}")).markup("</p>\n");
        }
        Ok(back) if back.fingerprint() == before.fingerprint() => {
            out.markup("<p>").push(&Verdict::Pass.html()).markup(" ");
            out.text(
                "Giving the old nodes back leads to the placement before, by fingerprint: exactly the \
                 keys that moved move back.",
            );
            out.markup("</p>\n");
        }
        Ok(_) => {
            out.markup("<p>").push(&Verdict::Warn.html()).markup(" ");
            out.text(
                "Giving the old nodes back leads to another placement than before, by fingerprint: the \
                 order of changes is part of this algorithm's state. To go back exactly, keep the value \
                 before the change.",
            );
            out.markup("</p>\n");
        }
    }
    if shown.plan.after.len() > MAX_NAMED {
        return out;
    }
    out.paragraph("The change in the other direction:");
    out.markup("<pre tabindex=\"0\" aria-label=\"Command\"><code>").text(reversed(shown.plan));
    out.markup("</code></pre>\n");
    out
}
