//! The sections of a step about failures: domains and rules, who takes over, and leaders.

use super::super::outcome::Done;
use super::gather::Step;
use super::overview::fact;
use super::report::{Cell, Html, MAX_ROWS, Matrix, Table};
use super::text::{grouped, short};

/// How many nodes a list shows where there are more.
const LISTED: usize = 40;

pub(super) fn domains(step: &Step) -> Html {
    let mut out = Html::new();
    if step.violations.is_empty() {
        out.paragraph("No level has a limit.");
    } else {
        let mut table =
            Table::new("Rule violations: pairs of a partition and a domain above its limit")
                .text("level")
                .numbers(["limit", "before", "after"]);
        for (level, limit, before, after) in &step.violations {
            let before = before.map_or_else(|| Cell::Number("–".to_owned()), Cell::from);
            table.row([short(level).into(), u64::from(*limit).into(), before, (*after).into()]);
        }
        out.push(&table.html());
    }
    if step.zones.is_empty() {
        out.paragraph("The nodes have no failure domains.");
        return out;
    }
    let mut table = Table::new("Replicas by outermost failure domain").text("domain").numbers([
        "nodes",
        "before",
        "after",
        "quota",
        "load/quota",
    ]);
    for zone in &step.zones {
        let over = if zone.quota > 0.0 {
            format!("{:.4}", zone.after as f64 / zone.quota)
        } else {
            "–".to_owned()
        };
        let before = if step.fresh { Cell::Number("–".to_owned()) } else { zone.before.into() };
        table.row([
            short(&zone.name).into(),
            zone.nodes.into(),
            before,
            zone.after.into(),
            Cell::Number(format!("{:.2}", zone.quota)),
            Cell::Number(over),
        ]);
    }
    out.push(&table.html());
    out
}

pub(super) fn failures(step: &Step) -> Html {
    let mut out = Html::new();
    out.paragraph(
        "If a node fails, the second holder of each partition that it leads takes over. The table is \
         the one after the step.",
    );
    let caption =
        format!("Partitions taken over, by {}: if a row fails, the columns take over", step.of);
    let matrix = Matrix {
        caption: &caption,
        corner: "fails \\ takes over",
        rows: &step.names,
        columns: &step.names,
        cells: &step.failures.by_row,
    };
    out.push(&matrix.html());
    let mut nodes: Vec<_> = step.failures.nodes.iter().filter(|node| node.holds > 0).collect();
    let all = nodes.len();
    if all > LISTED {
        // The most concentrated are the ones to know.
        nodes.sort_by_key(|node| std::cmp::Reverse(node.most.as_ref().map_or(0, |(_, n)| *n)));
        nodes.truncate(LISTED / 2);
    }
    let caption = if all > LISTED {
        format!(
            "If a node fails: the {} of {} whose takers get the most",
            nodes.len(),
            grouped(all as u64)
        )
    } else {
        "If a node fails".to_owned()
    };
    let mut table = Table::new(caption).text("node").numbers(["holds", "leads", "takers"]);
    table = table.text("takes the most").numbers(["partitions", "without a holder"]);
    for node in nodes {
        let (most, n) = node.most.as_ref().map_or(("–", 0), |(id, n)| (id.as_str(), *n));
        table.row([
            short(&node.id).into(),
            node.holds.into(),
            node.leads.into(),
            node.takers.into(),
            short(most).into(),
            n.into(),
            node.alone.into(),
        ]);
    }
    out.markup("<details class=\"more\"><summary>Node by node</summary>").push(&table.html());
    out.markup("</details>\n");
    if !step.failures.domains.is_empty() && step.failures.domains.len() <= MAX_ROWS {
        let mut table = Table::new(
            "If all nodes of an outermost failure domain fail: partitions by what they lose",
        )
        .text("domain")
        .numbers(["nothing", "one replica", "more", "all replicas"]);
        for domain in &step.failures.domains {
            let name = std::iter::once(Cell::from(short(&domain.name)));
            table.row(name.chain(domain.partitions.map(Cell::from)));
        }
        out.push(&table.html());
    }
    out
}

pub(super) fn leaders(step: &Step, done: &Done) -> Html {
    let mut out = Html::new();
    if !step.leaders {
        out.paragraph(format_args!(
            "Leaders are not planned in this step: the first holder of a partition changes only with \
             its replica. {} another first holder than before.",
            match done.leaders_moved {
                1 => "1 partition has".to_owned(),
                n => format!("{} partitions have", grouped(n)),
            }
        ));
        return out;
    }
    out.markup("<dl class=\"facts\">");
    let bound = format!("at least {}", grouped(done.leaders_lower_bound));
    fact(&mut out, "leaders that change", grouped(done.leaders_moved), bound);
    let max = format!("{:.4}", done.max_leaders_over_quota);
    fact(
        &mut out,
        "led / leader quota",
        max,
        format!("{} nodes off floor and ceiling", grouped(done.leaders_outside_floor_ceil)),
    );
    let takeover = format!("{} partitions", grouped(done.worst_takeover_led));
    fact(&mut out, "worst take-over / fair share", format!("{:.2}", done.worst_takeover), takeover);
    out.markup("</dl>\n");
    let mut rows: Vec<_> = step.rows.iter().filter(|row| row.weight.is_some()).collect();
    let all = rows.len();
    if all > LISTED {
        rows.sort_by(|a, b| b.led.cmp(&a.led).then_with(|| a.id.cmp(&b.id)));
        rows.truncate(LISTED / 2);
    }
    let caption = if all > LISTED {
        format!(
            "Partitions led: the {} of {} nodes that lead the most",
            rows.len(),
            grouped(all as u64)
        )
    } else {
        "Partitions led".to_owned()
    };
    let mut table = Table::new(caption).text("node").numbers(["before", "after"]);
    for row in rows {
        let before = step.led_before.get(&row.id).copied().unwrap_or(0);
        let before = if step.fresh { Cell::Number("–".to_owned()) } else { before.into() };
        table.row([short(&row.id).into(), before, row.led.into()]);
    }
    out.push(&table.html());
    out
}
