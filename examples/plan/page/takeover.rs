//! The values of the sections about failures: domains and rules, who takes over, and leaders.

use super::super::outcome::Done;
use super::gather::Step;
use super::per_table::TableStep;
use super::report::{Cell, MAX_ROWS, Matrix, Table, Values, fact};
use super::text::{counted, grouped, short};

/// How many nodes a list shows where there are more.
const LISTED: usize = 40;

pub(super) fn domains(step: &Step) -> Values {
    let joint = step.joint();
    let mut rules =
        Table::new("Rule violations: pairs of a partition and a domain above its limit");
    if joint {
        rules = rules.text("table");
    }
    rules = rules.text("level").numbers(["limit", "before", "after"]);
    for table in &step.tables {
        for found in &table.violations {
            let name = joint.then(|| short(&table.name).into());
            let figures: [Cell; 4] = [
                short(&found.level).into(),
                u64::from(found.limit).into(),
                found.before.into(),
                found.after.into(),
            ];
            rules.row(name.into_iter().chain(figures));
        }
    }
    let mut zones = Table::new("Replicas by outermost failure domain").text("domain").numbers([
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
        zones.row([
            short(&zone.name).into(),
            zone.nodes.into(),
            (!step.fresh).then_some(zone.before).into(),
            zone.after.into(),
            format!("{:.2}", zone.quota).into(),
            over.into(),
        ]);
    }
    Values::new()
        .with("limited", rules.rows() > 0)
        .with("rules", rules)
        .with("zoned", zones.rows() > 0)
        .with("zones", zones)
}

pub(super) fn failures(step: &Step, table: &TableStep) -> Values {
    let failures = &table.failures;
    let caption = table.titled(&format!(
        "Partitions taken over, by {}: if a row fails, the columns take over",
        step.groups.of
    ));
    let mut nodes: Vec<_> = failures.nodes.iter().filter(|node| node.holds > 0).collect();
    let all = nodes.len();
    let mut title = "If a node fails".to_owned();
    if all > LISTED {
        // The most concentrated are the ones to know.
        nodes.sort_by_key(|node| std::cmp::Reverse(node.most.as_ref().map_or(0, |(_, n)| *n)));
        nodes.truncate(LISTED / 2);
        let all = grouped(all as u64);
        title += &format!(": the {} of {all} whose takers get the most", nodes.len());
    }
    let mut each = Table::new(table.titled(&title)).text("node");
    each = each.numbers(["holds", "leads", "takers"]).text("takes the most");
    each = each.numbers(["partitions", "without a holder"]);
    for node in nodes {
        let (most, n) = node.most.as_ref().map_or(("–", 0), |(id, n)| (id.as_str(), *n));
        each.row([
            short(&node.id).into(),
            node.holds.into(),
            node.leads.into(),
            node.takers.into(),
            short(most).into(),
            n.into(),
            node.alone.into(),
        ]);
    }
    let title = "If all nodes of an outermost failure domain fail: partitions by what they lose";
    let mut domains = Table::new(table.titled(title)).text("domain").numbers([
        "nothing",
        "one replica",
        "more",
        "all replicas",
    ]);
    for domain in &failures.domains {
        let name = std::iter::once(Cell::from(short(&domain.name)));
        domains.row(name.chain(domain.partitions.map(Cell::from)));
    }
    let matrix = Matrix::of_failures(&caption, &step.groups.names, &failures.by_row);
    Values::new()
        .with("matrix", matrix)
        .with("nodes", each)
        .with("zoned", (1..=MAX_ROWS).contains(&domains.rows()))
        .with("domains", domains)
}

pub(super) fn leaders(step: &Step, done: &Done) -> Values {
    let moved = match done.leaders_moved {
        1 => "1 partition has".to_owned(),
        n => format!("{} partitions have", grouped(n)),
    };
    let values = Values::new().with("planned", step.leaders).with("moved", moved);
    if !step.leaders {
        return values;
    }
    let outside = grouped(done.leaders_outside_floor_ceil);
    let facts = vec![
        fact(
            "leaders that change",
            grouped(done.leaders_moved),
            format!("at least {}", grouped(done.leaders_lower_bound)),
        ),
        fact(
            "led / leader quota",
            format!("{:.4}", done.max_leaders_over_quota),
            format!("{outside} nodes off floor and ceiling"),
        ),
        fact(
            "worst take-over / fair share",
            format!("{:.2}", done.worst_takeover),
            counted(done.worst_takeover_led, "partition"),
        ),
    ];
    let tables: Vec<Table> = step.tables.iter().map(|table| led(step, table)).collect();
    values.with("facts", facts).with("tables", tables)
}

/// How many partitions of a table each node leads.
fn led(step: &Step, table: &TableStep) -> Table {
    let led = |id: &str| table.led.get(id).copied().unwrap_or(0);
    let mut rows: Vec<_> = step.rows.iter().filter(|row| row.weight.is_some()).collect();
    let all = rows.len();
    let mut title = "Partitions led".to_owned();
    if all > LISTED {
        rows.sort_by(|a, b| led(&b.id).cmp(&led(&a.id)).then_with(|| a.id.cmp(&b.id)));
        rows.truncate(LISTED / 2);
        let all = grouped(all as u64);
        title += &format!(": the {} of {all} nodes that lead the most", rows.len());
    }
    let mut list = Table::new(table.titled(&title)).text("node").numbers(["before", "after"]);
    for row in rows {
        let before = table.led_before.get(&row.id).copied().unwrap_or(0);
        list.row([
            short(&row.id).into(),
            (!step.fresh).then_some(before).into(),
            led(&row.id).into(),
        ]);
    }
    list
}
