//! The sections of a step.

use super::super::outcome::Done;
use super::gather::Step;
use super::overview::{checks_of, fact};
use super::report::{Bars, Cell, Html, Matrix, Rounds, Section, Strips, Table, worst};
use super::resilience::{domains, failures, leaders};
use super::text::{counted, grouped, percent, short};

/// One line beside the title of a step.
pub(super) fn summary(step: &Step, done: &Done) -> Html {
    let mut out = worst(&step.checks).html();
    out.markup(" ").text(if step.fresh {
        format!("a fresh table of {}", counted(step.partitions.into(), "partition"))
    } else if step.split {
        format!("split into {}, nothing moves", counted(step.partitions.into(), "partition"))
    } else {
        let proof =
            if done.optimal { "proved to be the minimum" } else { "not proved to be the minimum" };
        format!("{}, {proof}", counted(done.moved, "moved replica"))
    });
    out
}

pub(super) fn of(number: usize, step: &Step, done: &Done) -> Vec<Section> {
    let mut sections = Vec::new();
    let id = |name: &str| format!("s{}-{name}", number + 1);
    let mut add = |name: &str, title: &str, body: Html| {
        sections.push(Section::new(id(name), title, body));
    };
    add("verdict", "Verdict and certificate", verdict(step, done));
    add("checks", "Checks", checks_of(step));
    if !step.fresh {
        add("table", "The table before and after", table(step, &id("strips")));
        add("flows", "From where to where", flows(step));
    }
    add("loads", "What each node holds", loads(step, &id("bars")));
    add("domains", "Failure domains and rules", domains(step));
    add("failures", "If a node fails", failures(step));
    add("leaders", "Leaders", leaders(step, done));
    if !step.fresh {
        add("schedule", "Schedule", schedule(number, step, done, &id("rounds")));
        add("undo", "Undo", undo(number, step, done));
    }
    sections
}

fn verdict(step: &Step, done: &Done) -> Html {
    let mut out = Html::new();
    let share = done.moved as f64 / step.replicas.max(1) as f64;
    out.markup("<dl class=\"facts\">");
    fact(&mut out, "moved replicas", grouped(done.moved), format!("{} of all", percent(share, 2)));
    let minimum = if done.optimal { grouped(done.moved) } else { "not proved".to_owned() };
    let bound = format!("at least {} by loads alone", grouped(done.lower_bound));
    fact(&mut out, "minimum proved", minimum, bound);
    let load = format!("{:.4} – {:.4}", done.min_over_quota, done.max_over_quota);
    fact(
        &mut out,
        "load / quota",
        load,
        format!("{} off floor and ceiling", grouped(done.outside_floor_ceil)),
    );
    fact(
        &mut out,
        "copysets",
        grouped(done.distinct_copysets),
        format!("worst pair {:.2} of its fair share", done.worst_pair),
    );
    if let (Some(over), Some(bound)) = (done.size_max_over_fair, done.size_lower_bound) {
        fact(
            &mut out,
            "size / fair size",
            format!("{over:.4}"),
            format!("no table of minimum movement is below {bound:.4}"),
        );
    }
    out.markup("</dl>\n");
    if step.fresh || step.split {
        return out;
    }
    out.paragraph(if done.optimal {
        format!(
            "The certificate has {}: of the loads and the limits it proves that every balanced table \
             moves at least {}.",
            counted(step.potentials as u64, "potential"),
            counted(done.moved, "replica"),
        )
    } else {
        format!(
            "The certificate proves less than {}: a table that moves fewer may exist.",
            counted(done.moved, "moved replica")
        )
    });
    out
}

fn table(step: &Step, id: &str) -> Html {
    let strips = Strips {
        id,
        title: &format!("Replicas by {} along the partitions", step.of),
        of: &step.of,
        partitions: step.partitions.into(),
        strips: &step.strips,
    };
    strips.html()
}

fn flows(step: &Step) -> Html {
    let mut out = Html::new();
    let mut rows = step.names.clone();
    rows.push("no holder left".to_owned());
    let caption = format!("Copied replicas by {}: rows send, columns receive", step.of);
    let matrix = Matrix {
        caption: &caption,
        corner: "from \\ to",
        rows: &rows,
        columns: &rows,
        cells: &step.flows,
    };
    out.push(&matrix.html());
    if step.between_nodes.len() > 1 && step.of != "node" {
        let mut table = Table::new("The largest flows between two nodes")
            .text("from")
            .text("to")
            .numbers(["copies"]);
        for (from, to, n) in &step.between_nodes {
            let from =
                from.as_ref().map_or_else(|| "no holder left".to_owned(), |from| short(from));
            let cells: [Cell; 3] = [from.into(), short(to).into(), (*n).into()];
            table.row(cells);
        }
        out.push(&table.html());
    }
    out
}

