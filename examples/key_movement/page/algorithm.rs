//! The sections of an algorithm.

use super::files::reversed;
use super::{Names, Shown, counted_row, ring};
use crate::cluster::nodes;
use crate::measure::{Counted, Pair, Row, Side};
use crate::report::{
    Bar, Bars, Cell, Cells, Check, Flows, Groups, Matrix, NodeFlow, Section, Table, Values,
    Verdict, checks, fact,
};
use crate::text::{counted, grouped, percent};
use apportion::analysis::Balance;
use serde_json::Value;

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
    let mut add = |name: &str, title: &str, template: &'static str, values: Values| {
        sections.push(Section::new(id(name), title, template, values));
    };
    let all = checks("Checks of this algorithm", &checks_of(shown, row, pair));
    let Some((found, (before, after))) = counted_row(row).zip(pair.sides()) else {
        add("checks", "Checks", "checks", all);
        return (sections, ring::no_transfers());
    };
    add("verdict", "Verdict", "keys/verdict", verdict(shown, found, before, after));
    add("checks", "Checks", "checks", all);
    let moves = ring::Moves::of(shown, before, after);
    let (schedule, transfers) = moves.schedule(number, groups, names, &id("rounds"));
    add("ring", "Before and after", "keys/ring", moves.ring(&id("circle")));
    add("flows", "From where to where", "flows", flows(shown, found, groups));
    add("loads", "What each node holds", "keys/loads", loads(shown, found, groups, &id("bars")));
    add("failures", "If a node fails", "keys/failures", failures(shown, after, groups));
    add("schedule", "Schedule", "keys/schedule", schedule);
    add("undo", "Undo", "keys/undo", undo(shown, before, after));
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

fn verdict(shown: &Shown<'_>, found: &Counted<'_>, before: &Side, after: &Side) -> Values {
    let movement = &found.movement;
    let share = percent(movement.moved_fraction(), 2);
    let moved = if shown.unit() == "key" { "moved keys" } else { "moved replicas" };
    let exact = found.exact.map_or("–".to_owned(), |exact| percent(exact, 2));
    let ideal = format!("{} if every node held its quota", percent(movement.ideal(), 2));
    let excess = movement.excess().map_or("∞".to_owned(), |excess| percent(excess, 1));
    let facts = vec![
        fact(moved, grouped(movement.moved()), format!("{share} of all")),
        fact("of all possible keys", exact, "exactly, without enumerating them"),
        fact("minimum", percent(movement.minimum(), 2), ideal),
        fact("above the minimum", excess, "for the counted balances"),
    ];
    let mut table = Table::new("Fingerprints: equal ones mean equal answers, on any machine")
        .text("of")
        .text("fingerprint");
    for (what, print) in [
        ("nodes before", before.topology().fingerprint()),
        ("nodes after", after.topology().fingerprint()),
        ("placement before", before.fingerprint()),
        ("placement after", after.fingerprint()),
    ] {
        table.row([what.into(), Cell::Code(format!("{print:016x}"))]);
    }
    Values::new().with("facts", facts).with("fingerprints", table)
}

fn flows(shown: &Shown<'_>, found: &Counted<'_>, groups: &Groups) -> Values {
    let flows = found.movement.flows().iter();
    let mut largest: Vec<NodeFlow> = flows
        .map(|flow| NodeFlow { from: flow.from.cloned(), to: flow.to.cloned(), n: flow.keys })
        .collect();
    let cells = NodeFlow::cells(largest.iter(), groups);
    NodeFlow::sort(&mut largest);
    let flows = Flows {
        what: &format!("Moved {}s", shown.unit()),
        how: "rows give, columns get",
        none: "none",
        cells: &cells,
        largest: &largest,
    };
    flows.values(&groups.of, &groups.names)
}

fn loads(shown: &Shown<'_>, found: &Counted<'_>, groups: &Groups, id: &str) -> Values {
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
    Values::new().with("bars", bars)
}

/// Who is next in line, on the sample.
fn failures(shown: &Shown<'_>, after: &Side, groups: &Groups) -> Values {
    let mut cells = Cells::new();
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
    let caption =
        format!("Keys of the sample by {}: if a row fails, the columns take over", groups.of);
    Values::new()
        .with("sample", counted(shown.sample.len() as u64, "key"))
        .with("any", !cells.is_empty())
        .with("matrix", Matrix::of_failures(&caption, &groups.names, &cells))
        .with("alone", if alone > 0 { counted(alone, "key") } else { String::new() })
}

fn undo(shown: &Shown<'_>, before: &Side, after: &Side) -> Values {
    let (verdict, error) = match after.replaced_by(nodes(&shown.plan.before)) {
        Err(error) => (Verdict::Fail, error.to_string()),
        Ok(back) if back.fingerprint() == before.fingerprint() => (Verdict::Pass, String::new()),
        Ok(_) => (Verdict::Warn, String::new()),
    };
    let few = shown.plan.after.len() <= MAX_NAMED;
    Values::new()
        .with("verdict", verdict)
        .with("same", verdict == Verdict::Pass)
        .with("error", error)
        .with("command", if few { reversed(shown.plan) } else { String::new() })
}
