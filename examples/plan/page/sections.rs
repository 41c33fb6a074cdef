//! The sections of a step.

use super::super::outcome::{Done, NodeRow};
use super::gather::Step;
use super::per_table::TableStep;
use super::report::{Bars, Flows, Rounds, Section, Strips, Table, Values, checks, fact};
use super::takeover;
use super::text::{counted, grouped, percent, short};

/// The line beside the title of a step.
pub(super) fn summary(step: &Step, done: &Done) -> String {
    let partitions = counted(step.partitions(), "partition");
    if step.fresh {
        return match step.tables.len() {
            1 => format!("a fresh table of {partitions}"),
            n => format!("{n} fresh tables of {partitions}"),
        };
    }
    if step.split {
        return format!("split into {partitions}, nothing moves");
    }
    let proof =
        if done.optimal { "proved to be the minimum" } else { "not proved to be the minimum" };
    format!("{}, {proof}", counted(done.moved, "moved replica"))
}

pub(super) fn of(number: usize, step: &Step, done: &Done) -> Vec<Section> {
    let mut sections = Vec::new();
    let id = |name: &str| format!("s{}-{name}", number + 1);
    let mut add = |name: &str, title: &str, template: &'static str, values: Values| {
        sections.push(Section::new(id(name), title, template, values));
    };
    // The names of the sections of a table, if it is not the only one.
    let own = |at: usize, table: &TableStep, name: &str| {
        if table.name.is_empty() { name.to_owned() } else { format!("t{}-{name}", at + 1) }
    };
    add("verdict", "Verdict and certificate", "plan/verdict", verdict(step, done));
    add("checks", "Checks", "checks", checks("Checks of this step", &step.checks));
    for (at, table) in step.tables.iter().enumerate().filter(|_| !step.fresh) {
        let name = |name: &str| own(at, table, name);
        let title = table.titled("The table before and after");
        let strips = Strips {
            id: &id(&name("strips")),
            title: &table.titled(&format!("Replicas by {} along the partitions", step.groups.of)),
            of: &step.groups.of,
            partitions: table.partitions.into(),
            strips: &table.strips,
        };
        add(&name("table"), &title, "plan/table", Values::new().with("strips", strips));
        add(&name("flows"), &table.titled("From where to where"), "plan/flows", flows(step, table));
    }
    add("loads", "What each node holds", "plan/loads", loads(step, &id("bars")));
    add("domains", "Failure domains and rules", "plan/domains", takeover::domains(step));
    for (at, table) in step.tables.iter().enumerate() {
        let name = own(at, table, "failures");
        let values = takeover::failures(step, table);
        add(&name, &table.titled("If a node fails"), "plan/failures", values);
    }
    add("leaders", "Leaders", "plan/leaders", takeover::leaders(step, done));
    if !step.fresh {
        let values = schedule(number, step, done, &id("rounds"));
        add("schedule", "Schedule", "plan/schedule", values);
        add("undo", "Undo", "plan/undo", undo(number, step, done));
    }
    sections
}

fn verdict(step: &Step, done: &Done) -> Values {
    let share = percent(done.moved as f64 / step.replicas.max(1) as f64, 2);
    let minimum = if done.optimal { grouped(done.moved) } else { "not proved".to_owned() };
    let load = format!("{:.4} – {:.4}", done.min_over_quota, done.max_over_quota);
    let outside = grouped(done.outside_floor_ceil);
    let pair = format!("worst pair {:.2} of its fair share", done.worst_pair);
    let bound = format!("at least {} by loads alone", grouped(done.lower_bound));
    let mut facts = vec![
        fact("moved replicas", grouped(done.moved), format!("{share} of all")),
        fact("minimum proved", minimum, bound),
        fact("load / quota", load, format!("{outside} off floor and ceiling")),
        fact("copysets", grouped(done.distinct_copysets), pair),
    ];
    if let (Some(over), Some(bound)) = (done.size_max_over_fair, done.size_lower_bound) {
        let note = format!("no table of minimum movement is below {bound:.4}");
        facts.push(fact("size / fair size", format!("{over:.4}"), note));
    }
    Values::new()
        .with("facts", facts)
        .with("change", !step.fresh && !step.split)
        .with("optimal", done.optimal)
        .with("potentials", counted(step.potentials as u64, "potential"))
        .with("moved", counted(done.moved, "replica"))
        .with("moved_replicas", counted(done.moved, "moved replica"))
}