fn loads(step: &Step, id: &str) -> Html {
    let bars = Bars {
        id,
        title: &format!("Replicas by {}", step.of),
        unit: "replicas",
        of: &step.of,
        peaks: !step.fresh,
        bars: &step.bars,
    };
    let mut out = bars.html();
    let over = |row: &super::super::outcome::NodeRow| row.peak as f64 / row.quota;
    if step.of != "node" {
        let mut rows: Vec<_> = step.rows.iter().filter(|row| row.quota > 0.0).collect();
        rows.sort_by(|a, b| over(b).total_cmp(&over(a)).then_with(|| a.id.cmp(&b.id)));
        let mut table = Table::new("The ten nodes with the highest peaks over their quotas")
            .text("node")
            .numbers(["before", "peak", "after", "quota", "peak/quota"]);
        for row in rows.into_iter().take(10) {
            table.row([
                short(&row.id).into(),
                row.before().into(),
                row.peak.into(),
                row.load.into(),
                Cell::Number(format!("{:.2}", row.quota)),
                Cell::Number(format!("{:.4}", over(row))),
            ]);
        }
        out.push(&table.html());
    }
    out
}

fn schedule(number: usize, step: &Step, done: &Done, id: &str) -> Html {
    let mut out = Html::new();
    if step.transfers.is_empty() {
        out.paragraph("Nothing is copied.");
        return out;
    }
    out.paragraph(format_args!(
        "{} in {}; no schedule does with fewer than {} ({}).",
        counted(step.transfers.len() as u64, "transfer"),
        counted(step.rounds as u64, "round"),
        grouped(done.round_bound.into()),
        done.guarantee,
    ));
    let picture = Rounds {
        id,
        title: "Transfers by round",
        of: &step.of,
        names: &step.names,
        rounds: step.rounds,
        transfers: &step.transfers,
        slider: Some(number),
    };
    out.push(&picture.html());
    out.markup("<p><button type=\"button\" hidden data-file=\"moves\" data-part=\"").text(number);
    out.markup("\" data-name=\"moves-step-").text(number + 1);
    out.markup(".csv\">Download the transfers (CSV)</button></p>\n");
    if let Some(bounded) = &step.bounded {
        let mut table = Table::new("Bounded steps, one after the other").numbers([
            "bounded step",
            "copies",
            "deletions",
        ]);
        let all = bounded.len();
        for (i, (copies, deletions)) in bounded.iter().enumerate().take(200) {
            table.row([(i as u64 + 1).into(), (*copies).into(), (*deletions).into()]);
        }
        if all > 200 {
            out.paragraph(format_args!(
                "The first 200 of {} are listed.",
                counted(all as u64, "bounded step")
            ));
        }
        out.markup("<details class=\"more\"><summary>Bounded steps</summary>").push(&table.html());
        out.markup("</details>\n");
    }
    out
}

fn undo(number: usize, step: &Step, done: &Done) -> Html {
    let mut out = Html::new();
    if step.copied + step.deleted + step.lost + done.leaders_moved == 0 {
        out.paragraph(if step.split {
            "A split cannot be undone by moving: the partitions of one old partition stay on its nodes, \
             so a table of the old partitions has the same holders."
        } else {
            "Nothing changes, so there is nothing to undo."
        });
        return out;
    }
    out.markup(
        "<ul class=\"plain\"><li><strong>Before the first deletion:</strong> copy nothing; ",
    );
    out.text(format_args!(
        "route by the table before and delete the {} made so far.",
        if step.copied == 1 {
            "copy".to_owned()
        } else {
            format!("{} copies at most", grouped(step.copied))
        }
    ));
    out.markup("</li>\n<li><strong>After the step:</strong> ");
    out.text(format_args!(
        "copy {} back, then delete {} and give {} back.",
        counted(step.deleted, "replica"),
        counted(step.copied, "copied replica"),
        counted(done.leaders_moved, "leader"),
    ));
    out.markup("</li>\n");
    if step.lost > 0 {
        out.markup("<li>").text(format_args!(
            "{} on {} that are gone cannot come back.",
            counted(step.lost, "replica"),
            counted(step.lost_nodes.len() as u64, "node"),
        ));
        out.markup("</li>\n");
    }
    out.markup("</ul>\n<p><button type=\"button\" hidden data-file=\"undo\" data-part=\"");
    out.text(number).markup("\" data-name=\"undo-step-").text(number + 1);
    out.markup(".csv\">Download the way back (CSV)</button></p>\n");
    out
}