fn flows(step: &Step, table: &TableStep) -> Values {
    let flows = Flows {
        what: &table.titled("Copied replicas"),
        how: "rows send, columns receive",
        none: "no holder left",
        cells: &table.flows,
        largest: &table.largest,
    };
    let values = flows.values(&step.groups.of, &step.groups.names);
    values.with("any", !table.flows.is_empty())
}

fn loads(step: &Step, id: &str) -> Values {
    let bars = Bars {
        id,
        title: &format!("Replicas by {}", step.groups.of),
        unit: "replicas",
        of: &step.groups.of,
        peaks: !step.fresh,
        bars: &step.bars,
    };
    let over = |row: &NodeRow| row.peak as f64 / row.quota;
    let mut rows: Vec<_> = step.rows.iter().filter(|row| row.quota > 0.0).collect();
    rows.sort_by(|a, b| over(b).total_cmp(&over(a)).then_with(|| a.id.cmp(&b.id)));
    let mut highest = Table::new("The ten nodes with the highest peaks over their quotas")
        .text("node")
        .numbers(["before", "peak", "after", "quota", "peak/quota"]);
    for row in rows.into_iter().take(10) {
        highest.row([
            short(&row.id).into(),
            row.before().into(),
            row.peak.into(),
            row.load.into(),
            format!("{:.2}", row.quota).into(),
            format!("{:.4}", over(row)).into(),
        ]);
    }
    Values::new()
        .with("bars", bars)
        .with("grouped", !step.groups.are_nodes())
        .with("highest", highest)
        .with("joint", step.joint())
}

fn schedule(number: usize, step: &Step, done: &Done, id: &str) -> Values {
    let rounds = Rounds {
        id,
        title: "Transfers by round",
        of: &step.groups.of,
        names: &step.groups.names,
        rounds: step.rounds,
        transfers: &step.transfers,
        part: number,
    };
    const LISTED: usize = 200;
    let bounded = step.bounded.as_ref().map(|bounded| {
        let mut table = Table::new("Bounded steps, one after the other").numbers([
            "bounded step",
            "copies",
            "deletions",
        ]);
        for (i, (copies, deletions)) in bounded.iter().enumerate().take(LISTED) {
            table.row([(i as u64 + 1).into(), (*copies).into(), (*deletions).into()]);
        }
        Values::new()
            .with("table", table)
            .with("cut", bounded.len() > LISTED)
            .with("listed", LISTED.to_string())
            .with("all", counted(bounded.len() as u64, "bounded step"))
    });
    Values::new()
        .with("any", !step.transfers.is_empty())
        .with("transfers", counted(step.transfers.len() as u64, "transfer"))
        .with("rounds", counted(step.rounds as u64, "round"))
        .with("bound", grouped(done.round_bound.into()))
        .with("guarantee", done.guarantee.as_str())
        .with("picture", (!step.transfers.is_empty()).then_some(rounds))
        .with("part", number.to_string())
        .with("number", (number + 1).to_string())
        .with("bounded", bounded)
}

fn undo(number: usize, step: &Step, done: &Done) -> Values {
    let back = [
        (step.deleted, "copy", "replica", " back"),
        (step.copied, "delete", "copied replica", ""),
        (done.leaders_moved, "give", "leader", " back"),
    ];
    let back: Vec<String> = back
        .into_iter()
        .filter(|(n, ..)| *n > 0)
        .map(|(n, verb, what, end)| format!("{verb} {}{end}", counted(n, what)))
        .collect();
    let gone = match step.lost_nodes.len() {
        1 => "a node that is gone".to_owned(),
        n => format!("{} nodes that are gone", grouped(n as u64)),
    };
    Values::new()
        .with("any", step.copied + step.deleted + step.lost + done.leaders_moved > 0)
        .with("split", step.split)
        .number("copied", step.copied)
        .with("back", if back.is_empty() { "nothing".to_owned() } else { back.join(", then ") })
        .with("lost", step.lost > 0)
        .with("lost_replicas", counted(step.lost, "replica"))
        .with("gone", gone)
        .with("part", number.to_string())
        .with("number", (number + 1).to_string())
}
